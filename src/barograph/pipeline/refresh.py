"""The weekly refresh: signals, scores, tiers and ledger of the weeks asked for, published whole or not.

A week is scored once. Running again finds it there and goes on; a run killed anywhere leaves what was
published before it. Weeks are published in batches, oldest first, each batch in one atomic step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
import pyarrow.parquet as pq

from barograph.core.arrays import FloatArray, positions
from barograph.core.calendar import WEEK, day_number, grid_day, last_grid_days, to_date
from barograph.core.inputs import WeekInputs
from barograph.core.ledger import ledger
from barograph.core.score import WeekScores, score_week
from barograph.core.tiers import TierStates, advance
from barograph.core.trajectory import trajectory
from barograph.definitions.lint import lint
from barograph.definitions.model import ScoreModel
from barograph.definitions.toml_io import load_model
from barograph.engines.base import SignalEngine
from barograph.errors import DefinitionError, RefusedError
from barograph.lake.checkpoints import checkpoint
from barograph.lake.journal import Record
from barograph.lake.manifest import Manifest
from barograph.lake.store import user_name
from barograph.lake.transaction import NewFile, Transaction
from barograph.pipeline.history import WeekPoint, days_before, matrix, read_point
from barograph.pipeline.published import states_of
from barograph.pipeline.registry import Registry, Version
from barograph.pipeline.score_store import DATASET, PublishedWeek, published_weeks, read_scores
from barograph.pipeline.score_table import ScoredWeek, score_table
from barograph.pipeline.signal_store import (
    SignalPlan,
    compute_weeks,
    known_columns,
    outdated_weeks,
    read_week,
    week_name,
)
from barograph.pipeline.week_inputs import week_inputs
from barograph.workspace import Workspace

WEEKS_PER_BATCH = 26
Progress = Callable[[str, int, int], None]
"""(what, done, of)"""


@dataclass(frozen=True, slots=True)
class RefreshReport:
    """What a refresh did: weeks by what happened to them, account-weeks scored, the version in force."""

    as_of: int
    scored: tuple[int, ...]
    standing: tuple[int, ...]
    signals_computed: tuple[int, ...]
    account_weeks: int
    version: Version
    new_version: bool


@dataclass(slots=True)
class _Chain:
    """What a week needs from the weeks before it, carried along while weeks are scored in order."""

    states: TierStates | None = None
    before: WeekScores | None = None
    published: WeekPoint | None = None
    points: dict[int, WeekPoint] = field(default_factory=dict)


def as_of_day(as_of: date | None, today: date) -> int:
    """The week to work on: the latest Monday not after `as_of`, or after today without one."""
    return grid_day(day_number(as_of or today))


def refresh(
    workspace: Workspace,
    engine: SignalEngine,
    *,
    as_of: int,
    weeks: int = 1,
    now: datetime,
    restate: str | None = None,
    progress: Progress = lambda _what, _done, _of: None,
) -> RefreshReport:
    """Bring the last `weeks` grid weeks up to `as_of` up to date.

    restate: a reason to score published weeks again; the new figures are added as a revision, the old ones
    stay. Raises RefusedError when nothing is imported, LockedError when another process works, and whatever
    makes the model file wrong; the workspace is then as it was.
    """
    lake = workspace.lake
    model = load_model(workspace.model_file())
    days = last_grid_days(as_of, weeks)
    registry = Registry(workspace.path / "registry")
    if not any(name.startswith("raw/") for name in lake.manifest().datasets):
        raise RefusedError(
            "there is nothing to score: no table is imported (0 rows).",
            where=str(workspace.path),
            hint="Bring data in with `barograph import PATH...`.",
        )
    check(model, workspace)
    with lake.transaction("refresh"):
        version, new = _version_in_force(workspace, registry, model, days[-1], now)
    plan = SignalPlan.of(workspace, model)
    computed: list[int] = []
    scored: list[int] = []
    rows = 0
    chain: _Chain | None = None
    for batch in _batches(days):
        with lake.transaction("refresh") as txn:
            wanted = _with_week_before(txn.before, batch)
            stale = outdated_weeks(txn.before, plan, wanted)
            progress("signals", len(computed), len(days))
            compute_weeks(txn, lake, engine, plan, stale)
            checkpoint("refresh.signals_written")
            txn.record(_record(now, "signals", [week_name(d) for d in stale], ""))
        computed += stale
        with lake.transaction("refresh") as txn:
            standing = published_weeks(txn.before)
            todo = [day for day in batch if restate is not None or day not in standing]
            scorer = _Scorer(workspace, engine, registry, plan, txn, standing)
            for day in todo:
                chain = scorer.chain_to(day, chain)
                rows += scorer.score(day, chain, restated=restate is not None and day in standing)
                progress("scores", len(scored) + 1, len(days))
                scored.append(day)
            checkpoint("refresh.scores_written")
            txn.record(_record(now, "refresh", [week_name(d) for d in todo], restate or ""))
    left = tuple(day for day in days if day not in scored)
    return RefreshReport(as_of, tuple(scored), left, tuple(computed), rows, version, new)


def check(model: ScoreModel, workspace: Workspace) -> None:
    """Refuse a model that cannot be used on the workspace's data. Raises DefinitionError with all findings."""
    errors = [f for f in lint(model, known_columns(workspace.lake)) if f.severity == "error"]
    if errors:
        told = " ".join(f"{f.rule}: {f.where}: {f.message} {f.fix}" for f in errors)
        raise DefinitionError(told, where=str(workspace.model_file()), hint="Nothing was scored.")


