"""Cumulative gains: working the riskiest share of accounts, how much of what was lost would have been reached."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.learning.intervals import codes
from barograph.learning.observations import BoolArray, FloatArray, TextArray
from barograph.learning.rates import clustered_rate

SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Gain:
    """One point: of `share` of the accounts, riskiest first, the share of lost accounts among them (`caught`, with
    a 95 % interval) and of their revenue (`caught_arr`, NaN where none is known). lift: caught / share."""

    share: float
    accounts: int
    caught: float
    low: float
    high: float
    caught_arr: float

    @property
    def lift(self) -> float:
        """How many times more losses than a blind pick of as many accounts would hold."""
        return self.caught / self.share


def gains(
    p_lost: FloatArray,
    lost: BoolArray,
    arr: FloatArray,
    account: TextArray,
    shares: tuple[float, ...] = SHARES,
) -> tuple[Gain, ...]:
    """The curve at some shares (0..1]; empty when nothing was lost. p_lost: (n,) without NaN.

    Accounts tied at the cut enter in equal fractions, so the order of rows cannot matter. The interval is that
    of the lost accounts reached (over accounts) with the cut taken as given.
    """
    if not lost.any():
        return ()
    values, inverse = np.unique(-p_lost, return_inverse=True)
    counts = np.bincount(inverse, minlength=len(values)).astype(float)
    before = np.cumsum(counts) - counts
    clusters, money = codes(account[lost]), np.nan_to_num(arr[lost])
    found = []
    for share in shares:
        taken = np.clip((share * len(lost) - before) / counts, 0.0, 1.0)[inverse][lost]
        rate = clustered_rate(taken, clusters)
        worth = float((taken * money).sum() / money.sum()) if money.sum() > 0 else float("nan")
        accounts = round(share * len(lost))
        found.append(Gain(share, accounts, rate.value, rate.low, rate.high, worth))
    return tuple(found)
