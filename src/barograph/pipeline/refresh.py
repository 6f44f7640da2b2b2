"""The weekly refresh: signals, scores, tiers and ledger of the weeks asked for, published whole or not.

A week is scored once. Running again finds it there and goes on; a run killed anywhere leaves what was
published before it. Weeks are published in batches, oldest first, each batch in one atomic step; versions in the
shadow are part of that step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from barograph.core.calendar import day_number, grid_day, last_grid_days, to_date
from barograph.definitions.lint import lint
from barograph.definitions.model import ScoreModel
from barograph.definitions.toml_io import load_model
from barograph.engines.base import SignalEngine
from barograph.errors import DefinitionError, RefusedError
from barograph.lake.checkpoints import checkpoint
from barograph.lake.journal import Record
from barograph.lake.manifest import Manifest
from barograph.lake.store import user_name
from barograph.pipeline.learn_approve import finish_approval
from barograph.pipeline.pulse_store import PulseBook
from barograph.pipeline.registry import Registry, Version
from barograph.pipeline.score_store import published_weeks
from barograph.pipeline.scoring import Chain, Scorer, publish_week
from barograph.pipeline.shadow import Alongside
from barograph.pipeline.signal_store import (
    SignalPlan,
    compute_weeks,
    known_columns,
    outdated_weeks,
    week_name,
)
from barograph.workspace import Workspace

WEEKS_PER_BATCH = 26
Progress = Callable[[str, int, int], None]
"""(what, done, of)"""


@dataclass(frozen=True, slots=True)
class RefreshReport:
    """What a refresh did: weeks by what happened to them, account-weeks scored, the version in force.

    shadows: (version, week) scored alongside. warnings: what was left out, and why.
    """

    as_of: int
    scored: tuple[int, ...]
    standing: tuple[int, ...]
    signals_computed: tuple[int, ...]
    account_weeks: int
    version: Version
    new_version: bool
    shadows: tuple[tuple[str, int], ...] = ()
    warnings: tuple[str, ...] = ()


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
    finish_approval(workspace, now=now)
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
    pulses = PulseBook(lake, plan.timezone)
    alongside = Alongside(workspace, engine, registry, plan, pulses)
    stale_weeks = len(outdated_weeks(lake.manifest(), plan, _with_week_before(lake.manifest(), days)))
    todo_weeks = len(days) if restate is not None else len(set(days) - set(published_weeks(lake.manifest())))
    computed: list[int] = []
    scored: list[int] = []
    rows = 0
    chain: Chain | None = None
    for batch in _batches(days):
        with lake.transaction("refresh") as txn:
            wanted = _with_week_before(txn.before, batch)
            stale = outdated_weeks(txn.before, plan, wanted)
            if stale:
                progress("signals", len(computed), stale_weeks)
                compute_weeks(txn, lake, engine, plan, stale)
                progress("signals", len(computed) + len(stale), stale_weeks)
            checkpoint("refresh.signals_written")
            txn.record(_record(now, "signals", [week_name(d) for d in stale], ""))
        computed += stale
        with lake.transaction("refresh") as txn:
            standing = published_weeks(txn.before)
            todo = [day for day in batch if restate is not None or day not in standing]
            scorer = Scorer(workspace, engine, registry, plan, txn.before, pulses=pulses)
            for day in todo:
                chain = scorer.chain_to(day, chain)
                made = scorer.score(day, chain)
                revision = standing[day].revision + 1 if day in standing else 0
                rows += publish_week(txn, made, revision)
                progress("scores", len(scored) + 1, todo_weeks)
                scored.append(day)
            alongside.score(txn, batch, again=restate is not None)
            checkpoint("refresh.scores_written")
            txn.record(_record(now, "refresh", [week_name(d) for d in todo], restate or ""))
    left = tuple(day for day in days if day not in scored)
    return RefreshReport(
        as_of,
        tuple(scored),
        left,
        tuple(computed),
        rows,
        version,
        new,
        tuple(alongside.scored),
        tuple(alongside.warnings),
    )


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


def describe_day(day: int) -> str:
    """A grid day for people: Mon 16 Nov 2026."""
    return to_date(day).strftime("%a %-d %b %Y")
