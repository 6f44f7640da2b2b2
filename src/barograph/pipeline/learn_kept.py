"""Validations that are kept, quarter by quarter, and what two bad ones in a row mean (L6, L8).

`WORKSPACE/registry/<name>/validations/2026-11-16-saas-v1.json` is a document of `validate` that somebody asked
for, `2026-11-16-saas-v1-quarter.json` the quarterly one that `refresh` makes by itself. Each is written once per
date and version. Only quarters say whether a model decays: they share no decision.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from barograph.core.calendar import day_number, to_date
from barograph.definitions.model import ScoreModel
from barograph.lake.journal import Record
from barograph.lake.store import user_name
from barograph.learning.decay import DECAY_LOST, fix_or_decommission
from barograph.learning.estimates import Estimate
from barograph.learning.observations import BoolArray, Observations
from barograph.pipeline.learn_inputs import EXPERT_STAGES, Models
from barograph.pipeline.learn_record import Counts, keep_track_record
from barograph.pipeline.registry import Registry, Version, write_once

QUARTER_DAYS = 90
"""Days of a quarter, and the least between two of them: no decision is in both."""


@dataclass(frozen=True, slots=True)
class Decay:
    """How a version has done quarter by quarter, oldest first. approved_low: the lower end of the AUC that it was
    approved on; None for weights that nobody approved on figures. flagged: two quarters in a row, each with
    enough lost, in which it was below that, or did nothing that less would not have done."""

    auc: tuple[float, ...]
    approved_low: float | None
    flagged: bool
    text: str


def keep_validation(
    models: Models,
    document: Mapping[str, Any],
    counts: Counts,
    *,
    day: int,
    now: datetime,
    quarter: bool = False,
) -> Path | None:
    """Keep a validation of the version in force with its track record; None for a model without a version.

    quarter: it is the quarterly one. The same date and version is kept once: a later run on that date changes
    nothing on file.
    """
    version = models.version
    if version is None:
        return None
    ending = "-quarter" if quarter else ""
    path = _folder(models.registry, version.name) / f"{to_date(day).isoformat()}-{version.key}{ending}.json"
    with models.workspace.lake.transaction("validate") as txn:
        keep_track_record(txn, version.key, counts)
        if not path.exists():
            write_once(path, json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
        kept = {"version": version.key, "file": path.name}
        txn.record(Record.of(now, user_name(), "validate", counts=kept))
    return path


def validations(registry: Registry, version: Version) -> list[dict[str, Any]]:
    """The validations of a version that were asked for, oldest first."""
    return _read(registry, version, "")


def quarters(registry: Registry, version: Version) -> list[dict[str, Any]]:
    """The quarterly validations of a version, oldest first."""
    return _read(registry, version, "-quarter")


def validation_due(registry: Registry, version: Version, day: int) -> bool:
    """Whether a quarter has ended that no quarterly validation speaks of.

    A learnt version's first one ends with the training data, so it waits for a whole quarter after them.
    """
    last = max((document["workspace_as_of"] for document in quarters(registry, version)), default=None)
    if last is not None:
        return str(last) <= to_date(day - QUARTER_DAYS).isoformat()
    trained = trained_until(version.figures)
    return trained is None or day - QUARTER_DAYS > trained


def next_validation(registry: Registry, version: Version, day: int) -> int:
    """The first day from `day` on on which the next quarterly validation is due."""
    last = max((document["workspace_as_of"] for document in quarters(registry, version)), default=None)
    if last is not None:
        return max(day, day_number(date.fromisoformat(last)) + QUARTER_DAYS)
    trained = trained_until(version.figures)
    return day if trained is None else max(day, trained + QUARTER_DAYS + 1)


def trained_until(figures: Mapping[str, Any]) -> int | None:
    """The last day on which an outcome that the weights of a version were fitted to became known; None for expert
    weights, and where nobody knows."""
    day = (figures.get("period") or {}).get("known_until_day")
    return None if day is None or figures.get("kind") == "label" else int(day)


def unseen(model: ScoreModel, version: Version | None, rows: Observations) -> BoolArray:
    """Rows whose outcome the weights of a model cannot have been fitted to: all for expert weights, of a learnt
    version those that became known after its training data; none when nobody knows what it was fitted to."""
    if model.stage in EXPERT_STAGES:
        return np.ones(rows.n, dtype=bool)
    until = trained_until({} if version is None else version.figures)
    if until is None:
        return np.zeros(rows.n, dtype=bool)
    return np.asarray(rows.known_day > until, dtype=bool)


def decay(registry: Registry, version: Version) -> Decay | None:
    """How a version has done by its quarters; None before the first that could be judged."""
    judged = [found for document in quarters(registry, version) if (found := _longest(document)) is not None]
    if not judged:
        return None
    values = tuple(float(entry["auc"]) for entry in judged)
    told = ", ".join(f"{value:.2f}" for value in values)
    text = f"AUC {told} in {_quarters(len(values))}"
    approved = approved_auc(version.figures)
    low = None if approved is None else approved.low
    text += "." if approved is None else f", approved on {approved.value:.2f} (from {approved.low:.2f} up)."
    reason = _reason(judged, approved)
    if reason:
        text += f" Two quarters in a row, each with {DECAY_LOST} lost or more, {reason}: fix it or decommission it."
    return Decay(values, low, bool(reason), text)


def _reason(judged: list[Mapping[str, Any]], approved: Estimate | None) -> str:
    """Why the last two quarters together ask for a decision; "" when they do not."""
    last = judged[-2:]
    if len(last) < 2 or any(int(entry["lost"]) < DECAY_LOST for entry in last):
        return ""
    if approved is None:
        chance = all(float(entry["auc_low"]) <= 0.5 for entry in last)
        return "it could not be told from chance" if chance else ""
    if fix_or_decommission([(float(e["auc"]), int(e["lost"])) for e in last], approved):
        return "it was below what it was approved on"
    expert = [entry.get("expert_auc") for entry in last]
    if all(e is not None and float(entry["auc"]) < float(e) for entry, e in zip(last, expert, strict=True)):
        return "it sorted worse than the expert weights that it replaced"
    return ""


def approved_auc(figures: Mapping[str, Any]) -> Estimate | None:
    """The out-of-time AUC that a version was approved on; None for one that nobody approved on figures."""
    kind = {"scorecard": "predictive", "weights": "blended", "label": "heuristic"}.get(
        figures.get("kind", "")
    )
    for entry in figures.get("models", ()):
        if entry["kind"] == kind and entry["auc"] is not None:
            return Estimate(entry["auc"], entry["auc_low"], entry["auc_high"], "kept")
    return None


def _longest(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Figures at the longest horizon at which a quarter could be judged."""
    for horizon in sorted(document["horizons"], key=lambda h: -h["days"]):
        if horizon["auc"] is not None:
            return dict(horizon)
    return None


def _quarters(n: int) -> str:
    return "1 quarter" if n == 1 else f"{n} quarters"


def _read(registry: Registry, version: Version, ending: str) -> list[dict[str, Any]]:
    files = sorted(_folder(registry, version.name).glob(f"*-{version.key}{ending}.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in files]


def _folder(registry: Registry, name: str) -> Path:
    return registry.folder / name / "validations"
