"""How the portfolio moved between tiers (R2), and the alarm when much of it went down within a quarter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import AnyArray, BoolArray, CodeArray, FloatArray
from barograph.core.thresholds import INSUFFICIENT, NONE
from barograph.errors import BarographError

STATES = ("at_risk", "watch", "healthy", "growth", "insufficient", "not_there")
"""Rows and columns of a movement matrix."""
ALARM_SHARE = 0.10
QUARTER_WEEKS = 13


@dataclass(frozen=True, slots=True)
class Movement:
    """From (rows) to (columns) in the order of STATES: accounts, and their revenue in the later week.

    up, down: accounts, and revenue, that moved between the four tiers; revenue_unknown: accounts without it.
    For accounts that are gone in the later week the revenue is the last known one the caller gives.
    """

    count: AnyArray
    revenue: FloatArray
    up: int
    down: int
    up_revenue: float
    down_revenue: float
    revenue_unknown: int


def movement(before: CodeArray, after: CodeArray, revenue: FloatArray) -> Movement:
    """Movement of n accounts between two weeks; NONE where an account was not there. revenue: NaN unknown."""
    if not len(before) == len(after) == len(revenue):
        raise BarographError(f"{len(before)}, {len(after)} and {len(revenue)} accounts: the same are needed.")
    start, end = _place(before), _place(after)
    size = len(STATES)
    flat = start * size + end
    money = np.nan_to_num(revenue, nan=0.0)
    up, down = _moved(before, after)
    count = np.bincount(flat, minlength=size * size).reshape(size, size)
    sums = np.bincount(flat, weights=money, minlength=size * size).reshape(size, size)
    gone = STATES.index("not_there")
    count[gone, gone], sums[gone, gone] = 0, 0.0
    return Movement(
        count,
        sums.astype(np.float64),
        int(up.sum()),
        int(down.sum()),
        float(money[up].sum()),
        float(money[down].sum()),
        int((np.isnan(revenue) & ((before != NONE) | (after != NONE))).sum()),
    )


@dataclass(frozen=True, slots=True)
class Shift:
    """Net movement to lower tiers among accounts with a tier in both weeks.

    net_count, net_revenue: moved down less moved up; share_*: of all such accounts and their revenue, 0
    without.
    """

    accounts: int
    revenue: float
    net_count: int
    net_revenue: float

    @property
    def share_count(self) -> float:
        return self.net_count / self.accounts if self.accounts else 0.0

    @property
    def share_revenue(self) -> float:
        return self.net_revenue / self.revenue if self.revenue > 0 else 0.0


@dataclass(frozen=True, slots=True)
class StructuralAlarm:
    """Whether the portfolio shifted down by 10 % or more within a quarter, by count or by revenue.

    weeks: how many weeks before the last one the comparison starts, the one with the largest shift. left,
    left_revenue: accounts that had a tier then and are gone now; they are not part of the shift. breakdown:
    by attribute and value, the parts with the largest net shift first (by revenue, then count).
    """

    raised: bool
    by_count: bool
    by_revenue: bool
    weeks: int
    shift: Shift
    left: int
    left_revenue: float
    breakdown: Mapping[str, tuple[tuple[str, Shift], ...]]


def structural_alarm(
    tiers: CodeArray, revenue: FloatArray, attributes: Mapping[str, AnyArray], share: float = ALARM_SHARE
) -> StructuralAlarm:
    """Compare the last week with every week of the quarter before it.

    tiers: n x w displayed tier codes, one column per week, oldest first, NONE where absent; at most the
    last QUARTER_WEEKS + 1 are used. revenue: n, NaN unknown (then in the count only). attributes: what to
    break down by (segment, product, plan, csm_email), n values each, None shown as "unknown".
    """
    recent = tiers[:, -(QUARTER_WEEKS + 1) :]
    last, money = recent[:, -1], np.nan_to_num(revenue, nan=0.0)
    everyone = np.ones(len(last), dtype=bool)
    weeks = range(1, recent.shape[1])
    shifts = {k: shift(recent[:, -1 - k], last, money, everyone) for k in weeks}
    if not shifts:
        return StructuralAlarm(False, False, False, 0, Shift(0, 0.0, 0, 0.0), 0, 0.0, {})
    # the longest comparison among those with the largest shift, so that the whole move is told
    chosen = max(shifts, key=lambda k: (max(shifts[k].share_count, shifts[k].share_revenue), k))
    found, before = shifts[chosen], recent[:, -1 - chosen]
    by_count, by_revenue = round(found.share_count, 9) >= share, round(found.share_revenue, 9) >= share
    left = (before >= 0) & (last == NONE)
    return StructuralAlarm(
        raised=by_count or by_revenue,
        by_count=by_count,
        by_revenue=by_revenue,
        weeks=chosen,
        shift=found,
        left=int(left.sum()),
        left_revenue=float(money[left].sum()),
        breakdown={name: _parts(before, last, money, column) for name, column in attributes.items()},
    )


def shift(before: CodeArray, after: CodeArray, revenue: FloatArray, among: BoolArray) -> Shift:
    """Net shift down of the accounts of `among` that have a tier in both weeks. revenue: NaN not allowed."""
    both = (before >= 0) & (after >= 0) & among
    up, down = _moved(before, after)
    way = (down & both).astype(np.int64) - (up & both).astype(np.int64)
    return Shift(int(both.sum()), float(revenue[both].sum()), int(way.sum()), float((revenue * way).sum()))


def _parts(
    before: CodeArray, after: CodeArray, revenue: FloatArray, column: AnyArray
) -> tuple[tuple[str, Shift], ...]:
    labels = np.array(["unknown" if value is None else str(value) for value in column.tolist()], dtype=object)
    parts = [(name, shift(before, after, revenue, labels == name)) for name in sorted(set(labels.tolist()))]
    parts = [(name, part) for name, part in parts if part.accounts]
    parts.sort(key=lambda item: (-item[1].net_revenue, -item[1].net_count, item[0]))
    return tuple(parts)


def _moved(before: CodeArray, after: CodeArray) -> tuple[BoolArray, BoolArray]:
    both = (before >= 0) & (after >= 0)
    return both & (after > before), both & (after < before)


def _place(codes: CodeArray) -> AnyArray:
    out = codes.astype(np.int64)
    out[codes == INSUFFICIENT] = STATES.index("insufficient")
    out[codes == NONE] = STATES.index("not_there")
    return out
