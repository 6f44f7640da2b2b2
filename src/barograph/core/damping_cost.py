"""What damping buys and what it costs: flips avoided, and weeks for which a tier was shown late.

Both are read from two histories of the same accounts: the raw tiers of every week, and the tiers shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, CodeArray, IntArray
from barograph.errors import BarographError

FLIP_WITHIN_WEEKS = 8


@dataclass(frozen=True, slots=True)
class DampingCost:
    """accounts, account_weeks: with a tier at all. flips_raw, flips_shown: changes from A to B and back to
    A in which B lasted at most `FLIP_WITHIN_WEEKS` weeks. late_moves_down: moves down that were shown after
    the raw tier had gone there; mean_weeks_late, max_weeks_late: over all moves down that were shown (0.0
    without any). weeks_shown_better, weeks_shown_worse: account-weeks in which the tier shown was better or
    worse than the raw one. never_shown: stretches under the tier shown that ended before they were shown.
    """

    accounts: int
    account_weeks: int
    flips_raw: int
    flips_shown: int
    moves_down_shown: int
    late_moves_down: int
    mean_weeks_late: float
    max_weeks_late: int
    weeks_shown_better: int
    weeks_shown_worse: int
    never_shown: int

    @property
    def flips_avoided(self) -> int:
        return self.flips_raw - self.flips_shown

    def sentence(self) -> str:
        """The trade in one sentence, for status and governance."""
        if self.moves_down_shown == 0:
            late = "No tier moved down"
        else:
            late = (
                f"{self.late_moves_down} of {self.moves_down_shown} moves down were shown later than the "
                f"plain score (by {self.mean_weeks_late:.1f} weeks on average, {self.max_weeks_late} at most)"
            )
        return (
            f"Damping avoided {self.flips_avoided} of {self.flips_raw} back-and-forth changes. {late}; in "
            f"{self.weeks_shown_better} of {self.account_weeks} account-weeks a tier better than the plain "
            "one was shown."
        )


def damping_cost(raw: CodeArray, shown: CodeArray) -> DampingCost:
    """Compare n x w tier codes, oldest week first; negative codes (insufficient, absent) are no tier.

    A week without a tier ends a run: nothing flips or is late across it. Raises BarographError when the two
    histories are not of the same size.
    """
    if raw.shape != shown.shape:
        raise BarographError(
            f"histories of {raw.shape} and {shown.shape}: the same accounts and weeks are needed."
        )
    both = (raw >= 0) & (shown >= 0)
    lateness = _weeks_late(raw, shown, both)
    return DampingCost(
        accounts=int(both.any(axis=1).sum()),
        account_weeks=int(both.sum()),
        flips_raw=count_flips(np.where(both, raw, -1).astype(np.int8)),
        flips_shown=count_flips(np.where(both, shown, -1).astype(np.int8)),
        moves_down_shown=len(lateness),
        late_moves_down=int((lateness > 0).sum()),
        mean_weeks_late=float(lateness.mean()) if len(lateness) else 0.0,
        max_weeks_late=int(lateness.max()) if len(lateness) else 0,
        weeks_shown_better=int((both & (shown > raw)).sum()),
        weeks_shown_worse=int((both & (shown < raw)).sum()),
        never_shown=_never_shown(raw, shown, both),
    )


def count_flips(tiers: CodeArray, within_weeks: int = FLIP_WITHIN_WEEKS) -> int:
    """How often accounts went from tier A to B and back to A with at most `within_weeks` weeks in B."""
    n, weeks = tiers.shape
    if weeks < 3:
        return 0
    begins = np.ones((n, weeks), dtype=bool)
    begins[:, 1:] = tiers[:, 1:] != tiers[:, :-1]
    account, week = np.nonzero(begins)
    tier = tiers[account, week]
    same = (account[2:] == account[:-2]) & (tier[2:] == tier[:-2]) & (tier[2:] >= 0) & (tier[1:-1] >= 0)
    lasted = week[2:] - week[1:-1]
    return int((same & (lasted <= within_weeks)).sum())


def _weeks_late(raw: CodeArray, shown: CodeArray, both: BoolArray) -> IntArray:
    """For every move down shown: weeks since the raw tier went as low and stayed so."""
    n, weeks = raw.shape
    late: list[IntArray] = []
    as_low = np.zeros(
        (n, 4), dtype=np.int64
    )  # weeks in a row with raw at or under each tier, before this one
    for w in range(weeks):
        if w:
            down = both[:, w] & both[:, w - 1] & (shown[:, w] < shown[:, w - 1])
            rows = np.flatnonzero(down)
            now = shown[rows, w]
            late.append(np.where(raw[rows, w] <= now, as_low[rows, now], 0))
        for tier in range(4):
            as_low[:, tier] = np.where(both[:, w] & (raw[:, w] <= tier), as_low[:, tier] + 1, 0)
    return np.concatenate(late) if late else np.empty(0, dtype=np.int64)


def _never_shown(raw: CodeArray, shown: CodeArray, both: BoolArray) -> int:
    """Stretches of raw < shown that end with the raw tier back at the one shown, which never moved."""
    better = both & (shown > raw)
    n = len(better)
    edge = np.zeros((n, 1), dtype=bool)
    ends = better & ~np.hstack([better[:, 1:], edge])
    account, week = np.nonzero(ends)
    inside = week + 1 < better.shape[1]
    account, week = account[inside], week[inside]
    return int((both[account, week + 1] & (shown[account, week + 1] == shown[account, week])).sum())
