"""Outcomes of contract terms, by hand and against reading each chain from start to end (O2, L8, decision 2)."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import numpy as np
import pytest

from barograph.core.arrays import texts
from barograph.core.calendar import day_number, to_date
from barograph.core.outcomes.contracts import from_terms
from barograph.core.outcomes.record import ANCHORS, OUTCOMES, Terms, band
from barograph.definitions.model import OutcomeRules
from support.outcome_terms import FIRST, LATE, NAN, RULES, day, said, terms


@pytest.mark.parametrize(
    ("second", "outcome"),
    [
        (None, "churned"),
        ({"start": "2025-01-01"}, "renewed"),
        ({"start": "2025-01-30"}, "renewed"),  # 30 days after the end
        ({"start": "2025-01-31"}, "churned"),  # 31
        ({"start": "2024-12-01", "end": "2025-12-31"}, "renewed"),  # renewed early, within the grace
        ({"start": "2024-11-30", "end": "2025-12-31"}, "churned"),  # another contract that runs on
        ({"start": "2024-12-05", "end": "2024-12-20"}, "churned"),  # ended before it
        ({"start": "2024-12-15", "end": "2024-12-31"}, "churned"),  # ends with it: nothing follows
        ({"start": "2025-01-01", "arr": 85}, "downsold"),
        ({"start": "2025-01-01", "arr": 85.01}, "renewed"),
        ({"start": "2025-01-01", "arr": 104.99}, "renewed"),
        ({"start": "2025-01-01", "arr": 105}, "expanded"),
        ({"start": "2025-01-01", "arr": NAN}, "renewed"),  # kept; how much is not known
        ({"start": "2025-01-01", "product": "other"}, "churned"),
        ({"start": "2025-01-01", "account": "other"}, "churned"),
        ({"start": "2025-01-01", "cancelled": "2025-01-01"}, "churned"),  # never began
        ({"start": "2025-01-01", "cancelled": "2025-01-02"}, "renewed"),
    ],
)
def test_what_follows_a_term(second: dict[str, Any] | None, outcome: str) -> None:
    rows = [FIRST] if second is None else [FIRST, second]
    found, _ = from_terms(terms(*rows), RULES, day_number(date(2025, 6, 1)))
    first = [s for s in said(found) if s[0] == "c0"]
    assert first == [("c0", outcome, "2024-12-31")]


def test_all_classes_are_anchored_at_the_opt_out_deadline_and_known_together() -> None:
    for second in ([], [{"start": "2025-01-01"}]):
        found, _ = from_terms(terms(FIRST | {"notice": 60, "cancelled": "2024-08-01"}, *second), RULES, LATE)
        assert to_date(int(found.anchor[0])) == date(2024, 11, 1)
        assert ANCHORS[found.anchor_kind[0]] == "opt_out"
        assert to_date(int(found.known[0])) == date(2025, 1, 31)
        assert found.cancelled[0] == day("2024-08-01")


@pytest.mark.parametrize(
    ("as_of", "resolved", "within_grace"),
    [("2024-12-31", 0, False), ("2025-01-01", 0, True), ("2025-01-30", 0, True), ("2025-01-31", 1, None)],
)
def test_censoring(as_of: str, resolved: int, within_grace: bool | None) -> None:
    """Neither kept nor lost until the grace is over, with the renewal already there too."""
    for second in ([], [{"start": "2025-01-01", "end": "2031-01-01"}]):
        found, still_open = from_terms(terms(FIRST, *second), RULES, int(day(as_of)))
        assert len(found) == resolved
        mine = [w for c, w in zip(still_open.contract_ids, still_open.within_grace, strict=True) if c == "c0"]
        assert mine == ([] if within_grace is None else [within_grace])


def test_a_chain_of_terms_is_one_decision_each() -> None:
    monthly = terms(
        *({"start": f"2024-{m:02d}-01", "end": to_iso(f"2024-{m + 1:02d}-01", -1)} for m in range(1, 9))
    )
    found, _ = from_terms(monthly, RULES, LATE)
    assert [s[1] for s in said(found)] == ["renewed"] * 7 + ["churned"]


def to_iso(text: str, shift: int) -> str:
    return to_date(int(day(text)) + shift).isoformat()


def test_two_terms_become_one() -> None:
    """60 + 40 end ten days apart and become 90: 90 %, one decision, anchored at the earlier deadline."""
    found, _ = from_terms(
        terms(
            {"start": "2024-01-01", "end": "2024-12-21", "arr": 60, "notice": 30},
            {"start": "2024-01-11", "end": "2024-12-31", "arr": 40, "notice": 30},
            {"start": "2025-01-01", "end": "2035-12-31", "arr": 90},
        ),
        RULES,
        LATE,
    )
    assert said(found) == [("c0", "renewed", "2024-12-31")]
    assert (found.arr_before[0], found.arr_after[0]) == (100, 90)
    assert to_date(int(found.anchor[0])) == date(2024, 11, 21)


def test_one_term_becomes_two() -> None:
    found, _ = from_terms(
        terms(FIRST, {"start": "2025-01-01", "arr": 70}, {"start": "2025-01-15", "arr": 40}), RULES, LATE
    )
    assert said(found) == [("c0", "expanded", "2024-12-31")]
    assert found.arr_after[0] == 110


def test_an_account_may_lose_a_contract_and_stay() -> None:
    rows = [FIRST | {"product": "a"}, {"start": "2024-06-01", "end": "2026-05-31", "product": "b"}]
    found, _ = from_terms(terms(*rows), RULES, day_number(date(2025, 6, 1)))
    assert said(found) == [("c0", "churned", "2024-12-31")]
    assert found.account_stays.tolist() == [True]
    assert found.ended[0] == day("2024-12-31")
    gone, _ = from_terms(terms(FIRST), RULES, LATE)
    assert gone.account_stays.tolist() == [False]


def test_bands_follow_the_model() -> None:
    strict = OutcomeRules(downsold_at_most=0.99, expanded_at_least=1.01)
    assert [OUTCOMES[o] for o in band(np.full(3, 100.0), np.array([99.0, 100, 101]), strict)] == [
        "downsold", "renewed", "expanded",
    ]  # fmt: skip
    assert OUTCOMES[band(np.array([0.0]), np.array([50.0]), RULES)[0]] == "renewed"
    # 0.85 of 33.3 is 28.305, which as a float quotient lies a hair over 0.85
    assert OUTCOMES[band(np.array([33.3]), np.array([28.305]), RULES)[0]] == "downsold"


def shuffled(of: Terms, rng: np.random.Generator) -> Terms:
    return of.take(rng.permutation(len(of)))


def random_terms(rng: np.random.Generator, accounts: int) -> Terms:
    rows = []
    for a in range(accounts):
        for product in ("", "b")[: int(rng.integers(1, 3))]:
            start = 19_000 + int(rng.integers(0, 300))
            for _ in range(int(rng.integers(1, 5))):
                length = int(rng.choice([30, 90, 365]))
                rows.append(
                    (
                        f"a{a}",
                        product,
                        start,
                        start + length,
                        float(rng.choice([50, 100, 120])),
                        int(rng.choice([0, 30, 60])),
                    )
                )
                start += length + int(rng.choice([1, 1, 1, 20, 31, 45, 200]))
    account, product, start_, end, arr, notice = zip(*rows, strict=True)
    size = len(rows)
    return Terms(
        texts(account), texts([f"c{i}" for i in range(size)]), texts(product), np.array(start_, float),
        np.array(end, float), np.array(arr), np.array(notice, float), np.full(size, NAN),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_against_reading_each_chain_from_start_to_end(seed: int) -> None:
    """Reference: terms one after another; each is kept when the next begins at most 30 days after its end."""
    rng = np.random.default_rng(seed)
    table = random_terms(rng, 60)
    found, _ = from_terms(shuffled(table, rng), RULES, LATE)
    expected = {}
    for i in range(len(table)):
        same = (table.account_ids == table.account_ids[i]) & (table.product == table.product[i])
        gaps = np.where(same, table.start - table.end[i], np.nan)
        after = np.flatnonzero((gaps > 0) & (gaps <= 30))
        if len(after):
            share = table.arr[after[0]] / table.arr[i]
            label = "downsold" if share <= 0.85 else "expanded" if share >= 1.05 else "renewed"
        else:
            label = "churned"
        expected[str(table.contract_ids[i])] = (label, table.end[i] - table.notice_days[i])
    got = {
        str(c): (OUTCOMES[o], float(a))
        for c, o, a in zip(found.contract_ids, found.outcome, found.anchor, strict=True)
    }
    assert got == expected


def test_time_grows_with_the_terms() -> None:
    """Growth: a hundred thousand terms in a few seconds on a slow machine."""
    rng = np.random.default_rng(3)
    small = random_terms(rng, 500)
    copies = 40
    large = Terms(*(np.concatenate([getattr(small, f)] * copies) for f in Terms.__slots__))
    ids = np.repeat(np.arange(copies), len(small))
    large = Terms(
        texts([f"{a}-{k}" for a, k in zip(large.account_ids, ids, strict=True)]),
        *(getattr(large, f) for f in Terms.__slots__[1:]),
    )
    start = time.process_time()
    found, _ = from_terms(large, RULES, LATE)
    assert len(found) == len(large)
    assert time.process_time() - start < 5
