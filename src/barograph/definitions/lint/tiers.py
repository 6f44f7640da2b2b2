"""Rules on tiers: lines in order in every scope, definitions, caps and a gate that can take effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from barograph.definitions.base import TierName
from barograph.definitions.describe import describe_scope
from barograph.definitions.lint.rule import Context, Finding, Rule, points


class ThresholdsOrdered(Rule):
    id = "BG-E004"
    severity = "error"
    title = "tier lines out of order, or none at 0"
    reason = "Every score from 0 to 100 must reach exactly one tier, in every scope."

    def check(self, context: Context) -> Iterator[Finding]:
        lines = {tier.name: tier.from_score for tier in context.model.tiers}
        yield from self._ordered("tiers", lines)
        for number, override in enumerate(context.model.thresholds, 1):
            where = f"threshold {number} ({describe_scope(override.when)})"
            for name in override.from_score:
                if name not in lines:
                    yield self.found(where, f'the model has no tier "{name}".', f"Known: {', '.join(lines)}.")
            merged = {name: override.from_score.get(name, line) for name, line in lines.items()}
            if merged != lines:
                yield from self._ordered(where, merged)

    def _ordered(self, where: str, lines: Mapping[TierName, float]) -> Iterator[Finding]:
        names = list(lines)
        if lines[names[0]] != 0:
            yield self.found(
                where, f"{names[0]} begins at {points(lines[names[0]])}.", "Let the lowest tier begin at 0."
            )
        for lower, upper in pairwise(names):
            if lines[upper] <= lines[lower]:
                yield self.found(
                    where,
                    f"{upper} begins at {points(lines[upper])}, not above {lower} ({points(lines[lower])}).",
                    f"Raise {upper} or lower {lower}.",
                )


class CapReachesATier(Rule):
    id = "BG-E005"
    severity = "error"
    title = "cap on a tier that the model does not have, or on the best one"
    reason = "Such a cap would never change anything."

    def check(self, context: Context) -> Iterator[Finding]:
        names = [tier.name for tier in context.model.tiers]
        for cap in context.model.caps:
            where = f'cap "{cap.name}" > tier_at_most'
            if cap.tier_at_most not in names:
                yield self.found(
                    where, f'the model has no tier "{cap.tier_at_most}".', f"Known: {', '.join(names)}."
                )
            elif cap.tier_at_most == names[-1] and cap.score_at_most is None:
                yield self.found(
                    where, f"{cap.tier_at_most} is the best tier.", "Name a lower tier, or set score_at_most."
                )


class TierHasDefinition(Rule):
    id = "BG-W006"
    severity = "warning"
    title = "tier without a written definition"
    reason = "A colour that nobody defined means something else to everyone (H1)."

    def check(self, context: Context) -> Iterator[Finding]:
        for tier in context.model.tiers:
            if not tier.definition.strip():
                yield self.found(
                    f'tier "{tier.name}"', "it has no definition.", "Write what is true of an account in it."
                )


class GateAndGrowthGoTogether(Rule):
    id = "BG-W007"
    severity = "warning"
    title = "Growth without a gate, or a gate without Growth"
    reason = "Growth means the top band and a declared sign of readiness; a high score alone is not one."

    def check(self, context: Context) -> Iterator[Finding]:
        has_growth = any(tier.name == "growth" for tier in context.model.tiers)
        if has_growth and not context.model.growth_gate:
            yield self.found(
                "growth_gate", "there is a growth tier and no gate.", "Declare one or more tests."
            )
        if context.model.growth_gate and not has_growth:
            yield self.found(
                "growth_gate", "there is a gate and no growth tier.", "Add the tier or remove the gate."
            )


class HysteresisFitsBands(Rule):
    id = "BG-W008"
    severity = "warning"
    title = "hysteresis wider than a tier"
    reason = "An account could only leave the tier below it by jumping over this one (H3)."

    def check(self, context: Context) -> Iterator[Finding]:
        if not context.model.damping.enabled:
            return
        lines = {tier.name: tier.from_score for tier in context.model.tiers}
        every = [("tiers", lines)]
        for number, override in enumerate(context.model.thresholds, 1):
            merged = {name: override.from_score.get(name, line) for name, line in lines.items()}
            every.append((f"threshold {number} ({describe_scope(override.when)})", merged))
        hysteresis = context.model.damping.hysteresis
        for where, merged in every:
            names = list(merged)
            for lower, upper in pairwise(names[1:]):
                width = merged[upper] - merged[lower]
                if 0 < width <= hysteresis:
                    yield self.found(
                        where,
                        f"{lower} is {points(width)} points wide, the hysteresis {points(hysteresis)}.",
                        "Widen the tier or lower damping > hysteresis.",
                    )


class StageSaysWhatItStandsOn(Rule):
    id = "BG-W009"
    severity = "warning"
    title = "stage without the outcomes it stands on"
    reason = "The label says what a score stands on; only heuristic stands on none (L3)."

    def check(self, context: Context) -> Iterator[Finding]:
        model = context.model
        if model.stage != "heuristic" and model.outcomes_behind == 0:
            yield self.found(
                "model > stage",
                f"{model.stage} on 0 outcomes.",
                "Set outcomes_behind, or stage to heuristic.",
            )


TIER_RULES: tuple[Rule, ...] = (
    ThresholdsOrdered(),
    CapReachesATier(),
    TierHasDefinition(),
    GateAndGrowthGoTogether(),
    HysteresisFitsBands(),
    StageSaysWhatItStandsOn(),
)
