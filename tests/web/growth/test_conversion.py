"""Truth: planted. Which deal belongs to which hand-over, and what the rates leave out (P7)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from barograph.learning.estimates import wilson
from barograph_web.growth.conversion import Deal, Handed, match, rate, rates

TODAY = date(2026, 11, 18)


def handed(
    number: int, days_ago: int, state: str = "accepted", account: str = "A", timed: bool | None = True
) -> Handed:
    return Handed(number, account, TODAY - timedelta(days=days_ago), state, timed)


def deal(
    key: str, days_ago: int, *, account: str = "A", won: bool | None = None, to: int | None = None
) -> Deal:
    return Deal(key, account, "expansion", TODAY - timedelta(days=days_ago), 100.0, won, hand_over=to)


def test_a_deal_belongs_to_the_last_hand_over_before_it() -> None:
    found = match(
        [handed(1, 100), handed(2, 40)], [deal("d1", 90), deal("d2", 30), deal("d3", 101)], days=180
    )
    assert {n: [d.key for d in deals] for n, deals in found.items()} == {1: ["d1"], 2: ["d2"]}


def test_a_deal_that_names_its_hand_over_stays_with_it() -> None:
    found = match([handed(1, 100), handed(2, 40)], [deal("d1", 10, to=1), deal("d2", 300, to=2)], days=30)
    assert {n: [d.key for d in deals] for n, deals in found.items()} == {1: ["d1"], 2: ["d2"]}


def test_refused_and_withdrawn_ones_and_other_accounts_get_none() -> None:
    refused, withdrawn = handed(1, 50, "refused"), handed(2, 50, "withdrawn")
    found = match([refused, withdrawn, handed(3, 50, account="B")], [deal("d", 40)], days=180)
    assert found == {1: [], 2: [], 3: []}


def test_the_window_ends() -> None:
    assert match([handed(1, 100)], [deal("d", 9)], days=90) == {1: []}
    assert [d.key for d in match([handed(1, 100)], [deal("d", 10)], days=90)[1]] == ["d"]


def test_rates_leave_out_what_is_still_open() -> None:
    rows = [handed(n, 200 + n) for n in range(6)] + [handed(9, 5), handed(10, 30, "refused", timed=False)]
    rows += [handed(11, 1, "asked", timed=None)]
    matched = {0: [deal("w", 190, won=True)], 1: [deal("l", 190, won=False)], 9: []}
    found = {r.label: (r.events, r.n) for r in rates(rows, matched, 180, TODAY)}
    assert found == {
        "Answered in time": (7, 8),
        "Accepted": (7, 8),
        "Led to an opportunity": (2, 6),
        "Opportunities won": (1, 2),
    }


def test_a_rate_has_wilsons_interval_and_none_below_five() -> None:
    full = rate("x", 3, 10)
    reference = wilson(3, 10)
    assert (full.value, full.low, full.high) == pytest.approx((0.3, reference.low, reference.high))
    few = rate("x", 1, 4)
    assert few.value is None
    assert "5 are needed" in few.words
