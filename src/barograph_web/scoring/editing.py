"""A definition with other weights, ranges and lines: pure, so that the form, the API and tests make the same model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from barograph.definitions.model import ScoreModel
from barograph.definitions.normalise import BandedShape, DecayShape, LogShape, RangeShape, Shape
from barograph.definitions.signal import Signal
from barograph.workspace import explain
from barograph_web.scoring.editing_rules import Rules, revised, ruled

TOTAL = 100.0


@dataclass(frozen=True, slots=True)
class Edit:
    """What a person filled in. weights: signal -> points; shapes: signal -> key -> number (`zero`, `full`,
    `half_life`, `below_0`, `points_0`, ...); lines: tier -> score; own_lines: (position of the rule, tier) -> score;
    rules: everything beside the weights."""

    weights: Mapping[str, float] = field(default_factory=dict)
    shapes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    lines: Mapping[str, float] = field(default_factory=dict)
    own_lines: Mapping[tuple[int, str], float] = field(default_factory=dict)
    min_coverage: float | None = None
    rules: Rules = field(default_factory=Rules)


class EditError(ValueError):
    """The edit makes no model: problems by field, as in `Edit` ("weight:nps", "shape:nps", "line:watch", "")."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = dict(problems)


def shape_fields(shape: Shape) -> dict[str, float]:
    """The numbers of a shape that can be edited, by key; none for a rank among peers."""
    if isinstance(shape, RangeShape | LogShape):
        return {"zero": shape.zero, "full": shape.full}
    if isinstance(shape, DecayShape):
        return {"half_life": shape.half_life}
    if isinstance(shape, BandedShape):
        found: dict[str, float] = {}
        for i, band in enumerate(shape.bands):
            if band.below is not None:
                found[f"below_{i}"] = band.below
            found[f"points_{i}"] = band.points
        return found
    return {}


def edited(model: ScoreModel, edit: Edit) -> ScoreModel:
    """The model with the edit in it. Weights need not sum to 100 here: lint says so, and approval refuses.

    The label falls back to heuristic when weights or shapes of a learnt model are changed by hand: what it was learnt
    on no longer holds. Raises EditError naming the fields.
    """
    problems: dict[str, str] = {}
    signals = []
    before_edit, model = model, ruled(model, edit.rules)
    for signal in model.signals:
        update: dict[str, Any] = {}
        weight = edit.weights.get(signal.name)
        if weight is not None and weight != signal.weight:
            if not 0 <= weight <= TOTAL:
                problems[f"weight:{signal.name}"] = "0 to 100 points."
            update["weight"] = weight
        numbers = edit.shapes.get(signal.name)
        if numbers:
            try:
                shape = _reshaped(signal.normalise, numbers)
            except ValidationError as error:
                problems[f"shape:{signal.name}"] = explain(error)
            else:
                update |= {"normalise": shape} if shape != signal.normalise else {}
        variants = _variants(signal, edit.rules, problems)
        update |= {"variants": variants} if variants != signal.variants else {}
        signals.append(signal.model_copy(update=update) if update else signal)
    tiers = tuple(
        tier.model_copy(update={"from_score": edit.lines[tier.name]}) if tier.name in edit.lines else tier
        for tier in model.tiers
    )
    for before, after in pairwise(tiers):
        if after.from_score <= before.from_score:
            problems[f"line:{after.name}"] = f"It must lie above {before.label} ({before.from_score:g})."
    thresholds = tuple(
        rule.model_copy(
            update={
                "from_score": {
                    tier: edit.own_lines.get((i, tier), line) for tier, line in rule.from_score.items()
                }
            }
        )
        for i, rule in enumerate(model.thresholds)
    )
    if problems:
        raise EditError(problems)
    touched = tuple(signals) != before_edit.signals
    changes: dict[str, Any] = {"signals": tuple(signals), "tiers": tiers, "thresholds": thresholds}
    if edit.min_coverage is not None:
        changes["min_coverage"] = edit.min_coverage
    if touched and model.stage in ("blended", "predictive", "validated_heuristic"):
        changes |= {"stage": "heuristic", "outcomes_behind": 0}
    found = model.model_copy(update=changes)
    try:
        return ScoreModel.model_validate(found.model_dump())
    except ValidationError as error:
        raise EditError({"": explain(error)}) from error


def _variants(signal: Signal, rules: Rules, problems: dict[str, str]) -> tuple[Any, ...]:
    """The variants of a signal with the numbers that were filled in; what makes no shape is added to `problems`."""
    shapes: dict[int, Shape] = {}
    for i, variant in enumerate(signal.variants):
        numbers = rules.variants.get((signal.name, i))
        if numbers and variant.normalise is not None:
            try:
                shapes[i] = _reshaped(variant.normalise, numbers)
            except ValidationError as error:
                problems[f"shape:{signal.name}"] = explain(error)
    return revised(shapes, tuple(signal.variants))


def weight_sum(model: ScoreModel) -> float:
    """Points of all signals together."""
    return sum(signal.weight for signal in model.signals)


def _reshaped(shape: Shape, numbers: Mapping[str, float]) -> Shape:
    if isinstance(shape, BandedShape):
        bands = [
            {
                "below": None if band.below is None else numbers.get(f"below_{i}", band.below),
                "points": numbers.get(f"points_{i}", band.points),
            }
            for i, band in enumerate(shape.bands)
        ]
        return BandedShape.model_validate({**shape.model_dump(), "bands": bands})
    known = {key: value for key, value in numbers.items() if key in shape_fields(shape)}
    return type(shape).model_validate({**shape.model_dump(), **known})
