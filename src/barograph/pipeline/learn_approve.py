"""Bringing a proposal into force, and going back: new versions with who, why and on what evidence.

Nothing that was published changes. A new version scores the weeks after the last published one; going back makes
a new version too, with the definition of an older one.

The version's record is what decides: once it is written, the model file, the settings and the track record follow
from it. A run that died in between is finished by the next one, whatever that is (`finish_approval`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import tomlkit

from barograph.core.calendar import WEEK, grid_day
from barograph.definitions.fingerprint import behaviour_fingerprint, label_fingerprint
from barograph.definitions.lint.registry import lint
from barograph.definitions.model import ScoreModel
from barograph.definitions.toml_io import save_model
from barograph.errors import RefusedError, UsageError
from barograph.lake.checkpoints import checkpoint
from barograph.lake.journal import Record
from barograph.lake.manifest import JSON, Manifest
from barograph.lake.store import user_name
from barograph.lake.transaction import Transaction
from barograph.pipeline.learn_inputs import Models, model_path, models_of
from barograph.pipeline.learn_proposals import ModelProposal, Proposals
from barograph.pipeline.learn_record import keep_track_record
from barograph.pipeline.registry import Registry, Version, write_once
from barograph.pipeline.score_store import published_weeks
from barograph.pipeline.shadow import drop_shadow
from barograph.pipeline.signal_store import known_columns
from barograph.workspace import SETTINGS_FILE, Workspace

MARK = "brought_in"
"""Model name -> its version that was approved or gone back to last, all of it done."""


@dataclass(frozen=True, slots=True)
class Approved:
    """What came into force: the version, the file it was written to, the version it took the place of."""

    version: Version
    file: Path
    before: str
    override: str | None


def approve(
    models: Models, proposal: ModelProposal, *, reason: str, override: str | None, day: int, now: datetime
) -> Approved:
    """Put a proposal in force from the week after the last published one on.

    Raises RefusedError when its acceptance test did not pass and no override is given, UsageError for an empty
    reason, a proposal that is in force already, a model in force other than the one it was compared with, or
    a definition with lint errors. The override is kept with the version and in the journal.
    """
    if not reason.strip():
        raise UsageError("a version needs a reason.", hint="Say why in --reason.")
    if override is not None and not override.strip():
        raise UsageError("an override needs a reason.", hint="Say in --override why the test is set aside.")
    finished = finish_approval(models.workspace, now=now)
    if finished is not None and finished.version.figures.get("proposal") == proposal.key:
        return finished
    if finished is not None:
        models = models_of(models.workspace)
    _require_not_in_force(models, proposal)
    _require_same_champion(models, proposal)
    if not proposal.promoted and override is None:
        raise RefusedError(
            f"{proposal.key} did not pass the acceptance test: {proposal.reason}",
            hint="Wait for more outcomes, or approve with --override REASON, which is recorded.",
        )
    model = Proposals(models.registry.folder).model(proposal)
    models = _with_first_version(models, day=day, now=now)
    figures = {
        **proposal.figures,
        "kind": proposal.kind,
        "proposal": proposal.key,
        "replaced": models.key,
        "promoted": proposal.promoted,
        "override": override,
        "seed": proposal.seed,
        "track_record": proposal.track_record,
    }
    return _bring_in(
        models,
        model,
        reason=reason,
        figures=figures,
        what="approve",
        day=day,
        now=now,
    )


def rollback(models: Models, *, to: str | None, reason: str, day: int, now: datetime) -> Approved:
    """Bring the definition of an older version into force again, as a new version.

    to: its key or number; the newest one with another behaviour or label than what is in force by default.
    Raises UsageError when there is none.
    """
    if not reason.strip():
        raise UsageError("going back needs a reason.", hint="Say why in --reason.")
    finished = finish_approval(models.workspace, now=now)
    if finished is not None and _is_rollback_to(finished.version, models, to):
        return finished
    if finished is not None:
        models = models_of(models.workspace)
    versions = models.registry.versions(models.in_force.name)
    current = versions[-1] if versions else None
    if to is None:
        older = [
            v
            for v in versions
            if current is not None and (v.behaviour, v.label) != (current.behaviour, current.label)
        ]
        if not older:
            raise UsageError(
                f"there is no earlier version of {models.in_force.name} to go back to.",
                hint="`barograph models list` shows what there is.",
            )
        target = older[-1]
    else:
        target = find_version(models.registry, models.in_force.name, to)
    return _bring_in(
        models,
        models.registry.model(target),
        reason=reason,
        figures={**target.figures, "rollback_to": target.key, "replaced": models.key},
        what="rollback",
        day=day,
        now=now,
    )


def _with_first_version(models: Models, *, day: int, now: datetime) -> Models:
    """The same, with the model in force registered: what a first version takes the place of is kept too, and
    scores the weeks before, which a learnt model has seen."""
    if models.version is not None:
        return models
    with models.workspace.lake.transaction("approve") as txn:
        models.registry.register(
            models.in_force,
            effective_from=effective_day(txn.before, day),
            now=now,
            reason=f"first version, from {models.workspace.model_file().name}",
        )
    return models_of(models.workspace)


def _is_rollback_to(version: Version, models: Models, to: str | None) -> bool:
    """Whether a version is what going back to `to` makes; to any earlier one without a name."""
    target = version.figures.get("rollback_to")
    if to is None or target is None:
        return target is not None
    return bool(target == find_version(models.registry, models.in_force.name, to).key)


def find_version(registry: Registry, name: str, wanted: str) -> Version:
    """A version by its key (`saas-v2`), `v2` or `2`. Raises UsageError naming those that exist."""
    return registry.by_key(wanted if "-v" in wanted else f"{name}-v{wanted.removeprefix('v')}")


def effective_day(manifest: Manifest, day: int) -> int:
    """The first week a version approved on `day` scores: this week, or the one after the last published."""
    weeks = list(published_weeks(manifest))
    return max(grid_day(day), weeks[-1] + WEEK) if weeks else grid_day(day)


def _bring_in(
    models: Models,
    model: ScoreModel,
    *,
    reason: str,
    figures: dict[str, Any],
    what: str,
    day: int,
    now: datetime,
) -> Approved:
    columns = known_columns(models.workspace.lake) or None
    errors = [str(finding) for finding in lint(model, columns) if finding.severity == "error"]
    if errors:
        raise UsageError(f"the definition has {len(errors)} errors: {' '.join(errors)}", where=model.name)
    workspace, registry = models.workspace, models.registry
    with workspace.lake.transaction(what) as txn:
        before = registry.versions(model.name)
        if before and (before[-1].behaviour, before[-1].label) == _prints(model):
            raise UsageError(f"{before[-1].key} is that definition already.", where=model.name)
        version = registry.register(
            model,
            effective_from=effective_day(txn.before, day),
            now=now,
            reason=reason.strip(),
            figures=figures,
        )
        return _follow(workspace, txn, version, model, now=now)


def finish_approval(workspace: Workspace, *, now: datetime) -> Approved | None:
    """Finish what a run that died left half done; None when there is nothing of the kind."""
    registry = Registry(workspace.path / "registry")
    if _unfinished(registry, workspace.lake.manifest().marks.get(MARK)) is None:
        return None
    with workspace.lake.transaction("approve") as txn:
        version = _unfinished(registry, txn.mark(MARK))
        if version is None:
            return None
        return _follow(workspace, txn, version, registry.model(version), now=now)


def _unfinished(registry: Registry, mark: JSON) -> Version | None:
    """The newest version of a model that was approved or gone back to, and not yet followed up."""
    kept = mark if isinstance(mark, Mapping) else {}
    for folder in sorted(registry.folder.glob("*")):
        versions = registry.versions(folder.name)
        if versions and "replaced" in versions[-1].figures and kept.get(folder.name) != versions[-1].key:
            return versions[-1]
    return None


def _follow(
    workspace: Workspace, txn: Transaction, version: Version, model: ScoreModel, *, now: datetime
) -> Approved:
    """Everything that follows from a version's record. Doing it again gives the same."""
    figures = version.figures
    what = "rollback" if "rollback_to" in figures else "approve"
    checkpoint("approve.registered")
    file = _put_in_force(workspace, model)
    checkpoint("approve.model_written")
    keep_track_record(txn, version.key, list(figures.get("track_record", [])))
    kept = txn.mark(MARK)
    txn.set_mark(MARK, {**(kept if isinstance(kept, Mapping) else {}), version.name: version.key})
    if what == "approve":
        drop_shadow(txn, str(figures["proposal"]))
    before = str(figures["replaced"])
    override = None if what == "rollback" or figures.get("promoted") else figures.get("override")
    told = {"version": version.key, "before": before, "override": override}
    txn.record(Record.of(now, user_name(), what, reason=version.reason, counts=told))
    return Approved(version, file, before, override)


