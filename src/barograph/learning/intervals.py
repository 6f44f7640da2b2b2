"""Intervals and tests for AUC and for rates: DeLong, cluster bootstrap, Wilson, Poisson.

Accounts renew more than once and are seen at several horizons, so rows are not independent: every interval
takes `clusters` (the account or its group) and treats the account as the unit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from barograph.learning.estimates import Z95, Estimate, wilson
from barograph.learning.observations import BoolArray, FloatArray, IntArray, TextArray

BOOTSTRAP_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class AucPlacement:
    """AUC with the placement of every row: the pieces DeLong's variance is made of."""

    auc: float
    variance: float
    influence: FloatArray


def codes(labels: TextArray | NDArray[Any]) -> IntArray:
    """Dense integer codes 0..k-1 of any labels."""
    return np.unique(np.asarray(labels), return_inverse=True)[1].astype(np.int64).reshape(-1)


def delong(health: FloatArray, lost: BoolArray, clusters: IntArray | None = None) -> AucPlacement:
    """AUC and its variance after DeLong et al. (1988); with clusters after Obuchowski (1997).

    health: n values, higher healthier, no NaN. clusters: n dense codes. The variance is NaN with fewer than
    two rows (or clusters) on a side. `influence` holds each row's share in the variance: its sum over any
    grouping of rows can be reused to compare two scores on the same rows.
    """
    bad, good = health[lost], health[~lost]
    m, k = len(bad), len(good)
    if not m or not k:
        return AucPlacement(float("nan"), float("nan"), np.zeros(len(lost)))
    ranks = stats.rankdata(health)
    placement = np.empty(len(lost))
    placement[lost] = 1 - (ranks[lost] - stats.rankdata(bad)) / k
    placement[~lost] = (ranks[~lost] - stats.rankdata(good)) / m
    theta = float(placement[lost].mean())
    influence = np.where(lost, (placement - theta) / m, (placement - theta) / k)
    who = np.arange(len(lost)) if clusters is None else clusters
    return AucPlacement(theta, _cluster_variance(influence, lost, who), influence)


def _cluster_variance(influence: FloatArray, lost: BoolArray, clusters: IntArray) -> float:
    size = int(clusters.max()) + 1
    bad = np.bincount(clusters[lost], weights=influence[lost], minlength=size)
    good = np.bincount(clusters[~lost], weights=influence[~lost], minlength=size)
    any_bad = np.bincount(clusters[lost], minlength=size) > 0
    any_good = np.bincount(clusters[~lost], minlength=size) > 0
    with_bad, with_good, every = int(any_bad.sum()), int(any_good.sum()), int((any_bad | any_good).sum())
    if with_bad < 2 or with_good < 2:
        return float("nan")
    return float(
        with_bad / (with_bad - 1) * (bad**2).sum()
        + with_good / (with_good - 1) * (good**2).sum()
        + 2 * every / (every - 1) * (bad * good).sum()
    )


def auc_interval(health: FloatArray, lost: BoolArray, clusters: IntArray | None = None) -> Estimate:
    """AUC with a 95 % interval from DeLong's variance on the logit scale, so that it stays inside 0..1."""
    placed = delong(health, lost, clusters)
    return logit_interval(placed.auc, placed.variance)


def logit_interval(value: float, variance: float, method: str = "delong") -> Estimate:
    """A 95 % interval for a share by the delta method on the logit; (0, 1) when the variance is unknown."""
    if not np.isfinite(value) or not np.isfinite(variance):
        return Estimate(value, 0.0, 1.0, method)
    inside = min(max(value, 1e-6), 1 - 1e-6)
    centre = np.log(inside / (1 - inside))
    half = Z95 * np.sqrt(variance) / (inside * (1 - inside))
    low, high = 1 / (1 + np.exp(-(centre - half))), 1 / (1 + np.exp(-(centre + half)))
    return Estimate(value, float(low), float(high), method)


@dataclass(frozen=True, slots=True)
class AucComparison:
    """AUC of `a` minus AUC of `b` on the same rows. `p` is two-sided; `p_not_worse` = P(difference >
    -margin).
    """

    difference: float
    low: float
    high: float
    p: float
    p_not_worse: float


def compare_auc(
    a: FloatArray, b: FloatArray, lost: BoolArray, clusters: IntArray | None = None, margin: float = 0.01
) -> AucComparison:
    """DeLong's paired comparison of two scores on the same rows, clustered."""
    one, two = delong(a, lost, clusters), delong(b, lost, clusters)
    who = np.arange(len(lost)) if clusters is None else clusters
    difference = one.auc - two.auc
    variance = _cluster_variance(one.influence - two.influence, lost, who)
    error = float(np.sqrt(max(variance, 0.0))) if np.isfinite(variance) else float("nan")
    if not error > 0:
        same = 1.0 if difference == 0 else float("nan")
        return AucComparison(difference, difference, difference, same, float(difference > -margin))
    return AucComparison(
        difference,
        difference - Z95 * error,
        difference + Z95 * error,
        float(2 * stats.norm.sf(abs(difference) / error)),
        float(stats.norm.cdf((difference + margin) / error)),
    )


