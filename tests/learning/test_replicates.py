"""AUC in many resamples at once equals AUC with weights, one by one (reference, property). L1, X1."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.learning.intervals import cluster_draws
from barograph.learning.metrics import auc
from barograph.learning.replicates import replicate_aucs


def test_equals_the_weighted_auc_of_every_resample_with_ties_and_unknowns() -> None:
    rng = np.random.default_rng(1)
    n, draws = 300, 130
    lost, clusters = rng.random(n) < 0.3, rng.integers(0, 120, n)
    clusters = np.unique(clusters, return_inverse=True)[1]
    smooth, tied = rng.normal(size=n) - lost, rng.integers(0, 4, n).astype(float)
    tied[rng.random(n) < 0.2] = np.nan
    found = replicate_aucs([smooth, tied], lost, clusters, draws, np.random.default_rng(7))
    again = np.random.default_rng(7)
    times = np.vstack([cluster_draws(lost, clusters, k, again) for k in (100, 30)])
    for j, values in enumerate((smooth, tied)):
        known = ~np.isnan(values)
        expected = [auc(values[known], lost[known], w[known]) for w in times]
        assert found[j] == pytest.approx(expected, abs=1e-6)


def test_what_cannot_be_compared_is_not_a_number() -> None:
    lost = np.arange(40) < 10
    nothing, one_side = np.full(40, np.nan), np.where(lost, 1.0, np.nan)
    found = replicate_aucs([nothing, one_side], lost, np.arange(40), 5, np.random.default_rng(0))
    assert np.isnan(found).all()


def test_constant_health_is_one_half_in_every_resample() -> None:
    lost = np.arange(40) < 10
    found = replicate_aucs([np.ones(40)], lost, np.arange(40), 20, np.random.default_rng(0))
    assert (found == 0.5).all()
