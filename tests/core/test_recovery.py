"""Recovery (G2). Truths: examples at the edges of the days, and a reference that walks one account at a time."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from barograph.core.recovery import planned, recovered
from barograph.core.thresholds import NONE

R, W, H, G = 0, 1, 2, 3
X = NONE


def weeks(*rows: list[int]) -> tuple[list[int], np.ndarray]:
    return [7 * k for k in range(len(rows[0]))], np.array(rows, dtype=np.int8)


def test_watch_does_not_count() -> None:
    days, tiers = weeks([H, R, W, W, W], [H, R, W, H, W], [H, R, G, R, R])
    found = recovered(days, tiers, within=21)
    assert list(zip(found.account.tolist(), found.day.tolist(), found.met.tolist(), strict=True)) == [
        (0, 7, False),
        (1, 7, True),
        (2, 7, True),
        (2, 21, False),
    ]
    assert found.decided.tolist() == [True, True, True, False]
    assert found.rate == 2 / 3


def test_the_last_day_counts_and_the_next_does_not() -> None:
    days, tiers = weeks([W, R, R, R, H, H])
    assert recovered(days, tiers, within=21).met.tolist() == [True]
    assert recovered(days, tiers, within=20).met.tolist() == [False]


def test_one_that_left_did_not_recover_and_one_early_success_waits_for_the_others() -> None:
    days, tiers = weeks([H, R, X, X, X], [H, H, H, R, H])
    found = recovered(days, tiers, within=14)
    assert (found.met.tolist(), found.decided.tolist()) == ([False, True], [True, False])
    assert found.rate == 0


def test_the_first_week_is_no_entry() -> None:
    days, tiers = weeks([R, R, H])
    assert len(recovered(days, tiers).account) == 0
    assert np.isnan(recovered(days, tiers).rate)


def test_plans_count_from_the_entry_to_seven_days_after() -> None:
    days, tiers = weeks([H, W, W], [H, W, W], [H, W, W], [H, W, W], [H, H, W])
    plans = {0: [7], 1: [14], 2: [15], 3: [6]}
    found = planned(days, tiers, plans, today=20)
    assert found.met.tolist() == [True, True, False, False, False]
    assert found.decided.tolist() == [True, True, True, True, False]


@given(
    arrays(
        np.int8,
        st.tuples(st.integers(1, 5), st.integers(1, 12)),
        elements=st.sampled_from([X, -1, R, W, H, G]),
    ),
    st.integers(7, 60),
)
def test_it_is_what_one_account_at_a_time_gives(tiers: np.ndarray, within: int) -> None:
    days = [7 * k for k in range(tiers.shape[1])]
    expected = []
    for account, row in enumerate(tiers.tolist()):
        for k in range(1, len(row)):
            if row[k] == R and row[k - 1] != R:
                later = [t for t, day in zip(row[k:], days[k:], strict=True) if day <= days[k] + within]
                expected.append((account, days[k], any(t >= H for t in later), days[k] + within <= days[-1]))
    found = recovered(days, tiers, within)
    columns = (found.account.tolist(), found.day.tolist(), found.met.tolist(), found.decided.tolist())
    assert list(zip(*columns, strict=True)) == expected
