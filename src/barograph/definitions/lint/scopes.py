"""Rules on scopes: attributes that exist, and variants and thresholds that are reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from barograph.definitions.base import Scalar, Scope
from barograph.definitions.describe import describe_scope
from barograph.definitions.lint.rule import Context, Finding, Rule, at
from barograph.definitions.lint.schema import ACCOUNT_STATE, Schema
from barograph.definitions.lint.shapes import shapes_of
from barograph.definitions.nearest import nearest
from barograph.definitions.normalise import PercentileShape


def attribute_problem(schema: Schema, name: str) -> str | None:
    """Why a scope cannot test this, or None. Without data, only what looks like a misspelling is one."""
    attributes = schema.tables.get("accounts", {})
    if name in ACCOUNT_STATE or (schema.from_data and name in attributes):
        return None
    guess = nearest(name, {*ACCOUNT_STATE, *(attributes if schema.from_data else ())})
    if guess:
        return f'accounts have no "{name}". Nearest: "{guess}".'
    return f'accounts have no "{name}".' if schema.from_data else None


class ScopeTestsAnAttribute(Rule):
    id = "BG-W019"
    severity = "warning"
    title = "scope on an attribute that accounts do not have"
    reason = "It matches no account, so the line for it is never used."

    def check(self, context: Context) -> Iterator[Finding]:
        model = context.model
        scopes: list[tuple[str, Scope]] = [
            (at(s, f"variants {n}"), v.when) for s in model.signals for n, v in enumerate(s.variants, 1)
        ]
        scopes += [(f"threshold {n}", t.when) for n, t in enumerate(model.thresholds, 1)]
        if model.overlay is not None:
            scopes.append(("overlay > scope", model.overlay.scope))
            cadences = enumerate(model.overlay.cadence, 1)
            scopes += [(f"overlay > cadence {n} > when", cadence.when) for n, cadence in cadences]
        scopes += [(f'cap "{cap.name}" > scope', cap.scope) for cap in model.caps]
        scopes += [(f'target "{target.name}" > scope', target.scope) for target in model.targets]
        named = [(where, name) for where, scope in scopes for name in scope]
        named += [
            (at(s, f"{key} > within"), shape.within)
            for s in model.signals
            for key, shape in shapes_of(s)
            if isinstance(shape, PercentileShape)
        ]
        for where, name in named:
            problem = attribute_problem(context.schema, name)
            if problem:
                yield self.found(
                    where, problem, f"Known: {', '.join(ACCOUNT_STATE)} and your own attributes."
                )


class FirstMatchLeavesSomething(Rule):
    id = "BG-W020"
    severity = "warning"
    title = "variant or threshold that is never reached"
    reason = "The first match wins, so what an earlier line covers never gets here."

    def check(self, context: Context) -> Iterator[Finding]:
        for signal in context.model.signals:
            yield from self._reached(at(signal, "variants"), [v.when for v in signal.variants])
            for number, variant in enumerate(signal.variants, 1):
                if not variant.applies and variant.normalise is not None:
                    yield self.found(
                        at(signal, f"variants {number}"),
                        "it has a shape and applies = false.",
                        "Remove one of the two.",
                    )
        yield from self._reached("threshold", [t.when for t in context.model.thresholds])

    def _reached(self, where: str, scopes: Sequence[Scope]) -> Iterator[Finding]:
        for later, scope in enumerate(scopes):
            for earlier in range(later):
                if covers(scopes[earlier], scope):
                    yield self.found(
                        f"{where} {later + 1}",
                        f"{describe_scope(scope)}: number {earlier + 1} ({describe_scope(scopes[earlier])}) "
                        "matches first.",
                        "Put the narrower one first, or remove it.",
                    )
                    break


def covers(wide: Scope, narrow: Scope) -> bool:
    """Every account in `narrow` is in `wide`."""
    return all(
        name in narrow and set(_values(narrow[name])) <= set(_values(test)) for name, test in wide.items()
    )


def _values(test: Scalar | tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    return test if isinstance(test, tuple) else (test,)


SCOPE_RULES: tuple[Rule, ...] = (ScopeTestsAnAttribute(), FirstMatchLeavesSomething())
