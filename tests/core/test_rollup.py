"""Roll-up: parts add up to the whole exactly, the tier by its stated rule, worked out by hand (X5)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.core.arrays import texts
from barograph.core.rollup import Wholes, families, roll_up
from barograph.core.thresholds import TierLines, tier_name
from barograph.definitions.model import Rollup
from barograph.errors import BarographError

NAN = float("nan")
LETTERS = {"A": 0, "W": 1, "H": 2, "G": 3, "-": -1}


def whole(
    scores: list[float], tiers: str, revenue: list[float], min_coverage: float = 0.6, **rule: Any
) -> Wholes:
    lines = TierLines(np.arange(4, dtype=np.int8), np.array([[0.0, 40, 60, 80]]))
    return roll_up(
        np.zeros(len(scores), dtype=np.int64),
        np.array(scores),
        np.array([LETTERS[t] for t in tiers], dtype=np.int8),
        np.array(revenue),
        wholes=1,
        rule=Rollup(**rule),
        min_coverage=min_coverage,
        lines=lines,
    )


def test_revenue_weighted_by_hand() -> None:
    """90 x .6 + 30 x .3 + 60 x .1 = 69; the part with 30 % of the revenue is At Risk."""
    found = whole([90, 30, 60], "GAH", [600, 300, 100])
    assert found.score[0] == pytest.approx(69)
    assert found.contribution.tolist() == pytest.approx([54, 9, 6])
    assert found.share.tolist() == pytest.approx([0.6, 0.3, 0.1])
    assert tier_name(found.tier[0]) == "at_risk"
    assert found.decided_by[0] == 1


@pytest.mark.parametrize(
    ("scores", "tiers", "revenue", "rule", "score", "tier", "decided"),
    [
        ([90, 30], "GA", [900, 100], {}, 84, "growth", 0),  # 10 % is not material
        ([90, 30], "GA", [800, 200], {}, 78, "at_risk", 1),  # 20 % is
        ([90, 30], "GA", [900, 100], {"tier": "from_score"}, 84, "growth", -1),
        ([90, 30], "GA", [900, 100], {"score": "mean"}, 60, "growth", 0),
        ([90, 30], "GA", [900, 100], {"score": "worst"}, 30, "growth", 0),
        ([50] * 6, "WWWWWW", [1] * 6, {}, 50, "watch", -1),  # no part is material: the tier of the mean
        ([90, 30], "GA", [NAN, NAN], {}, 60, "at_risk", 1),  # no revenue known: each counts the same
        ([90, 30], "GA", [0, 0], {}, 60, "at_risk", 1),
        ([90, 30], "GA", [100, NAN], {}, 90, "growth", 0),
        ([90, NAN], "G-", [700, 300], {}, 90, "growth", 0),  # 70 % of the revenue is known
        ([90, NAN], "G-", [500, 500], {}, NAN, "insufficient", -1),  # 50 % is too little
        ([NAN, NAN], "--", [1, 1], {}, NAN, "insufficient", -1),
        ([40, 40], "WW", [1, 1], {"score": "worst"}, 40, "watch", 0),
    ],
)
def test_rules(
    scores: list[float],
    tiers: str,
    revenue: list[float],
    rule: dict[str, Any],
    score: float,
    tier: str,
    decided: int,
) -> None:
    found = whole(scores, tiers, revenue, **rule)
    assert found.score[0] == pytest.approx(score, nan_ok=True)
    assert tier_name(found.tier[0]) == tier
    assert found.decided_by[0] == decided
    assert found.contribution.sum() == pytest.approx(0 if np.isnan(score) else score)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["revenue_weighted", "mean", "worst"]))
def test_parts_add_up_and_stay_between(seed: int, rule: str) -> None:
    rng = np.random.default_rng(seed)
    n, wholes = int(rng.integers(1, 40)), 6
    group = rng.integers(0, wholes, n)
    score = np.where(rng.random(n) < 0.2, NAN, rng.uniform(0, 100, n))
    revenue = np.where(rng.random(n) < 0.2, NAN, rng.uniform(0, 1e6, n))
    tier = np.where(np.isnan(score), -1, (np.nan_to_num(score) // 25.01)).astype(np.int8)
    lines = TierLines(np.arange(4, dtype=np.int8), np.tile([0.0, 40, 60, 80], (wholes, 1)))
    order = rng.permutation(n)
    results = [
        roll_up(
            group[o],
            score[o],
            tier[o],
            revenue[o],
            wholes=wholes,
            rule=Rollup(score=rule),
            min_coverage=0.3,
            lines=lines,
        )
        for o in (np.arange(n), order)
    ]
    found = results[0]
    sums = np.bincount(group, weights=found.contribution, minlength=wholes)
    there = ~np.isnan(found.score)
    assert np.abs(sums - found.score)[there].max(initial=0) < 1e-9
    for k in np.flatnonzero(there):
        parts = score[(group == k) & ~np.isnan(score)]
        assert parts.min() - 1e-9 <= found.score[k] <= parts.max() + 1e-9
    assert results[1].score == pytest.approx(found.score, nan_ok=True)
    assert results[1].tier.tolist() == found.tier.tolist()


def test_negative_revenue_is_refused() -> None:
    with pytest.raises(BarographError, match="revenue -5 of part 1"):
        whole([1, 2], "AA", [1, -5])


def test_families() -> None:
    """p has children a and b; b has c. p is scored itself, q (parent of d) is no account of its own."""
    ids, parents = texts(["a", "b", "c", "p", "d"]), texts(["p", "p", "b", None, "q"])
    found = families(ids, parents)
    members = {name: [] for name in found.ids}  # type: ignore[var-annotated]
    for w, part in zip(found.whole, found.part, strict=True):
        members[found.ids[w]].append(ids[part])
    assert members == {"p": ["a", "b", "c", "p"], "b": ["b", "c"], "q": ["d"]}


def test_no_families() -> None:
    found = families(texts(["a", "b"]), texts([None, ""]))
    assert len(found.ids) == len(found.whole) == 0


@pytest.mark.parametrize("parents", [["b", "a", None], ["a", None, None], ["b", "c", "a"]])
def test_being_ones_own_ancestor_is_refused(parents: list[str | None]) -> None:
    with pytest.raises(BarographError, match="each other's parents"):
        families(texts(["a", "b", "c"]), texts(parents))
