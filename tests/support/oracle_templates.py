"""Every signal template, the slow way: one function from an account's facts to its value.

Part of the signal oracle. A template sees the facts of one entity that had happened at `as_of`, in no
particular order, and answers with an exact number, the facts behind it (`n`) and, where it has no value, its
own reason. The reasons common to all signals are in `oracle.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

from barograph.definitions import signal as definitions
from support.oracle_facts import Fact, Reading, hours_between, passes, read, rounded
from support.oracle_state import World

Number = Fraction | int | float
NO_RECENT, UNDEFINED, PENDING, TOO_NEW = "no_recent", "undefined", "pending", "too_new"


@dataclass(frozen=True, slots=True)
class Answer:
    """A value, or the reason for none; `n` facts stand behind it either way."""

    value: Number | None
    n: int
    why: str = "known"


@dataclass(frozen=True, slots=True)
class Case:
    """One entity at one day.

    facts: what the source says of it; first_day: the first day it does, whatever a `where` says; start: when
    the account began.
    """

    world: World
    facts: Sequence[Fact]
    first_day: int | None
    start: int | None

    @property
    def as_of(self) -> int:
        return self.world.as_of

    def matching(self, where: definitions.Where) -> list[Fact]:
        return [fact for fact in self.facts if passes(fact, where)]

    def read(self, fact: Fact, measure: str) -> Reading | None:
        return read(fact, measure, self.world.zone)

    def measured(self, found: Sequence[Fact], measure: str | None) -> list[tuple[Fact, Reading]]:
        """Facts with their measure; those without one drop out, and without `measure` every fact counts 1."""
        if measure is None:
            return [(fact, Fraction(1)) for fact in found]
        pairs = [(fact, self.read(fact, measure)) for fact in found]
        return [(fact, reading) for fact, reading in pairs if reading is not None]

    def within(self, found: Sequence[Fact], days: int, *, ending: int = 0) -> list[Fact]:
        """Facts of the window of `days` that ends `ending` days before `as_of` (that day excluded)."""
        last = self.as_of - ending
        return [fact for fact in found if fact.t is not None and last - days <= fact.t < last]

    def window(
        self, signal: definitions.FromSource, measure: str | None = None
    ) -> list[tuple[Fact, Reading]]:
        return self.measured(self.within(self.matching(signal.where), signal.window_days), measure)


def count(signal: definitions.Count, case: Case) -> Answer:
    n = len(case.window(signal))
    return Answer(n, n)


def sum_(signal: definitions.Sum, case: Case) -> Answer:
    found = case.window(signal, signal.measure)
    return Answer(sum(value for _, value in found), len(found))


def mean(signal: definitions.Mean, case: Case) -> Answer:
    found = case.window(signal, signal.measure)
    if not found:
        return Answer(None, 0, NO_RECENT)
    return Answer(sum(value for _, value in found) / len(found), len(found))


def median_(signal: definitions.Median, case: Case) -> Answer:
    found = case.window(signal, signal.measure)
    if not found:
        return Answer(None, 0, NO_RECENT)
    return Answer(median(value for _, value in found), len(found))


def distinct(signal: definitions.Distinct, case: Case) -> Answer:
    found = case.window(signal, signal.measure)
    if signal.per_day:
        different = {(value, fact.t) for fact, value in found}
    else:
        different = {value for _, value in found}
    return Answer(len(different), len(found))


def breadth(signal: definitions.Breadth, case: Case) -> Answer:
    found = case.window(signal, signal.measure)
    times = Counter(value for _, value in found)
    return Answer(sum(1 for rows in times.values() if rows >= signal.min_rows), len(found))


def latest(signal: definitions.Latest, case: Case) -> Answer:
    recent = case.within(case.matching(signal.where), signal.expiry_days)
    found = case.measured(recent, signal.measure)
    if not found:
        return Answer(None, 0, NO_RECENT)
    _, value = max(found, key=lambda pair: pair[0].order())
    return Answer(value, len(found))


def days_since(signal: definitions.DaysSince, case: Case) -> Answer:
    days = [fact.t for fact in case.matching(signal.where) if fact.t is not None]
    if not days:
        return Answer(None, 0, NO_RECENT) if signal.cap_days is None else Answer(signal.cap_days, 0)
    age = case.as_of - (max(days) if signal.which == "last" else min(days))
    return Answer(age if signal.cap_days is None else min(age, signal.cap_days), len(days))


def share(signal: definitions.Share, case: Case) -> Answer:
    base = case.measured(case.within(case.matching(signal.among), signal.window_days), signal.measure)
    whole = sum(value for _, value in base)
    part = sum(value for fact, value in base if passes(fact, signal.where))
    if whole == 0:
        return Answer(None, len(base), UNDEFINED if base else NO_RECENT)
    return Answer(Fraction(part) / whole, len(base))


def aggregate(of: str, found: Sequence[tuple[Fact, Reading]]) -> Number | None:
    """Count, sum, mean or number of different values; the mean of nothing has no value."""
    values = [value for _, value in found]
    if of == "count":
        return len(values)
    if of == "sum":
        return sum(values)
    if of == "distinct":
        return len(set(values))
    return sum(values) / len(values) if values else None


def change(signal: definitions.Change, case: Case) -> Answer:
    return changed(case, case.matching(signal.where), signal.of, signal.measure, signal.window_days)


def power_user_trend(signal: definitions.PowerUserTrend, case: Case) -> Answer:
    powerful = [fact for fact in case.matching(signal.where) if passes(fact, {signal.flag: True})]
    return changed(case, powerful, "distinct", signal.measure, signal.window_days)


def changed(case: Case, found: Sequence[Fact], of: str, measure: str | None, days: int) -> Answer:
    preceding = case.measured(case.within(found, days, ending=days), measure)
    now = aggregate(of, case.measured(case.within(found, days), measure))
    before = aggregate(of, preceding)
    n = len(preceding)
    if case.first_day is not None and case.first_day > case.as_of - 2 * days:
        return Answer(None, n, TOO_NEW)
    if before is None or before == 0 or now is None:
        return Answer(None, n, UNDEFINED)
    return Answer(Fraction(now - before) / before, n)


def slope(signal: definitions.Slope, case: Case) -> Answer:
    found = case.window(signal, signal.measure if signal.of == "sum" else None)
    if case.first_day is not None and case.first_day > case.as_of - signal.window_days:
        return Answer(None, len(found), TOO_NEW)
    weeks = signal.window_days // 7
    heights = [Fraction(0)] * weeks
    for fact, value in found:
        heights[(case.as_of - 1 - fact.t) // 7] += value
    places = [Fraction(-b) for b in range(weeks)]
    middle = sum(places) / weeks
    level = sum(heights) / weeks
    spread = sum((x - middle) ** 2 for x in places)
    together = sum((x - middle) * (y - level) for x, y in zip(places, heights, strict=True))
    return Answer(together / spread, len(found))


def open_as_of(signal: definitions.OpenAsOf, case: Case) -> Answer:
    ages = []
    for fact in case.matching(signal.where):
        closed = case.world.day(fact.row.get(signal.closed))
        old_enough = fact.t is not None and case.as_of - fact.t >= signal.min_age_days
        if old_enough and (closed is None or closed >= case.as_of):
            ages.append(case.as_of - fact.t)
    return Answer(len(ages) if signal.result == "count" else max(ages, default=0), len(ages))


def overdue_as_of(signal: definitions.OverdueAsOf, case: Case) -> Answer:
    overdue = []
    for fact in case.matching(signal.where):
        due, done = (case.world.day(fact.row.get(column)) for column in (signal.due, signal.done))
        if (
            fact.t is not None
            and due is not None
            and due < case.as_of
            and (done is None or done >= case.as_of)
        ):
            overdue.append((fact, case.as_of - due))
    if signal.result == "count":
        return Answer(len(overdue), len(overdue))
    if signal.result == "oldest_days":
        return Answer(max((age for _, age in overdue), default=0), len(overdue))
    owed = case.measured([fact for fact, _ in overdue], signal.measure)
    return Answer(sum(value for _, value in owed), len(owed))


def response_latency(signal: definitions.ResponseLatency, case: Case) -> Answer:
    hours = []
    for fact in case.matching(signal.where):
        ended = case.world.day(fact.row.get(signal.end))
        span = hours_between(fact.row.get(signal.start), fact.row.get(signal.end))
        if span is not None and case.as_of - signal.window_days <= ended < case.as_of:
            hours.append(rounded(float(span)))
    if not hours:
        return Answer(None, 0, NO_RECENT)
    return Answer(median(hours) if signal.aggregate == "median" else sum(hours) / len(hours), len(hours))


def milestone(signal: definitions.Milestone, case: Case) -> Answer:
    found = [fact for fact in case.matching(signal.where) if fact.row.get("milestone") == signal.milestone]
    reached = min((fact.t for fact in found if fact.t is not None), default=None)
    if signal.within_days is None:
        return Answer(0, 0) if reached is None else Answer(1, 1)
    if case.start is None:
        return Answer(None, 0, UNDEFINED)
    if reached is not None and reached - case.start <= signal.within_days:
        return Answer(1, 1)
    if case.as_of - case.start > signal.within_days:
        return Answer(0, 0)
    return Answer(None, 0, PENDING)


def in_force(case: Case, begins: str | None, ends: str | None) -> list[Fact]:
    """Records that had begun and not ended; a side that is empty or not given is open."""
    chosen = []
    for fact in case.facts:
        begun = case.world.day(fact.row.get(begins)) if begins else None
        ended = case.world.day(fact.row.get(ends)) if ends else None
        if (begun is None or begun < case.as_of) and (ended is None or ended >= case.as_of):
            chosen.append(fact)
    return chosen


def state_as_of(signal: definitions.StateAsOf, case: Case) -> Answer:
    base = [fact for fact in in_force(case, signal.begins, signal.ends) if passes(fact, signal.among)]
    hits = sum(1 for fact in base if passes(fact, signal.where))
    if signal.result == "present":
        return Answer(1 if hits else 0, len(base))
    if signal.result == "count":
        return Answer(hits, len(base))
    if not base:
        return Answer(None, 0, NO_RECENT)
    return Answer(Fraction(hits, len(base)), len(base))


def stakeholder_coverage(signal: definitions.StakeholderCoverage, case: Case) -> Answer:
    held = [fact for fact in in_force(case, signal.begins, signal.ends) if passes(fact, signal.where)]
    held = [fact for fact in held if fact.row.get("role") in signal.roles]
    return Answer(Fraction(len({fact.row["role"] for fact in held}), len(signal.roles)), len(held))


TEMPLATES: dict[str, Callable[..., Answer]] = {
    "count": count,
    "sum": sum_,
    "mean": mean,
    "median": median_,
    "distinct": distinct,
    "breadth": breadth,
    "latest": latest,
    "days_since": days_since,
    "share": share,
    "change": change,
    "power_user_trend": power_user_trend,
    "slope": slope,
    "open_as_of": open_as_of,
    "overdue_as_of": overdue_as_of,
    "response_latency": response_latency,
    "milestone": milestone,
    "state_as_of": state_as_of,
    "stakeholder_coverage": stakeholder_coverage,
}
STATE_TEMPLATES = ("state_as_of", "stakeholder_coverage")
