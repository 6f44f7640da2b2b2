"""Figures equal scikit-learn's and textbook ones (reference) and behave (property). L5, L11."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import balanced_accuracy_score, brier_score_loss, roc_auc_score
from sklearn.metrics import log_loss as sklearn_log_loss

from barograph.learning import metrics
from barograph.learning.early_warning import early_warning


def _sample(seed: int, n: int = 300, ties: bool = True) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    p = rng.random(n)
    if ties:
        p = np.round(p, 1) * 0.98 + 0.01
    return p, rng.random(n) < p, rng.lognormal(0, 1, n)


@pytest.mark.parametrize("seed", range(5))
def test_equal_to_scikit_learn_with_ties_and_weights(seed: int) -> None:
    p, lost, w = _sample(seed)
    assert metrics.auc(-p, lost) == pytest.approx(roc_auc_score(lost, p), abs=1e-12)
    assert metrics.auc(-p, lost, w) == pytest.approx(roc_auc_score(lost, p, sample_weight=w), abs=1e-12)
    assert metrics.log_loss(p, lost) == pytest.approx(sklearn_log_loss(lost, p), abs=1e-12)
    assert metrics.log_loss(p, lost, w) == pytest.approx(
        sklearn_log_loss(lost, p, sample_weight=w), abs=1e-12
    )
    assert metrics.brier(p, lost) == pytest.approx(brier_score_loss(lost, p), abs=1e-12)
    flagged = p >= 0.5
    found = metrics.confusion(flagged, lost)
    assert found.balanced_accuracy == pytest.approx(balanced_accuracy_score(lost, flagged), abs=1e-12)


def test_calibration_error_is_the_mean_gap_of_the_quantile_curve() -> None:
    p, lost, _ = _sample(3, n=1_000, ties=False)
    rate, mean = calibration_curve(lost, p, n_bins=10, strategy="quantile")
    assert metrics.calibration_error(p, lost) == pytest.approx(np.abs(rate - mean).mean(), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_auc_turns_with_the_score_and_ignores_rising_maps(rows: list[tuple[int, bool]]) -> None:
    score = np.array([float(r[0]) for r in rows])
    lost = np.array([r[1] for r in rows])
    value = metrics.auc(score, lost)
    if lost.all() or not lost.any():
        assert np.isnan(value)
        return
    assert 0 <= value <= 1
    assert metrics.auc(-score, lost) == pytest.approx(1 - value)
    assert metrics.auc(np.exp(score), lost) == pytest.approx(value)


def test_lift_shares_ties_at_the_cut_so_row_order_cannot_matter() -> None:
    p = np.array([0.9, 0.5, 0.5, 0.5, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1])
    lost = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 0], dtype=bool)
    order = np.random.default_rng(0).permutation(10)
    assert metrics.lift(p, lost, 0.2) == pytest.approx((1 + 0.25) / 2 / 0.2)
    assert metrics.lift(p[order], lost[order], 0.2) == pytest.approx(metrics.lift(p, lost, 0.2))


def test_tiers_add_up_and_keep_empty_ones() -> None:
    tier = np.array(["at_risk", "watch", "watch", "healthy"], dtype=object)
    lost = np.array([True, True, False, False])
    rows = metrics.by_tier(
        tier, lost, np.array([10.0, 20, np.nan, 5]), ["at_risk", "watch", "healthy", "growth"]
    )
    assert [(r.tier, r.n, r.lost, r.arr, r.arr_lost) for r in rows] == [
        ("at_risk", 1, 1, 10, 10), ("watch", 2, 1, 20, 20), ("healthy", 1, 0, 5, 0), ("growth", 0, 0, 0, 0),
    ]  # fmt: skip
    assert np.isnan(rows[-1].rate)


def test_lead_time_and_surprise_by_count_and_revenue() -> None:
    first = np.array([50.0, np.nan, 100.0, 60.0, 40.0])
    found = early_warning(
        first, np.full(5, 100.0), np.array([True, True, True, False, False]),
        np.array([10.0, 20.0, 30.0, 40.0, 50.0]), np.array([False, False, False, False, True]),
    )  # fmt: skip
    assert (found.lost, found.flagged, found.surprises) == (3, 1, 2)
    assert found.lead_median == 50
    assert (found.surprise_arr, found.lost_arr) == (50, 60)
    assert (found.false_alarms, found.treated_alarms) == (1, 1)
