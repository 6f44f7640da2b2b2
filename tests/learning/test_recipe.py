"""The whole recipe: refuses with counts, proposes on planted truth, proposes nothing on noise (planted truth
over seeds, refusal, property). L1-L3, L5-L7.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from barograph.errors import BarographError
from barograph.learning.figures import kept_share
from barograph.learning.recipe import LearnOptions, propose
from support.learning import Planted, company, expert

FAST = LearnOptions(draws=0, stability=0, challenger=False, propose_shapes=False, propose_derived=False)


@pytest.fixture(scope="module")
def learned():
    o = company(Planted(n=1_500, effects=(1.2, 0.9, 0.6), noise=6), 21)
    prior = expert(o, ["s2", "n0", "n1"])
    return o, prior, propose(o, prior, LearnOptions(draws=100, stability=10))


def test_a_predictive_model_is_proposed_with_everything_it_stands_on(learned) -> None:
    o, _, found = learned
    assert found.proposed
    assert (found.kind, found.stage.label) == ("scorecard", "predictive")
    assert (found.stage.outcomes, found.stage.lost) == o.evidence()
    assert {s.name for s in found.signals} == {"s0", "s1", "s2"}
    assert sum(s.weight for s in found.signals) == 100
    for signal in found.signals:
        assert signal.low <= signal.weight + 1
        assert signal.weight - 1 <= signal.high
        assert signal.selection_share >= 0.9
    assert found.plan.kind == "walk_forward"
    assert found.calibration is not None
    assert found.tiers[0].segment == ""
    assert dict(found.acceptance)["predictive"].promoted


def test_every_kind_is_judged_on_the_same_rows(learned) -> None:
    _, _, found = learned
    kinds = {f.kind: f for f in found.figures}
    assert set(kinds) == {"base_rate", "heuristic", "equal_weights", "blended", "predictive", "challenger"}
    assert len({(f.n, f.lost) for f in found.figures}) == 1
    assert kinds["predictive"].auc.value > kinds["heuristic"].auc.value
    assert kept_share(kinds["predictive"], kinds["challenger"]) > 0.9
    assert kinds["base_rate"].auc.value < kinds["heuristic"].auc.low + 0.1


def test_probabilities_follow_the_score_and_the_outcomes(learned) -> None:
    o, _, found = learned
    risk = found.risk_of_score(np.arange(101.0))
    assert (np.diff(risk) <= 1e-12).all()
    p = found.p_lost(o)
    assert p.mean() == pytest.approx(o.lost.mean(), abs=0.03)
    assert found.score_of_risk(np.array([0.999999, 0.000001])) == pytest.approx([0, 100])
    history = found.history(o)
    assert len(history.score) == found.figures[0].n


def test_the_same_seed_gives_the_same_proposal(learned) -> None:
    o, prior, _ = learned
    a, b = propose(o, prior, FAST), propose(o, prior, FAST)
    assert [(s.name, s.weight, s.low) for s in a.signals] == [(s.name, s.weight, s.low) for s in b.signals]
    assert [f.log_loss for f in a.figures] == [f.log_loss for f in b.figures]


@pytest.mark.parametrize(("n", "text"), [(20, "10 more resolved outcomes"), (29, "1 more resolved outcomes")])
def test_too_few_outcomes_are_refused_with_the_missing_count(n: int, text: str) -> None:
    found = propose(company(Planted(n=n), 1), None, FAST)
    assert not found.proposed
    assert found.stage.label == "heuristic"
    assert text in found.refused_because
    with pytest.raises(BarographError):
        found.score(company(Planted(n=5), 1))


def test_one_sided_outcomes_are_refused_in_words() -> None:
    o = company(Planted(n=100), 2)
    found = propose(replace(o, lost=np.zeros(100, dtype=bool)), None, FAST)
    assert not found.proposed
    assert "all 100 resolved outcomes are kept" in found.refused_because


def test_with_thirty_outcomes_expert_weights_move_but_the_label_does_not() -> None:
    moved = 0
    for seed in range(4):
        o = company(Planted(n=55, effects=(2.0, 1.2), noise=1, base=-0.6), 60 + seed)
        found = propose(o, expert(o, ["s0", "s1", "n0"]), FAST)
        if found.proposed:
            moved += 1
            assert found.kind == "weights"
            assert found.stage.label == "validated_heuristic"
            assert sum(s.weight for s in found.signals) == 100
            assert all(0 < s.data_share < 1 for s in found.signals)
    assert moved >= 3


@pytest.mark.parametrize("n", [120, 400])
def test_decisions_that_all_fall_together_leave_nothing_to_test_on(n: int) -> None:
    """Two dates a week apart: no outcome of the first is known before the second."""
    o = company(Planted(n=n, effects=(1.5, 1.0), noise=3), 12)
    as_of = 20_000 + 7 * (np.arange(n) % 2)
    o = replace(o, as_of=as_of, decision=as_of + 90, known_day=as_of + 90)
    found = propose(o, expert(o, ["s0", "s1", "n0"]), FAST)
    assert found.plan.kind == "none"
    assert "nothing to train on" in found.plan.reason
    assert found.stage.label == "validated_heuristic"
    assert found.figures == ()
    assert "no outcome could be predicted out of time" in dict(found.acceptance)["blended"].reason
    assert found.kind == "weights"
    assert found.calibration is not None
    assert found.calibration.kind == "none"


@pytest.mark.parametrize("seed", range(4))
def test_small_and_odd_samples_never_break_the_recipe(seed: int) -> None:
    """Missing columns, repeated accounts, tiny classes, one segment: a proposal or a refusal, never an error."""
    rng = np.random.default_rng(seed)
    o = company(
        Planted(n=int(rng.integers(30, 160)), effects=(1.0,), noise=4, missing=0.6, per_account=3), seed
    )
    signals = o.signals.copy()
    signals[:, 1] = np.nan
    signals[:, 2] = 1.0
    found = propose(replace(o, signals=signals), expert(o, ["s0", "n0"]), FAST)
    assert found.proposed or found.refused_because


def test_noise_proposes_nothing() -> None:
    proposed = 0
    for seed in range(6):
        o = company(Planted(n=400, effects=(), noise=15, base=-1.0), 300 + seed)
        found = propose(o, expert(o, ["n0", "n1", "n2"]), FAST)
        assert found.stage.label != "predictive"
        proposed += found.proposed
        assert found.proposed or found.refused_because
    assert proposed <= 1


def test_noise_without_an_expert_says_that_nothing_can_be_told_from_chance() -> None:
    o = company(Planted(n=300, effects=(), noise=5, base=-1.0), 330)
    assert "told from chance" in propose(o, None, FAST).refused_because


def test_a_model_that_leans_on_activity_says_so() -> None:
    o = company(Planted(n=1_200, effects=(1.0, 0.9), noise=3), 9)
    names = tuple(
        replace(c, kind="activity" if c.name == "s1" else "outcome", name=c.name) for c in o.candidates
    )
    strong = replace(o, candidates=names)
    found = propose(strong, None, replace(FAST, fit=replace(FAST.fit, cap=1.0)))
    assert found.screening is not None
    notes = {s.name: s.note for s in found.screening.signals}
    assert "s0 measures an outcome" in notes["s1"]