def mann_whitney_p(health: FloatArray, lost: BoolArray, clusters: IntArray | None = None) -> float:
    """Two-sided p of 'kept and lost have the same distribution', normal approximation with ties corrected.

    With clusters the null variance is inflated by the design effect: clustered over unclustered DeLong
    variance, never below 1.
    """
    placed = delong(health, lost, clusters)
    m, k = int(lost.sum()), int((~lost).sum())
    n = m + k
    if not np.isfinite(placed.auc) or n < 3:
        return 1.0
    ties = np.unique(health, return_counts=True)[1].astype(float)
    null = ((n + 1) - (ties**3 - ties).sum() / (n * (n - 1))) / (12 * m * k)
    if clusters is not None:
        alone = _cluster_variance(placed.influence, lost, np.arange(n))
        if alone > 0 and np.isfinite(placed.variance):
            null *= max(1.0, placed.variance / alone)
    if null <= 0:
        return 1.0
    gap = max(0.0, abs(placed.auc - 0.5) - 0.5 / (m * k))
    return float(2 * stats.norm.sf(gap / np.sqrt(null)))


def cluster_draws(lost: BoolArray, clusters: IntArray, draws: int, rng: np.random.Generator) -> FloatArray:
    """(draws, n) row multiplicities of a bootstrap over accounts, stratified by 'ever lost'.

    Each draw resamples as many accounts as there are in each stratum; a row counts as often as its account.
    """
    size = int(clusters.max()) + 1 if len(clusters) else 0
    ever = np.zeros(size, dtype=bool)
    ever[clusters[lost]] = True
    present = np.bincount(clusters, minlength=size) > 0
    times = np.zeros((draws, size))
    for stratum in (present & ever, present & ~ever):
        members = np.flatnonzero(stratum)
        if len(members):
            picks = rng.integers(len(members), size=(draws, len(members)))
            picks += np.arange(draws)[:, None] * len(members)
            counts = np.bincount(picks.ravel(), minlength=draws * len(members))
            times[:, members] = counts.reshape(draws, len(members))
    return times[:, clusters]


def bootstrap_auc(health: FloatArray, lost: BoolArray, multiplicity: FloatArray) -> FloatArray:
    """AUC of one score in every draw of `cluster_draws`: (draws,), NaN where a side is empty."""
    order = np.argsort(health, kind="stable")
    values = health[order]
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
    w = multiplicity[:, order]
    side = lost[order]
    bad_here, all_here = w * side, w
    if len(starts) < len(values):
        bad_here = np.add.reduceat(bad_here, starts, axis=1)
        all_here = np.add.reduceat(w, starts, axis=1)
    good_here = all_here - bad_here
    below = np.cumsum(bad_here, axis=1) - 0.5 * bad_here
    pairs = bad_here.sum(axis=1) * good_here.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.einsum("ij,ij->i", good_here, below) / pairs)


def bootstrap(
    statistic: Callable[[FloatArray], float],
    lost: BoolArray,
    clusters: IntArray,
    rng: np.random.Generator,
    draws: int = 500,
    level: float = 0.95,
) -> Estimate:
    """Percentile interval of any weighted figure: `statistic(weights)` over account resamples.

    The value is the statistic with all weights 1. Draws in which it is NaN are left out.
    """
    value = statistic(np.ones(len(lost)))
    found = np.array([statistic(w) for w in cluster_draws(lost, clusters, draws, rng)])
    found = found[np.isfinite(found)]
    if len(found) < draws / 2:
        return Estimate(value, float("nan"), float("nan"), "bootstrap")
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(value, float(low), float(high), "bootstrap")


def poisson_ratio(observed: int, expected: float, level: float = 0.95) -> Estimate:
    """Observed over expected count with Garwood's exact Poisson interval (Garwood 1936)."""
    tail = (1 - level) / 2
    low = stats.chi2.ppf(tail, 2 * observed) / 2 if observed else 0.0
    high = stats.chi2.ppf(1 - tail, 2 * (observed + 1)) / 2
    if expected <= 0:
        return Estimate(float("nan"), float("nan"), float("nan"), "poisson")
    return Estimate(observed / expected, float(low / expected), float(high / expected), "poisson")


__all__ = [
    "BOOTSTRAP_ROWS",
    "Z95",
    "AucComparison",
    "AucPlacement",
    "Estimate",
    "auc_interval",
    "bootstrap",
    "bootstrap_auc",
    "cluster_draws",
    "codes",
    "compare_auc",
    "delong",
    "logit_interval",
    "mann_whitney_p",
    "poisson_ratio",
    "wilson",
]
