"""The line of capacity (H1). Truths: by hand, property: the list is cut in two, in its order, and nothing is lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.core.capacity import capacity_line

ORDER = np.array([2, 0, 3, 1])
ARR = np.array([100.0, np.nan, 300.0, 50.0])


def test_the_line_is_drawn_at_the_first_account_that_no_longer_fits() -> None:
    effort = np.array([2.0, 0.5, 2.0, 3.0])
    line = capacity_line(ORDER, effort, 5.0, ARR, np.array([0.5, 0.5, 0.1, 0.4]))
    assert (line.worked.tolist(), line.beyond.tolist()) == ([2, 0], [3, 1])
    assert (line.arr_worked, line.arr_beyond) == (400.0, 50.0)
    assert line.expected_loss_beyond == pytest.approx(0.4 * 50)


def test_without_a_probability_no_loss_is_expected_and_no_zero_is_said() -> None:
    assert np.isnan(capacity_line(ORDER, np.ones(4), 1.0, ARR).expected_loss_beyond)
    assert len(capacity_line(ORDER, np.ones(4), 4.0, ARR).beyond) == 0
    assert len(capacity_line(np.zeros(0, dtype=np.int64), np.ones(4), 4.0, ARR).worked) == 0


@given(st.lists(st.floats(0.1, 5), min_size=1, max_size=30), st.floats(0, 60), st.floats(0, 20))
def test_more_capacity_only_moves_the_line_down(effort: list[float], capacity: float, more: float) -> None:
    order = np.arange(len(effort))[::-1]
    money = np.ones(len(effort))
    one = capacity_line(order, np.array(effort), capacity, money)
    two = capacity_line(order, np.array(effort), capacity + more, money)
    for line in (one, two):
        assert [*line.worked.tolist(), *line.beyond.tolist()] == order.tolist()
        assert line.arr_worked + line.arr_beyond == pytest.approx(len(effort))
    assert len(two.worked) >= len(one.worked)
    assert sum(effort[i] for i in one.worked.tolist()) <= capacity + 1e-6
