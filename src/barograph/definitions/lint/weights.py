"""Rules on weights and components: what the points are, and where they stand."""

from __future__ import annotations

from collections.abc import Iterator

from barograph.definitions.lint.rule import Context, Finding, Rule, at, points
from barograph.definitions.nearest import nearest

MOST_SCORED = 8
FEWEST_SCORED = 3
DOMINATES = 40.0


class WeightsSumTo100(Rule):
    id = "BG-E001"
    severity = "error"
    title = "weights do not sum to 100"
    reason = "A weight is points of 100, so that a reader can add up a score."

    def check(self, context: Context) -> Iterator[Finding]:
        total = context.total
        if abs(total - 100) > 1e-9:
            sums = " + ".join(points(s.weight) for s in context.model.scored) or "no signal has a weight"
            missing = 100 - total
            fix = f"Add {points(missing)} points." if missing > 0 else f"Take {points(-missing)} points away."
            yield self.found("model", f"the weights sum to {points(total)} ({sums}), not to 100.", fix)


class ScoredSignalHasComponent(Rule):
    id = "BG-E002"
    severity = "error"
    title = "scored signal without a component, or component that is not declared"
    reason = "A score is read component by component; points that stand in none could not be shown."

    def check(self, context: Context) -> Iterator[Finding]:
        names = [c.name for c in context.model.components]
        for signal in context.model.signals:
            if signal.component is None:
                if signal.weight > 0:
                    yield self.found(
                        at(signal),
                        f"weighs {points(signal.weight)} and stands in no component.",
                        f"Set component to one of {', '.join(names)}.",
                    )
            elif signal.component not in names:
                guess = nearest(signal.component, names)
                fix = f'Nearest: "{guess}".' if guess else f"Known: {', '.join(names)}."
                yield self.found(at(signal, "component"), f'there is no component "{signal.component}".', fix)


class NamesDiffer(Rule):
    id = "BG-E003"
    severity = "error"
    title = "a component, cap or target is there twice"
    reason = "Lines of a score are found by their name."

    def check(self, context: Context) -> Iterator[Finding]:
        parts = {
            "component": [c.name for c in context.model.components],
            "cap": [c.name for c in context.model.caps],
            "target": [t.name for t in context.model.targets],
        }
        for kind, names in parts.items():
            for name in sorted({n for n in names if names.count(n) > 1}):
                yield self.found(
                    f'{kind} "{name}"', f"the name is used {names.count(name)} times.", "Rename one."
                )


class OneSignalDominates(Rule):
    id = "BG-W001"
    severity = "warning"
    title = "one signal dominates"
    reason = "A score that one signal can turn by itself is that signal, not a picture of the account (L2)."

    def check(self, context: Context) -> Iterator[Finding]:
        for signal in context.model.scored:
            if signal.weight > DOMINATES:
                weight = f"{points(signal.weight)} of {points(context.total)} points"
                yield self.found(
                    at(signal, "weight"),
                    f"{weight}; {points(DOMINATES)} is the most.",
                    "Give part of its points to signals that say something else.",
                )


class TooManySignals(Rule):
    id = "BG-W002"
    severity = "warning"
    title = "too many scored signals"
    reason = "Nobody can act on more, and each signal needs outcomes of its own to be checked (L2)."

    def check(self, context: Context) -> Iterator[Finding]:
        scored = context.model.scored
        if len(scored) > MOST_SCORED:
            lightest = ", ".join(
                s.name for s in sorted(scored, key=lambda s: s.weight)[: len(scored) - MOST_SCORED]
            )
            yield self.found(
                "model",
                f"{len(scored)} signals carry weight; {MOST_SCORED} is the most.",
                f"Make the lightest candidates (weight = 0): {lightest}.",
            )


class TooFewSignals(Rule):
    id = "BG-W003"
    severity = "warning"
    title = "too few scored signals"
    reason = "With fewer, one missing or late feed decides the score."

    def check(self, context: Context) -> Iterator[Finding]:
        count = len(context.model.scored)
        if count < FEWEST_SCORED:
            yield self.found(
                "model",
                f"{count} {'signal carries' if count == 1 else 'signals carry'} weight; "
                f"{FEWEST_SCORED} is the fewest.",
                "Give weight to candidates that say something else.",
            )


class ComponentWithoutSignal(Rule):
    id = "BG-W004"
    severity = "warning"
    title = "component without a scored signal"
    reason = "Its card would be empty for every account."

    def check(self, context: Context) -> Iterator[Finding]:
        used = {s.component for s in context.model.scored}
        for component in context.model.components:
            if component.name not in used:
                yield self.found(
                    f'component "{component.name}"',
                    "no signal with a weight stands in it.",
                    "Give one of its signals a weight, or remove it.",
                )


class OneSignalMakesAScore(Rule):
    id = "BG-W005"
    severity = "warning"
    title = "so little coverage is asked for that one signal makes a score"
    reason = "An account about which one thing is known is unknown, not healthy (S6)."

    def check(self, context: Context) -> Iterator[Finding]:
        scored = context.model.scored
        if len(scored) < 2:
            return
        heaviest = max(scored, key=lambda s: s.weight)
        share = heaviest.weight / context.total
        if context.model.min_coverage <= share:
            yield self.found(
                "model > min_coverage",
                f'{context.model.min_coverage:g} is met by "{heaviest.name}" alone ({share:.2g}).',
                "Ask for 0.5 or more.",
            )


WEIGHT_RULES: tuple[Rule, ...] = (
    WeightsSumTo100(),
    ScoredSignalHasComponent(),
    NamesDiffer(),
    OneSignalDominates(),
    TooManySignals(),
    TooFewSignals(),
    ComponentWithoutSignal(),
    OneSignalMakesAScore(),
)
