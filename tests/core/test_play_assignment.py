"""The draw of accounts that are held out (G1). Truths: properties (uniform, independent of everything but the three
texts, never the largest) and fixed values, so that no release draws differently."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from barograph.core.play_assignment import assign, draw, never_held_out
from barograph.definitions.play import HoldOut

NAMES = [f"a{i:04d}" for i in range(2000)]
ARR = {name: float(1000 + i) for i, name in enumerate(NAMES)}
QUARTER = HoldOut(share=0.25)


@pytest.mark.parametrize(
    ("names", "value"),
    [
        (("s", "rescue", "a1"), 0.584047456126823),
        (("", "", ""), 0.3898120469256272),
        (("s", "rescue", "ä1"), 0.8315616440305614),
    ],
)
def test_the_draw_is_fixed_for_ever(names: tuple[str, str, str], value: float) -> None:
    assert draw(*names) == value


def test_draws_are_uniform_and_plays_do_not_share_them() -> None:
    one = np.array([draw("seed", "rescue", name) for name in NAMES])
    two = np.array([draw("seed", "adoption", name) for name in NAMES])
    other = np.array([draw("seed 2", "rescue", name) for name in NAMES])
    assert stats.kstest(one, "uniform").pvalue > 0.01
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.06 and abs(np.corrcoef(one, other)[0, 1]) < 0.06


def test_texts_do_not_run_into_each_other() -> None:
    assert draw("a", "bc", "d") != draw("ab", "c", "d") != draw("a", "b", "cd")


@given(st.permutations(NAMES[:30]), st.integers(1, 30))
def test_the_arm_depends_on_nobody_else(order: list[str], count: int) -> None:
    whole = {a.account_id: a for a in assign("p", NAMES[:30], ARR, QUARTER, seed="s")}
    assert all(a == whole[a.account_id] for a in assign("p", order[:count], ARR, QUARTER, seed="s"))


def test_a_share_is_held_out_of_those_that_can_be() -> None:
    found = assign("rescue", NAMES, ARR, QUARTER, seed="s")
    compared = [a for a in found if a.compared]
    held = [a for a in compared if a.arm == "held_out"]
    assert len(compared) == 1600
    assert 0.25 - 0.033 < len(held) / len(compared) < 0.25 + 0.033
    assert all(a.draw < 0.25 for a in held)


def test_the_largest_are_never_held_out_and_stand_aside() -> None:
    rule = HoldOut(share=0.5, never_arr_at_least=1500)
    spared = {a.account_id for a in assign("p", NAMES, ARR, rule, seed="s") if not a.compared}
    assert spared == {name for name, arr in ARR.items() if arr >= 1500}
    assert all(a.arm == "treated" for a in assign("p", NAMES, ARR, rule, seed="s") if a.account_id in spared)


def test_unknown_revenue_may_be_the_largest() -> None:
    arr = {"a": 5.0, "b": None, "c": 1.0, "d": float("nan"), "e": 2.0}
    assert never_held_out(arr, HoldOut(share=0.5, never_largest_share=0.3)) == {"a", "b", "d"}
    assert not assign("p", ["stranger"], arr, QUARTER, seed="s")[0].compared


def test_ties_at_the_edge_belong_to_the_largest() -> None:
    arr = {"a": 5.0, "b": 5.0, "c": 5.0, "d": 1.0, "e": 1.0}
    assert never_held_out(arr, HoldOut(share=0.5, never_largest_share=0.2)) == {"a", "b", "c"}


def test_it_is_off_by_default() -> None:
    found = assign("p", NAMES[:50], ARR, HoldOut(), seed="s")
    assert {(a.arm, a.compared) for a in found} == {("treated", False)}


def test_a_delayed_start_is_an_arm_of_its_own() -> None:
    rule = HoldOut(share=0.5, delay_days=30, never_largest_share=0)
    arms = {a.arm for a in assign("p", NAMES[:50], ARR, rule, seed="s")}
    assert arms == {"treated", "delayed"}
