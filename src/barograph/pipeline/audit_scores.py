"""An older system's scores brought beside the decisions they should have foreseen, by both clocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from barograph.core.arrays import FloatArray, IntArray, TextArray, texts
from barograph.core.outcomes.record import Outcomes, codes_of
from barograph.definitions.model import OutcomeRules
from barograph.engines.duckdb.connection import connect
from barograph.errors import RefusedError, UsageError
from barograph.lake.manifest import Manifest
from barograph.learning.observations import BoolArray
from barograph.pipeline.observations_decisions import Lookout, look_back, one_per_day
from barograph.pipeline.observations_facts import worked
from barograph.pipeline.outcome_store import RawSource, workspace_outcomes
from barograph.signals.sources import files_sql
from barograph.workspace import Workspace

EXPIRY_DAYS = 60
TERM_DAYS = 365


@dataclass(frozen=True, slots=True)
class Lines:
    """Where the older system's colours begin, on health 0 to 100: red below `red`, green from `green` on."""

    red: float = 50.0
    green: float = 70.0

    def __post_init__(self) -> None:
        if not 0 < self.red <= self.green < 100:
            raise UsageError(
                f"red below {self.red:g} and green from {self.green:g} are no lines of a score.",
                hint="Give 0 < red <= green < 100, on the scale 0 (worst) to 100 (best).",
            )


@dataclass(frozen=True, slots=True)
class AuditedScores:
    """Decisions and what an older score said before them.

    outcomes: the decisions, one each. look: rows (decision, horizon, as_of). health: 0 to 100 per row, higher
    is healthier, NaN when the account had no score in the EXPIRY_DAYS before. first_flag: per decision the
    first day on which it was red in its term, NaN never. scored: per decision, whether it had any score in
    its term. treated: per decision, worked after its first flag. segment, name: per decision, as known at
    the end. scores: how many score rows there are, from which sources.
    """

    outcomes: Outcomes
    look: Lookout
    health: FloatArray
    first_flag: FloatArray
    scored: BoolArray
    treated: BoolArray
    segment: TextArray
    name: TextArray
    scores: int
    sources: tuple[str, ...]


def audited_scores(
    workspace: Workspace,
    rules: OutcomeRules,
    *,
    table: str,
    horizons: tuple[int, ...],
    lines: Lines,
    day: int,
    period: tuple[int | None, int | None] = (None, None),
) -> AuditedScores:
    """Read what the audit needs. Nothing of ours is computed: no signal, no model.

    Decisions before the older system's first score are left out. Raises RefusedError when there are no
    scores, no decisions, or no decision after the first score.
    """
    lake, zone = workspace.lake, workspace.settings.timezone
    manifest = lake.manifest()
    _require_scores(manifest, table, workspace)
    outcomes = one_per_day(workspace_outcomes(lake, manifest, rules, day, zone).outcomes, rules)
    with connect() as connection:
        source = RawSource(connection, lake, manifest, day, zone)
        connection.execute(f"CREATE TEMP TABLE scores AS {_health_sql(source, table)}")
        first, count = connection.execute("SELECT min(d), count(*) FROM scores").fetchall()[0]
        sources = connection.execute(
            "SELECT DISTINCT source FROM scores WHERE source <> '' ORDER BY 1"
        ).fetchall()
        if not count:
            raise RefusedError(
                f"{table} has 0 scores as of this date.",
                where=str(workspace.path),
                hint="Choose a later --as-of.",
            )
        outcomes = outcomes.take(_inside(outcomes, int(first), period))
        if not len(outcomes):
            raise RefusedError(
                f"no decision lies after the first of {count:,} older scores (0 outcomes in the period).",
                hint="Import outcomes or contracts of the time in which the older system scored.",
            )
        look = look_back(outcomes, horizons)
        health = _at(source, outcomes.account_ids[look.decision], look.as_of)
        begin = _term_begin(outcomes)
        first_flag, scored = _first_flags(source, outcomes, begin, lines)
        after = np.where(np.isnan(first_flag), outcomes.anchor, first_flag).astype(np.int64)
        treated = worked(source, outcomes.account_ids, after, outcomes.anchor)
        name, segment = _accounts(source, outcomes.account_ids)
    told = tuple(str(row[0]) for row in sources)
    return AuditedScores(outcomes, look, health, first_flag, scored, treated, segment, name, int(count), told)


def _require_scores(manifest: Manifest, table: str, workspace: Workspace) -> None:
    if not manifest.rows(f"raw/{table}"):
        there = sorted(name.removeprefix("raw/") for name in manifest.datasets if name.startswith("raw/"))
        raise RefusedError(
            f"there are no scores to audit: {table} has 0 rows.",
            where=str(workspace.path),
            hint="Import the older system's scores as legacy_scores (account_id, as_of, score). "
            f"There are: {', '.join(there) or 'no tables'}.",
        )


