"""The registry as documents: versions and proposals, one of them whole, and two beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from barograph.core.calendar import to_date
from barograph.core.thresholds import tier_names
from barograph.definitions.model import ScoreModel
from barograph.pipeline.learn_approve import Approved
from barograph.pipeline.learn_compare import Change, Migration, stored_migration
from barograph.pipeline.learn_inputs import Models
from barograph.pipeline.learn_kept import decay, quarters
from barograph.pipeline.learn_proposals import ModelProposal, Proposals
from barograph.pipeline.registry import Version
from barograph.pipeline.score_store import published_weeks, shadow_weeks
from barograph.pipeline.shadow import ShadowChange, shadows
from barograph.reports.numbers import number

LIST_SCHEMA = "barograph.models/1"
SHOW_SCHEMA = "barograph.model/1"
DIFF_SCHEMA = "barograph.models_diff/1"
CHANGE_SCHEMA = "barograph.models_change/1"
SHADOW_SCHEMA = "barograph.models_shadow/1"


def list_document(models: Models, head: dict[str, Any]) -> dict[str, Any]:
    """All versions and proposals, those of the model in force first, each name's oldest first."""
    own, folder = models.in_force.name, models.registry.folder
    names = [own, *sorted(path.name for path in folder.glob("*") if path.is_dir() and path.name != own)]
    running = {shadow.key for shadow in shadows(models.workspace.lake.manifest())}
    versions = [version_entry(models, v) for name in names for v in models.registry.versions(name)]
    proposals = [proposal_entry(p) for name in names for p in Proposals(folder).all(name)]
    return {
        **head,
        "versions": [{**entry, "shadow": entry["version"] in running} for entry in versions],
        "proposals": [{**entry, "shadow": entry["version"] in running} for entry in proposals],
    }


def version_entry(models: Models, version: Version) -> dict[str, Any]:
    """One version: who, when, why, on what, and whether it has decayed."""
    model = models.registry.model(version)
    found = decay(models.registry, version)
    return {
        "version": version.key,
        "in_force": models.version is not None and version.key == models.version.key,
        "label": model.stage,
        "outcomes": model.outcomes_behind,
        "effective_from": to_date(version.effective_from).isoformat(),
        "created_at": version.created_at,
        "created_by": version.created_by,
        "reason": version.reason,
        "override": version.figures.get("override"),
        "proposal": version.figures.get("proposal"),
        "rollback_to": version.figures.get("rollback_to"),
        "behaviour": version.behaviour,
        "label_print": version.label,
        "period": version.figures.get("period"),
        "validations": [
            {key: document[key] for key in ("workspace_as_of", "from", "to", "decisions", "lost", "summary")}
            for document in quarters(models.registry, version)
        ],
        "fix_or_decommission": bool(found and found.flagged),
        "decay": None if found is None else found.text,
    }


def proposal_entry(proposal: ModelProposal) -> dict[str, Any]:
    """One proposal without its figures."""
    return {
        "version": proposal.key,
        "kind": proposal.kind,
        "champion": proposal.champion,
        "promoted": proposal.promoted,
        "reason": proposal.reason,
        "stage": proposal.figures.get("stage"),
        "outcomes": proposal.figures.get("outcomes"),
        "lost": proposal.figures.get("lost"),
        "created_at": proposal.created_at,
        "created_by": proposal.created_by,
        "behaviour": proposal.behaviour,
        "label_print": proposal.label,
    }


def show_document(
    entry: dict[str, Any],
    model: ScoreModel,
    figures: dict[str, Any],
    shadow: dict[str, Any] | None,
    head: dict[str, Any],
) -> dict[str, Any]:
    """One version or proposal: its entry, weights, lines and figures, and what it said in the shadow."""
    return {
        **head,
        "entry": entry,
        "title": model.title,
        "purpose": model.purpose,
        "signals": [
            {"name": s.name, "label": s.label, "component": s.component, "weight": s.weight}
            for s in sorted(model.scored, key=lambda s: (-s.weight, s.name))
        ],
        "tiers": [{"tier": t.name, "from_score": t.from_score} for t in model.tiers],
        "thresholds": [{"when": dict(t.when), "from_score": dict(t.from_score)} for t in model.thresholds],
        "figures": figures,
        "shadow": shadow,
    }


def shadow_entry(models: Models, key: str, *, until: int) -> dict[str, Any] | None:
    """The weeks that a version has scored beside the one in force, and how its tiers differ in the last of them
    up to `until`; None for one that never was in the shadow."""
    workspace = models.workspace
    manifest = workspace.lake.manifest()
    running = {shadow.key: shadow.since for shadow in shadows(manifest)}
    weeks = [day for day in shadow_weeks(manifest, key) if day <= until]
    if not weeks and key not in running:
        return None
    moved = stored_migration(workspace, published_weeks(manifest), shadow_weeks(manifest, key), until=until)
    return {
        "version": key,
        "running": key in running,
        "since": running.get(key),
        "weeks": len(weeks),
        "from": to_date(min(weeks)).isoformat() if weeks else None,
        "to": to_date(max(weeks)).isoformat() if weeks else None,
        "migration": None if moved is None else migration_entry(moved),
    }


def diff_document(
    names: tuple[str, str], found: Sequence[Change], moved: Migration | None, head: dict[str, Any]
) -> dict[str, Any]:
    """What differs between two definitions and what that does to the tiers of the latest week."""
    return {
        **head,
        "before": names[0],
        "after": names[1],
        "changes": [asdict(change) for change in found],
        "migration": None if moved is None else migration_entry(moved),
    }


def migration_entry(moved: Migration) -> dict[str, Any]:
    """The accounts of one week under both definitions: the matrix, and who moved, largest revenue first."""
    shift = np.flatnonzero(moved.before != moved.after)
    money = np.nan_to_num(moved.arr)
    one, two = tier_names(moved.before), tier_names(moved.after)
    return {
        "as_of": to_date(moved.day).isoformat(),
        "as_shown": moved.as_shown,
        "accounts": len(moved.account_ids),
        "moved": len(shift),
        "moved_arr": number(float(money[shift].sum())),
        "cells": [
            {"before": before, "after": after, "accounts": n, "arr": number(arr)}
            for before, after, n, arr in moved.matrix()
        ],
        "accounts_moved": [
            {
                "account_id": moved.account_ids[i],
                "name": moved.name[i] or None,
                "arr": number(moved.arr[i]),
                "before": one[i],
                "after": two[i],
                "score_before": number(moved.score_before[i]),
                "score_after": number(moved.score_after[i]),
            }
            for i in shift[np.lexsort((shift, -money[shift]))].tolist()
        ],
    }


def shadow_document(done: ShadowChange, models: Models, head: dict[str, Any]) -> dict[str, Any]:
    """What starting or stopping a shadow did, and which run now."""
    return {
        **head,
        "version": done.version.key,
        "running": done.running,
        "changed": done.changed,
        "shadows": [
            {"version": shadow.key, "since": shadow.since}
            for shadow in shadows(models.workspace.lake.manifest())
        ],
    }


def change_document(done: Approved, models: Models, head: dict[str, Any]) -> dict[str, Any]:
    """What approving or going back did."""
    return {
        **head,
        "version": done.version.key,
        "before": done.before,
        "effective_from": to_date(done.version.effective_from).isoformat(),
        "file": done.file.relative_to(models.workspace.path).as_posix(),
        "reason": done.version.reason,
        "override": done.override,
    }
