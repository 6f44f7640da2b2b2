"""The fields of a draft beside its weights: service levels, caps, the growth gate, variants of signals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from barograph.definitions.describe import describe_scope
from barograph.definitions.model import ScoreModel
from barograph_web.scoring.editing import shape_fields
from barograph_web.scoring.editing_rules import OFF, SLA, Rules, bounds_of

SLA_WORDS = {"owner_days": "Owner within", "touch_days": "Customer touch within", "plan_days": "Plan within"}
BOUND_WORDS = {"at_least": "at least", "at_most": "at most", "above": "above", "below": "below"}
MOST_DAYS = 250


@dataclass(frozen=True, slots=True)
class Levels:
    """One tier's service levels."""

    label: str
    fields: tuple[forms.BoundField, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """One cap or one test of the gate: what it is called, its choice, the numbers of its tests."""

    label: str
    words: str
    choice: forms.BoundField
    numbers: tuple[forms.BoundField, ...]


def rule_fields(model: ScoreModel) -> dict[str, forms.Field]:
    """Every field beside the weights, by name, with what stands in the model."""
    fields: dict[str, forms.Field] = {}
    for tier in model.tiers:
        for what in SLA:
            fields[f"sla__{tier.name}__{what}"] = forms.IntegerField(
                required=False,
                min_value=0,
                max_value=MOST_DAYS,
                label=SLA_WORDS[what],
                initial=getattr(tier.sla, what),
            )
    tiers = [(tier.name, f"{tier.label} at most") for tier in model.tiers[:-1]]
    for i, cap in enumerate(model.caps):
        fields[f"cap__{i}__tier"] = forms.ChoiceField(
            choices=[*tiers, (OFF, "no limit: take it out")], label=cap.label, initial=cap.tier_at_most
        )
        for j, test in enumerate(cap.when):
            for bound, value in bounds_of(test).items():
                fields[f"cap__{i}__{j}__{bound}"] = _number(model, test.signal, bound, value)
    for i, test in enumerate(model.growth_gate):
        fields[f"gate__{i}__on"] = forms.BooleanField(
            required=False, label=f"{_label(model, test.signal)} is asked for", initial=True
        )
        for bound, value in bounds_of(test).items():
            fields[f"gate__{i}__{bound}"] = _number(model, test.signal, bound, value)
    for signal in model.signals:
        for i, variant in enumerate(signal.variants):
            if variant.normalise is not None:
                for key, value in shape_fields(variant.normalise).items():
                    fields[f"variant__{signal.name}__{i}__{key}"] = forms.FloatField(
                        label=key.replace("_", " "), initial=f"{value:.10g}", widget=_decimal()
                    )
    return fields


def rules_of(clean: Mapping[str, Any]) -> Rules:
    """What was filled in."""
    sla: dict[tuple[str, str], int | None] = {}
    caps: dict[int, str] = {}
    cap_bounds: dict[tuple[int, int, str], float] = {}
    gate: dict[int, bool] = {}
    gate_bounds: dict[tuple[int, str], float] = {}
    variants: dict[tuple[str, int], dict[str, float]] = {}
    for name, value in clean.items():
        match name.split("__"):
            case ["sla", tier, what]:
                sla[tier, what] = value
            case ["cap", i, "tier"]:
                caps[int(i)] = value
            case ["cap", i, j, bound]:
                cap_bounds[int(i), int(j), bound] = value
            case ["gate", i, "on"]:
                gate[int(i)] = value
            case ["gate", i, bound]:
                gate_bounds[int(i), bound] = value
            case ["variant", signal, i, key]:
                variants.setdefault((signal, int(i)), {})[key] = value
    return Rules(sla, caps, cap_bounds, gate, gate_bounds, variants)


def levels(form: forms.Form, model: ScoreModel) -> list[Levels]:
    """Service levels by tier, worst first."""
    return [
        Levels(tier.label, tuple(form[f"sla__{tier.name}__{what}"] for what in SLA)) for tier in model.tiers
    ]


def caps(form: forms.Form, model: ScoreModel) -> list[Limit]:
    """The caps, in the order of the model."""
    return [
        Limit(
            cap.label,
            " and ".join(_test_words(model, test) for test in cap.when)
            + (f"; {describe_scope(cap.scope)}" if cap.scope else "")
            + ("; takes effect at once" if cap.hard_event else ""),
            form[f"cap__{i}__tier"],
            tuple(form[f"cap__{i}__{j}__{b}"] for j, test in enumerate(cap.when) for b in bounds_of(test)),
        )
        for i, cap in enumerate(model.caps)
    ]


def gate(form: forms.Form, model: ScoreModel) -> list[Limit]:
    """What a top score has to have as well, to be shown in the top tier."""
    return [
        Limit(
            _label(model, test.signal),
            _test_words(model, test),
            form[f"gate__{i}__on"],
            tuple(form[f"gate__{i}__{b}"] for b in bounds_of(test)),
        )
        for i, test in enumerate(model.growth_gate)
    ]


def variants(form: forms.Form, signal: Any) -> list[tuple[str, list[forms.BoundField]]]:
    """For whom a signal is measured against something else, with the numbers; none where it is left out for them."""
    return [
        (
            describe_scope(variant.when) + ("" if variant.applies else ": not measured"),
            [form[f"variant__{signal.name}__{i}__{key}"] for key in shape_fields(variant.normalise)]
            if variant.normalise is not None
            else [],
        )
        for i, variant in enumerate(signal.variants)
    ]


def _number(model: ScoreModel, signal: str, bound: str, value: float) -> forms.FloatField:
    return forms.FloatField(
        label=f"{_label(model, signal)} {BOUND_WORDS[bound]}", initial=f"{value:.10g}", widget=_decimal()
    )


def _decimal() -> forms.NumberInput:
    return forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})


def _test_words(model: ScoreModel, test: Any) -> str:
    return str(test.sentence()).replace(test.signal, _label(model, test.signal), 1)


def _label(model: ScoreModel, signal: str) -> str:
    return next((s.label for s in model.signals if s.name == signal), signal)
