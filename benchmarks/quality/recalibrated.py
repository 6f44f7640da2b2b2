"""How well a probability is calibrated after recalibration, beside what chance alone would show.

The goal is read on the plain figure, mean |predicted - observed| over ten groups of equal count. It has a floor: a
perfect model misses by about .8 * sqrt(10 p (1 - p) / n) per group through chance, so the floor is simulated and
the debiased figure stands beside it: the root of the mean squared gap less the binomial variance of each group
(Kumar, Liang & Ma 2019, 'Verified uncertainty calibration'; Bröcker 2012 for the decomposition)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.learning.calibration import calibrate
from barograph.learning.metrics import calibration_error, probability
from barograph.learning.observations import BoolArray, FloatArray, Observations
from barograph.learning.search import SearchRules, search
from barograph.learning.splits import deal
from benchmarks.quality.curves import draw
from benchmarks.quality.datasets import QualitySet
from benchmarks.quality.kept import splits

FRESH = 250
FOLDS = 5


@dataclass(frozen=True)
class Recalibrated:
    """Means over samples. error: plain, after calibrating on cross-fitted training rows and FRESH further ones, as
    the product does with every out-of-sample prediction it has. fresh_only: the same from the FRESH ones alone.
    debiased: of `error`. perfect: the plain figure of a model without any error."""

    error: float
    fresh_only: float
    debiased: float
    perfect: float


def debiased_error(p_lost: FloatArray, lost: BoolArray, bins: int = 10) -> float:
    """Mean squared gap of predicted and observed rate less each group's sampling variance; can be below 0."""
    edges = np.quantile(p_lost, np.linspace(0, 1, bins + 1)[1:-1])
    group = np.searchsorted(edges, p_lost, side="left")
    n = np.bincount(group, minlength=bins).astype(float)
    used = n > 1
    rate = np.bincount(group, weights=lost, minlength=bins)[used] / n[used]
    said = np.bincount(group, weights=p_lost, minlength=bins)[used] / n[used]
    gap = (rate - said) ** 2 - rate * (1 - rate) / (n[used] - 1)
    return float((n[used] * gap).sum() / n[used].sum())


def measure(chosen: QualitySet, samples: int = 8) -> Recalibrated:
    """At most 1,000 rows train, 250 further ones recalibrate, all test rows judge (half of an undated set)."""
    o, rng = chosen.observations, np.random.default_rng(1)
    if chosen.dated:
        train, test = splits(chosen)[0]
    else:
        half = deal(o, 2, rng)
        train, test = np.flatnonzero(half == 0), np.flatnonzero(half == 1)
    found = []
    for _ in range(samples):
        rows = draw(chosen, train, min(1_000, len(train) // 2), rng)
        fresh = o.take(draw(chosen, np.setdiff1d(train, rows), FRESH, rng))
        card = search(o.take(rows), SearchRules()).scorecard
        if card is None:
            continue
        later = probability(card.log_odds(fresh))
        there, lost = probability(card.log_odds(o.take(test))), o.lost[test]
        own = _cross_fitted(o.take(rows))
        known = np.r_[own, later], np.r_[o.lost[rows], fresh.lost]
        after = calibrate(*known).apply(there)
        alone = calibrate(later, fresh.lost).apply(there)
        found.append([
            calibration_error(after, lost), calibration_error(alone, lost), debiased_error(after, lost),
            calibration_error(after, rng.random(len(test)) < after),
        ])  # fmt: skip
    mean = np.mean(found, axis=0) if found else np.full(4, np.nan)
    return Recalibrated(float(mean[0]), float(mean[1]), float(np.sqrt(max(mean[2], 0.0))), float(mean[3]))


def _cross_fitted(rows: Observations) -> FloatArray:
    """(n,) P(lost) by scorecards searched on the other folds."""
    fold, out = deal(rows, FOLDS), np.full(rows.n, rows.base_rate)
    for part in range(FOLDS):
        card = search(rows.take(fold != part), SearchRules()).scorecard
        if card is not None:
            out[fold == part] = probability(card.log_odds(rows.take(fold == part)))
    return out
