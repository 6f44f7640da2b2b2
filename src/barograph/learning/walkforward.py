"""Out-of-time predictions: every row is judged by a model that knew only what was known before.

Expanding walk-forward: at each fold's start the model is fitted on rows whose outcome was known by then and
whose as_of lies at least horizon + grace before it (embargo), and everything (bands, selection, weights) is
fitted again. Where accounts decide more than once they are dealt into parts, and a block is judged part by
part, each by a model that saw no account of that part. (Leaving the accounts of the block out of training is
no substitute: it leaves the lost ones in, which decide no more.) Rows without dates cannot say anything over
time; they are cross-validated by group instead, and the plan says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np

from barograph.learning.observations import (
    MIN_LOST,
    MIN_OUTCOMES,
    BoolArray,
    FloatArray,
    IntArray,
    Observations,
    decision_codes,
)
from barograph.learning.splits import deal, part_of

QUARTER = 91
MOST_FOLDS = 8
SNAPSHOT_FOLDS = 5
GRACE = 30
FOLD_PREDICTIVE, FOLD_BLENDED = (100, 25), (30, 10)
"""The fewest (outcomes, lost) a fold may train on: with less, models would be judged that nobody would use."""
PARTS = ((2_000, 5), (20_000, 3))
"""(decisions up to which, parts): few decisions can spare a fifth of the accounts, many can spare a half and
save the fits."""
PARTS_OF_MANY = 2
LEAST_SHARE = 2 / 3
"""What a part's training rows must hold of what is asked of all: chance may deal them unevenly."""

FitPredict = Callable[[IntArray, IntArray], FloatArray]


