"""Screening: figures equal references, verdicts follow their rules, false discoveries stay within the rate
(reference, planted truth over seeds, refusal). L1, O3.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from barograph.learning.observations import Candidate, TooFewOutcomesError, observe
from barograph.learning.screening import ScreenRules, false_discovery, screen
from support.learning import Planted, company

FAST = ScreenRules(draws=0)


def _rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_q_values_equal_scipy_and_the_paper() -> None:
    # Benjamini & Hochberg 1995, section 4: fifteen p-values, four rejected at .05.
    paper = np.array(
        [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
         0.6528, 0.7590, 1.0]
    )  # fmt: skip
    q = false_discovery(paper)
    assert (q <= 0.05).sum() == 4
    assert q == pytest.approx(stats.false_discovery_control(paper))
    tried = false_discovery(paper, tried_before=15)
    assert (tried >= q).all()
    assert (tried <= 0.05).sum() < 4


def test_figures_of_a_signal_equal_their_references() -> None:
    o = company(Planted(n=400, missing=0.2), 2)
    found = {s.name: s for s in screen(o, _rng(), ScreenRules(draws=200)).signals}["s0"]
    x, known = o.signals[:, 0], ~np.isnan(o.signals[:, 0])
    kept = ~o.lost[known]
    assert found.n == known.sum()
    assert found.coverage == pytest.approx(known.mean())
    assert found.auc.value == pytest.approx(roc_auc_score(kept, x[known]))
    assert found.auc.low < found.auc.value < found.auc.high
    assert found.spearman == pytest.approx(stats.spearmanr(x[known], kept).statistic)
    assert found.point_biserial == pytest.approx(stats.pointbiserialr(kept, x[known]).statistic)
    assert (found.mean_kept, found.mean_lost) == pytest.approx(
        (x[known][kept].mean(), x[known][~kept].mean())
    )
    assert found.information_value > 0.1
    assert sum(n for _, n, _, _ in found.segments) == found.n


def test_direction_turns_the_auc_and_a_wrong_one_contradicts() -> None:
    o = company(Planted(n=600, noise=2), 3)
    wrong = replace(o, candidates=(replace(o.candidates[0], direction="down"), *o.candidates[1:]))
    a = {s.name: s for s in screen(o, _rng(), FAST).signals}["s0"]
    b = {s.name: s for s in screen(wrong, _rng(), FAST).signals}["s0"]
    assert b.auc.value == pytest.approx(1 - a.auc.value)
    assert (a.verdict, b.verdict) == ("validated", "contradicts")
    assert "opposite" in b.reason
    assert not b.usable


def test_strong_signals_validate_and_noise_stays_unproven() -> None:
    found = screen(company(Planted(n=800), 4), _rng(), ScreenRules(draws=200))
    assert {"s0", "s1", "s2"} <= set(found.validated)
    assert found.interval_method == "bootstrap"
    assert [s.separation for s in found.signals] == sorted(
        (s.separation for s in found.signals), reverse=True
    )
    assert all("q = " in s.reason for s in found.signals)


def test_false_signals_among_accepted_stay_within_the_rate() -> None:
    """The false-discovery rate is the mean share of false signals per run (two real among 22 candidates)."""
    shares, found = [], 0
    for seed in range(30):
        names = screen(company(Planted(n=300, effects=(0.9, 0.7), noise=20), 100 + seed), _rng(), FAST).usable
        shares.append(sum(name.startswith("n") for name in names) / max(len(names), 1))
        found += sum(name.startswith("s") for name in names)
    assert found >= 45
    assert np.mean(shares) <= 0.10 + 2 * np.std(shares) / np.sqrt(len(shares))


def test_a_signal_that_turns_over_time_is_not_believed() -> None:
    o = company(Planted(n=1_200, effects=(1.2,), noise=3), 5)
    late = o.decision >= np.median(o.decision)
    signals = o.signals.copy()
    signals[late, 0] *= -0.5
    found = {s.name: s for s in screen(replace(o, signals=signals), _rng(), FAST).signals}["s0"]
    assert found.halves[0] > 0.5 > found.halves[1]
    assert found.verdict != "validated"
    assert not found.usable


def test_u_shaped_and_nominal_signals_are_seen_when_declared_and_only_then() -> None:
    rng = np.random.default_rng(6)
    x = rng.uniform(-2, 2, 1_500)
    plan = rng.integers(0, 5, 1_500).astype(float)
    lost = rng.random(1_500) < 0.08 + 0.1 * x**2 + 0.15 * (plan == 3)
    values = np.column_stack([x, x, plan])
    names = [
        Candidate("blind", direction="up"),
        Candidate("free", shape="free"),
        Candidate("plan", shape="nominal"),
    ]
    found = {s.name: s for s in screen(observe(np.arange(1_500), lost, values, names), _rng(), FAST).signals}
    assert found["blind"].verdict == "unproven"
    assert found["free"].verdict == "validated"
    assert found["plan"].usable
    assert np.isnan(found["plan"].spearman)


def test_twins_name_the_stronger_and_activity_is_called_activity() -> None:
    o = company(Planted(n=900, effects=(1.3,), noise=1), 7)
    rng = np.random.default_rng(0)
    copy = o.signals[:, 0] + 0.4 * rng.normal(size=o.n)
    o = o.add(copy, [Candidate("page_views", direction="up", kind="activity")])
    found = {s.name: s for s in screen(o, _rng(), FAST).signals}
    assert found["page_views"].twin_of == "s0"
    assert found["s0"].twin_of == ""
    assert "s0 measures an outcome and predicts better" in found["page_views"].note


def test_absent_values_that_predict_are_reported() -> None:
    o = company(Planted(n=600), 8)
    signals = o.signals.copy()
    signals[o.lost & (np.arange(o.n) % 2 == 0), 3] = np.nan
    found = {s.name: s for s in screen(replace(o, signals=signals), _rng(), FAST).signals}["n0"]
    assert found.missing_auc > 0.65
    assert found.missing_p < 1e-6


def test_what_cannot_be_compared_is_refused_in_words() -> None:
    o = company(Planted(n=200, noise=2), 9)
    signals = o.signals.copy()
    signals[:, 3] = 1.0
    signals[:, 4] = np.nan
    rules = replace(FAST, refused=(("s0", "recorded late"),))
    found = {s.name: s for s in screen(replace(o, signals=signals), _rng(), rules).signals}
    assert "same in all observations" in found["n0"].reason
    assert "no value in any" in found["n1"].reason
    assert "recorded late" in found["s0"].reason
    assert {found[n].verdict for n in ("n0", "n1", "s0")} == {"refused"}


def test_too_few_outcomes_are_refused_with_counts() -> None:
    with pytest.raises(TooFewOutcomesError, match="29 resolved outcomes"):
        screen(company(Planted(n=29), 10), _rng(), FAST)


def test_row_order_does_not_matter() -> None:
    o = company(Planted(n=300), 11)
    mixed = o.take(np.random.default_rng(1).permutation(o.n))
    a = {s.name: (s.auc.value, s.q, s.verdict) for s in screen(o, _rng(), FAST).signals}
    b = {s.name: (s.auc.value, s.q, s.verdict) for s in screen(mixed, _rng(), FAST).signals}
    assert a.keys() == b.keys()
    for name in a:
        assert a[name][:2] == pytest.approx(b[name][:2])
        assert a[name][2] == b[name][2]
