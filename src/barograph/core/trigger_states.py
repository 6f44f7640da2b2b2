"""Whether a trigger's state holds, account by account and week by week; the transitions are in `triggers`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from barograph.core.arrays import BoolArray, CodeArray, FloatArray, IntArray, ratio
from barograph.core.calendar import WEEK
from barograph.core.thresholds import INSUFFICIENT, NONE, TIER_CODES
from barograph.core.trajectory import DECLINING, IMPROVING, UNKNOWN
from barograph.core.trigger_facts import TriggerFacts, carried, in_a_row
from barograph.definitions.base import SignalTest
from barograph.definitions.play_trigger import (
    BeforeDate,
    ComponentBelow,
    LifecycleStage,
    Manual,
    PulseSays,
    ScoreChange,
    SignalChange,
    SignalsMeet,
    TierEntered,
    TierHeld,
    TierLeft,
    TrajectoryIs,
    Trigger,
)


def holds(trigger: Trigger, facts: TriggerFacts, components: Sequence[str] = ()) -> BoolArray:
    """n x w: whether the state that the trigger speaks of holds in each week.

    components: those of the model that a `component_below` means (see definitions.play_match). A signal or component
    that the facts do not have holds nowhere. False everywhere for `manual`; `date` has milestones of its own
    (`milestone_at`).
    """
    match trigger:
        case TierEntered():
            return _on_tiers(facts, trigger.tiers)
        case TierLeft():
            known = facts.tier >= 0
            return carried(known & ~_is(facts.tier, trigger.tiers), known, facts.days)
        case TierHeld():
            return _held(trigger, facts)
        case ComponentBelow():
            found = np.zeros(facts.shape, dtype=bool)
            for name in components:
                if name in facts.components:
                    value = facts.components[name]
                    found |= in_a_row(value < trigger.below, ~np.isnan(value), trigger.for_weeks, facts.days)
            return found
        case ScoreChange():
            fall = facts.score - _before(facts.score, facts, trigger.over_weeks, same_version=True)
            return _moved(fall, trigger.points, trigger.direction, facts.days)
        case SignalChange():
            if trigger.signal not in facts.signals:
                return np.zeros(facts.shape, dtype=bool)
            value = facts.signals[trigger.signal]
            before = _before(value, facts, trigger.over_weeks)
            change = value - before if trigger.measure == "value" else ratio(value - before, np.abs(before))
            return _moved(change, trigger.by, trigger.direction, facts.days)
        case SignalsMeet():
            return _signals(trigger, facts)
        case LifecycleStage():
            places = [place for place, stage in enumerate(facts.stages) if stage in trigger.stages]
            known = facts.lifecycle >= 0
            return carried(np.isin(facts.lifecycle, places) & known, known, facts.days)
        case PulseSays():
            return _pulse(trigger, facts)
        case TrajectoryIs():
            return _heading(trigger, facts)
        case BeforeDate() | Manual():
            return np.zeros(facts.shape, dtype=bool)


def milestone_at(trigger: BeforeDate, facts: TriggerFacts) -> tuple[FloatArray, IntArray]:
    """(date, milestone) of each account and week, n x w: the nearest of `days_before` that has been reached while the
    date is still ahead; 0 before the first, after the date and without one."""
    date = facts.opt_out if trigger.before == "opt_out" else facts.term_end
    left = date - facts.days[None, :]
    reached = np.zeros(left.shape, dtype=np.int64)
    for days in trigger.days_before:
        reached[(left >= 0) & (left <= days)] = days
    return date, reached


def _is(tier: CodeArray, names: Sequence[str]) -> BoolArray:
    return np.asarray(np.isin(tier, [TIER_CODES[name] for name in names]))


def _on_tiers(facts: TriggerFacts, names: Sequence[str]) -> BoolArray:
    """On one of the tiers; `insufficient` is unknown unless it is one of them."""
    known = facts.tier >= 0 if "insufficient" not in names else facts.tier >= INSUFFICIENT
    return carried(_is(facts.tier, names), known, facts.days)


def last_known_tier(tier: CodeArray, names: Sequence[str]) -> CodeArray:
    """n x w: the tier of the week, or the last one before it that was known; NONE where there was none by then."""
    known = tier >= (0 if "insufficient" not in names else INSUFFICIENT)
    out = np.full(tier.shape, NONE, dtype=np.int8)
    last = np.full(len(tier), NONE, dtype=np.int8)
    for j in range(tier.shape[1]):
        last = np.where(known[:, j], tier[:, j], last)
        out[:, j] = last
    return out


def _held(trigger: TierHeld, facts: TriggerFacts) -> BoolArray:
    inside = _on_tiers(facts, trigger.tiers)
    days = facts.days
    found = np.zeros(facts.shape, dtype=bool)
    if trigger.of_days is not None:
        for j, day in enumerate(days.tolist()):
            found[:, j] = inside[:, j] & (
                days_within(inside[:, :j], days[:j], day, trigger.of_days) >= trigger.for_days
            )
        return found
    begun = np.zeros(len(inside), dtype=np.int64)
    before = np.zeros(len(inside), dtype=bool)
    for j, day in enumerate(days.tolist()):
        begun = np.where(inside[:, j] & ~before, day, begun)
        before = inside[:, j]
        found[:, j] = before & (day - begun >= trigger.for_days)
    return found


def days_within(inside: BoolArray, days: IntArray, until: int, of_days: int) -> IntArray:
    """Days of the last `of_days` before `until` that lie in weeks for which `inside` is true. A week lasts from its
    day to the next one that was published, seven days at most."""
    if not len(days):
        return np.zeros(len(inside), dtype=np.int64)
    ends = np.minimum(np.append(days[1:], until), days + WEEK)
    length = np.maximum(np.minimum(ends, until) - np.maximum(days, until - of_days), 0)
    return np.asarray(inside.astype(np.int64) @ length, dtype=np.int64)


def _before(values: FloatArray, facts: TriggerFacts, weeks: int, *, same_version: bool = False) -> FloatArray:
    """The value so many weeks before each week, NaN where that week was not published."""
    place = {day: j for j, day in enumerate(facts.days.tolist())}
    out = np.full(values.shape, np.nan)
    for j, day in enumerate(facts.days.tolist()):
        earlier = place.get(day - WEEK * weeks)
        if earlier is not None and not (same_version and len(set(facts.versions[earlier : j + 1])) > 1):
            out[:, j] = values[:, earlier]
    return out


def _moved(change: FloatArray, least: float, direction: str, days: IntArray) -> BoolArray:
    signed = -change if direction == "down" else change
    return carried(np.round(signed, 9) >= least, ~np.isnan(change), days)


def _signals(trigger: SignalsMeet, facts: TriggerFacts) -> BoolArray:
    every = [_test(test, facts, trigger.for_weeks) for test in trigger.all_of]
    some = [_test(test, facts, trigger.for_weeks) for test in trigger.any_of]
    found = np.ones(facts.shape, dtype=bool)
    for part in every:
        found &= part
    return found & np.logical_or.reduce(some) if some else found


def _test(test: SignalTest, facts: TriggerFacts, weeks: int) -> BoolArray:
    if test.signal not in facts.signals:
        return np.zeros(facts.shape, dtype=bool)
    value = facts.signals[test.signal]
    there = facts.tier != NONE
    if test.missing is not None:
        met = np.isnan(value) if test.missing else ~np.isnan(value)
        bounded = met if test.missing else met & bounds(test, value)
        return in_a_row(bounded & there, there, weeks, facts.days)
    return in_a_row(bounds(test, value), there & ~np.isnan(value), weeks, facts.days)


def bounds(test: SignalTest, value: FloatArray) -> BoolArray:
    """Whether values meet every bound of the test; a missing one meets none, and all where there is no bound."""
    found = np.ones(value.shape, dtype=bool)
    if test.at_least is not None:
        found &= value >= test.at_least
    if test.at_most is not None:
        found &= value <= test.at_most
    if test.above is not None:
        found &= value > test.above
    if test.below is not None:
        found &= value < test.below
    return found


def _pulse(trigger: PulseSays, facts: TriggerFacts) -> BoolArray:
    fresh = facts.pulse_age <= trigger.within_days
    found = np.ones(facts.shape, dtype=bool)
    asked = {
        "sponsor_status": trigger.sponsor_status,
        "executive_engagement": trigger.executive_engagement,
        "outcome_narrative": trigger.outcome_narrative,
    }
    for question, answers in asked.items():
        if answers:
            given = facts.pulses[question]
            said, known = np.zeros(facts.shape, dtype=bool), fresh & (given != None)  # noqa: E711
            for answer in answers:
                said |= given == answer
            found &= carried(said & known, known, facts.days)
    return found


def _heading(trigger: TrajectoryIs, facts: TriggerFacts) -> BoolArray:
    known = facts.heading != UNKNOWN
    match trigger.heading:
        case "about_to_turn":
            return carried(facts.about_to_turn, known, facts.days)
        case "long_on_watch":
            return carried(facts.long_on_watch, facts.tier >= 0, facts.days)
        case "declining":
            return carried(facts.heading == DECLINING, known, facts.days)
        case "improving":
            return carried(facts.heading == IMPROVING, known, facts.days)