def _prints(model: ScoreModel) -> tuple[str, str]:
    return behaviour_fingerprint(model), label_fingerprint(model)


def _require_not_in_force(models: Models, proposal: ModelProposal) -> None:
    versions = models.registry.versions(proposal.name)
    last = versions[-1] if versions else None
    if last is None or last.figures.get("proposal") != proposal.key or "rollback_to" in last.figures:
        return
    if behaviour_fingerprint(models.in_force) == last.behaviour:
        raise UsageError(
            f"{proposal.key} is in force already, as {last.key}.",
            hint="`barograph models list` shows what there is.",
        )


def _require_same_champion(models: Models, proposal: ModelProposal) -> None:
    if proposal.champion_behaviour != behaviour_fingerprint(models.in_force):
        raise UsageError(
            f"{proposal.key} was compared with {proposal.champion}, and {models.key} is in force now.",
            hint="Run `barograph learn` again, so that it is compared with what it would replace.",
        )


def _put_in_force(workspace: Workspace, model: ScoreModel) -> Path:
    """Write the definition to its file and make that the model in force.

    With a second file under models/ the settings say which one counts. They name the one that is there before the
    new one is written, so that the workspace has one model whenever the run ends.
    """
    file = model_path(workspace, model.name)
    named = workspace.settings.model
    others = [f for f in sorted((workspace.path / "models").glob("*.toml")) if f != file]
    if named is None and len(others) == 1 and not file.exists():
        _name_model(workspace, others[0])
    save_model(model, file)
    elsewhere = bool(others) if named is None else workspace.inside(named) != file
    if elsewhere:
        _name_model(workspace, file)
    return file


def _name_model(workspace: Workspace, file: Path) -> None:
    settings = workspace.path / SETTINGS_FILE
    document = tomlkit.parse(settings.read_text(encoding="utf-8"))
    document["model"] = file.relative_to(workspace.path).as_posix()
    write_once(settings, tomlkit.dumps(document))
