"""Tiers on risk, track record, drift, second targets, segments (property, reference,
refusal). H1, L5, L7, L8, L6.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from barograph.learning.drift import decayed, fix_or_decommission, outcome_drift, psi, signal_drift
from barograph.learning.intervals import Estimate, wilson
from barograph.learning.metrics import probability
from barograph.learning.observations import TooFewOutcomesError
from barograph.learning.scorecard import fit_scorecard
from barograph.learning.segments import apply_shifts, partial_pool, segment_shifts
from barograph.learning.targets import retarget
from barograph.learning.tiers_from_risk import propose_tiers
from barograph.learning.track_record import ScoredHistory, band_of, track_record
from support.learning import Planted, company


def _risks(n: int = 2_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    score = rng.uniform(0, 100, n)
    p = probability(1.0 - 5 * score / 100)
    return score, p, rng.random(n) < p


def test_thresholds_are_ordered_and_stand_for_their_risks() -> None:
    score, p, lost = _risks()
    (tier,) = propose_tiers(score, p, lost, np.full(2_000, "", dtype=object))
    assert 0 <= tier.watch_from <= tier.healthy_from <= tier.top_from <= 101
    assert p[score < tier.watch_from].min() >= tier.risk_at_risk - 0.02
    assert p[score >= tier.watch_from].max() <= tier.risk_at_risk + 0.02
    odds = tier.base_rate / (1 - tier.base_rate)
    assert tier.risk_at_risk == pytest.approx(2 * odds / (1 + 2 * odds))
    assert tier.at_risk.precision > tier.at_risk_or_watch.precision
    assert tier.at_risk.recall < tier.at_risk_or_watch.recall


def test_a_play_that_costs_more_makes_fewer_accounts_red() -> None:
    score, p, lost = _risks()
    none = np.full(2_000, "", dtype=object)
    cheap = propose_tiers(score, p, lost, none, play_cost_share=0.1)[0]
    dear = propose_tiers(score, p, lost, none, play_cost_share=0.5)[0]
    assert dear.watch_from < cheap.watch_from


def test_segments_get_their_own_thresholds_only_with_enough_outcomes() -> None:
    score, p, lost = _risks()
    segment = np.where(np.arange(2_000) < 60, "tiny", "large").astype(object)
    assert [t.segment for t in propose_tiers(score, p, lost, segment)] == ["", "large"]


def test_bands_cover_every_score_once() -> None:
    assert [band_of(s) for s in (0, 9.4, 9.5, 89.4, 90, 100)] == [
        (0, 9), (0, 9), (10, 19), (80, 89), (90, 100), (90, 100),
    ]  # fmt: skip


def test_track_record_takes_the_nearest_lead_and_the_own_segment_when_it_can() -> None:
    n = 300
    history = ScoredHistory(
        np.full(n, 34.0), np.repeat([30, 60, 90], 100), np.arange(n) % 4 == 0,
        np.where(np.arange(n) % 10 < 3, "smb", "ent").astype(object),
    )  # fmt: skip
    found = track_record(history, 31.2, 75, "smb")
    assert found is not None
    assert (found.lead_days, found.segment, found.n) == (90, "smb", 30)
    expected = wilson(found.lost, 30)
    assert (found.rate, found.low, found.high) == (expected.value, expected.low, expected.high)
    other = track_record(history, 31.2, 40, "unknown")
    assert other is not None
    assert (other.lead_days, other.segment, other.n, other.lost) == (30, "", 100, 25)
    assert track_record(history, 80.0, 60, "smb") is None


def test_no_drift_stays_quiet_where_the_rule_of_thumb_does_not() -> None:
    rng = np.random.default_rng(0)
    alarms = thumb = 0
    for _ in range(60):
        found = signal_drift("x", rng.normal(size=400), rng.normal(size=100), rng)
        alarms += found.state != "none"
        thumb += found.psi > 0.1
    assert alarms <= 3
    assert thumb >= 3


def test_real_drift_is_red_and_few_accounts_make_no_statement() -> None:
    rng = np.random.default_rng(1)
    before, now = rng.normal(size=800), rng.normal(1.0, 1.0, 300)
    assert signal_drift("x", before, now, rng).state == "red"
    gone = np.where(rng.random(300) < 0.4, np.nan, rng.normal(size=300))
    assert signal_drift("x", before, gone, rng).state == "red"
    assert signal_drift("x", before, now[:99], rng).state == "unknown"
    assert psi(np.array([10.0, 20.0, 30.0]), np.array([100.0, 200.0, 300.0])) == pytest.approx(0, abs=1e-3)


def test_more_losses_than_expected_and_two_bad_quarters() -> None:
    assert outcome_drift(np.full(100, 0.1), np.arange(100) < 25).drifted
    assert not outcome_drift(np.full(100, 0.1), np.arange(100) < 12).drifted
    trained = Estimate(0.75, 0.70, 0.80)
    assert decayed(0.69, 25, trained)
    assert not decayed(0.60, 24, trained)
    assert fix_or_decommission([(0.8, 40), (0.65, 30), (0.66, 30)], trained)
    assert not fix_or_decommission([(0.65, 30), (0.72, 30)], trained)
    assert not fix_or_decommission([(0.65, 30)], trained)


def test_second_targets_ask_another_question_of_those_who_stayed() -> None:
    o = company(Planted(n=600), 3)
    grew = np.random.default_rng(0).random(600) < probability(o.signals[:, 0] - 0.5)
    names = np.where(o.lost, "churned", np.where(grew, "expanded", "renewed")).astype(object)
    asked = retarget(replace(o, outcome=names), "expanded")
    assert asked.n == (~o.lost).sum()
    assert (asked.lost == (names[~o.lost] != "expanded")).all()
    card = fit_scorecard(asked)
    assert card is not None
    assert card.names[0] == "s0"
    with pytest.raises(TooFewOutcomesError, match=r"0 decisions downsold .*50 missing"):
        retarget(o, "downsold")


def test_a_segment_is_shifted_only_when_the_pooled_level_is_rejected() -> None:
    rng = np.random.default_rng(4)
    p = rng.uniform(0.05, 0.5, 3_000)
    segment = np.array(["a", "b", "c"], dtype=object)[np.arange(3_000) % 3]
    segment[:30] = "few"
    true = probability(np.log(p / (1 - p)) + np.where(segment == "b", 1.0, 0.0))
    lost = rng.random(3_000) < true
    found = {s.segment: s for s in segment_shifts(p, lost, segment)}
    assert found["b"].applied
    assert found["b"].shift == pytest.approx(1.0, abs=0.25)
    assert not found["a"].applied
    assert not found["c"].applied
    assert "30 outcomes" in found["few"].reason
    after = apply_shifts(p, segment, tuple(found.values()))
    assert (after[segment == "a"] == p[segment == "a"]).all()
    assert after[segment == "b"].mean() == pytest.approx(lost[segment == "b"].mean(), abs=0.02)


def test_an_own_level_is_drawn_to_the_pool_by_its_evidence_and_accounts_are_the_witnesses() -> None:
    rng = np.random.default_rng(9)
    n = 240
    p = np.full(n, 0.3)
    segment = np.where(np.arange(n) % 2 == 0, "a", "b").astype(object)
    lost = rng.random(n) < np.where(segment == "a", 0.55, 0.3)
    alone = {s.segment: s for s in segment_shifts(p, lost, segment)}
    assert alone["a"].applied
    assert 0 < alone["a"].shift < alone["a"].raw
    assert alone["a"].expected == pytest.approx(0.3 * (segment == "a").sum())
    assert "% lost, 30% expected" in alone["a"].reason
    copies = np.repeat(np.arange(n), 6)
    account = copies.astype(str).astype(object)
    together = {s.segment: s for s in segment_shifts(p[copies], lost[copies], segment[copies], account)}
    assert together["a"].high - together["a"].low == pytest.approx(alone["a"].high - alone["a"].low, rel=0.02)
    apart = {s.segment: s for s in segment_shifts(p[copies], lost[copies], segment[copies])}
    assert apart["a"].high - apart["a"].low < 0.5 * (alone["a"].high - alone["a"].low)


def test_own_weights_need_two_hundred_outcomes_and_stay_near_the_pool() -> None:
    o = company(Planted(n=1_500, effects=(1.0, 1.0, 0.6)), 5)
    card = fit_scorecard(o)
    assert card is not None
    own = partial_pool(o, card, "smb")
    assert own is not None
    assert sum(w for _, w in own.weights) == 100
    assert max(abs(w - s.weight) for (_, w), s in zip(own.weights, card.signals, strict=True)) <= 12
    assert partial_pool(o.take(np.arange(300)), card, "smb") is None