@dataclass(frozen=True, slots=True)
class Fold:
    """Row numbers to train and to test on; `start` is the local day the model would have been put to work."""

    train: IntArray
    test: IntArray
    start: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The folds and what kind of statement they allow."""

    folds: tuple[Fold, ...]
    kind: Literal["walk_forward", "cross_validated", "none"]
    reason: str

    @property
    def tested(self) -> IntArray:
        """Rows that are predicted, in row order."""
        if not self.folds:
            return np.zeros(0, dtype=np.int64)
        return np.sort(np.concatenate([fold.test for fold in self.folds]))


def plan_folds(
    observations: Observations,
    rng: np.random.Generator,
    *,
    training: Observations | None = None,
    grace: int = GRACE,
    block: int = QUARTER,
    min_outcomes: int = MIN_OUTCOMES,
    min_lost: int = MIN_LOST,
    seed: int = 0,
) -> Plan:
    """Walk-forward blocks of `block` days (longer when that makes more than 8), or five group folds undated.

    training: the rows to fit on where they are others than those judged (person-periods); `Fold.train` then
    counts its rows. The first block starts at the first as_of at which `min_outcomes` decisions with `min_lost`
    lost and as many kept are known, two thirds of that without any one part. Parts: none when every account
    decides once, else 5 up to 2,000 decisions, 3 up to 20,000, 2 above, dealt by `seed`."""
    if len(np.unique(observations.as_of)) < 2:
        return _snapshot(observations, training, rng)
    rows = observations if training is None else training
    book = _Book(rows, grace)
    parts = _parts(observations, book)
    judged, fitted = part_of(observations.group, parts, seed), part_of(rows.group, parts, seed)
    apart = [fitted != part if parts > 1 else np.ones(rows.n, dtype=bool) for part in range(parts)]
    days = np.unique(observations.as_of)

    def ready(day: int) -> bool:
        known = book.known_by(day)
        few, few_lost = ceil(min_outcomes * LEAST_SHARE), ceil(min_lost * LEAST_SHARE)
        return book.enough(known, min_outcomes, min_lost) and all(
            book.enough(known & side, few, few_lost) for side in apart
        )

    first = _first(days, ready)
    if first is None:
        reason = (
            f"no date has {min_outcomes} outcomes with {min_lost} lost whose horizon ended {grace} days "
            "before it, so there is nothing to train on."
        )
        return Plan((), "none", reason)
    span = int(days[-1]) - first + 1
    step = max(block, int(np.ceil(span / MOST_FOLDS)))
    starts = range(first, int(days[-1]) + 1, step)
    folds = []
    for start in starts:
        inside = (observations.as_of >= start) & (observations.as_of < start + step)
        known = book.known_by(start)
        for part, side in enumerate(apart):
            test = np.flatnonzero(inside & (judged == part))
            if len(test):
                folds.append(Fold(np.flatnonzero(known & side), test, start))
    return Plan(tuple(folds), "walk_forward", _reason(len(starts), step, grace, parts))


def out_of_sample(plan: Plan, fit_predict: FitPredict, n: int) -> FloatArray:
    """(n,) P(lost) from `fit_predict(train rows, test rows)` per fold; NaN for rows that are never tested."""
    out = np.full(n, np.nan)
    for fold in plan.folds:
        out[fold.test] = fit_predict(fold.train, fold.test)
    return out


class _Book:
    """Which rows were known by a day, and how many decisions they are."""

    def __init__(self, rows: Observations, grace: int) -> None:
        self.code = decision_codes(rows)
        self.decisions = int(self.code.max(initial=-1)) + 1
        self.lost = rows.lost
        # First day on which the outcome had been known and the embargo was over.
        self.ready = np.maximum(rows.known_day + 1, rows.as_of + rows.horizon + grace)

    def known_by(self, day: int) -> BoolArray:
        """Rows whose outcome was known before the day, with the embargo over by then."""
        return np.asarray(self.ready <= day, dtype=bool)

    def enough(self, rows: BoolArray, outcomes: int, lost: int) -> bool:
        """Whether these rows hold so many decisions, lost ones and kept ones."""
        if int(rows.sum()) < outcomes:
            return False
        have, gone = (self._count(rows), self._count(rows & self.lost))
        return have >= outcomes and gone >= lost and have - gone >= lost

    def _count(self, rows: BoolArray) -> int:
        return int((np.bincount(self.code[rows], minlength=self.decisions) > 0).sum())


def _parts(observations: Observations, book: _Book) -> int:
    """1 when no account is met twice, else by the number of decisions there are to fit on."""
    decisions = int(decision_codes(observations).max(initial=-1)) + 1
    if book.decisions == decisions == len(np.unique(observations.group)):
        return 1
    return next((parts for most, parts in PARTS if book.decisions <= most), PARTS_OF_MANY)


def _first(days: IntArray, ready: Callable[[int], bool]) -> int | None:
    """The first of the rising days that is ready; a day after a ready one is ready."""
    low, high = 0, len(days)
    while low < high:
        middle = (low + high) // 2
        if ready(int(days[middle])):
            high = middle
        else:
            low = middle + 1
    return int(days[low]) if low < len(days) else None


def _reason(blocks: int, step: int, grace: int, parts: int) -> str:
    what = f"{blocks} blocks of {step} days, embargo horizon + {grace} days, "
    if parts == 1:
        return what + "every account decides once"
    return what + f"accounts in {parts} parts, each judged by models that saw none of its accounts"


def _snapshot(observations: Observations, training: Observations | None, rng: np.random.Generator) -> Plan:
    if training is not None:
        return Plan((), "none", "one snapshot without dates: person-periods cannot be laid out.")
    seat = deal(observations, SNAPSHOT_FOLDS, rng)
    start = int(observations.as_of[0]) if observations.n else 0
    folds = tuple(
        Fold(np.flatnonzero(seat != k), np.flatnonzero(seat == k), start)
        for k in range(SNAPSHOT_FOLDS)
        if (seat == k).any() and (seat != k).any()
    )
    return Plan(folds, "cross_validated", "one snapshot without dates: five folds by group, not out of time")
