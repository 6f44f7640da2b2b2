"""Bringing a proposal into force, and going back: new versions with who, why and on what evidence.

Nothing that was published changes. A new version scores the weeks after the last published one; going back makes
a new version too, with the definition of an older one.
"""

from __future__ import annotations

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
from barograph.lake.journal import Record
from barograph.lake.manifest import Manifest
from barograph.lake.store import user_name
from barograph.pipeline.learn_inputs import Models, model_path
from barograph.pipeline.learn_proposals import ModelProposal, Proposals
from barograph.pipeline.learn_record import keep_track_record
from barograph.pipeline.registry import Registry, Version, write_once
from barograph.pipeline.score_store import published_weeks
from barograph.pipeline.signal_store import known_columns
from barograph.workspace import SETTINGS_FILE, Workspace


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
    _require_same_champion(models, proposal)
    if not proposal.promoted and override is None:
        raise RefusedError(
            f"{proposal.key} did not pass the acceptance test: {proposal.reason}",
            hint="Wait for more outcomes, or approve with --override REASON, which is recorded.",
        )
    model = Proposals(models.registry.folder).model(proposal)
    figures = {
        **proposal.figures,
        "kind": proposal.kind,
        "proposal": proposal.key,
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
        counts=proposal.track_record,
        override=None if proposal.promoted else override,
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
        figures={**target.figures, "rollback_to": target.key},
        counts=list(target.figures.get("track_record", [])),
        override=None,
        what="rollback",
        day=day,
        now=now,
    )


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
    counts: list[dict[str, Any]],
    override: str | None,
    what: str,
    day: int,
    now: datetime,
) -> Approved:
    columns = known_columns(models.workspace.lake) or None
    errors = [str(finding) for finding in lint(model, columns) if finding.severity == "error"]
    if errors:
        raise UsageError(f"the definition has {len(errors)} errors: {' '.join(errors)}", where=model.name)
    workspace, registry = models.workspace, models.registry
    file = model_path(workspace, model.name)
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
        save_model(model, file)
        _point_at(workspace, file)
        keep_track_record(txn, version.key, counts)
        told = {"version": version.key, "before": models.key, "override": override}
        txn.record(Record.of(now, user_name(), what, reason=reason.strip(), counts=told))
    return Approved(version, file, models.key, override)


def _prints(model: ScoreModel) -> tuple[str, str]:
    return behaviour_fingerprint(model), label_fingerprint(model)


def _require_same_champion(models: Models, proposal: ModelProposal) -> None:
    if proposal.champion_behaviour != behaviour_fingerprint(models.in_force):
        raise UsageError(
            f"{proposal.key} was compared with {proposal.champion}, and {models.key} is in force now.",
            hint="Run `barograph learn` again, so that it is compared with what it would replace.",
        )


def _point_at(workspace: Workspace, file: Path) -> None:
    """Make `file` the model in force where the settings, or a second file under models/, say otherwise."""
    others = [f for f in sorted((workspace.path / "models").glob("*.toml")) if f != file]
    named = workspace.settings.model
    if (named is None and not others) or (named is not None and workspace.inside(named) == file):
        return
    settings = workspace.path / SETTINGS_FILE
    document = tomlkit.parse(settings.read_text(encoding="utf-8"))
    document["model"] = file.relative_to(workspace.path).as_posix()
    write_once(settings, tomlkit.dumps(document))
