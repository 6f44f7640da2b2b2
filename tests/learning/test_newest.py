"""The newest third is heard before weights move (planted truth, limits). L2, L3, L8."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from barograph.learning.metrics import probability
from barograph.learning.newest import gain_on_newest
from barograph.learning.observations import Candidate, observe
from barograph.learning.recipe import LearnOptions, propose
from barograph.learning.weights import ExpertPrior

FAST = LearnOptions(draws=0, stability=0, challenger=False, propose_shapes=False, propose_derived=False)


def _company(seed: int, n: int = 240, *, turns: bool = False):
    """Four inputs the expert weighs alike. The first two decide; where it turns, the last two from two thirds on."""
    rng = np.random.default_rng(seed)
    x = rng.random((n, 4))
    day = 19_700 + np.sort(rng.integers(0, 100, n))
    first, last = x[:, :2].mean(axis=1) - 0.5, x[:, 2:].mean(axis=1) - 0.5
    signal = np.where(turns & (day >= 19_767), last, first)
    lost = rng.random(n) < probability(-0.8 - 9 * signal)
    names = ("c0", "c1", "c2", "c3")
    o = observe(np.arange(n), lost, x, [Candidate(name) for name in names], as_of=day, horizon=90)
    return o, ExpertPrior(names, x, np.ones(4))


def test_moving_is_backed_where_the_world_stays_and_stopped_where_it_turns() -> None:
    stays, turns = [], []
    for seed in range(20):
        for kind, found in ((False, stays), (True, turns)):
            o, prior = _company(seed, turns=kind)
            gain = gain_on_newest(prior, o)
            assert gain is not None
            assert 60 <= gain.n <= 100
            found.append(gain.speaks_for)
    assert np.mean(stays) >= 0.8
    assert np.mean(turns) <= 0.1


def test_a_proposal_waits_where_the_newest_outcomes_speak_against_it() -> None:
    kinds = {
        kind: [propose(*_company(seed, turns=kind), FAST).kind for seed in range(6)] for kind in (False, True)
    }
    assert kinds[False].count("weights") >= 5
    assert kinds[True].count("weights") <= 1


def test_nothing_is_said_about_one_date_or_one_sided_outcomes() -> None:
    o, prior = _company(1)
    assert gain_on_newest(prior, replace(o, as_of=np.full(o.n, 19_700))) is None
    assert gain_on_newest(prior, replace(o, lost=o.as_of < 19_740)) is None


def test_a_group_is_on_one_side_only() -> None:
    o, prior = _company(2)
    shared = replace(o, group=np.full(o.n, "parent", dtype=object))
    assert gain_on_newest(prior, shared) is None
