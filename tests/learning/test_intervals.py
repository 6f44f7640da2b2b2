"""Intervals against brute force, published figures and their own coverage (reference, property). L1, L5."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from barograph.learning.intervals import (
    auc_interval,
    bootstrap_auc,
    cluster_draws,
    compare_auc,
    delong,
    mann_whitney_p,
    poisson_ratio,
    wilson,
)
from barograph.learning.metrics import auc
from barograph.learning.milestones import newcombe


def _scores(seed: int, n: int = 80) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    lost = rng.random(n) < 0.35
    return np.round(rng.normal(size=n) - 0.8 * lost, 1), lost


def test_delong_variance_equals_the_pairwise_definition() -> None:
    health, lost = _scores(1)
    psi = (health[~lost][None, :] > health[lost][:, None]) + 0.5 * (
        health[~lost][None, :] == health[lost][:, None]
    )
    m, k = psi.shape
    expected = psi.mean(axis=1).var(ddof=1) / m + psi.mean(axis=0).var(ddof=1) / k
    found = delong(health, lost)
    assert found.auc == pytest.approx(psi.mean(), abs=1e-12)
    assert found.variance == pytest.approx(expected, rel=1e-9)


def test_singleton_clusters_change_nothing_and_copies_add_no_certainty() -> None:
    health, lost = _scores(2)
    single = delong(health, lost).variance
    assert delong(health, lost, np.arange(len(lost))).variance == pytest.approx(single, rel=1e-9)
    three = delong(np.tile(health, 3), np.tile(lost, 3), np.tile(np.arange(len(lost)), 3)).variance
    assert three == pytest.approx(single, rel=0.05)
    assert delong(np.tile(health, 3), np.tile(lost, 3)).variance < single / 2


def test_mann_whitney_equals_scipy_with_ties() -> None:
    for seed in range(5):
        health, lost = _scores(seed)
        expected = stats.mannwhitneyu(health[~lost], health[lost], method="asymptotic").pvalue
        assert mann_whitney_p(health, lost) == pytest.approx(expected, rel=1e-9)


def test_mann_whitney_of_copies_is_no_more_significant() -> None:
    health, lost = _scores(4)
    once = mann_whitney_p(health, lost)
    copies = mann_whitney_p(np.tile(health, 4), np.tile(lost, 4), np.tile(np.arange(len(lost)), 4))
    assert copies > once / 3
    assert mann_whitney_p(np.tile(health, 4), np.tile(lost, 4)) < once / 3


def test_bootstrap_draws_equal_the_weighted_auc_and_keep_the_strata() -> None:
    health, lost = _scores(5)
    clusters = np.arange(len(lost)) // 2
    times = cluster_draws(lost, clusters, 20, np.random.default_rng(0))
    ever = np.isin(clusters, clusters[lost])
    per_cluster = times[:, ::2]
    assert (per_cluster[:, ever[::2]].sum(axis=1) == ever[::2].sum()).all()
    assert (times[:, 0] == times[:, 1]).all()
    expected = [auc(health, lost, w) for w in times]
    assert bootstrap_auc(health, lost, times) == pytest.approx(expected, abs=1e-12)


def test_delong_interval_covers_the_true_auc() -> None:
    true = float(stats.norm.cdf(0.8 / np.sqrt(2)))
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(300):
        lost = np.arange(120) < 35
        found = auc_interval(rng.normal(size=120) - 0.8 * lost, lost)
        hits += found.low <= true <= found.high
    assert 0.91 <= hits / 300 <= 0.985


def test_paired_comparison_sees_a_difference_and_not_a_copy() -> None:
    rng = np.random.default_rng(3)
    lost = rng.random(600) < 0.3
    good, bad = rng.normal(size=600) - 1.2 * lost, rng.normal(size=600) - 0.3 * lost
    assert compare_auc(good, bad, lost).p < 0.001
    same = compare_auc(good, good * 2, lost)
    assert (same.difference, same.p, same.p_not_worse) == (0.0, 1.0, 1.0)


def test_published_intervals() -> None:
    # Newcombe 1998 (Statistics in Medicine 17): 81/263 by Wilson; 56/70 against 48/80 by method 10.
    one = wilson(81, 263)
    assert (round(one.low, 4), round(one.high, 4)) == (0.2553, 0.3662)
    gap = newcombe(56, 70, 48, 80)
    assert (round(gap.low, 4), round(gap.high, 4)) == (0.0524, 0.3339)
    # Garwood 1936: ten events, 4.80 to 18.39.
    ratio = poisson_ratio(10, 1.0)
    assert (round(ratio.low, 2), round(ratio.high, 2)) == (4.80, 18.39)
