"""Rates and calibration with the account as the unit (L5). Truths: reference (Wilson's interval, Wald's errors),
planted truth (the interval covers the rate of clustered accounts, the naive one does not), property."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.learning.calibration import check_calibration
from barograph.learning.calibration_interval import clustered
from barograph.learning.estimates import wilson
from barograph.learning.metrics import probability
from barograph.learning.rates import clustered_rate, wilson_at

FLAGS = st.lists(st.booleans(), min_size=1, max_size=60)


def twice(values: np.ndarray) -> np.ndarray:
    return np.concatenate([values, values])


@pytest.mark.parametrize(("events", "n"), [(30, 100), (3, 40), (199, 400)])
def test_one_row_per_account_is_wilson_to_within_one_row(events: int, n: int) -> None:
    flags = np.arange(n) < events
    found = clustered_rate(flags, np.arange(n))
    expected, fewer = wilson(events, n), wilson_at(events / n, n - 1)
    assert found.value == expected.value
    assert (found.low, found.high) == pytest.approx(fewer, abs=1e-9)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=2 / n)


@given(FLAGS)
@settings(max_examples=60)
def test_seeing_every_account_twice_teaches_nothing(flags: list[bool]) -> None:
    events, who = np.array(flags), np.arange(len(flags))
    once, again = clustered_rate(events, who), clustered_rate(twice(events), twice(who))
    assert (again.value, again.low, again.high) == pytest.approx((once.value, once.low, once.high), abs=1e-9)


@given(FLAGS, st.data())
@settings(max_examples=60)
def test_the_rate_lies_in_its_interval_which_lies_in_0_to_1(flags: list[bool], data: st.DataObject) -> None:
    size = len(flags)
    who = np.array(data.draw(st.lists(st.integers(0, 9), min_size=size, max_size=size)))
    money = np.array(
        data.draw(st.lists(st.floats(0, 1e6) | st.just(float("nan")), min_size=size, max_size=size))
    )
    found = clustered_rate(np.array(flags), who, money)
    assert 0 <= found.low <= found.high <= 1
    if np.nansum(money) > 0:
        assert found.low - 1e-9 <= found.value <= found.high + 1e-9
    else:
        assert np.isnan(found.value) and (found.low, found.high) == (0.0, 1.0)


def test_an_event_that_never_happened_is_still_possible() -> None:
    none = clustered_rate(np.zeros(20, dtype=bool), np.arange(20))
    few = clustered_rate(np.zeros(20, dtype=bool), np.arange(20) % 4)
    assert (none.value, few.value) == (0, 0)
    assert 0.1 < none.high < 0.2
    assert few.high > 0.4


def test_one_large_account_makes_a_weighted_rate_unsure() -> None:
    events, who = np.arange(50) < 25, np.arange(50)
    even = clustered_rate(events, who, np.ones(50))
    heavy = clustered_rate(events, who, np.where(np.arange(50) == 0, 1_000.0, 1.0))
    assert heavy.high - heavy.low > 2 * (even.high - even.low)


def test_the_interval_covers_the_rate_of_accounts_that_decide_alike() -> None:
    """60 accounts of 6 rows each, whose loss rates differ: 95 % of intervals shall hold the true mean, .3."""
    rng = np.random.default_rng(0)
    who = np.repeat(np.arange(60), 6)
    ours = naive = 0
    for _ in range(300):
        own = rng.beta(0.6, 1.4, 60)
        events = rng.random(360) < own[who]
        found, plain = clustered_rate(events, who), wilson(int(events.sum()), 360)
        ours += found.low <= 0.3 <= found.high
        naive += plain.low <= 0.3 <= plain.high
    assert 0.92 <= ours / 300 <= 0.99
    assert naive / 300 < 0.85


def _predictions(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    p = probability(np.random.default_rng(seed).normal(-1, 1, n))
    return p, np.random.default_rng(seed + 1).random(n) < p


def test_calibration_of_single_rows_has_walds_errors() -> None:
    p, lost = _predictions(4_000, 0)
    wald = check_calibration(p, lost)
    found = clustered(wald, p, lost, np.arange(4_000))
    for one, two in ((wald.slope, found.slope), (wald.intercept, found.intercept)):
        assert two.value == one.value
        assert (two.low, two.high) == pytest.approx((one.low, one.high), abs=0.02)


def test_calibration_of_every_account_seen_twice_is_no_surer() -> None:
    p, lost = _predictions(400, 2)
    once = clustered(check_calibration(p, lost), p, lost, np.arange(400))
    again = clustered(check_calibration(twice(p), twice(lost)), twice(p), twice(lost), twice(np.arange(400)))
    naive = check_calibration(twice(p), twice(lost))
    for one, two in ((once.slope, again.slope), (once.intercept, again.intercept)):
        assert (two.low, two.value, two.high) == pytest.approx((one.low, one.value, one.high), abs=1e-3)
    assert naive.slope.high - naive.slope.low < 0.8 * (again.slope.high - again.slope.low)


def test_outcomes_of_one_side_have_no_calibration_and_no_interval() -> None:
    p, lost = np.full(20, 0.2), np.zeros(20, dtype=bool)
    found = clustered(check_calibration(p, lost), p, lost, np.arange(20))
    assert np.isnan(found.slope.value) and np.isnan(found.intercept.value)
