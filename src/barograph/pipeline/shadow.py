"""Shadow versions: scored beside the version in force at every refresh, shown to nobody who does not ask (L6).

Which ones is a mark in the lake's manifest, so that starting, stopping and every week they score are published
at once with everything else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from barograph.core.calendar import grid_day, to_date
from barograph.definitions.fingerprint import behaviour_fingerprint
from barograph.definitions.lint.registry import lint
from barograph.engines.base import SignalEngine
from barograph.errors import BarographError, UsageError
from barograph.lake.journal import Record
from barograph.lake.manifest import JSON, Manifest
from barograph.lake.store import user_name
from barograph.lake.transaction import Transaction
from barograph.pipeline.learn_inputs import Models
from barograph.pipeline.pulse_store import PulseBook
from barograph.pipeline.registry import Registry, Version
from barograph.pipeline.score_store import published_weeks, shadow_weeks
from barograph.pipeline.scoring import Chain, Scorer, publish_week
from barograph.pipeline.signal_store import SignalPlan, known_columns
from barograph.pipeline.versions import definition_of, full_key, version_of
from barograph.workspace import Workspace

MARK = "shadow"


@dataclass(frozen=True, slots=True)
class Shadow:
    """A version that is scored alongside. since: ISO date of the week it was started in."""

    key: str
    since: str


@dataclass(frozen=True, slots=True)
class ShadowChange:
    """What starting or stopping did. changed: false when it was so already."""

    version: Version
    running: bool
    changed: bool


def shadows(manifest: Manifest) -> tuple[Shadow, ...]:
    """The versions that are scored alongside, in the order they were started in."""
    kept = manifest.marks.get(MARK)
    found = kept if isinstance(kept, Mapping) else {}
    return tuple(Shadow(str(key), str(since)) for key, since in found.items())


def start_shadow(models: Models, name: str, *, reason: str, day: int, now: datetime) -> ShadowChange:
    """Score a version or proposal alongside from the next refresh on. Starting it again changes nothing.

    Raises UsageError for an unknown one, for what is in force, and for a definition with lint errors.
    """
    key = full_key(name, models.in_force.name)
    version = version_of(models.registry, key)
    model = definition_of(models.registry, version)
    if behaviour_fingerprint(models.in_force) == version.behaviour:
        raise UsageError(
            f"{key} scores as {models.key} does, which is in force: there is nothing to compare.",
            hint="`barograph models list` shows what there is.",
        )
    columns = known_columns(models.workspace.lake) or None
    errors = [str(finding) for finding in lint(model, columns) if finding.severity == "error"]
    if errors:
        raise UsageError(f"the definition has {len(errors)} errors: {' '.join(errors)}", where=key)
    with models.workspace.lake.transaction("shadow") as txn:
        running = _running(txn)
        if key in running:
            return ShadowChange(version, running=True, changed=False)
        txn.set_mark(MARK, {**running, key: to_date(grid_day(day)).isoformat()})
        txn.record(Record.of(now, user_name(), "shadow", reason=reason.strip(), counts={"version": key}))
    return ShadowChange(version, running=True, changed=True)


def stop_shadow(models: Models, name: str, *, reason: str, now: datetime) -> ShadowChange:
    """Score it alongside no longer; what it scored stays. Stopping what does not run changes nothing.

    Raises UsageError for an unknown version.
    """
    key = full_key(name, models.in_force.name)
    version = version_of(models.registry, key)
    with models.workspace.lake.transaction("shadow") as txn:
        if key not in _running(txn):
            return ShadowChange(version, running=False, changed=False)
        drop_shadow(txn, key)
        told = {"version": key, "stopped": True}
        txn.record(Record.of(now, user_name(), "shadow", reason=reason.strip(), counts=told))
    return ShadowChange(version, running=False, changed=True)


def drop_shadow(txn: Transaction, key: str) -> None:
    """Stop a shadow within another publication; nothing happens when it does not run."""
    running = _running(txn)
    if key in running:
        left = {other: since for other, since in running.items() if other != key}
        txn.set_mark(MARK, left or None)


class Alongside:
    """Scores the shadows of a workspace, batch by batch, in the transaction that publishes the weeks in force."""

    def __init__(
        self,
        workspace: Workspace,
        engine: SignalEngine,
        registry: Registry,
        plan: SignalPlan,
        pulses: PulseBook | None = None,
    ) -> None:
        self.workspace = workspace
        self.engine = engine
        self.registry = registry
        self.plan = plan
        self.pulses = pulses
        self.chains: dict[str, Chain | None] = {}
        self.scored: list[tuple[str, int]] = []
        self.warnings: list[str] = []

    def score(self, txn: Transaction, days: Sequence[int], *, again: bool = False) -> None:
        """Add the weeks of `days` that a shadow has not scored yet, or all of them with `again`.

        A shadow whose definition cannot be used any more is left out with a warning: it must not keep the
        week in force from being published.
        """
        for shadow in shadows(txn.before):
            if any(warning.startswith(f"{shadow.key}:") for warning in self.warnings):
                continue
            try:
                self._score(txn, shadow.key, days, again=again)
            except BarographError as e:
                self.warnings.append(f"{shadow.key}: not scored alongside: {e}")

    def _score(self, txn: Transaction, key: str, days: Sequence[int], *, again: bool) -> None:
        version = version_of(self.registry, key)
        scorer = Scorer(
            self.workspace, self.engine, self.registry, self.plan, txn.before, version, self.pulses
        )
        standing = shadow_weeks(txn.before, key)
        in_force = published_weeks(txn.before)
        for day in days:
            if day in standing and not again:
                continue
            if day in in_force and in_force[day].model == key:
                continue
            chain = scorer.chain_to(day, self.chains.get(key))
            made = scorer.score(day, chain)
            self.chains[key] = chain
            publish_week(txn, made, standing[day].revision + 1 if day in standing else 0, shadow=True)
            self.scored.append((key, day))


def _running(txn: Transaction) -> dict[str, JSON]:
    kept = txn.mark(MARK)
    return dict(kept) if isinstance(kept, Mapping) else {}
