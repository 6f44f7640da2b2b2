"""Where an account is heading (H6): slope, noise, and whether a good tier is about to be left.

The line is Theil and Sen's: the slope is the median of the slopes of all pairs of weeks, the level the median
of what remains, so that one odd week does not turn it (Sen, JASA 63, 1968). An account's own noise is the
normalised median absolute deviation of its weeks from the line. A heading is told when the pairs of weeks
agree more than chance makes them (Kendall's test at 5 % on one side: of accounts that only jitter, 3 to 4 in
a hundred are told to decline), and the line moves further than the noise and by LEAST_MOVE points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, CodeArray, FloatArray, IntArray, ratio
from barograph.core.calendar import WEEK
from barograph.core.thresholds import GROWTH, HEALTHY, NONE, WATCH, TierLines
from barograph.errors import BarographError

WEEKS_LOOKED_AT = 8
OLDEST_WEEK = 16
FEWEST_WEEKS = 4
LEAST_MOVE = 2.0
LEAST_AGREEMENT = {4: 6, 5: 8, 6: 11, 7: 13, 8: 16}
"""By number of weeks, the surplus of pairs that rise over pairs that fall (or the reverse) from which on it
is not chance at 5 % on one side (Kendall's S).
"""
TURN_WITHIN_WEEKS = 4
LONG_DAYS = 60
LONG_OF_DAYS = 90

HEADINGS = ("unknown", "declining", "steady", "improving")
UNKNOWN, DECLINING, STEADY, IMPROVING = range(4)


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One value per account.

    slope: points per week, NaN with fewer than FEWEST_WEEKS known weeks. level: the line's value in the
    last known week. noise: typical distance of a week from the line, in points. heading: code into
    HEADINGS. weeks_in_tier: full weeks since the displayed tier began. weeks_to_line: weeks until the line
    meets the lower line of the tier, NaN when it does not fall. about_to_turn: Healthy or Growth,
    declining, and there within TURN_WITHIN_WEEKS. watch_days: days on Watch of the last 90; long_on_watch:
    on Watch now and 60 or more.
    """

    slope: FloatArray
    level: FloatArray
    noise: FloatArray
    heading: CodeArray
    weeks_in_tier: IntArray
    weeks_to_line: FloatArray
    about_to_turn: BoolArray
    watch_days: IntArray
    long_on_watch: BoolArray


def trajectory(
    scores: FloatArray,
    tiers: CodeArray,
    since: IntArray,
    as_of: int,
    lines: TierLines,
) -> Trajectory:
    """Trajectories from histories of n accounts x w weeks, oldest first, one column per grid week.

    scores: NaN where there was none; the last WEEKS_LOOKED_AT known of the last OLDEST_WEEK weeks are used.
    tiers: displayed tier codes, NONE before the account was there; the last column is the week `as_of`.
    since: day on which the displayed tier began. A heading is told only when the line moves by LEAST_MOVE
    points and by NOISE_MULTIPLE times the account's own noise over the weeks looked at.
    """
    if scores.shape != tiers.shape or len(since) != len(scores):
        raise BarographError(f"scores {scores.shape}, tiers {tiers.shape} and {len(since)} dates do not fit.")
    weeks, values = _latest_known(scores)
    line = theil_sen(weeks, values)
    move = line.slope * line.span
    chance = np.array([LEAST_AGREEMENT.get(k, np.inf) for k in range(WEEKS_LOOKED_AT + 1)])[line.count]
    told = (np.abs(line.agreement) >= chance) & (np.abs(move) > np.maximum(LEAST_MOVE, line.noise))
    heading = np.full(len(scores), STEADY, dtype=np.int8)
    heading[told & (move < 0)], heading[told & (move > 0)] = DECLINING, IMPROVING
    heading[np.isnan(line.slope)] = UNKNOWN
    now = tiers[:, -1]
    lower = lines.line(lines.index(now))
    falling = np.where(line.slope < 0, -line.slope, np.nan)
    weeks_to_line = np.maximum(ratio(np.where(np.isfinite(lower), line.level - lower, np.nan), falling), 0.0)
    good = (now == HEALTHY) | (now == GROWTH)
    watch_days = _days_on(tiers, WATCH)
    return Trajectory(
        slope=line.slope,
        level=line.level,
        noise=line.noise,
        heading=heading,
        weeks_in_tier=np.where(now == NONE, 0, (as_of - since) // WEEK),
        weeks_to_line=weeks_to_line,
        about_to_turn=good
        & (heading == DECLINING)
        & (np.nan_to_num(weeks_to_line, nan=np.inf) <= TURN_WITHIN_WEEKS),
        watch_days=watch_days,
        long_on_watch=(now == WATCH) & (watch_days >= LONG_DAYS),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A robust line per row. slope, level (at the largest x) and noise are NaN with fewer than FEWEST_WEEKS
    points. span: from the smallest x to the largest. agreement: pairs that rise less pairs that fall.
    count: of points.
    """

    slope: FloatArray
    level: FloatArray
    noise: FloatArray
    span: FloatArray
    agreement: FloatArray
    count: IntArray


def theil_sen(x: FloatArray, y: FloatArray) -> Line:
    """Theil and Sen's line through each row of n x k points, x ascending, NaN in both where there is none."""
    left, right = np.triu_indices(x.shape[1], k=1)
    rise = y[:, right] - y[:, left]
    count = (~np.isnan(y)).sum(axis=1)
    slope = np.where(count >= FEWEST_WEEKS, row_median(ratio(rise, x[:, right] - x[:, left])), np.nan)
    first = np.nan_to_num(x, nan=np.inf).min(axis=1, initial=np.inf)
    last = np.nan_to_num(x, nan=-np.inf).max(axis=1, initial=-np.inf)
    span = np.where(count > 0, last - first, 0.0)
    centred = y - slope[:, None] * (x - np.where(count > 0, last, 0.0)[:, None])
    level = row_median(centred)
    noise = 1.4826 * row_median(np.abs(centred - level[:, None]))
    return Line(slope, level, noise, span, np.sign(np.nan_to_num(rise)).sum(axis=1), count)


def row_median(values: FloatArray) -> FloatArray:
    """Median of each row over its known values; NaN for a row without any."""
    ordered = np.sort(values, axis=1)
    count = (~np.isnan(values)).sum(axis=1)
    if values.shape[1] == 0:
        return np.full(len(values), np.nan)
    rows = np.arange(len(values))
    low = ordered[rows, np.maximum((count - 1) // 2, 0)]
    high = ordered[rows, np.minimum(count // 2, values.shape[1] - 1)]
    return np.where(count > 0, (low + high) / 2.0, np.nan)


def _latest_known(scores: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Week numbers and scores of the last known weeks, n x WEEKS_LOOKED_AT, NaN where there are fewer."""
    recent = scores[:, -OLDEST_WEEK:]
    known = ~np.isnan(recent)
    order = np.argsort(known, axis=1, kind="stable")[:, -WEEKS_LOOKED_AT:]
    values = np.take_along_axis(recent, order, axis=1)
    return np.where(np.isnan(values), np.nan, order.astype(float)), values


def _days_on(tiers: CodeArray, tier: int) -> IntArray:
    """Days on the tier within the last 90, before `as_of`: a tier shown on a Monday counts for its week."""
    weeks = LONG_OF_DAYS // WEEK
    held = tiers[:, -(weeks + 1) : -1] if tiers.shape[1] > 1 else tiers[:, :0]
    return np.asarray((held == tier).sum(axis=1) * WEEK, dtype=np.int64)
