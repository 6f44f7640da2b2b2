"""Shapes and derived candidates are proposed where they are planted and nowhere else (planted truth). L2."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.learning.derived import Recipe, add_derived, halves, propose_derived
from barograph.learning.metrics import auc, probability
from barograph.learning.observations import Candidate, observe
from barograph.learning.scorecard import fit_scorecard
from barograph.learning.shapes import accept_shapes, find_shapes
from barograph.learning.splits import deal
from barograph.learning.worth import worth_having
from support.learning import Planted, company


def _u_shaped(seed: int, n: int = 1_500):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-2, 2, (n, 3))
    lost = rng.random(n) < probability(-2.2 + 0.9 * x[:, 0] ** 2 - x[:, 1])
    return observe(np.arange(n), lost, x, [Candidate(name) for name in ("bent", "straight", "noise")])


def test_a_bent_signal_is_proposed_and_worth_it() -> None:
    o = _u_shaped(1)
    found = find_shapes(o, deal(o, 5))
    assert [f.name for f in found if f.proposed] == ["bent"]
    assert "one direction does not describe it" in found[0].reason
    assert sum(n for _, _, n, _ in found[0].pieces) == o.n
    before, after = fit_scorecard(o), fit_scorecard(accept_shapes(o, found))
    fresh = _u_shaped(2)
    assert before is not None
    assert after is not None
    gain = auc(after.score(accept_shapes(fresh, found)), fresh.lost) - auc(before.score(fresh), fresh.lost)
    assert gain > 0.05


def test_straight_signals_are_left_alone() -> None:
    for seed in range(15):
        o = company(Planted(n=600, effects=(1.2, 0.8), noise=8), 500 + seed)
        assert not [f for f in find_shapes(o, deal(o, 5)) if f.proposed]


def test_copies_of_accounts_do_not_make_a_shape_significant() -> None:
    o = company(Planted(n=250, effects=(1.0,), noise=6), 3)
    many = observe(
        np.tile(o.account, 8), np.tile(o.lost, 8), np.tile(o.signals, (8, 1)), o.candidates,
        as_of=np.repeat(o.as_of[0] + np.arange(8), 250), decision=np.full(2_000, o.as_of[0] + 200),
    )  # fmt: skip
    assert find_shapes(many, deal(many, 5)) == ()


def _bill(seed: int, n: int = 3_000):
    """Loss depends on the sum of three charges, which no single charge shows."""
    rng = np.random.default_rng(seed)
    charges = rng.gamma(4, 5, (n, 3))
    other = rng.normal(size=(n, 2))
    lost = rng.random(n) < probability(-1.4 + 2.0 * (charges.sum(axis=1) > 72) - 0.5 * other[:, 0])
    names = [Candidate(f"charge_{k}", unit="money") for k in "abc"] + [Candidate("usage"), Candidate("noise")]
    return observe(np.arange(n), lost, np.hstack([charges, other]), names)


def test_a_hidden_sum_is_found_confirmed_and_worth_having() -> None:
    o = _bill(1)
    half = halves(o, np.random.default_rng(0))
    found = propose_derived(o, half)
    sums = [f for f in found if f.recipe.kind == "sum"]
    assert sums
    assert set(sums[0].recipe.parents) == {"charge_a", "charge_b", "charge_c"}
    assert sums[0].p < 0.01
    found = worth_having(o, found)
    assert [set(f.recipe.parents) for f in found] == [{"charge_a", "charge_b", "charge_c"}]
    wide = add_derived(o, found)
    before, after = fit_scorecard(o), fit_scorecard(wide)
    fresh = _bill(2)
    assert before is not None
    assert after is not None
    gain = auc(after.score(add_derived(fresh, found)), fresh.lost) - auc(before.score(fresh), fresh.lost)
    assert gain > 0.03


def test_a_planted_cross_is_found() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(3_000, 4))
    plan = rng.integers(0, 2, 3_000).astype(float)
    lost = rng.random(3_000) < probability(-1.2 - 1.4 * x[:, 0] * (2 * plan - 1))
    names = [Candidate(f"x{k}") for k in range(4)] + [Candidate("plan")]
    o = observe(np.arange(3_000), lost, np.column_stack([x, plan]), names)
    found = propose_derived(o, halves(o, np.random.default_rng(0)))
    assert [set(f.recipe.parents) for f in found if f.recipe.kind == "cross"] == [{"x0", "plan"}]


def test_additive_truth_proposes_nothing_worth_having() -> None:
    taken = 0
    for seed in range(6):
        o = company(Planted(n=900, effects=(1.0, 0.8, 0.5), noise=4), 700 + seed)
        half = halves(o, np.random.default_rng(seed))
        taken += bool(worth_having(o, propose_derived(o, half)))
    assert taken <= 1


def test_only_one_unit_is_ever_summed_and_unknown_stays_unknown() -> None:
    o = _bill(4, n=200)
    signals = o.signals.copy()
    signals[0, 0] = np.nan
    signals[1, 1] = 0.0
    o = observe(o.account, o.lost, signals, o.candidates)
    total = Recipe("sum", ("charge_a", "charge_b")).values(o)
    ratio = Recipe("ratio", ("charge_a", "charge_b")).values(o)
    cross = Recipe("cross", ("charge_a", "usage"), ((10.0, 20.0), (0.0,))).values(o)
    assert np.isnan([total[0], ratio[0], ratio[1], cross[0]]).all()
    assert total[2] == pytest.approx(signals[2, 0] + signals[2, 1])
    assert set(np.unique(cross[1:])) <= set(range(6))


def test_too_little_proposes_nothing() -> None:
    o = _bill(5, n=300)
    assert propose_derived(o, halves(o, np.random.default_rng(0))) == ()
