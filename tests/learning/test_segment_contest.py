"""What each segment gets: pooled, an own level or own weights, with the counts (planted truth, refusal). L2, L3."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from barograph.learning.metrics import auc
from barograph.learning.observations import Observations
from barograph.learning.proposal import Proposal
from barograph.learning.recipe import LearnOptions, propose
from support.segments import divided

FAST = LearnOptions(draws=0, stability=0, challenger=False, propose_shapes=False, propose_derived=False)


@pytest.fixture(scope="module")
def with_own() -> tuple[Observations, Proposal]:
    o = divided(2_600, 3, own=True)
    return o, propose(o, None, FAST)


def test_own_weights_that_do_better_out_of_time_are_given_and_rank_better(with_own) -> None:
    o, found = with_own
    got = {c.segment: c for c in found.segments}
    assert (got["smb"].gets, got["mid"].gets, got["few"].gets) == ("own_weights", "own_weights", "pooled")
    assert got["smb"].test is not None and got["smb"].test.promoted
    for name, first in (("smb", "s0"), ("mid", "s1")):
        own = got[name].weights
        assert own is not None
        assert max(own.weights, key=lambda w: w[1])[0] == first
        assert sum(w for _, w in own.weights) == 100
        rows = o.segment == name
        assert found.scorecard is not None
        pooled = auc(found.scorecard.score(o.take(rows)), o.lost[rows])
        assert auc(found.score(o)[rows], o.lost[rows]) > pooled + 0.01
    assert "own weights need 200 outcomes with 50 lost" in got["few"].reason


def test_scores_stay_within_range_and_the_probability_is_right_in_each_segment(with_own) -> None:
    o, found = with_own
    score, p = found.score(o), found.p_lost(o)
    assert ((score >= 0) & (score <= 100)).all()
    for name in ("smb", "mid"):
        rows = o.segment == name
        assert p[rows].mean() == pytest.approx(o.lost[rows].mean(), abs=0.04)
    history = found.history(o)
    assert ((history.score >= 0) & (history.score <= 100)).all()


def test_alike_segments_are_pooled_and_say_why_with_the_counts() -> None:
    gets = []
    for seed in range(2):
        o = divided(800, 40 + seed, own=False)
        for choice in propose(o, None, FAST).segments:
            gets.append(choice.gets)
            assert str(choice.outcomes) in choice.reason or "lost" in choice.reason
            assert choice.reason.startswith(
                {"pooled": "pooled, because", "own_level": "own level"}[choice.gets]
            )
    assert gets.count("pooled") >= 5


def test_a_segment_that_loses_more_than_its_signals_say_gets_its_own_level() -> None:
    o = divided(1_300, 5, own=False, level=1.2)
    found = propose(o, None, FAST)
    got = {c.segment: c for c in found.segments}
    assert got["smb"].gets == "own_level"
    assert got["smb"].shift.shift > 0.2
    assert got["mid"].shift.shift <= 0
    p = found.p_lost(o)
    rows = o.segment == "smb"
    assert p[rows].mean() == pytest.approx(o.lost[rows].mean(), abs=0.06)


def test_one_segment_has_nothing_to_choose() -> None:
    o = divided(260, 6, own=False)
    alone = replace(o, segment=np.full(o.n, "", dtype=object))
    assert propose(alone, None, FAST).segments == ()
