"""Who needs attention this week (R1): a short list, ranked by a published formula.

    priority = revenue x tier x worsening x nearness x plan

revenue: recurring revenue of the account. tier: how much of it is in doubt (`TIER_FACTOR`). worsening: 1,
plus the points lost over four weeks / 15 (30 points count at most), plus 1 when the tier went down this
week. nearness: 1 from `FAR_DAYS` days before the opt-out deadline, growing to 3 on it; 1 once it has passed
or where there is none. plan: `ON_TRACK_FACTOR` while a plan is on track, else 1. Every factor is returned,
so that the place on the list can be worked out by hand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, CodeArray, FloatArray, IntArray, TextArray
from barograph.core.thresholds import AT_RISK, GROWTH, HEALTHY, INSUFFICIENT, WATCH
from barograph.errors import UsageError

TIER_FACTOR: dict[int, float] = {AT_RISK: 1.0, WATCH: 0.6, INSUFFICIENT: 0.4, HEALTHY: 0.2, GROWTH: 0.1}
TURNING_FACTOR = 0.5
"""Healthy or Growth and about to turn: nearly as much in doubt as Watch."""
POINTS_PER_STEP = 15.0
MOST_POINTS = 30.0
FAR_DAYS = 180
NEAREST = 3.0
ON_TRACK_FACTOR = 0.25

REASONS = ("at_risk", "watch", "insufficient", "tier_down", "about_to_turn", "falling")
"""Why an account may be on the list at all; codes are bits, 1 << place."""
FALLING_POINTS = 10.0


@dataclass(frozen=True, slots=True)
class AttentionInputs:
    """What the formula reads of n accounts.

    tier, tier_before: displayed tier codes this week and last (NONE: not there). revenue: recurring, NaN
    unknown. fall: points lost over four weeks, NaN unknown, negative when it rose. days_to_opt_out: from
    as_of, NaN for none. about_to_turn, plan_on_track: flags.
    """

    account_ids: TextArray
    tier: CodeArray
    tier_before: CodeArray
    revenue: FloatArray
    fall: FloatArray
    days_to_opt_out: FloatArray
    about_to_turn: BoolArray
    plan_on_track: BoolArray


@dataclass(frozen=True, slots=True)
class Attention:
    """Every account's factors, and the list.

    listed: rows in order, first is most urgent. eligible: accounts with a reason to be listed; left_out of
    them did not fit, with left_out_revenue. reasons: bits of REASONS. revenue_factor: the revenue used, the
    median of the known ones where it is unknown (1.0 when none is known).
    """

    priority: FloatArray
    revenue_factor: FloatArray
    tier_factor: FloatArray
    worsening: FloatArray
    nearness: FloatArray
    plan_factor: FloatArray
    reasons: IntArray
    listed: IntArray
    eligible: int
    left_out: int
    left_out_revenue: float

    def why(self, row: int) -> tuple[str, ...]:
        """Names of the reasons why the account may be listed."""
        return tuple(name for bit, name in enumerate(REASONS) if self.reasons[row] >> bit & 1)


def attention(inputs: AttentionInputs, at_most: int) -> Attention:
    """Rank the accounts and cut the list at `at_most`; ties go by account id.

    Listed are accounts on At Risk, Watch or without enough data, and good ones whose tier went down, that are
    about to turn, or that lost FALLING_POINTS in four weeks.
    """
    if at_most < 1:
        raise UsageError(f"at_most = {at_most}: the list holds at least 1 account.")
    tier, fall = inputs.tier, np.nan_to_num(inputs.fall, nan=0.0)
    went_down = (inputs.tier_before >= 0) & (tier >= 0) & (tier < inputs.tier_before)
    revenue = _revenue(inputs.revenue)
    doubt = np.select([tier == code for code in TIER_FACTOR], list(TIER_FACTOR.values()), 0.0)
    turning = inputs.about_to_turn & (tier >= HEALTHY)
    doubt = np.where(turning, TURNING_FACTOR, doubt)
    worsening = 1.0 + np.clip(fall, 0.0, MOST_POINTS) / POINTS_PER_STEP + went_down
    near = nearness(inputs.days_to_opt_out)
    plan = np.where(inputs.plan_on_track, ON_TRACK_FACTOR, 1.0)
    priority = revenue * doubt * worsening * near * plan
    flags = (
        tier == AT_RISK,
        tier == WATCH,
        tier == INSUFFICIENT,
        went_down,
        turning,
        (tier >= 0) & (fall >= FALLING_POINTS),
    )
    reasons = np.zeros(len(tier), dtype=np.int64)
    for bit, flag in enumerate(flags):
        reasons |= flag.astype(np.int64) << bit
    rows = np.flatnonzero(reasons)
    ids = np.array([str(a) for a in inputs.account_ids[rows]])
    order = rows[np.lexsort((ids, -priority[rows]))] if len(rows) else rows
    cut = order[at_most:]
    return Attention(
        priority=priority,
        revenue_factor=revenue,
        tier_factor=doubt,
        worsening=worsening,
        nearness=near,
        plan_factor=plan,
        reasons=reasons,
        listed=order[:at_most],
        eligible=len(order),
        left_out=len(cut),
        left_out_revenue=float(np.nansum(inputs.revenue[cut])),
    )


def nearness(days: FloatArray) -> FloatArray:
    """1 at FAR_DAYS and more, 3 on the deadline, linear between; 1 after it and where there is none (NaN)."""
    ahead = np.where((days >= 0) & (days <= FAR_DAYS), days, FAR_DAYS)
    return np.asarray(1.0 + (NEAREST - 1.0) * (FAR_DAYS - ahead) / FAR_DAYS)


def _revenue(revenue: FloatArray) -> FloatArray:
    known = revenue[~np.isnan(revenue)]
    middle = float(np.median(known)) if len(known) else 1.0
    return np.where(np.isnan(revenue), middle, revenue)
