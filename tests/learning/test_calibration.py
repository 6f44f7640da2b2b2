"""Calibration: recovers a known distortion, leaves good probabilities alone (planted truth, reference).
L7.
"""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from barograph.learning.calibration import calibrate, check_calibration, curvature_p, curved, isotonic, platt
from barograph.learning.metrics import auc, calibration_error, log_loss, log_odds, probability


def _world(n: int, seed: int, slope: float = 1.0, shift: float = 0.0, bend: float = 0.0):
    """Predictions whose true log-odds are shift + slope * logit(p) (+ bend)."""
    rng = np.random.default_rng(seed)
    x = rng.normal(-1, 1.2, n)
    return probability(x), rng.random(n) < probability(shift + slope * x + bend * np.sin(2.5 * x))


def test_slope_and_intercept_equal_an_unpenalised_fit() -> None:
    p, lost = _world(800, 1, slope=0.6, shift=0.4)
    reference = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000).fit(log_odds(p)[:, None], lost)
    found = check_calibration(p, lost)
    assert found.slope.value == pytest.approx(reference.coef_[0, 0], abs=2e-3)
    assert found.slope.low < 0.6 < found.slope.high
    assert found.p < 1e-6


def test_good_probabilities_are_mostly_left_alone() -> None:
    kinds = [calibrate(*_world(300, 100 + seed)).kind for seed in range(60)]
    assert kinds.count("none") >= 52
    p, lost = _world(300, 100)
    assert (calibrate(p, lost).apply(p) == p).all() or calibrate(p, lost).kind == "platt"


def test_a_distortion_is_undone_and_the_order_kept() -> None:
    p, lost = _world(1_000, 2, slope=0.4, shift=0.8)
    fresh, later = _world(20_000, 3, slope=0.4, shift=0.8)
    found = calibrate(p, lost)
    assert found.kind == "platt"
    after = found.apply(fresh)
    assert calibration_error(after, later) < 0.02 < calibration_error(fresh, later)
    assert auc(-after, later) == pytest.approx(auc(-fresh, later), abs=1e-12)


def test_few_outcomes_cannot_move_the_slope_far() -> None:
    held, loose = [], []
    for seed in range(20):
        p, lost = _world(30, seed)
        held.append(platt(p, lost).slope)
        loose.append(platt(p, lost, slope_sd=10.0).slope)
    assert np.std(held) < 0.6 * np.std(loose)


@pytest.mark.parametrize(("n", "lost"), [(59, 20), (200, 14), (200, 190)])
def test_too_few_outcomes_are_named(n: int, lost: int) -> None:
    p = np.linspace(0.05, 0.9, n)
    found = calibrate(p, np.arange(n) < lost)
    assert found.kind == "none"
    assert f"{n} outcomes with {lost} lost" in found.reason


def test_a_bent_curve_is_followed_by_as_much_as_the_outcomes_allow() -> None:
    p, lost = _world(6_000, 5, bend=1.2)
    assert curvature_p(p, lost) < 1e-3
    assert calibrate(p, lost).kind == "isotonic"
    assert calibrate(p[:1_500], lost[:1_500]).kind == "curved"
    assert calibrate(p[:190], lost[:190]).kind in ("none", "platt")
    assert calibrate(*_world(6_000, 6, slope=0.5)).kind == "platt"
    fresh, later = _world(20_000, 7, bend=1.2)
    straight = log_loss(platt(p, lost).apply(fresh), later)
    for found in (isotonic(p, lost), curved(p[:1_500], lost[:1_500])):
        after = found.apply(fresh)
        assert log_loss(after, later) < straight
        order = np.argsort(fresh)
        assert (np.diff(after[order]) >= -1e-12).all()


def _saturating(n: int, seed: int):
    """Predictions of a model that does not see that a tenth of the safe are lost and a tenth of the lost kept."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 2, n)
    return probability(x), rng.random(n) < 0.02 + 0.86 * probability(2.5 * x)


def test_a_probability_that_saturates_is_followed_within_the_goal() -> None:
    fresh, later = _saturating(20_000, 1)
    errors = [calibration_error(curved(*_saturating(750, 100 + s)).apply(fresh), later) for s in range(10)]
    straight = [calibration_error(platt(*_saturating(750, 100 + s)).apply(fresh), later) for s in range(10)]
    assert np.mean(errors) <= 0.03
    assert np.mean(straight) > 0.05


def test_a_curve_never_turns_the_order_and_stays_a_probability() -> None:
    rng = np.random.default_rng(0)
    for seed in range(20):
        p, lost = _world(200, seed, bend=2.0)
        after = curved(p, lost).apply(np.sort(rng.random(500)))
        assert (np.diff(after) >= -1e-12).all()
        assert after.min() >= 0
        assert after.max() <= 1


def test_isotonic_equals_scikit_learn_where_it_was_fitted() -> None:
    p, lost = _world(2_500, 9, bend=1.0)
    p = np.round(p, 3)
    reference = IsotonicRegression(y_min=1e-4, y_max=1 - 1e-4, out_of_bounds="clip").fit(
        p, lost.astype(float)
    )
    grid = np.linspace(0, 1, 400)
    assert isotonic(p, lost).apply(grid) == pytest.approx(reference.predict(grid), abs=1e-9)


def test_straight_probabilities_are_rarely_bent() -> None:
    assert sum(calibrate(*_world(400, 500 + seed)).kind == "curved" for seed in range(60)) <= 3


def test_recalibration_reaches_the_goal_from_two_hundred_outcomes() -> None:
    fresh, later = _world(20_000, 8, slope=0.6, shift=0.5)
    errors = [
        calibration_error(calibrate(*_world(250, 300 + s, 0.6, 0.5)).apply(fresh), later) for s in range(20)
    ]
    assert np.mean(errors) <= 0.04
