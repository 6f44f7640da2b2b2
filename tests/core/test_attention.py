"""The attention list: the published formula by hand, and what a better state can never do (R1)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.core.arrays import texts
from barograph.core.attention import AttentionInputs, attention, nearness
from barograph.errors import UsageError

NAN = float("nan")


def inputs(*rows: tuple[int, int, float, float, float, bool, bool]) -> AttentionInputs:
    """(tier, tier before, revenue, fall, days to opt-out, about to turn, plan on track)"""
    tier, before, revenue, fall, days, turning, plan = zip(*rows, strict=True)
    return AttentionInputs(
        texts([f"a{i}" for i in range(len(rows))]),
        np.array(tier, dtype=np.int8),
        np.array(before, dtype=np.int8),
        np.array(revenue, dtype=float),
        np.array(fall, dtype=float),
        np.array(days, dtype=float),
        np.array(turning),
        np.array(plan),
    )


def test_the_formula_by_hand() -> None:
    """100,000 x 1 (At Risk) x (1 + 15/15 + 1) x (1 + 2 x 90/180) = 600,000; on track a quarter of it."""
    found = attention(inputs((0, 1, 100_000, 15, 90, False, False), (0, 1, 100_000, 15, 90, False, True)), 10)
    assert found.priority.tolist() == pytest.approx([600_000, 150_000])
    assert (found.tier_factor[0], found.worsening[0], found.nearness[0]) == (1, 3, 2)
    assert found.listed.tolist() == [0, 1]
    assert found.why(0) == ("at_risk", "tier_down", "falling")


@pytest.mark.parametrize(
    ("days", "factor"), [(181, 1), (180, 1), (90, 2), (0, 3), (-1, 1), (NAN, 1), (45, 2.5)]
)
def test_nearness(days: float, factor: float) -> None:
    assert nearness(np.array([days]))[0] == pytest.approx(factor)


def test_who_is_on_the_list_and_why() -> None:
    rows = inputs(
        (2, 2, 9e6, 0, 5, False, False),  # Healthy and steady: not listed, however large and near
        (2, 2, 100, 0, NAN, True, False),  # about to turn
        (3, 3, 100, 12, NAN, False, False),  # falling
        (2, 3, 100, -5, NAN, False, False),  # a tier down
        (-1, 2, 100, NAN, NAN, False, False),  # insufficient data is not a fall
        (1, -2, 100, NAN, NAN, False, False),  # new, on Watch
        (-2, 2, 100, NAN, NAN, False, False),  # gone
    )
    found = attention(rows, 10)
    assert [found.why(r) for r in range(7)] == [
        (), ("about_to_turn",), ("falling",), ("tier_down",), ("insufficient",), ("watch",), (),
    ]  # fmt: skip
    assert sorted(found.listed.tolist()) == [1, 2, 3, 4, 5]
    assert found.eligible == 5


def test_the_cut_is_told() -> None:
    rows = inputs(*[(0, 0, 100.0 * (k + 1), 0, NAN, False, False) for k in range(5)])
    found = attention(rows, 2)
    assert found.listed.tolist() == [4, 3]
    assert (found.left_out, found.left_out_revenue) == (3, 600)
    with pytest.raises(UsageError, match="at_most = 0"):
        attention(rows, 0)


def test_unknown_revenue_counts_as_the_median_and_ties_go_by_id() -> None:
    found = attention(
        inputs(
            (0, 0, 100, 0, NAN, False, False),
            (0, 0, NAN, 0, NAN, False, False),
            (0, 0, 300, 0, NAN, False, False),
        ),
        9,
    )
    assert found.revenue_factor.tolist() == [100, 200, 300]
    none = attention(inputs((0, 0, NAN, 0, NAN, False, False), (0, 0, NAN, 0, NAN, False, False)), 9)
    assert none.priority.tolist() == [1, 1]
    assert none.listed.tolist() == [0, 1]


ROW = st.tuples(
    st.integers(0, 3),
    st.integers(0, 3),
    st.floats(1, 1e6),
    st.floats(-40, 40),
    st.floats(-50, 400),
    st.booleans(),
    st.booleans(),
)


@settings(max_examples=80, deadline=None)
@given(ROW, st.floats(0, 20), st.floats(0, 100))
def test_worse_is_never_less_urgent(
    row: tuple[int, int, float, float, float, bool, bool], fall: float, nearer: float
) -> None:
    start = inputs(row)
    base = attention(start, 1).priority[0]
    worse = replace(start, fall=start.fall + fall)
    assert attention(worse, 1).priority[0] >= base - 1e-9
    if start.days_to_opt_out[0] - nearer >= 0:
        near = replace(start, days_to_opt_out=start.days_to_opt_out - nearer)
        assert attention(near, 1).priority[0] >= base - 1e-9
    richer = replace(start, revenue=start.revenue * 2)
    assert attention(richer, 1).priority[0] == pytest.approx(2 * base)
    if not row[6]:
        assert attention(replace(start, plan_on_track=np.array([True])), 1).priority[0] <= base
