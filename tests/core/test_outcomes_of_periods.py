"""Outcomes of evergreen contracts and of silence, with the days written out (O2, decision 4)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from barograph.core.arrays import texts
from barograph.core.outcomes.periods import from_evergreen, from_lapse
from barograph.core.outcomes.record import ANCHORS, OUTCOMES
from barograph.definitions.model import LapseRule
from barograph.errors import UsageError
from support.outcome_terms import LATE, RULES, day, terms

QUARTERS = [int(day(d)) for d in ("2024-01-01", "2024-04-01", "2024-07-01", "2024-10-01", "2025-01-01")]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"start": "2023-06-01"}, ["renewed"] * 4),
        ({"start": "2024-01-01"}, ["renewed"] * 3),  # began on the first day of a quarter: in the next
        ({"start": "2023-12-31"}, ["renewed"] * 4),
        ({"start": "2023-06-01", "cancelled": "2024-07-01"}, ["renewed", "renewed", "churned"]),
        ({"start": "2023-06-01", "cancelled": "2024-06-30"}, ["renewed", "churned"]),
        ({"start": "2023-06-01", "cancelled": "2023-12-31"}, []),
        ({"start": "2024-02-01", "cancelled": "2024-03-01"}, []),  # gone before it was ever looked at
    ],
)
def test_evergreen_quarters(row: dict[str, Any], expected: list[str]) -> None:
    found = from_evergreen(terms(row), RULES, QUARTERS, LATE)
    assert [OUTCOMES[o] for o in found.outcome] == expected
    last = int(np.searchsorted(QUARTERS, found.ended[found.lost][0], "right")) if found.lost.any() else 4
    assert found.anchor.tolist() == QUARTERS[last - len(expected) + 1 : last + 1]
    assert (found.ended[found.lost] < found.anchor[found.lost]).all()
    assert set(found.anchor_kind.tolist()) <= {ANCHORS.index("period_end")}


def test_an_evergreen_contract_that_is_replaced_is_kept() -> None:
    rows = [
        {"start": "2023-06-01", "cancelled": "2024-05-15"},
        {"start": "2024-06-01", "end": "2026-06-01", "arr": 80},
    ]
    found = from_evergreen(terms(*rows), RULES, QUARTERS, LATE)
    assert [OUTCOMES[o] for o in found.outcome] == ["renewed", "downsold"]
    assert found.arr_after.tolist() == [100, 80]


def test_a_quarter_counts_when_its_grace_is_over() -> None:
    one = terms({"start": "2023-06-01"})
    for as_of, count in (("2024-04-30", 0), ("2024-05-01", 1), ("2024-07-30", 1), ("2024-07-31", 2)):
        assert len(from_evergreen(one, RULES, QUARTERS, int(day(as_of)))) == count
    with pytest.raises(UsageError, match="must grow"):
        from_evergreen(one, RULES, [5, 5], LATE)


def test_lapse_by_hand() -> None:
    """Horizon 10, active within 20, as of 100, facts from day 0: periods from 20 on: 20, 30, ... 90.

    a buys on 0, 25 and 30: in 20 (0 is 20 days back) kept; in 30 kept (day 30 itself); in 40 and 50 lost;
    then no longer active. b buys on 95 only: never active before a period.
    """
    facts = (texts(["a", "a", "a", "b"]), np.array([0, 25, 30, 95]))
    found = from_lapse(*facts, LapseRule(source="events", active_days=20, horizon_days=10), 100)
    rows = [
        (a, int(n) - 10, OUTCOMES[o])
        for a, n, o in zip(found.account_ids, found.anchor, found.outcome, strict=True)
    ]
    assert rows == [("a", 20, "renewed"), ("a", 30, "renewed"), ("a", 40, "churned"), ("a", 50, "churned")]
    assert set(found.horizon.tolist()) == {10}
    assert (found.known == found.anchor).all()


def test_lapse_without_facts() -> None:
    empty = (texts([]), np.empty(0, dtype=np.int64))
    assert len(from_lapse(*empty, LapseRule(source="events"), 100)) == 0