def _version_in_force(
    workspace: Workspace, registry: Registry, model: ScoreModel, day: int, now: datetime
) -> tuple[Version, bool]:
    """The version of the model file; one that was never seen becomes a new version from this week on."""
    versions = registry.versions(model.name)
    found = registry.find(model)
    if found is not None and versions[-1].behaviour == found.behaviour:
        return found, False
    file = workspace.model_file().name
    reason = f"first version, from {file}" if not versions else f"{file} was edited"
    return registry.register(model, effective_from=day, now=now, reason=reason), True


def _batches(days: Sequence[int]) -> Iterable[tuple[int, ...]]:
    for i in range(0, len(days), WEEKS_PER_BATCH):
        yield tuple(days[i : i + WEEKS_PER_BATCH])


def _with_week_before(manifest: Manifest, batch: Sequence[int]) -> list[int]:
    """The batch, and the published week before it whose values the ledger compares with."""
    earlier = [day for day in published_weeks(manifest) if day < batch[0]]
    return [*earlier[-1:], *batch]


def _record(now: datetime, what: str, weeks: list[str], reason: str) -> Record:
    return Record.of(now, user_name(), what, reason=reason, counts={"weeks": weeks})


class _Scorer:
    """Scores weeks inside one transaction."""

    def __init__(
        self,
        workspace: Workspace,
        engine: SignalEngine,
        registry: Registry,
        plan: SignalPlan,
        txn: Transaction,
        standing: dict[int, PublishedWeek],
    ) -> None:
        self.lake = workspace.lake
        self.engine = engine
        self.registry = registry
        self.plan = plan
        self.txn = txn
        self.standing = standing
        self.name = plan.model.name
        self.models: dict[str, ScoreModel] = {}

    def chain_to(self, day: int, chain: _Chain | None) -> _Chain:
        """The chain that ends with the last week before `day`: the one carried along, or read from the
        store."""
        earlier = [d for d in self.standing if d < day]
        if (
            chain is not None
            and chain.states is not None
            and (not earlier or chain.states.as_of >= earlier[-1])
        ):
            return chain
        fresh = _Chain()
        if not earlier:
            return fresh
        week = self.standing[earlier[-1]]
        fresh.states = states_of(read_scores(self.lake, week), week.day)
        fresh.points = {
            d: read_point(self.lake, self.standing[d])
            for d in days_before(day)
            if d in self.standing and d < day
        }
        fresh.published = fresh.points.get(week.day) or read_point(self.lake, week)
        model = self._model(self.registry.by_key(week.model))
        fresh.before = score_week(self._inputs(week.day, model), model)
        return fresh

    def score(self, day: int, chain: _Chain, *, restated: bool) -> int:
        """Score one week, add it to the transaction and move the chain on; returns the number of accounts."""
        version, filled = self.registry.in_force_at(self.name, day) or (
            self.registry.versions(self.name)[0],
            True,
        )
        model = self._model(version)
        scores = score_week(self._inputs(day, model), model)
        states = advance(chain.states, scores)
        published = _published_scores(chain)
        changes = ledger(chain.before, scores, published=published)
        point = WeekPoint(scores.account_ids, scores.score, states.displayed)
        chain.points[day] = point
        days = days_before(day)
        path = trajectory(*matrix(chain.points, days, scores.account_ids), states.since, day, scores.lines)
        self._publish(
            day, version, ScoredWeek(scores, states, changes, path), filled=filled, restated=restated
        )
        chain.states, chain.before, chain.published = states, scores, point
        for past in [d for d in chain.points if d < days[0]]:
            del chain.points[past]
        return len(scores.account_ids)

    def _publish(self, day: int, version: Version, week: ScoredWeek, *, filled: bool, restated: bool) -> None:
        table = score_table(week)
        path = self.txn.new_path(DATASET, as_of=week_name(day), model=version.key)
        pq.write_table(table, path, compression="zstd")
        revision = self.standing[day].revision + 1 if restated else 0
        meta = {"day": day, "filled": filled, "revision": revision, "behaviour": version.behaviour}
        file = NewFile(path, table.num_rows, meta)
        self.txn.add(file.path, file.rows, file.meta)

    def _model(self, version: Version) -> ScoreModel:
        return self.models.setdefault(version.key, self.registry.model(version))

    def _inputs(self, day: int, model: ScoreModel) -> WeekInputs:
        """Signal values of a week; those that an older version measured in another way are computed aside."""
        names = [signal.name for signal in model.signals]
        plan = SignalPlan(model, self.plan.timezone)
        if plan.fingerprint == self.plan.fingerprint:
            table = read_week(self.lake, self.txn.before, day)
            if table is not None:
                return week_inputs(table, day, names)
        return week_inputs(self.engine.compute(plan.request(self.lake, (day,))), day, names)


def _published_scores(chain: _Chain) -> FloatArray | None:
    """Last week's scores as they were said, in the order of the chain's recomputed week."""
    if chain.before is None or chain.published is None:
        return None
    rows = positions(chain.before.account_ids, chain.published.account_ids)
    return np.where(rows >= 0, chain.published.score[rows], np.nan)


def describe_day(day: int) -> str:
    """A grid day for people: Mon 16 Nov 2026."""
    return to_date(day).strftime("%a %-d %b %Y")


__all__ = ["WEEK", "RefreshReport", "as_of_day", "describe_day", "refresh"]
