"""What precedes escalations (E1): how often something was so in the days before one, against accounts without. Pure.

A case is an account's first escalation of the period, looked at in the days before it. A control is an
account without any in the period, looked at in a window of the same length that ends on a case's day: the
days of the cases are dealt out in turn, so that both sides see the same seasons. One account counts once.
These are associations, not causes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from barograph.learning.estimates import wilson


@dataclass(frozen=True, slots=True)
class Window:
    """One account's days before an anchor: which patterns were so. None: it cannot be told for this account."""

    account_id: str
    anchor: date
    patterns: Mapping[str, bool | None]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern on both sides. gap: rate before escalations less rate without, with its interval at a level that
    allows for all patterns that were tried. stands_out: the whole interval of the gap lies above or below zero."""

    name: str
    label: str
    before: tuple[int, int, float, float, float]
    """Events, n, rate, low, high."""
    without: tuple[int, int, float, float, float]
    gap: tuple[float, float, float]
    stands_out: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name, "label": self.label, "before": list(self.before), "without": list(self.without),
            "gap": list(self.gap), "stands_out": self.stands_out,
        }  # fmt: skip


def anchors_for(controls: Sequence[str], days: Sequence[date]) -> dict[str, date]:
    """Control -> the day that its window ends before: the cases' days in turn, by account id, so that it is the same
    every time. Raises ValueError without days."""
    if not days:
        raise ValueError("there are no cases to take days from")
    ordered = sorted(days)
    return {account: ordered[place % len(ordered)] for place, account in enumerate(sorted(controls))}


def compare(
    cases: Sequence[Window], controls: Sequence[Window], labels: Mapping[str, str], least: int
) -> list[Pattern]:
    """The patterns with at least `least` accounts on each side for which they can be told, the largest gap first.

    labels: name -> words of every pattern that is tried. Intervals of rates are 95%; that of the gap is Newcombe's
    (1998, method 10) at 95% over all patterns together (Bonferroni).
    """
    told = {name: (_counts(cases, name), _counts(controls, name)) for name in labels}
    enough = {name: pair for name, pair in told.items() if min(pair[0][1], pair[1][1]) >= least}
    level = 1 - 0.05 / max(1, len(enough))
    found = [_pattern(name, labels[name], *pair, level) for name, pair in enough.items()]
    return sorted(found, key=lambda p: (-abs(p.gap[0]), p.name))


def gap_of(a: int, n_a: int, b: int, n_b: int, level: float) -> tuple[float, float, float]:
    """a/n_a - b/n_b with Newcombe's hybrid score interval (Newcombe 1998, Statistics in Medicine 17, method 10).

    The library's `learning.milestones.newcombe` is the same at 95%; here the level is an argument.
    """
    one, two = wilson(a, n_a, level), wilson(b, n_b, level)
    gap = one.value - two.value
    below = ((one.value - one.low) ** 2 + (two.high - two.value) ** 2) ** 0.5
    above = ((one.high - one.value) ** 2 + (two.value - two.low) ** 2) ** 0.5
    return gap, max(-1.0, gap - below), min(1.0, gap + above)


def _counts(windows: Sequence[Window], name: str) -> tuple[int, int]:
    known = [window.patterns.get(name) for window in windows if window.patterns.get(name) is not None]
    return sum(bool(value) for value in known), len(known)


def _pattern(name: str, label: str, case: tuple[int, int], control: tuple[int, int], level: float) -> Pattern:
    gap = gap_of(*case, *control, level)
    return Pattern(name, label, _rate(*case), _rate(*control), gap, gap[1] > 0 or gap[2] < 0)


def _rate(events: int, n: int) -> tuple[int, int, float, float, float]:
    found = wilson(events, n)
    return events, n, found.value, found.low, found.high
