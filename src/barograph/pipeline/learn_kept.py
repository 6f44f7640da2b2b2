"""Validations that are kept, quarter by quarter, and what two bad ones in a row mean (L6, L8).

`WORKSPACE/registry/<name>/validations/2026-11-16-saas-v1.json` is a document of `validate`, written once per
date and version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from barograph.core.calendar import day_number, to_date
from barograph.lake.journal import Record
from barograph.lake.store import user_name
from barograph.learning.drift import DECAY_LOST, fix_or_decommission
from barograph.learning.intervals import Estimate
from barograph.pipeline.learn_inputs import Models
from barograph.pipeline.learn_record import Counts, keep_track_record
from barograph.pipeline.registry import Registry, Version, write_once

QUARTER_DAYS = 90
"""The shortest quarter of a calendar: validations at least so far apart are those of different quarters."""


@dataclass(frozen=True, slots=True)
class Decay:
    """Whether a version has decayed: AUC of its validations so far, oldest first, against the AUC it was
    approved on. flagged: two quarters in a row below the lower end of that interval."""

    auc: tuple[float, ...]
    approved_low: float
    flagged: bool
    text: str


def keep_validation(
    models: Models, document: Mapping[str, Any], counts: Counts, *, day: int, now: datetime
) -> Path | None:
    """Keep a validation of the version in force with its track record; None for a model without a version.

    The same date and version is kept once: a later run on that date changes nothing on file.
    """
    version = models.version
    if version is None:
        return None
    path = _folder(models.registry, version.name) / f"{to_date(day).isoformat()}-{version.key}.json"
    with models.workspace.lake.transaction("validate") as txn:
        keep_track_record(txn, version.key, counts)
        if not path.exists():
            write_once(path, json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
        kept = {"version": version.key, "file": path.name}
        txn.record(Record.of(now, user_name(), "validate", counts=kept))
    return path


def validations(registry: Registry, version: Version) -> list[dict[str, Any]]:
    """The kept validations of a version, oldest first."""
    files = sorted(_folder(registry, version.name).glob(f"*-{version.key}.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in files]


def validation_due(registry: Registry, version: Version, day: int) -> bool:
    """Whether a quarter has passed since the version's last kept validation, or there is none."""
    kept = validations(registry, version)
    last = max((document["workspace_as_of"] for document in kept), default=None)
    return last is None or last <= to_date(day - QUARTER_DAYS).isoformat()


def decay(registry: Registry, version: Version) -> Decay | None:
    """The decay of a learnt version by its validations, at most one per quarter; None without any."""
    quarters: list[tuple[float, int]] = []
    last = ""
    for document in validations(registry, version):
        figures = _longest(document)
        if figures is None or (last and document["workspace_as_of"] < _quarter_after(last)):
            continue
        last = document["workspace_as_of"]
        quarters.append((float(figures["auc"]), int(figures["lost"])))
    approved = approved_auc(version.figures)
    if not quarters or approved is None:
        return None
    flagged = fix_or_decommission(quarters, approved)
    values = tuple(value for value, _ in quarters)
    told = ", ".join(f"{value:.2f}" for value in values)
    text = f"AUC {told} in {len(values)} quarters, approved on {approved.value:.2f} (from {approved.low:.2f} up)."
    if flagged:
        text += f" Two quarters below, each with {DECAY_LOST} lost or more: fix it or decommission it."
    return Decay(values, approved.low, flagged, text)


def approved_auc(figures: Mapping[str, Any]) -> Estimate | None:
    """The out-of-time AUC that a version was approved on."""
    kind = {"scorecard": "predictive", "weights": "blended", "label": "heuristic"}.get(
        figures.get("kind", "")
    )
    for entry in figures.get("models", ()):
        if entry["kind"] == kind and entry["auc"] is not None:
            return Estimate(entry["auc"], entry["auc_low"], entry["auc_high"], "kept")
    return None


def _longest(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Figures of the model in force at the longest horizon, None when it could not be judged."""
    for horizon in sorted(document["horizons"], key=lambda h: -h["days"]):
        for model in horizon["models"]:
            if model["kind"] == "in_force" and model["auc"] is not None:
                return dict(model)
    return None


def _quarter_after(day: str) -> str:
    return to_date(day_number(date.fromisoformat(day)) + QUARTER_DAYS).isoformat()


def _folder(registry: Registry, name: str) -> Path:
    return registry.folder / name / "validations"
