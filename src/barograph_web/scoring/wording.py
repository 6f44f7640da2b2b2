"""A model as a CS leader reads it: components and their signals, lines between tiers, caps, gate, what is owed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from barograph.definitions.base import SignalTest
from barograph.definitions.describe import describe_scope, describe_shape, describe_signal
from barograph.definitions.lint import lint
from barograph.definitions.lint.rule import Finding
from barograph.definitions.model import ScoreModel, TierBand
from barograph.definitions.signal import Signal
from barograph_web.scoring.shapes import curve

_MISSING = {
    "redistribute": "unknown: its points go to the other signals",
    "neutral": "unknown: counts as neutral",
    "insufficient": "unknown: no score",
}
LABELS = {
    "heuristic": "HEURISTIC",
    "validated_heuristic": "VALIDATED HEURISTIC",
    "blended": "BLENDED",
    "predictive": "PREDICTIVE",
}
MEANINGS = {
    "heuristic": "its weights are opinion; no outcome has checked them yet",
    "validated_heuristic": "its weights are opinion that past renewals have borne out",
    "blended": "its weights are opinion moved by past renewals",
    "predictive": "its weights come from past renewals",
}


@dataclass(frozen=True, slots=True)
class SignalWords:
    """One signal. low, high: interval of its weight; data_share: how much of the weight came from data, 0 to 1;
    None where nobody measured it. variants: other shapes and whom they hold for."""

    name: str
    label: str
    weight: float
    measures: str
    shape: str
    curve: str
    when_missing: str
    activity: bool
    note: str
    low: float | None
    high: float | None
    data_share: float | None
    variants: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ComponentWords:
    """One component; its weight is the sum of its signals'. sentence: "Relationship 35: sponsor active (20), …"."""

    name: str
    label: str
    meaning: str
    weight: float
    signals: tuple[SignalWords, ...]

    @property
    def sentence(self) -> str:
        parts = ", ".join(f"{s.label} ({s.weight:g})" for s in self.signals)
        return f"{self.label} {self.weight:g}: {parts}"


@dataclass(frozen=True, slots=True)
class TierWords:
    """One tier. owed: what is owed in working days, in words."""

    name: str
    label: str
    from_score: float
    definition: str
    owed: str


@dataclass(frozen=True)
class ModelWords:
    """A whole model in words."""

    title: str
    purpose: str
    label: str
    label_words: str
    meaning: str
    outcomes: int
    components: tuple[ComponentWords, ...]
    candidates: tuple[SignalWords, ...]
    tiers: tuple[TierWords, ...]
    lines: tuple[tuple[str, Mapping[str, float]], ...]
    gate: tuple[str, ...]
    caps: tuple[str, ...]
    targets: tuple[str, ...]
    rules: tuple[str, ...]


def in_words(model: ScoreModel, figures: Mapping[str, Any] | None = None) -> ModelWords:
    """The model in words; figures: of its version or proposal, for the intervals of weights."""
    measured = {entry["name"]: entry for entry in (figures or {}).get("signals", ()) if "name" in entry}
    words = {s.name: _signal(s, measured.get(s.name, {})) for s in model.signals}
    labels = {s.name: s.label for s in model.signals}
    return ModelWords(
        title=model.title,
        purpose=model.purpose,
        label=model.stage,
        label_words=LABELS[model.stage],
        meaning=MEANINGS[model.stage],
        outcomes=model.outcomes_behind,
        components=tuple(_components(model, words)),
        candidates=tuple(words[s.name] for s in model.candidates),
        tiers=tuple(_tier(tier) for tier in model.tiers),
        lines=tuple((describe_scope(t.when), dict(t.from_score)) for t in model.thresholds),
        gate=tuple(_test(test, labels) for test in model.growth_gate),
        caps=tuple(_caps(model, labels)),
        targets=tuple(
            f"{t.label}: {_test(t.test, labels)} ({describe_scope(t.scope)})" for t in model.targets
        ),
        rules=tuple(_rules(model)),
    )


