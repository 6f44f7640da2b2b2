"""Loss without a decision date: hazards per 28 days, carried to 84 (planted truth, property, reference:
scikit-learn). L5, L7, O2, decisions 4.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from barograph.learning.metrics import log_loss, probability
from barograph.learning.observations import Observations
from barograph.learning.person_periods import (
    TENURE_EDGES,
    TENURE_SD,
    TenureTerms,
    Training,
    compound,
    fit_tenure,
    per_period,
    risk,
)
from barograph.learning.recipe import LearnOptions, propose
from support.person_periods import Book, periods

FAST = LearnOptions(draws=0, stability=0, challenger=False, propose_shapes=False, propose_derived=False)
TENURE = np.array([1.0, 0.5, 0.0, 0.0, 0.0])


@given(st.floats(0, 0.99), st.floats(1, 365))
def test_compounding_has_an_inverse_and_three_periods_are_one_less_the_cube(h: float, days: float) -> None:
    hazard = np.array([h])
    there = compound(hazard, days, 28)
    assert compound(hazard, 84, 28)[0] == pytest.approx(1 - (1 - h) ** 3)
    assert compound(hazard, 28, 28)[0] == pytest.approx(h)
    if there[0] < 1 - 1e-9:
        assert per_period(there, days, 28)[0] == pytest.approx(h, abs=1e-6)
    assert (compound(hazard, days, None) == hazard).all()


def test_tenure_terms_are_the_mode_of_the_penalised_likelihood_and_find_what_was_planted() -> None:
    rng = np.random.default_rng(1)
    n = 6_000
    found = rng.normal(-2.5, 0.7, n)
    tenure = rng.uniform(0, 1_200, n)
    place = np.searchsorted(np.array(TENURE_EDGES), tenure, side="right")
    lost = rng.random(n) < probability(found + TENURE[place])
    terms = fit_tenure(found, lost, tenure)
    assert terms is not None
    for k, shift in enumerate(terms.shifts):
        rows = place == k
        slope = (lost[rows] - probability(found[rows] + shift)).sum() - shift / TENURE_SD**2
        assert slope == pytest.approx(0, abs=1e-6)
    assert np.abs(np.array(terms.shifts) - TENURE).max() < 0.35
    assert terms.usual == pytest.approx(float(np.array(terms.shifts)[place].mean()))


def test_unknown_tenure_is_the_usual_one_and_none_known_has_no_terms() -> None:
    terms = TenureTerms((91.0,), (0.4, -0.2), 0.1)
    assert terms.of(np.array([0.0, 90.9, 91.0, np.nan]), 4).tolist() == [0.4, 0.4, -0.2, 0.1]
    assert terms.of(None, 2).tolist() == [0.1, 0.1]
    lost = np.array([True, False])
    assert fit_tenure(np.zeros(2), lost, None) is None
    assert fit_tenure(np.zeros(2), lost, np.full(2, np.nan)) is None
    found = np.array([-2.0])
    assert risk(found, 28, 28, terms, np.array([10.0]))[0] == pytest.approx(probability(np.array([-1.6]))[0])


@pytest.fixture(scope="module")
def subscriptions():
    planted = Book(accounts=1_100, rate=0.035, times=21)
    judged, fitted = periods(planted, 9, effects=(0.9, 0.6, 0.5), noise=3, tenure=TENURE, newcomers=True)
    return judged, fitted, propose(judged, None, FAST, training=Training(fitted, None, 28))


def test_the_planted_signals_are_found_on_periods_and_judged_on_quarters(subscriptions) -> None:
    judged, fitted, found = subscriptions
    assert found.proposed
    assert {s.name for s in found.signals} == {"s0", "s1", "s2"}
    assert (found.stage.outcomes, found.stage.lost) == judged.evidence()
    assert found.stage.outcomes < fitted.n / 2
    assert (found.period, found.days) == (28, 84)
    weight = {s.name: s.weight for s in found.signals}
    assert weight["s0"] > max(weight["s1"], weight["s2"])


def test_p_lost_over_84_days_is_what_happens_in_them_at_any_tenure(subscriptions) -> None:
    judged, _, found = subscriptions
    p = found.p_lost(judged)
    assert judged.tenure is not None
    assert p.mean() == pytest.approx(judged.lost.mean(), rel=0.15)
    for low, high in ((0, 91), (91, 365), (365, 10_000)):
        rows = (judged.tenure >= low) & (judged.tenure < high)
        error = np.sqrt(judged.lost[rows].mean() / rows.sum())
        assert p[rows].mean() == pytest.approx(judged.lost[rows].mean(), abs=3.5 * error + 0.01)
    assert found.tenure is not None
    assert found.tenure.shifts[0] > found.tenure.shifts[1] > found.tenure.shifts[3] - 0.15
    predictive = found.figure("predictive")
    assert predictive is not None
    assert predictive.ece < 0.05
    assert predictive.calibration.in_the_large == pytest.approx(1, abs=0.12)


def test_a_score_and_its_risk_go_both_ways(subscriptions) -> None:
    _, _, found = subscriptions
    raw = replace(found.calibration, kind="none")
    plain = replace(found, calibration=raw)
    score = np.array([20.0, 50.0, 80.0])
    assert plain.score_of_risk(plain.risk_of_score(score)) == pytest.approx(score)
    assert (np.diff(found.risk_of_score(np.arange(101.0))) <= 1e-12).all()


def test_without_a_signal_periods_propose_nothing() -> None:
    proposed = 0
    for seed in range(2):
        judged, fitted = periods(Book(accounts=400, rate=0.03, times=21), seed, noise=8)
        found = propose(judged, None, FAST, training=Training(fitted, None, 28))
        assert found.stage.label != "predictive"
        proposed += found.proposed
    assert proposed == 0


def test_predictions_out_of_sample_are_those_of_the_quarter_not_of_the_period(subscriptions) -> None:
    _, _, found = subscriptions
    assert found.contest is not None
    for fold, models in zip(found.plan.folds, found.contest.models, strict=True):
        base = 1 - (1 - models.base_rate) ** 3
        assert found.contest.p["base_rate"][fold.test] == pytest.approx(np.full(len(fold.test), base))
    tested = ~np.isnan(found.contest.base)
    z = found.contest.log_odds["predictive"][tested]
    assert (compound(probability(z), 84, 28) > probability(z)).all()


def test_hazards_are_as_good_as_an_unconstrained_person_period_regression(subscriptions) -> None:
    """Reference: scikit-learn's logistic regression on the same person-periods with a column per tenure period,
    both asked about the periods of accounts that neither has seen."""
    _, fitted, found = subscriptions
    planted = Book(accounts=800, rate=0.035, times=21)
    _, fresh = periods(planted, 99, effects=(0.9, 0.6, 0.5), noise=3, tenure=TENURE, newcomers=True)

    def design(o: Observations) -> np.ndarray:
        place = np.searchsorted(np.array(TENURE_EDGES), o.tenure, side="right")
        return np.column_stack([o.signals, np.eye(5)[place]])

    theirs = LogisticRegression(max_iter=2_000).fit(design(fitted), fitted.lost)
    p = theirs.predict_proba(design(fresh))[:, 1]
    assert found.scorecard is not None
    ours = risk(found.scorecard.log_odds(fresh), 28, 28, found.tenure, fresh.tenure)
    assert log_loss(ours, fresh.lost) <= 1.03 * log_loss(p, fresh.lost)
    assert ours.mean() == pytest.approx(fresh.lost.mean(), rel=0.12)
