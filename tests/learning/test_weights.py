"""Weights: the optimum is the optimum, whole numbers add up, evidence moves opinion (reference, property,
planted truth). L2, L3.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from barograph.errors import BarographError
from barograph.learning.weights import ExpertPrior, centre_on_expert, fit_logistic, largest_remainder
from support.learning import Planted, company, expert


def test_equals_scikit_learn_where_the_problems_coincide() -> None:
    o = company(Planted(n=500, noise=2), 3)
    mine = fit_logistic(o.signals, o.lost, mean=0.0, sd=0.7, low=-np.inf)
    theirs = LogisticRegression(C=0.49, tol=1e-10, max_iter=10_000).fit(o.signals, o.lost)
    assert mine.beta == pytest.approx(-theirs.coef_[0], abs=1e-3)
    assert mine.intercept == pytest.approx(theirs.intercept_[0], abs=1e-3)


def test_signs_are_held_and_a_row_weight_is_a_copy() -> None:
    o = company(Planted(n=300, noise=4), 4)
    assert (fit_logistic(-o.signals, o.lost).beta >= 0).all()
    copies = np.random.default_rng(0).integers(0, 4, o.n)
    weighted = fit_logistic(o.signals, o.lost, sd=1.0, row_weight=copies.astype(float))
    repeated = fit_logistic(np.repeat(o.signals, copies, axis=0), np.repeat(o.lost, copies), sd=1.0)
    assert weighted.beta == pytest.approx(repeated.beta, abs=1e-4)


@pytest.mark.parametrize("cap", [0.4, 0.35, 0.3])
def test_no_weight_passes_the_cap_and_none_that_obeys_it_fits_better(cap: float) -> None:
    o = company(Planted(n=1_500, effects=(2.0, 0.6, 0.4, 0.2), noise=0), 5)
    fit = fit_logistic(o.signals, o.lost, cap=cap)
    share = fit.beta / fit.beta.sum()
    assert share.max() <= cap + 1e-6
    free = fit_logistic(o.signals, o.lost)
    assert (free.beta / free.beta.sum()).max() > 0.5
    assert fit.log_likelihood < free.log_likelihood
    rng = np.random.default_rng(0)
    for _ in range(50):
        other = rng.dirichlet(np.ones(4) * 3)
        if other.max() <= cap:
            rival = fit_logistic(o.signals @ other[:, None], o.lost)
            assert rival.log_likelihood <= fit.log_likelihood + 1e-3


def test_a_cap_that_two_signals_cannot_meet_becomes_one_half() -> None:
    o = company(Planted(n=800, effects=(1.5, 0.3), noise=0), 6)
    fit = fit_logistic(o.signals, o.lost, cap=0.4)
    assert fit.beta[0] / fit.beta.sum() == pytest.approx(0.5, abs=1e-3)


def test_a_combination_counts_in_equal_parts_towards_its_signals() -> None:
    """Columns a, b and a combination of both: a may hold the cap alone and in company together, not more."""
    rng = np.random.default_rng(7)
    x = rng.random((4_000, 4))
    lost = rng.random(4_000) < 1 / (
        1 + np.exp(-(3.0 - 1.0 * x[:, 0] - 0.5 * x[:, 1] - 4.0 * x[:, 2] - 0.5 * x[:, 3]))
    )
    parts = np.array([[1.0, 0.0, 0.5, 0.0], [0.0, 1.0, 0.5, 0.0], [0.0, 0.0, 0.0, 1.0]])
    free, fit = fit_logistic(x, lost), fit_logistic(x, lost, cap=0.4, parts=parts)
    share = fit.beta / fit.beta.sum()
    assert (parts @ (free.beta / free.beta.sum())).max() > 0.42
    assert (parts @ share).max() == pytest.approx(0.4, abs=1e-6)
    assert share[2] > 0.4
    for _ in range(100):
        other = rng.dirichlet(np.array([1.0, 1.0, 5.0, 2.0]))
        if (parts @ other).max() <= 0.4:
            assert fit_logistic(x @ other[:, None], lost).log_likelihood <= fit.log_likelihood + 1e-3


def test_a_cap_no_weights_can_meet_becomes_the_least_they_can() -> None:
    """One signal is in every column, so its part cannot fall below a half."""
    o = company(Planted(n=800, effects=(1.5, 0.8), noise=0), 6)
    parts = np.array([[0.5, 0.5], [0.5, 0.0], [0.0, 0.5]])
    share = fit_logistic(o.signals, o.lost, cap=0.4, parts=parts).beta
    assert (parts @ (share / share.sum())).max() == pytest.approx(0.5, abs=1e-6)


def test_separated_outcomes_still_give_finite_weights() -> None:
    x = np.linspace(-1, 1, 60)[:, None]
    fit = fit_logistic(x, x[:, 0] < 0.1)
    assert np.isfinite(fit.beta).all()
    assert fit.log_likelihood > -0.1


def test_bounds_hold_at_the_optimum_and_nothing_near_it_fits_better() -> None:
    o = company(Planted(n=400, effects=(1.0, -0.8, 0.4), noise=3), 10)
    mean, sd = np.array([0.2, 0.3, 0.0, 0.1, 0.0, 0.0]), 0.6
    fit = fit_logistic(o.signals, o.lost, mean=mean, sd=sd)
    theta = np.r_[fit.intercept, fit.beta]

    def value(t):
        eta = t[0] - o.signals @ t[1:]
        return np.logaddexp(0, eta).sum() - (eta * o.lost).sum() + 0.5 * (((t[1:] - mean) / sd) ** 2).sum()

    assert fit.beta[1] == 0.0
    rng = np.random.default_rng(1)
    for scale in (1e-3, 1e-2, 0.1):
        for _ in range(30):
            other = theta + scale * rng.normal(size=len(theta))
            other[1:] = np.maximum(other[1:], 0)
            assert value(theta) <= value(other) + 1e-9


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=12))
def test_whole_numbers_sum_to_a_hundred_and_stay_within_one(shares: list[float]) -> None:
    found = largest_remainder(shares)
    assert found.sum() == 100
    assert (found >= 0).all()
    total = sum(shares)
    if total > 0:
        assert np.abs(found - 100 * np.array(shares) / total).max() < 1 + 1e-6


def test_evidence_moves_the_weights_from_the_expert_to_the_truth() -> None:
    """A wrong expert (all weight on the weak signal) is left slowly, and in the right direction."""
    shares, moved = [], []
    for n in (40, 150, 600, 3_000):
        o = company(Planted(n=n, effects=(1.5, 0.2), noise=0), 8)
        found = centre_on_expert(expert(o, ["s0", "s1"], [1.0, 9.0]), o.lost, cap=1.0)
        shares.append(found.share[0])
        moved.append(found.data_share.mean())
        assert found.percent.sum() == 100
    assert shares[0] < 0.6
    assert shares[-1] > 0.8
    assert (np.diff(shares) > -0.03).all()
    assert (np.diff(moved[1:]) > 0).all()
    assert moved[-1] > 0.9


def test_a_sign_that_the_data_deny_is_named_only_with_enough_lost() -> None:
    turned = []
    for n in (120, 2_000):
        o = company(Planted(n=n, effects=(1.0, 1.0), noise=0), 9)
        prior = expert(o, ["s0", "s1"])
        prior = ExpertPrior(
            prior.names, np.column_stack([prior.values[:, 0], 1 - prior.values[:, 1]]), prior.weights
        )
        turned.append(centre_on_expert(prior, o.lost).contradicts)
    assert turned == [(), ("s1",)]


def test_expert_inputs_outside_their_range_are_refused() -> None:
    with pytest.raises(BarographError, match=r"normalised to 0\.\.1, found 0 to 7"):
        ExpertPrior(("a",), np.array([[0.0], [7.0]]), np.array([1.0]))
