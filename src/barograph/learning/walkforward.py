"""Out-of-time predictions: every row is judged by a model that knew only what was known before.

Expanding walk-forward: at each fold's start the model is fitted on rows whose outcome was known by then and
whose as_of lies at least horizon + grace before it (embargo), without any account group of the test block,
and everything (bands, selection, weights) is fitted again. Rows without dates cannot say anything over time;
they are cross-validated by group instead, and the plan says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from barograph.learning.observations import MIN_LOST, MIN_OUTCOMES, FloatArray, IntArray, Observations
from barograph.learning.splits import deal

QUARTER = 91
MOST_FOLDS = 8
SNAPSHOT_FOLDS = 5
GRACE = 30

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
    grace: int = GRACE,
    block: int = QUARTER,
    min_outcomes: int = MIN_OUTCOMES,
    min_lost: int = MIN_LOST,
) -> Plan:
    """Walk-forward blocks of `block` days (longer when that makes more than 8), or five group folds undated.

    A fold is kept when its training rows hold at least `min_outcomes` outcomes with `min_lost` lost and as
    many kept. The first block starts at the first as_of at which that is so."""
    if len(np.unique(observations.as_of)) < 2:
        return _snapshot(observations, rng)
    days = np.unique(observations.as_of)
    first = None
    for day in days.tolist():
        if _enough(observations, _known_by(observations, day, grace), min_outcomes, min_lost):
            first = int(day)
            break
    if first is None:
        reason = (
            f"no date has {min_outcomes} outcomes with {min_lost} lost whose horizon ended {grace} days "
            "before it, so there is nothing to train on."
        )
        return Plan((), "none", reason)
    span = int(days[-1]) - first + 1
    step = max(block, int(np.ceil(span / MOST_FOLDS)))
    folds = []
    for start in range(first, int(days[-1]) + 1, step):
        test = np.flatnonzero((observations.as_of >= start) & (observations.as_of < start + step))
        train = _known_by(observations, start, grace)
        train = train[~np.isin(observations.group[train], np.unique(observations.group[test]))]
        if len(test) and _enough(observations, train, min_outcomes, min_lost):
            folds.append(Fold(train, test, start))
    reason = f"{len(folds)} blocks of {step} days, embargo horizon + {grace} days, groups on one side only"
    return Plan(tuple(folds), "walk_forward" if folds else "none", reason)


def out_of_sample(plan: Plan, fit_predict: FitPredict, n: int) -> FloatArray:
    """(n,) P(lost) from `fit_predict(train rows, test rows)` per fold; NaN for rows that are never tested."""
    out = np.full(n, np.nan)
    for fold in plan.folds:
        out[fold.test] = fit_predict(fold.train, fold.test)
    return out


def _known_by(observations: Observations, day: int, grace: int) -> IntArray:
    settled = (observations.known_day < day) & (observations.as_of + observations.horizon + grace <= day)
    return np.flatnonzero(settled)


def _enough(observations: Observations, rows: IntArray, outcomes: int, lost: int) -> bool:
    if len(rows) < outcomes:
        return False
    have, have_lost = observations.take(rows).evidence()
    return have >= outcomes and have_lost >= lost and have - have_lost >= lost


def _snapshot(observations: Observations, rng: np.random.Generator) -> Plan:
    seat = deal(observations, SNAPSHOT_FOLDS, rng)
    start = int(observations.as_of[0]) if observations.n else 0
    folds = tuple(
        Fold(np.flatnonzero(seat != k), np.flatnonzero(seat == k), start)
        for k in range(SNAPSHOT_FOLDS)
        if (seat == k).any() and (seat != k).any()
    )
    return Plan(folds, "cross_validated", "one snapshot without dates: five folds by group, not out of time")
