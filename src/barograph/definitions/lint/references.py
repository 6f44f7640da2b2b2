"""Rules on what points at something else: named signals, ratios, who is scored and what is lost."""

from __future__ import annotations

from collections.abc import Iterator

from barograph.definitions.base import SignalTest
from barograph.definitions.lint.rule import Context, Finding, Rule, at
from barograph.definitions.lint.schema import RESERVED_NAMES
from barograph.definitions.lint.sources import nearest_or_all
from barograph.definitions.nearest import nearest
from barograph.definitions.signal import PerSeat, Ratio, Signal

_BOUNDS = ("at_least", "at_most", "above", "below", "missing")


def _parts(signal: Signal) -> tuple[tuple[str, str], ...]:
    if isinstance(signal, Ratio):
        return (("numerator", signal.numerator), ("denominator", signal.denominator))
    return (("numerator", signal.numerator),) if isinstance(signal, PerSeat) else ()


def _tests(context: Context) -> Iterator[tuple[str, SignalTest]]:
    model = context.model
    for cap in model.caps:
        for test in cap.when:
            yield f'cap "{cap.name}" > when', test
    for number, test in enumerate(model.growth_gate, 1):
        yield f"growth_gate {number}", test
    for target in model.targets:
        yield f'target "{target.name}" > test', target.test


class KnownSignal(Rule):
    id = "BG-E012"
    severity = "error"
    title = "a cap, gate, target, ratio or the review names a signal that is not there"
    reason = "It could never take effect."

    def check(self, context: Context) -> Iterator[Finding]:
        names = [s.name for s in context.model.signals]
        named = [(place, test.signal) for place, test in _tests(context)]
        named += [(at(s, key), part) for s in context.model.signals for key, part in _parts(s)]
        named += [("review > growth_signals", name) for name in context.model.review.growth_signals]
        for place, name in named:
            if name not in names:
                guess = nearest(name, names)
                fix = f'Nearest: "{guess}".' if guess else "Declare the signal (weight = 0 is enough)."
                yield self.found(place, f'there is no signal "{name}".', fix)


class NameIsFree(Rule):
    id = "BG-E018"
    severity = "error"
    title = "signal named like something that every row of signals has"
    reason = "Values are stored in columns by signal name, beside the account's state."

    def check(self, context: Context) -> Iterator[Finding]:
        for signal in context.model.signals:
            name = signal.name
            if name in RESERVED_NAMES or name.startswith("attr_") or name.endswith(("__n", "__why")):
                yield self.found(
                    at(signal, "name"), f'"{name}" is taken by the account\'s state.', "Rename it."
                )


class NoCircle(Rule):
    id = "BG-E013"
    severity = "error"
    title = "ratios that lead back to themselves"
    reason = "Such a value is defined by itself."

    def check(self, context: Context) -> Iterator[Finding]:
        parts = {s.name: [part for _, part in _parts(s)] for s in context.model.signals}
        for signal in context.model.signals:
            path = _path_back(signal.name, parts)
            if path:
                yield self.found(
                    at(signal), f"it is made of itself: {' > '.join(path)}.", "Break the circle."
                )


def _path_back(start: str, parts: dict[str, list[str]]) -> list[str] | None:
    """A way from `start` through its parts back to it."""
    open_paths = [[start]]
    seen: set[str] = set()
    while open_paths:
        path = open_paths.pop()
        for part in parts.get(path[-1], ()):
            if part == start:
                return [*path, part]
            if part not in seen:
                seen.add(part)
                open_paths.append([*path, part])
    return None


class TestAsksSomething(Rule):
    id = "BG-E014"
    severity = "error"
    title = "test without a bound"
    reason = "A test that asks nothing holds for every account, or for none."

    def check(self, context: Context) -> Iterator[Finding]:
        for place, test in _tests(context):
            if all(getattr(test, bound) is None for bound in _BOUNDS):
                yield self.found(
                    place, f'the test of "{test.signal}" has no bound.', f"Add one of {', '.join(_BOUNDS)}."
                )


class PopulationAndOutcomeAreDeclared(Rule):
    id = "BG-E015"
    severity = "error"
    title = "who is scored, or what is lost, is not fully declared"
    reason = "Without it nobody would be scored, or nothing could be learned."

    def check(self, context: Context) -> Iterator[Finding]:
        population, outcome, schema = context.model.population, context.model.outcome, context.schema
        if population.rule == "activity" and population.source is None:
            yield self.found("population > source", 'rule = "activity" needs a source.', "Name a table.")
        if population.source is not None and not schema.knows_table(population.source):
            hint = nearest_or_all(population.source, schema)
            yield self.found("population > source", f'there is no table "{population.source}".', hint)
        if population.rule == "contracts" and "contracts" not in schema.tables:
            yield self.found(
                "population > rule",
                'rule = "contracts", and your data has no contracts.',
                'Use rule = "activity" with a source, or "accounts".',
            )
        if outcome.source == "lapse" and outcome.lapse is None:
            yield self.found(
                "outcome > lapse", 'source = "lapse" needs [outcome.lapse].', "Declare the rule."
            )
        if outcome.lapse is not None:
            if not schema.knows_table(outcome.lapse.source):
                hint = nearest_or_all(outcome.lapse.source, schema)
                yield self.found("outcome > lapse > source", f'no table "{outcome.lapse.source}".', hint)
            for column in outcome.lapse.where:
                problem = schema.problem(outcome.lapse.source, column)
                if problem:
                    yield self.found("outcome > lapse > where", problem, "Correct the name.")


REFERENCE_RULES: tuple[Rule, ...] = (
    KnownSignal(),
    NameIsFree(),
    NoCircle(),
    TestAsksSomething(),
    PopulationAndOutcomeAreDeclared(),
)
