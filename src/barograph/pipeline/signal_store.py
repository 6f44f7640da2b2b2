"""Signal values by week in the lake: which weeks are missing or touched by later rows, and how they are
made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from barograph.core.calendar import WEEK, to_date
from barograph.definitions.fingerprint import signals_fingerprint
from barograph.definitions.model import ScoreModel
from barograph.definitions.tables import TABLES
from barograph.engines.base import SignalEngine, SignalRequest
from barograph.engines.duckdb.engine import TYPE_WORDS, describe_files
from barograph.lake import Lake
from barograph.lake.manifest import Manifest
from barograph.lake.transaction import NewFile, Transaction
from barograph.workspace import Workspace

DATASET = "signals"


@dataclass(frozen=True, slots=True)
class SignalPlan:
    """What the stored signals of a workspace must agree with."""

    model: ScoreModel
    timezone: str

    @property
    def fingerprint(self) -> str:
        return signals_fingerprint(
            self.model.signals, self.model.population, timezone=self.timezone, unit=self.model.rollup.unit
        )

    @classmethod
    def of(cls, workspace: Workspace, model: ScoreModel) -> SignalPlan:
        return cls(model, workspace.settings.timezone)

    def request(self, lake: Lake, days: tuple[int, ...]) -> SignalRequest:
        """The engine request for some weeks over everything that is imported."""
        sources = {table: lake.paths(f"raw/{table}") for table in TABLES}
        return SignalRequest(
            {table: paths for table, paths in sources.items() if paths},
            self.model.signals,
            self.model.population,
            days,
            self.timezone,
            self.model.rollup.unit,
        )


def week_name(day: int) -> str:
    """2026-11-16: how a week is named in the lake."""
    return to_date(day).isoformat()


def outdated_weeks(manifest: Manifest, plan: SignalPlan, days: Sequence[int]) -> list[int]:
    """The weeks to compute: not there, made by another definition, or touched by rows imported since.

    A version of a fact that became known on day d can change every `as_of` after d, and none before.
    """
    touched: list[tuple[int, int]] = [
        (entry.generation, int(entry.meta["known_day"][0]))
        for table in TABLES
        for entry in manifest.entries(f"raw/{table}")
    ]
    fingerprint = plan.fingerprint
    wanted: list[int] = []
    for day in days:
        entries = manifest.entries(DATASET, {"as_of": week_name(day)})
        fresh = bool(entries) and entries[0].meta.get("fingerprint") == fingerprint
        made_at = int(entries[0].meta["seen"]) if entries else -1
        if not fresh or any(generation > made_at and known < day for generation, known in touched):
            wanted.append(day)
    return wanted


def compute_weeks(
    txn: Transaction, lake: Lake, engine: SignalEngine, plan: SignalPlan, days: Sequence[int]
) -> int:
    """Compute and add the weeks to the transaction; returns the number of account-weeks."""
    rows = 0
    for run in consecutive(days):
        table = engine.compute(plan.request(lake, run))
        for day in run:
            week = table.filter(pc.equal(table["as_of"], pa.scalar(day, pa.int32())))
            path = txn.new_path(DATASET, as_of=week_name(day))
            pq.write_table(week, path, compression="zstd")
            meta = {"fingerprint": plan.fingerprint, "seen": txn.before.generation}
            txn.replace(DATASET, {"as_of": week_name(day)}, [NewFile(path, week.num_rows, meta)])
            rows += week.num_rows
    return rows


def consecutive(days: Sequence[int]) -> list[tuple[int, ...]]:
    """Days split into runs exactly a week apart."""
    ordered = sorted(set(days))
    if not ordered:
        return []
    runs = [[ordered[0]]]
    for earlier, later in pairwise(ordered):
        if later - earlier == WEEK:
            runs[-1].append(later)
        else:
            runs.append([later])
    return [tuple(run) for run in runs]


def known_columns(lake: Lake) -> dict[str, Mapping[str, str]]:
    """Table -> column -> type in the contract's words of everything that is imported, for lint."""
    found = {table: lake.paths(f"raw/{table}") for table in TABLES}
    return {
        table: {name: TYPE_WORDS.get(kind, "text") for name, kind in describe_files(paths).items()}
        for table, paths in found.items()
        if paths
    }


def newest_days(lake: Lake, tables: Iterable[str]) -> dict[str, int | None]:
    """Table -> local day of its newest fact, None where it dates none; from the manifest alone."""
    manifest = lake.manifest()
    newest: dict[str, int | None] = {}
    for table in tables:
        days = [entry.meta["day"][1] for entry in manifest.entries(f"raw/{table}")]
        newest[table] = max((day for day in days if day is not None), default=None)
    return newest


def read_week(lake: Lake, manifest: Manifest, day: int) -> pa.Table | None:
    """The stored signals of a week, None when it was not computed."""
    entries = manifest.entries(DATASET, {"as_of": week_name(day)})
    if not entries:
        return None
    paths: list[Path] = lake.resolve(entries)
    return pa.concat_tables([pq.read_table(path, partitioning=None) for path in paths])
