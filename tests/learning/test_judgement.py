"""Truth: property and planted. Grades of people's calls stay in their ranges, do not depend on order, refuse under the
minimum, and find an accuracy that was planted (X4)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from barograph.learning.judgement import (
    ALARM,
    DOUBT,
    MINIMUM,
    MINIMUM_OF_RATE,
    NO_CONCERN,
    UNKNOWN,
    Calls,
    Judgement,
    Rate,
    chances,
    judge,
)

SETTLED = 400


@st.composite
def some_calls(draw: st.DrawFn, least: int = 0, most: int = 60) -> Calls:
    n = draw(st.integers(least, most))
    return Calls(
        draw(arrays(np.int64, n, elements=st.integers(NO_CONCERN, ALARM))),
        draw(arrays(np.int64, n, elements=st.integers(UNKNOWN, ALARM))),
        draw(arrays(np.bool_, n)),
        draw(arrays(np.int64, n, elements=st.integers(0, 20))),
    )


def planted(rng: np.random.Generator, n: int, *, right: float, lost: float = 0.3) -> Calls:
    """Calls of somebody who is right with the probability `right`, whatever the outcome; numbers that are not."""
    gone = rng.random(n) < lost
    hit = rng.random(n) < right
    concerned = gone == hit
    view = np.where(concerned, np.where(rng.random(n) < 0.5, DOUBT, ALARM), NO_CONCERN)
    numbers = np.where(rng.random(n) < 0.5, NO_CONCERN, ALARM)
    return Calls(view.astype(np.int64), numbers.astype(np.int64), gone, np.arange(n))


def rates_of(found: Judgement) -> list[Rate]:
    told = [found.warned, found.reassured, found.against_numbers, *(found.by_view or ())]
    return [rate for rate in told if rate is not None]


@given(some_calls(), some_calls())
def test_under_the_minimum_nothing_is_graded_and_what_is_missing_is_said(calls: Calls, others: Calls) -> None:
    found = judge(calls, others)
    assert (found.n, found.lost) == (len(calls), int(calls.lost.sum()))
    assert found.missing == max(0, MINIMUM - len(calls))
    assert (found.warned is None) == (found.missing > 0)
    assert found.missing == 0 or (found.brier, found.gain, found.by_view) == (None, None, None)
    for rate in rates_of(found):
        assert (rate.estimate is None) == (rate.n < MINIMUM_OF_RATE)
        assert rate.missing == max(0, MINIMUM_OF_RATE - rate.n)


@given(some_calls(MINIMUM), some_calls())
def test_figures_stay_in_their_ranges_and_count_every_call_once(calls: Calls, others: Calls) -> None:
    found = judge(calls, others)
    for rate in rates_of(found):
        assert 0 <= rate.events <= rate.n
        if rate.estimate is not None:
            e = rate.estimate
            assert 0 <= e.low <= e.value + 1e-12 and e.value - 1e-12 <= e.high <= 1
            assert e.value == pytest.approx(rate.events / rate.n)
    assert found.warned and found.reassured and found.by_view
    assert found.warned.n + found.reassured.n == found.n == sum(view.n for view in found.by_view)
    assert sum(view.events for view in found.by_view) == found.lost == found.warned.n
    assert (found.brier is None) == (len(others) < MINIMUM)
    if found.brier is not None and found.usual is not None and found.gain is not None:
        assert 0 <= found.brier <= 1
        assert found.gain.value == pytest.approx(found.usual - found.brier)
        assert found.gain.low <= found.gain.value <= found.gain.high


@given(some_calls(MINIMUM), some_calls(), st.randoms(use_true_random=False))
def test_the_order_of_calls_changes_nothing(calls: Calls, others: Calls, dice: object) -> None:
    rows = list(range(len(calls)))
    dice.shuffle(rows)  # type: ignore[attr-defined]
    mixed = Calls(calls.view[rows], calls.numbers[rows], calls.lost[rows], calls.account[rows])
    one, other = judge(calls, others), judge(mixed, others)
    for a, b in zip(rates_of(one), rates_of(other), strict=True):
        assert (a.events, a.n) == (b.events, b.n)
        if a.estimate and b.estimate:
            assert (a.estimate.low, a.estimate.high) == pytest.approx((b.estimate.low, b.estimate.high))
    assert one.brier == pytest.approx(other.brier)


@given(some_calls(MINIMUM))
def test_somebody_who_is_always_right_is_seen_as_such(calls: Calls) -> None:
    view = np.where(calls.lost, ALARM, NO_CONCERN).astype(np.int64)
    found = judge(Calls(view, calls.numbers, calls.lost, calls.account), calls)
    assert found.warned and found.reassured and found.against_numbers
    assert found.warned.events == found.warned.n
    assert found.reassured.events == found.reassured.n
    assert found.against_numbers.events == found.against_numbers.n


@given(some_calls())
def test_chances_are_shares_and_move_with_what_others_saw(others: Calls) -> None:
    worth = chances(others)
    assert (worth is None) == (len(others) < MINIMUM)
    if worth is not None:
        assert np.all((worth >= 0) & (worth <= 1))
        missing = [view for view in range(3) if not np.any(others.view == view)]
        assert worth[missing] == pytest.approx(others.lost.mean())


@pytest.mark.parametrize("right", [0.5, 0.7, 0.9])
def test_a_planted_accuracy_lies_within_the_interval(right: float) -> None:
    inside = beats = 0
    rng = np.random.default_rng(20_261_122)
    for _ in range(40):
        calls, others = planted(rng, SETTLED, right=right), planted(rng, 2 * SETTLED, right=0.8)
        found = judge(calls, others)
        assert found.warned and found.warned.estimate and found.against_numbers and found.gain
        inside += found.warned.estimate.low <= right <= found.warned.estimate.high
        beats += found.gain.low > 0
    assert inside >= 35, "95 % intervals cover about 38 of 40"
    assert beats >= 38 if right == 0.9 else beats <= 40 if right == 0.7 else beats == 0


def test_an_account_that_decided_often_is_one_witness() -> None:
    rng = np.random.default_rng(5)
    calls = planted(rng, 40, right=0.7)
    again = [np.repeat(column, 5) for column in (calls.view, calls.numbers, calls.lost, calls.account)]
    one, five = judge(calls, calls), judge(Calls(*again), calls)
    assert one.warned and five.warned and one.warned.estimate and five.warned.estimate
    width = one.warned.estimate.high - one.warned.estimate.low
    assert five.warned.estimate.high - five.warned.estimate.low >= 0.95 * width
    assert one.gain and five.gain
    assert five.gain.high - five.gain.low == pytest.approx(one.gain.high - one.gain.low, rel=0.05)


def test_calls_that_do_not_fit_together_are_refused() -> None:
    three = np.zeros(3, dtype=np.int64)
    with pytest.raises(ValueError, match="different lengths"):
        Calls(three, three, np.zeros(2, dtype=bool), three)
    with pytest.raises(ValueError, match="a view is one of 0 to 2"):
        Calls(three + 3, three, np.zeros(3, dtype=bool), three)
