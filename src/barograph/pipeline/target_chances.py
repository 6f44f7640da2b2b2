"""The chance of growth and of downsell of each account in a scored week, by the rules that `learn --target` kept (L7).

A rule is asked of accounts that stay: the chance that its next decision is an expansion (or a downsell), if it is no
loss. It speaks for weeks from the one in which it was learnt on, and only while the signals it was learnt on are
defined as they were then. It never enters the score.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from barograph.core.arrays import FloatArray, texts
from barograph.core.calendar import day_number, grid_day
from barograph.core.score import WeekScores
from barograph.definitions.fingerprint import signals_fingerprint
from barograph.definitions.model import ScoreModel

QUESTIONS = ("expansion", "downsell")


@dataclass(frozen=True, slots=True)
class TargetRule:
    """One kept answer. since: local day of the Monday from which on it speaks. record: as it is on file."""

    question: str
    since: int
    record: Mapping[str, Any]

    @property
    def signals(self) -> tuple[str, ...]:
        """The signals that it reads."""
        return tuple(entry["name"] for entry in self.record["signals"])


def kept_rules(folder: Path) -> tuple[TargetRule, ...]:
    """The rules of a model's folder in the registry, oldest first; none without the folder."""
    found = []
    for question in QUESTIONS:
        for path in sorted((folder / "targets").glob(f"{question}-[0-9]*.json")):
            record = json.loads(path.read_text(encoding="utf-8"))
            since = grid_day(day_number(datetime.fromisoformat(record["created_at"]).date()))
            found.append(TargetRule(question, since, record))
    return tuple(found)


def definitions_behind(names: tuple[str, ...], model: ScoreModel) -> str | None:
    """A fingerprint of how the model defines these signals; None when it lacks one of them."""
    defined = {signal.name: signal for signal in model.signals}
    if any(name not in defined for name in names):
        return None
    return signals_fingerprint([defined[name] for name in sorted(names)], model.population)


def target_chances(rules: tuple[TargetRule, ...], scores: WeekScores) -> dict[str, FloatArray]:
    """Question -> chance of each account, 0 to 1, NaN without a score; questions that no rule answers are absent.

    Of several rules for a question the newest that holds for the week is taken.
    """
    found = {}
    for question in QUESTIONS:
        fitting = [r for r in rules if r.question == question and _holds(r, scores)]
        if fitting:
            found[question] = _chance(fitting[-1], scores)
    return found


def _holds(rule: TargetRule, scores: WeekScores) -> bool:
    behind = rule.record["behind"].get("signals")
    known = all(name in scores.inputs.signals for name in rule.signals)
    return (
        rule.since <= scores.inputs.as_of
        and known
        and behind is not None
        and behind == definitions_behind(rule.signals, scores.model)
    )


def _chance(rule: TargetRule, scores: WeekScores) -> FloatArray:
    from barograph.pipeline.learn_figures import risk_of  # noqa: PLC0415 - statistics, not needed without it

    inputs = scores.inputs
    size = len(inputs.account_ids)
    points = np.zeros(size)
    for entry in rule.record["signals"]:
        points += entry["weight"] * _points(entry, inputs.values[:, inputs.column(entry["name"])]) / 100
    points[np.isnan(scores.score)] = np.nan
    segment = inputs.attributes.get("segment")
    names = texts([""] * size) if segment is None else texts(["" if s is None else str(s) for s in segment])
    began = inputs.attributes.get("start_day")
    tenure = None if began is None else inputs.as_of - np.asarray(began, dtype=np.float64)
    bad = risk_of(rule.record, points, names, tenure=tenure)
    if bad is None:
        return np.full(size, np.nan)
    return np.asarray(1.0 - bad if rule.question == "expansion" else bad, dtype=np.float64)


def _points(entry: Mapping[str, Any], values: FloatArray) -> FloatArray:
    """Points 0 to 100 of every value, as the scorecard reads them (`learning.scorecard.BandedSignal`)."""
    band = np.full(len(values), len(entry["points"]), dtype=np.int64)
    if entry["levels"]:
        for place, members in enumerate(entry["levels"]):
            band[np.isin(values, members)] = place
    else:
        known = ~np.isnan(values)
        band[known] = np.searchsorted(np.array(entry["cuts"]), values[known], side="right")
    return np.array([*entry["points"], entry["missing_points"]], dtype=np.float64)[band]
