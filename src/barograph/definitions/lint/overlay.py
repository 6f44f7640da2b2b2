"""Rules on the overlay: a pulse is used once, and what decides a tier can be reached."""

from __future__ import annotations

from collections.abc import Iterator

from barograph.definitions.base import Scope
from barograph.definitions.describe import describe_scope
from barograph.definitions.lint.rule import Context, Finding, Rule, at
from barograph.definitions.lint.scopes import covers
from barograph.definitions.model import ScoreModel
from barograph.definitions.signal import PerSeat, Ratio, Signal

PULSES = "pulses"


def pulse_signals(model: ScoreModel) -> frozenset[str]:
    """Names of the signals that read pulses, or are made of some that do."""
    found = {s.name for s in model.signals if getattr(s, "source", None) == PULSES}
    derived = [s for s in model.signals if isinstance(s, Ratio | PerSeat)]
    for _ in derived:
        found |= {s.name for s in derived if {s.numerator, getattr(s, "denominator", "")} & found}
    return frozenset(found)


def no_weight(model: ScoreModel) -> frozenset[str]:
    """Pulse signals that may carry no weight, because they apply to accounts whose pulse is overlay."""
    rule = model.overlay
    if rule is None:
        return frozenset()
    own = pulse_signals(model)
    return frozenset(s.name for s in model.signals if s.name in own and not _left_out(s, rule.scope))


def scores_overlaid(model: ScoreModel) -> Iterator[tuple[Signal, str]]:
    """(signal, what uses it): pulse signals that count for accounts whose pulse is overlay."""
    rule = model.overlay
    if rule is None:
        return
    own, barred = pulse_signals(model), no_weight(model)
    for signal in model.signals:
        if signal.name not in own:
            continue
        if signal.weight > 0 and signal.name in barred:
            yield signal, "weight"
        for cap in model.caps:
            used = any(test.signal == signal.name for test in cap.when)
            if used and not apart(cap.scope, rule.scope):
                yield signal, f'cap "{cap.name}"'
        if any(test.signal == signal.name for test in model.growth_gate):
            yield signal, "growth_gate"


def apart(one: Scope, other: Scope) -> bool:
    """No account can be in both: they name different values of the same attribute."""
    return any(not set(_values(one[name])) & set(_values(other[name])) for name in one.keys() & other.keys())


def _left_out(signal: Signal, scope: Scope) -> bool:
    """The signal does not apply to any account in the scope: a variant that covers it says so, before any other
    that some of them could meet."""
    for variant in signal.variants:
        if covers(variant.when, scope):
            return not variant.applies
        if variant.applies and not apart(variant.when, scope):
            return False
    return False


def _values(test: object) -> tuple[object, ...]:
    return test if isinstance(test, tuple) else (test,)


class PulseIsUsedOnce(Rule):
    id = "BG-E020"
    severity = "error"
    title = "pulse as overlay and as signal for the same accounts"
    reason = "One judgement would count twice: in the score, and again in the tier that is shown."

    def check(self, context: Context) -> Iterator[Finding]:
        rule = context.model.overlay
        for signal, use in scores_overlaid(context.model):
            accounts = describe_scope(rule.scope) if rule is not None and rule.scope else "all accounts"
            yield self.found(
                at(signal, use),
                f"it reads {PULSES}, and [overlay] holds for {accounts}.",
                "Set its weight to 0 and take it out of caps and gate, leave these accounts out by a variant with "
                "applies = false, or narrow overlay > scope.",
            )


class CadenceOutlastsThePulse(Rule):
    id = "BG-W021"
    severity = "warning"
    title = "pulse that expires before the next is due"
    reason = "The account would be without a judgement for part of every period."

    def check(self, context: Context) -> Iterator[Finding]:
        rule = context.model.overlay
        if rule is None:
            return
        terms = [("overlay", rule.every_days, rule.valid_days)]
        terms += [
            (f"overlay > cadence {n}", c.every_days, c.valid_days) for n, c in enumerate(rule.cadence, 1)
        ]
        for where, every, valid in terms:
            if valid < every:
                yield self.found(
                    where,
                    f"due every {every} days, in force for {valid}.",
                    f"Set valid_days to {every} or more; half as long again leaves time to write it.",
                )


OVERLAY_RULES: tuple[Rule, ...] = (PulseIsUsedOnce(), CadenceOutlastsThePulse())
