"""Recovery (G2): At Risk accounts that are Healthy or better within 90 days, Watch accounts with a plan within seven.

Counted over entries into a tier from one refresh to the next. An account that left the population did not recover.
Entries whose time is not over are neither success nor failure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, CodeArray, IntArray
from barograph.core.thresholds import AT_RISK, HEALTHY, NONE, WATCH

RECOVERY_DAYS = 90
PLAN_DAYS = 7


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries into a tier: row of the account, day number, whether it was met so far, and whether the time is over.

    Only those whose time is over count in a rate: to count what was met early beside it would count good news before
    bad.
    """

    account: IntArray
    day: IntArray
    met: BoolArray
    decided: BoolArray

    @property
    def rate(self) -> float:
        """Share met among the decided; NaN without any."""
        return float(self.met[self.decided].mean()) if self.decided.any() else float("nan")


def recovered(days: Sequence[int], tiers: CodeArray, within: int = RECOVERY_DAYS) -> Entries:
    """Entries into At Risk, met when the account is Healthy or better within `within` days. Watch does not count.

    days: w refresh days, ascending. tiers: n x w displayed tier codes, NONE where the account was not there. The
    first week of the table is no entry: how long the account had been there is not known.
    """
    at = np.asarray(days, dtype=np.int64)
    account, week = _entries(tiers, AT_RISK)
    better = tiers >= HEALTHY
    met = np.array(
        [
            bool((better[i, k:] & (at[k:] <= at[k] + within)).any())
            for i, k in zip(account.tolist(), week.tolist(), strict=True)
        ],
        dtype=bool,
    )
    over = at[week] + within <= (at[-1] if len(at) else 0)
    return Entries(account, at[week], met, over)


def planned(
    days: Sequence[int],
    tiers: CodeArray,
    plans: Mapping[int, Sequence[int]],
    today: int,
    within: int = PLAN_DAYS,
) -> Entries:
    """Entries into Watch, met when a plan was made from the day of entry to `within` days after it.

    plans: row of the account -> day numbers on which plans were made. today: day up to which plans are known. A plan
    that is older than the entry was made for something else.
    """
    at = np.asarray(days, dtype=np.int64)
    account, week = _entries(tiers, WATCH)
    begun = at[week]
    met = np.array(
        [
            any(day <= made <= day + within for made in plans.get(i, ()))
            for i, day in zip(account.tolist(), begun.tolist(), strict=True)
        ],
        dtype=bool,
    )
    return Entries(account, begun, met, begun + within < today)


def _entries(tiers: CodeArray, tier: int) -> tuple[IntArray, IntArray]:
    """(account, week) at which the tier is there and was not the week before; the first week does not count."""
    before = np.full_like(tiers, NONE)
    before[:, 1:] = tiers[:, :-1]
    began = (tiers == tier) & (before != tier)
    if tiers.shape[1]:
        began[:, 0] = False
    account, week = np.nonzero(began)
    return account.astype(np.int64), week.astype(np.int64)
