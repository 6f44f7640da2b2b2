"""How people's calls fared: pulses and verdicts against the outcomes that followed (X4).

A call is what somebody said of an account before a decision on its renewal: no concern, doubt or alarm. Graded are a
person's calls whose outcome is known, one per account and decision. Under a minimum nothing is graded, and it is
said how many are missing: a rate on a handful of accounts says more about luck than about a colleague.

- warned: of the accounts that were lost, the share about which they had doubt or alarm.
- reassured: of the accounts that stayed, the share about which they had no concern.
- by view: how many of each view were lost, which is the calibration of their words.
- against the numbers: where their call and the numbers pointed different ways, how often it went theirs.
- Brier score (Brier 1950): their words as chances, each word worth what it meant with everybody else, so that nobody
  is graded on their own outcomes; beside it the same for one who always says the usual share. Lower is better.

Intervals are 95 % and take the account as the unit (`rates.clustered_rate`): an account that decided twice is one
witness.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from barograph.learning.estimates import Estimate
from barograph.learning.intervals import codes
from barograph.learning.observations import BoolArray, FloatArray, IntArray
from barograph.learning.rates import clustered_rate

NO_CONCERN, DOUBT, ALARM = 0, 1, 2
VIEWS = ("no_concern", "doubt", "alarm")
"""Names of the views, by code."""
UNKNOWN = -1
MINIMUM = 10
"""Calls with a known outcome under which nothing is graded."""
MINIMUM_OF_RATE = 5
"""Rows under which one rate is left out of what is graded."""
PRIOR = 2.0
"""Rows at the usual share that each view begins with, so that a rare view is not worth 0 or 1."""


@dataclass(frozen=True, slots=True)
class Calls:
    """n calls with a known outcome. view: codes of VIEWS. numbers: the same for the computed tier, UNKNOWN where there
    was none. lost: whether the account was. account: dense codes, one per account.

    Raises ValueError for lengths that differ or a view that is none.
    """

    view: IntArray
    numbers: IntArray
    lost: BoolArray
    account: IntArray

    def __post_init__(self) -> None:
        sizes = {len(self.view), len(self.numbers), len(self.lost), len(self.account)}
        if len(sizes) != 1:
            raise ValueError(f"calls of different lengths: {sorted(sizes)}")
        if np.any((self.view < NO_CONCERN) | (self.view > ALARM)):
            raise ValueError(f"a view is one of 0 to {ALARM}, not {sorted(set(self.view.tolist()))}")

    def __len__(self) -> int:
        return len(self.view)

    def take(self, rows: BoolArray) -> Calls:
        """Some of the calls."""
        return Calls(
            self.view[rows], self.numbers[rows], self.lost[rows], codes(self.account[rows].astype(str))
        )


@dataclass(frozen=True, slots=True)
class Rate:
    """events of n, with the interval; `estimate` is None while `missing` more rows are needed."""

    events: int
    n: int
    estimate: Estimate | None
    missing: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """How n calls fared, `lost` of whose accounts were. `missing` > 0: too few, and every figure below is None.

    by_view: one rate of losses per view, in the order of VIEWS. brier and usual: mean squared error of the calls, and
    of the usual share; gain: usual less brier, higher is better; None without other people's calls to go by.
    """

    n: int
    lost: int
    missing: int
    warned: Rate | None = None
    reassured: Rate | None = None
    against_numbers: Rate | None = None
    by_view: tuple[Rate, ...] | None = None
    brier: float | None = None
    usual: float | None = None
    gain: Estimate | None = None


def chances(others: Calls) -> FloatArray | None:
    """What each view meant with other people: the share lost of each (3,), drawn to the usual share by PRIOR rows.

    None with fewer than MINIMUM calls.
    """
    if len(others) < MINIMUM:
        return None
    usual = float(others.lost.mean())
    seen = np.bincount(others.view, minlength=len(VIEWS))
    gone = np.bincount(others.view[others.lost], minlength=len(VIEWS))
    shares: FloatArray = (gone + PRIOR * usual) / (seen + PRIOR)
    return shares


def judge(calls: Calls, others: Calls, *, minimum: int = MINIMUM) -> Judgement:
    """Grade one person's calls. others: the calls of everybody else, for what words are worth."""
    n, lost = len(calls), int(calls.lost.sum())
    if n < minimum:
        return Judgement(n, lost, minimum - n)
    concerned = calls.view != NO_CONCERN
    told = calls.numbers != UNKNOWN
    apart = told & (concerned != (calls.numbers != NO_CONCERN))
    brier, usual, gain = _brier(calls, others)
    return Judgement(
        n=n,
        lost=lost,
        missing=0,
        warned=_rate(concerned, calls, calls.lost),
        reassured=_rate(~concerned, calls, ~calls.lost),
        against_numbers=_rate(concerned == calls.lost, calls, apart),
        by_view=tuple(_rate(calls.lost, calls, calls.view == view) for view in range(len(VIEWS))),
        brier=brier,
        usual=usual,
        gain=gain,
    )


def _rate(events: BoolArray, calls: Calls, rows: BoolArray) -> Rate:
    n, seen = int(rows.sum()), int((events & rows).sum())
    if n < MINIMUM_OF_RATE:
        return Rate(seen, n, None, MINIMUM_OF_RATE - n)
    return Rate(seen, n, clustered_rate(events[rows], codes(calls.account[rows].astype(str))), 0)


def _brier(calls: Calls, others: Calls) -> tuple[float | None, float | None, Estimate | None]:
    worth = chances(others)
    if worth is None:
        return None, None, None
    y = calls.lost.astype(float)
    errors = (worth[calls.view] - y) ** 2
    usual = (float(others.lost.mean()) - y) ** 2
    return float(errors.mean()), float(usual.mean()), _mean(usual - errors, calls.account)


def _mean(values: FloatArray, account: IntArray) -> Estimate:
    """Mean with Student's interval over accounts; infinite with one account."""
    mean, n = float(values.mean()), len(values)
    sums = np.bincount(codes(account.astype(str)), weights=values - mean)
    count = len(sums)
    if count < 2:
        return Estimate(mean, float("-inf"), float("inf"), "student, clustered")
    error = float(np.sqrt(count / (count - 1) * (sums**2).sum())) / n
    half = float(stats.t.ppf(0.975, count - 1)) * error
    return Estimate(mean, mean - half, mean + half, "student, clustered")
