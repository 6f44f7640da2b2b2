"""Facts beside an observation: was the account worked after a warning, and how late its rows were recorded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from barograph.core.arrays import BoolArray, FloatArray, IntArray, TextArray
from barograph.core.outcomes.record import Notice
from barograph.core.outcomes.succession import key
from barograph.definitions.base import Where
from barograph.definitions.signal import FromSource, PerSeat, Ratio, Signal
from barograph.definitions.tables import TABLES
from barograph.pipeline.outcome_store import RawSource
from barograph.signals.conditions import predicate, staged
from barograph.signals.sources import files_sql
from barograph.signals.sql import local_day, quote

LATE_DAYS = 7
LOOK_BACK_DAYS = 98
MOST_SAMPLED = 4_000

MASTER = frozenset({"accounts", "contracts", "outcomes", "legacy_scores", "milestones"})
"""Tables that say who an account is or what became of it, not what it does."""

WORKED: tuple[tuple[str, Where], ...] = (
    ("escalations", {}),
    ("interactions", {"executive": True, "kind": ("meeting", "call", "business_review", "onsite")}),
)
"""What counts as working an account: an escalation opened, or a meeting of executives."""


def worked(source: RawSource, account: TextArray, since: IntArray, before: IntArray) -> BoolArray:
    """Whether one of the facts in WORKED happened in [since, before), local days.

    The caller says since when it counts (from a warning on); together they mark a row as treated (L9).
    """
    names = sorted(set(account.tolist()))
    place = {name: code for code, name in enumerate(names)}
    who = np.array([place[name] for name in account.tolist()], dtype=np.int64)
    out = np.zeros(len(account), dtype=bool)
    for table, where in WORKED:
        facts = source.facts(table, where)
        if facts is None:
            continue
        codes = np.array([place.get(name, -1) for name in facts[0].tolist()], dtype=np.int64)
        known = codes >= 0
        keys = np.sort(key(codes[known], facts[1][known].astype(float)))
        first = np.searchsorted(keys, key(who, since.astype(float)), "left")
        last = np.searchsorted(keys, key(who, before.astype(float)), "left")
        out |= last > first
    return out


def data_begin(source: RawSource, signals: Sequence[Signal]) -> int | None:
    """The day on which data about what accounts do begin: the median over the tables that signals read.

    Master data (accounts, contracts, outcomes) reach back further than what is measured and do not count. An
    earlier day has nothing to be judged by. None when no such table has dated rows.
    """
    by_name = {signal.name: signal for signal in signals}
    tables = {part.source for signal in signals for part in _behind(signal, by_name)} - MASTER
    begins = []
    for table in sorted(tables):
        if source.paths(table) and table in TABLES and TABLES[table].occurred is not None:
            found = source.connection.execute(
                f"SELECT min(greatest(_day, _known_day)) FROM {files_sql(source.paths(table))} "
                f"WHERE _day IS NOT NULL AND _known_day < {source.day}"
            ).fetchall()
            begins += [int(row[0]) for row in found if row[0] is not None]
    return sorted(begins)[len(begins) // 2] if begins else None


def moved_by_zone(source: RawSource) -> tuple[Notice, ...]:
    """Says how many recorded decisions fall on another day in the workspace's time zone than in UTC.

    Nothing is wrong with them: the day that people write down counts. But a zone set wrongly shows here, and moves
    horizons by a day."""
    if not source.paths("outcomes"):
        return ()
    kind = source.columns("outcomes").get("decided_at", "")
    if source.timezone == "UTC" or not kind.upper().startswith("TIMESTAMP"):
        return ()
    here, there = (local_day('"decided_at"', kind, zone) for zone in (source.timezone, "UTC"))
    found = source.connection.execute(
        f"SELECT count(*) FILTER ({here} <> {there}), count(*) FROM ({source.current('outcomes')}) "
        f"WHERE decided_at IS NOT NULL AND {source.external()}"
    ).fetchall()
    moved, total = int(found[0][0]), int(found[0][1])
    if not moved:
        return ()
    text = (
        f"{moved} of {total} decisions fall on another day in {source.timezone} than in UTC; the day in "
        f"{source.timezone}, the workspace's time zone, counts."
    )
    return (Notice("day_moved_by_time_zone", moved, text),)


def late_shares(
    source: RawSource, signals: Sequence[Signal], account: TextArray, as_of: IntArray
) -> FloatArray:
    """(p,) share of the facts behind each signal that were first recorded after as_of, a week late or more.

    Facts of the last LOOK_BACK_DAYS before an observation count, those of its last LATE_DAYS do not: what
    arrives with the next delivery is not late. Such rows were never in a value as of that date; a source that
    fills in the past afterwards cannot be trusted to have been as complete on the day. NaN where a signal has
    no dated facts. At most MOST_SAMPLED observations are asked, evenly spread.
    """
    out = np.full(len(signals), np.nan)
    step = max(1, len(account) // MOST_SAMPLED)
    rows = pa.table({"account_id": pa.array(account[::step].tolist(), pa.string()), "d": as_of[::step]})
    source.connection.register("observed", rows)
    by_name = {signal.name: signal for signal in signals}
    behind = [_behind(signal, by_name) for signal in signals]
    for table in sorted({s.source for parts in behind for s in parts if TABLES.get(s.source)}):
        mine = sorted({s.name: s for parts in behind for s in parts if s.source == table}.items())
        counts = _late_counts(source, table, [s for _, s in mine])
        for (name, _), (late, total) in zip(mine, counts, strict=True):
            share = late / total if total else np.nan
            for j, parts in enumerate(behind):
                if any(s.name == name for s in parts):
                    out[j] = np.fmax(out[j], share)
    source.connection.unregister("observed")
    return out


def _behind(signal: Signal, by_name: dict[str, Signal]) -> list[FromSource]:
    """The signals that read tables behind a signal, itself included."""
    if isinstance(signal, FromSource):
        return [signal]
    parts = [signal.numerator, *([signal.denominator] if isinstance(signal, Ratio) else [])]
    assert isinstance(signal, Ratio | PerSeat)  # noqa: S101 - the union has no third kind
    return [s for name in parts if name in by_name for s in _behind(by_name[name], by_name)]


def _late_counts(source: RawSource, table: str, signals: list[FromSource]) -> list[tuple[int, int]]:
    """(late facts, facts) per signal of one table; a fact is late by its first version."""
    paths = source.paths(table)
    columns = source.columns(table) if paths else {}
    if not paths or TABLES[table].occurred is None:
        return [(0, 0)] * len(signals)
    asked = sorted({column for signal in signals for column in signal.where})
    names = ", ".join(
        f"{quote(c) if c in columns else 'CAST(NULL AS VARCHAR)'} AS {staged(c)}" for c in asked
    )
    first = (
        f"SELECT account_id, _day, _known_day{', ' + names if names else ''} FROM {files_sql(paths)} "
        f"WHERE _known_day < {source.day} AND _day IS NOT NULL"
    )
    if TABLES[table].identity:
        first += " QUALIFY row_number() OVER (PARTITION BY _key ORDER BY _known_at, _seq) = 1"
    counts = ", ".join(
        f"count(*) FILTER (f._known_day >= o.d AND {predicate(s.where)}), count(*) FILTER ({predicate(s.where)})"
        for s in signals
    )
    found = source.connection.execute(
        f"SELECT {counts} FROM observed o JOIN ({first}) f ON f.account_id = o.account_id "
        f"AND f._day >= o.d - {LOOK_BACK_DAYS} AND f._day < o.d - {LATE_DAYS}"
    ).fetchall()
    flat = [int(v) for v in found[0]]
    return list(zip(flat[::2], flat[1::2], strict=True))


__all__ = [
    "LATE_DAYS",
    "LOOK_BACK_DAYS",
    "MASTER",
    "WORKED",
    "data_begin",
    "late_shares",
    "moved_by_zone",
    "worked",
]