def findings(model: ScoreModel, columns: Mapping[str, Mapping[str, str]] | None = None) -> list[Finding]:
    """Lint findings, errors first."""
    return lint(model, columns)


def _components(model: ScoreModel, words: Mapping[str, SignalWords]) -> Iterable[ComponentWords]:
    homes = {c.name for c in model.components}
    for component in model.components:
        inside = tuple(words[s.name] for s in model.scored if s.component == component.name)
        if inside:
            weight = sum(s.weight for s in inside)
            yield ComponentWords(component.name, component.label, component.meaning, weight, inside)
    rest = tuple(words[s.name] for s in model.scored if s.component not in homes)
    if rest:
        yield ComponentWords("", "Without a component", "", sum(s.weight for s in rest), rest)


def _signal(signal: Signal, measured: Mapping[str, Any]) -> SignalWords:
    return SignalWords(
        name=signal.name,
        label=signal.label,
        weight=signal.weight,
        measures=describe_signal(signal),
        shape=describe_shape(signal.normalise),
        curve=curve(signal.normalise, signal.label, signal.unit),
        when_missing=_MISSING[signal.missing],
        activity=signal.kind == "activity",
        note=signal.note,
        low=measured.get("weight_low"),
        high=measured.get("weight_high"),
        data_share=measured.get("data_share"),
        variants=tuple(
            (
                describe_scope(variant.when),
                "not measured" if not variant.applies
                else "as for everybody" if variant.normalise is None
                else describe_shape(variant.normalise),
            )
            for variant in signal.variants
        ),
    )  # fmt: skip


def _tier(tier: TierBand) -> TierWords:
    owed = [
        f"{what} in {days} working day{'' if days == 1 else 's'}"
        for what, days in (
            ("an owner", tier.sla.owner_days),
            ("a touch", tier.sla.touch_days),
            ("a plan", tier.sla.plan_days),
        )
        if days is not None
    ]
    return TierWords(tier.name, tier.label, tier.from_score, tier.definition, ", ".join(owed))


def _test(test: SignalTest, labels: Mapping[str, str]) -> str:
    return test.sentence().replace(test.signal, labels.get(test.signal, test.signal), 1)


def _caps(model: ScoreModel, labels: Mapping[str, str]) -> Iterable[str]:
    names = {tier.name: tier.label for tier in model.tiers}
    for cap in model.caps:
        tests = " and ".join(_test(test, labels) for test in cap.when)
        whom = "" if not cap.scope else f" (only {describe_scope(cap.scope)})"
        points = "" if cap.score_at_most is None else f", and the score at {cap.score_at_most:g}"
        hard = ", at once" if cap.hard_event else ""
        yield f"{cap.label}: when {tests}{whom}, at most {names.get(cap.tier_at_most, cap.tier_at_most)}{points}{hard}"


def _rules(model: ScoreModel) -> Iterable[str]:
    yield f"Below {model.min_coverage:.0%} of the weight known there is no score: insufficient data, grey, never green."
    damping = model.damping
    if damping.enabled:
        yield (
            f"A tier shows after {damping.confirmations} weekly scores agree, and a lower one is left "
            f"{damping.hysteresis:g} points above its line; a fall of {damping.immediate_drop:g} points under the line "
            "and hard events do not wait."
        )
    else:
        yield "The tier of every week is shown as it is, without damping."
    rollup = model.rollup
    yield (
        f"Scored per {rollup.unit}; parts are rolled up by {rollup.score.replace('_', ' ')}, "
        f"and the tier follows the {rollup.tier.replace('_', ' ')} part."
    )
    outcome = model.outcome
    yield (
        f"An outcome is downsold at {outcome.downsold_at_most:.0%} of the revenue or less, expanded at "
        f"{outcome.expanded_at_least:.0%} or more; checked {', '.join(map(str, outcome.horizons_days))} days before "
        "the decision."
    )
