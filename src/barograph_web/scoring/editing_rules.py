"""The rules of a model beside its weights: service levels, caps, the growth gate, variants of signals. Pure.

What is there can be changed and taken away; a new cap, test or variant is written in the file, where it can say what
it means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from barograph.definitions.base import SignalTest
from barograph.definitions.model import ScoreModel, Sla
from barograph.definitions.normalise import Shape

BOUNDS = ("at_least", "at_most", "above", "below")
SLA = tuple(Sla.model_fields)
OFF = "off"
"""In place of a cap's tier: the cap goes."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a person filled in. sla: (tier, `owner_days` and so on) -> working days, None: not asked for.

    caps: position -> tier, or OFF. cap_bounds: (position of the cap, of its test, bound) -> number. gate: position of
    the test -> whether it is asked for. gate_bounds: (position, bound) -> number. variants: (signal, position) -> key
    of the shape -> number.
    """

    sla: Mapping[tuple[str, str], int | None] = field(default_factory=dict)
    caps: Mapping[int, str] = field(default_factory=dict)
    cap_bounds: Mapping[tuple[int, int, str], float] = field(default_factory=dict)
    gate: Mapping[int, bool] = field(default_factory=dict)
    gate_bounds: Mapping[tuple[int, str], float] = field(default_factory=dict)
    variants: Mapping[tuple[str, int], Mapping[str, float]] = field(default_factory=dict)


def bounds_of(test: SignalTest) -> dict[str, float]:
    """The numbers of a test that can be edited; none for one that asks whether a value is known."""
    return {key: value for key in BOUNDS if (value := getattr(test, key)) is not None}


def ruled(model: ScoreModel, rules: Rules) -> ScoreModel:
    """The model with other service levels, caps and gate; `revised` gives the shapes of variants."""
    tiers = tuple(
        tier.model_copy(
            update={
                "sla": Sla.model_validate(
                    {what: rules.sla.get((tier.name, what), getattr(tier.sla, what)) for what in SLA}
                )
            }
        )
        for tier in model.tiers
    )
    caps = tuple(
        cap.model_copy(
            update={
                "tier_at_most": rules.caps.get(i, cap.tier_at_most),
                "when": tuple(
                    _bounded(test, {b: v for (c, t, b), v in rules.cap_bounds.items() if (c, t) == (i, j)})
                    for j, test in enumerate(cap.when)
                ),
            }
        )
        for i, cap in enumerate(model.caps)
        if rules.caps.get(i) != OFF
    )
    gate = tuple(
        _bounded(test, {b: v for (g, b), v in rules.gate_bounds.items() if g == i})
        for i, test in enumerate(model.growth_gate)
        if rules.gate.get(i, True)
    )
    return model.model_copy(update={"tiers": tiers, "caps": caps, "growth_gate": gate})


def revised(shapes: Mapping[int, Shape], variants: tuple[Any, ...]) -> tuple[Any, ...]:
    """The variants of a signal with other shapes, by position."""
    return tuple(
        variant.model_copy(update={"normalise": shapes[i]}) if i in shapes else variant
        for i, variant in enumerate(variants)
    )


def _bounded(test: SignalTest, numbers: Mapping[str, float]) -> SignalTest:
    kept = {key: value for key, value in numbers.items() if key in bounds_of(test)}
    return test.model_copy(update=kept) if kept else test
