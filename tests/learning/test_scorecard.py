"""The scorecard adds up exactly, reads as bands, and finds what was planted (property, planted truth).

Requirements H1, H2, L2; goal: whole numbers cost at most .002 AUC.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from barograph.errors import BarographError
from barograph.learning.metrics import auc
from barograph.learning.scorecard import FitRules, fit_scorecard
from barograph.learning.selection import allowed, forward, selection_share
from support.learning import Planted, company


@pytest.fixture(scope="module")
def fitted():
    o = company(Planted(n=3_000, effects=(1.0, 0.8, 0.6, 0.4), noise=8, missing=0.1), 11)
    card = fit_scorecard(o)
    assert card is not None
    return o, card


def test_contributions_add_up_and_everything_is_bounded(fitted) -> None:
    o, card = fitted
    score = card.score(o)
    assert np.abs(card.contributions(o).sum(axis=1) - score).max() < 1e-9
    assert score.min() >= 0
    assert score.max() <= 100
    assert card.weights.sum() == 100
    assert card.weights.dtype.kind == "i"
    points = card.components(o)
    assert points.min() >= 0
    assert points.max() <= 100


def test_planted_signals_are_found_in_order_and_noise_is_not(fitted) -> None:
    _, card = fitted
    assert set(card.names) == {"s0", "s1", "s2", "s3"}
    assert list(card.exact_weights) == sorted(card.exact_weights, reverse=True)
    assert card.names[-1] == "s3"


def test_what_the_model_file_stores_gives_the_same_points(fitted) -> None:
    o, card = fitted
    for signal in card.signals:
        column = o.signals[:, o.names.index(signal.name)]
        stored = np.where(
            np.isnan(column),
            signal.missing_points,
            np.array(signal.points)[np.searchsorted(signal.cuts, np.nan_to_num(column), side="right")],
        )
        assert (stored == signal.component(column)).all()


def test_improving_a_signal_never_lowers_the_score(fitted) -> None:
    o, card = fitted
    base = card.score(o)
    for name in card.names:
        better = o.signals.copy()
        better[:, o.names.index(name)] += 0.5
        raised = card.score(replace(o, signals=better))
        assert (raised >= base - 1e-9).all()


def test_rounding_to_whole_numbers_costs_next_to_nothing(fitted) -> None:
    o, card = fitted
    exact = card.components(o) / 100 @ card.exact_weights
    assert auc(exact, o.lost) - auc(card.score(o), o.lost) <= 0.002


@pytest.mark.parametrize("cap", [0.4, 0.3])
def test_no_signal_dominates(cap: float) -> None:
    o = company(Planted(n=1_500, effects=(2.5, 0.5, 0.5, 0.5), noise=0), 12)
    card = fit_scorecard(o, FitRules(cap=cap))
    assert card is not None
    assert card.weights.max() <= round(100 * cap)


def test_ten_lost_accounts_carry_one_signal() -> None:
    assert [allowed(lost, 8) for lost in (5, 10, 39, 80, 900)] == [0, 1, 3, 8, 8]
    o = company(Planted(n=90, effects=(1.5, 1.5, 1.5), noise=0, base=-2.5), 13)
    card = fit_scorecard(o)
    assert card is not None
    assert len(card.signals) <= o.lost.sum() // 10


def test_fewer_signals_are_preferred_when_nothing_is_lost() -> None:
    o = company(Planted(n=3_000, effects=(1.2, 1.0, 0.8, 0.12, 0.12, 0.12), noise=0), 14)
    few, many = fit_scorecard(o), fit_scorecard(o, FitRules(prefer_few=False))
    assert few is not None
    assert many is not None
    assert len(few.signals) < len(many.signals)
    assert auc(many.score(o), o.lost) - auc(few.score(o), o.lost) < 0.01


def test_selection_share_separates_signal_from_noise(fitted) -> None:
    o, card = fitted
    woe = np.column_stack([s.bands.health(o.signals[:, o.names.index(s.name)]) for s in card.signals])
    noise = np.random.default_rng(0).normal(size=(o.n, 3)) * 0.1
    share = selection_share(np.hstack([woe, noise]), o.lost, np.arange(o.n), 8, np.random.default_rng(1), 20)
    assert share[:4].min() >= 0.9
    assert share[4:].max() <= 0.5


def test_nothing_to_find_gives_nothing() -> None:
    lost = np.random.default_rng(0).random(200) < 0.3
    assert forward(np.zeros((200, 3)), lost, 8).chosen == ()


def test_an_absent_column_is_named(fitted) -> None:
    o, card = fitted
    with pytest.raises(BarographError, match="s0"):
        card.score(o.choose(["s1", "s2", "s3"]))
