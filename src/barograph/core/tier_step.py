"""One week of the tier machine as arithmetic on places (0 is the worst tier of the model, -1 unset).

The rules are written out in `tiers`; this module is their only implementation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, CodeArray, FloatArray, IntArray, rounded
from barograph.core.calendar import WEEK
from barograph.core.thresholds import TierLines
from barograph.definitions.model import Damping

STEP_REASONS = (
    "first",
    "returned",
    "numbers",
    "immediate_drop",
    "cap",
    "hard_event",
    "lifted",
    "insufficient",
    "plain",
)
"""Why the computed tier is what it is since its last move, by code.

first: first week. returned: a score again after insufficient data. numbers: the score crossed a line for long
enough. immediate_drop: it fell far under its line. cap: a cap or the growth gate holds it. hard_event: a cap
that does not wait. lifted: what held it is gone. insufficient: no score. plain: damping is switched off.
"""
FIRST, RETURNED, NUMBERS, IMMEDIATE, CAP, HARD_EVENT, LIFTED, NO_SCORE, PLAIN = range(len(STEP_REASONS))


@dataclass(frozen=True, slots=True)
class Places:
    """Where accounts stand: place of the tier, place the numbers hold on their own, and what waits.

    pending is -1 when nothing waits; weeks is how many weekly scores have agreed with it.
    """

    place: IntArray
    level: IntArray
    pending: IntArray
    weeks: IntArray


@dataclass(frozen=True, slots=True)
class Limits:
    """Best place that caps and gate allow (`soft`, all of them) and that hard events allow (`hard`)."""

    soft: IntArray
    hard: IntArray


@dataclass(frozen=True, slots=True)
class Step:
    """The places after the week, where the numbers alone point, and the reason code of a move."""

    after: Places
    numbers: IntArray
    reason: CodeArray


def step(
    before: Places, score: FloatArray, lines: TierLines, limits: Limits, damping: Damping, gap_days: int
) -> Step:
    """Places after one more week. A NaN score makes everything -1; a place of -1 starts anew."""
    plain = lines.reached(score)
    known = plain >= 0
    if not damping.enabled:
        place = np.minimum(plain, limits.soft)
        after = Places(place, np.where(known, plain, -1), np.full_like(place, -1), np.zeros_like(place))
        return Step(after, plain, np.where(known, PLAIN, NO_SCORE).astype(np.int8))
    on = known & (before.place >= 0)
    moved, numbers, reason = _dwell(before, plain, score, lines, limits, damping, gap_days)
    new = known & ~on
    fresh = np.minimum(plain, limits.soft)
    after = Places(
        np.where(on, moved.place, np.where(new, fresh, -1)),
        np.where(on, moved.level, np.where(new, plain, -1)),
        np.where(on, moved.pending, -1),
        np.where(on & (moved.pending >= 0), moved.weeks, 0),
    )
    return Step(
        after,
        np.where(on, numbers, plain),
        np.where(on, reason, np.where(new, FIRST, NO_SCORE)).astype(np.int8),
    )


def _dwell(
    before: Places,
    plain: IntArray,
    score: FloatArray,
    lines: TierLines,
    limits: Limits,
    damping: Damping,
    gap_days: int,
) -> tuple[Places, IntArray, CodeArray]:
    """The damped move of accounts that have a tier; rows without one hold nonsense and are not used."""
    now, level = np.maximum(before.place, 0), np.maximum(before.level, 0)
    value = rounded(score)
    numbers = np.where(
        value < rounded(lines.line(level)), plain, np.maximum(lines.reached(score, damping.hysteresis), level)
    )
    target = np.minimum(numbers, limits.soft)
    way = np.sign(target - now)
    agrees = (before.pending >= 0) & (np.sign(before.pending - now) == way) & (gap_days <= WEEK)
    counted = 1 if gap_days >= WEEK else 0
    weeks = np.where(way == 0, 0, np.where(agrees, before.weeks, 0) + counted)
    # good news is believed as far as every score of the run confirms it, bad news as far as the last one says
    waiting = np.where((way > 0) & agrees, np.minimum(before.pending, target), target)
    confirmed = (way != 0) & ((weeks >= damping.confirmations) | (damping.confirmations == 1))
    dropped = (now > 0) & (value <= rounded(lines.line(now) - damping.immediate_drop))
    place = np.where(confirmed, waiting, np.where(dropped, np.minimum(now, plain), now))
    struck = place > limits.hard
    place = np.minimum(place, limits.hard)
    rest = np.sign(target - place)
    pending = np.where(rest != 0, np.where(place == now, waiting, target), -1)
    # a confirmed move starts a new run with this week's score; one that did not wait leaves the run as it is
    weeks = np.where(confirmed & (place != now), counted, weeks)
    held: BoolArray = target < numbers
    reason = np.full(len(now), NUMBERS, dtype=np.int8)
    reason[(place < now) & held] = CAP
    reason[dropped & ~confirmed] = IMMEDIATE
    reason[(place > now) & (level > now)] = LIFTED
    reason[struck] = HARD_EVENT
    after = Places(
        place, np.maximum(place, np.minimum(numbers, level)), pending, np.where(pending >= 0, weeks, 0)
    )
    return after, numbers, reason