def _health_sql(source: RawSource, table: str) -> str:
    """Scores as health 0 to 100 with the first day on which each can be seen (`d`).

    A missing scale is 0 to 100, a missing direction higher is better. Values beyond the scale are held at its ends.
    """
    columns = source.columns(table)

    def column(name: str, default: str) -> str:
        return f"coalesce({name}, {default})" if name in columns else default

    low, high = column("scale_min", "0"), column("scale_max", "100")
    share = f"(score - {low}) / nullif(CAST({high} - {low} AS DOUBLE), 0)"
    held = f"greatest(0.0, least(1.0, {share}))"
    worse = f"{column('higher_is', chr(39) + 'better' + chr(39))} = 'worse'"
    return (
        f"SELECT account_id, _day AS day, greatest(_day, _known_day) AS d, _known_at, _seq, "
        f"{column('source', chr(39) + chr(39))} AS source, "
        f"100 * (CASE WHEN {worse} THEN 1 - {held} ELSE {held} END) AS health "
        f"FROM {files_sql(source.paths(table))} "
        f"WHERE _known_day < {source.day} AND _day < {source.day} AND score IS NOT NULL AND {share} IS NOT NULL"
    )


def _at(source: RawSource, account: TextArray, as_of: IntArray) -> FloatArray:
    """Health of each (account, as_of): the newest score seen before it, not older than EXPIRY_DAYS."""
    rows = pa.table(
        {"i": np.arange(len(account)), "account_id": pa.array(account.tolist(), pa.string()), "d": as_of}
    )
    source.connection.register("asked", rows)
    found = source.connection.execute(
        "SELECT a.i, arg_max(s.health, struct_pack(x := s.day, y := s._known_at, z := s._seq)) "
        "FROM asked a JOIN scores s ON s.account_id = a.account_id AND s.d < a.d "
        f"AND s.day >= a.d - {EXPIRY_DAYS} GROUP BY a.i"
    ).fetchall()
    out = np.full(len(account), np.nan)
    for i, health in found:
        out[i] = health
    source.connection.unregister("asked")
    return out


def _term_begin(outcomes: Outcomes) -> IntArray:
    """First day of the term that ends with each decision: after the account's decision before, at most a year."""
    who, _ = codes_of(outcomes.account_ids)
    begin = outcomes.anchor - TERM_DAYS
    order = np.lexsort((outcomes.anchor, who))
    same = np.r_[False, who[order][1:] == who[order][:-1]]
    before = np.r_[0, outcomes.anchor[order][:-1]]
    begin[order] = np.where(same, np.maximum(begin[order], before), begin[order])
    return begin


def _first_flags(
    source: RawSource, outcomes: Outcomes, begin: IntArray, lines: Lines
) -> tuple[FloatArray, BoolArray]:
    rows = pa.table(
        {
            "i": np.arange(len(outcomes)),
            "account_id": pa.array(outcomes.account_ids.tolist(), pa.string()),
            "begin": begin,
            "anchor": outcomes.anchor,
        }
    )
    source.connection.register("terms", rows)
    found = source.connection.execute(
        f"SELECT t.i, min(s.d) FILTER (WHERE s.health < {float(lines.red)!r}) FROM terms t "
        "JOIN scores s ON s.account_id = t.account_id AND s.d >= t.begin AND s.d < t.anchor GROUP BY t.i"
    ).fetchall()
    flag, scored = np.full(len(outcomes), np.nan), np.zeros(len(outcomes), dtype=bool)
    for i, day in found:
        scored[i] = True
        flag[i] = np.nan if day is None else day
    source.connection.unregister("terms")
    return flag, scored


def _inside(outcomes: Outcomes, first: int, period: tuple[int | None, int | None]) -> BoolArray:
    since, until = period
    rows = outcomes.anchor > first
    if since is not None:
        rows &= outcomes.anchor >= since
    if until is not None:
        rows &= outcomes.anchor <= until
    return np.asarray(rows, dtype=bool)


def _accounts(source: RawSource, wanted: TextArray) -> tuple[TextArray, TextArray]:
    """(name, segment) of accounts as they are known at the end, "" where unknown."""
    there: dict[str, tuple[str, str]] = {}
    if source.paths("accounts"):
        columns = source.columns("accounts")
        parts = [f"coalesce({c}, '')" if c in columns else "''" for c in ("name", "segment")]
        query = f"SELECT account_id, {', '.join(parts)} FROM ({source.current('accounts')})"
        there = {row[0]: (row[1], row[2]) for row in source.connection.execute(query).fetchall()}
    pairs = [there.get(account, ("", "")) for account in wanted.tolist()]
    return texts([p[0] for p in pairs]), texts([p[1] for p in pairs])
