"""Truth: planted. A pattern that precedes escalations is found, one that does not is not, and too few are
refused (E1)."""

from __future__ import annotations

import random
from datetime import date, timedelta

import numpy as np
import pytest

from barograph.learning.milestones import newcombe
from barograph_web.growth.precedents import Window, anchors_for, compare, gap_of
from barograph_web.growth.precedents_data import Facts, seen_before
from barograph_web.portfolio.models import FactKind

DAY = date(2026, 6, 1)
LABELS = {"real": "a thing that precedes", **{f"noise_{k}": f"noise {k}" for k in range(9)}}


def windows(n: int, share: float, seed: int, name: str) -> list[Window]:
    chance = random.Random(seed)  # noqa: S311 - a seeded simulation
    noise = lambda: {f"noise_{k}": chance.random() < 0.3 for k in range(9)}  # noqa: E731
    return [Window(f"{name}{k}", DAY, {"real": chance.random() < share, **noise()}) for k in range(n)]


def test_a_planted_pattern_stands_out_and_noise_does_not() -> None:
    found = compare(windows(120, 0.6, 1, "case"), windows(400, 0.2, 2, "control"), LABELS, least=20)
    assert found[0].name == "real"
    assert found[0].stands_out
    assert found[0].gap[1] > 0
    assert found[0].gap[1] <= 0.4 <= found[0].gap[2], "the planted difference lies within"
    assert [p.name for p in found if p.stands_out] == ["real"]


def test_all_patterns_together_stand_out_by_chance_in_one_of_twenty_at_most() -> None:
    wrong = sum(
        any(
            p.stands_out
            for p in compare(windows(40, 0.3, s, "a"), windows(80, 0.3, s + 900, "b"), LABELS, 20)
        )
        for s in range(200)
    )
    assert wrong <= 20, "5% of 200 is 10; twice that allows for chance"


def test_too_few_on_either_side_are_not_compared() -> None:
    assert compare(windows(19, 0.9, 1, "case"), windows(400, 0.1, 2, "control"), LABELS, least=20) == []
    unknown = [Window(f"u{k}", DAY, dict.fromkeys(LABELS)) for k in range(50)]
    assert compare(windows(50, 0.9, 1, "case"), unknown, LABELS, least=20) == []


def test_the_difference_is_newcombes() -> None:
    """Reference: the library's own at 95%, which reproduces Newcombe (1998), table II."""
    ours, theirs = gap_of(56, 70, 48, 80, 0.95), newcombe(56, 70, 48, 80)
    assert np.allclose(ours, (theirs.value, theirs.low, theirs.high))
    assert ours == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)


def test_controls_are_looked_at_on_the_days_of_the_cases() -> None:
    days = [date(2026, 1, 5), date(2026, 3, 2), date(2026, 3, 2)]
    found = anchors_for([f"c{k}" for k in range(7)], days)
    assert sorted(found.values()).count(date(2026, 1, 5)) == 3
    assert found == anchors_for([f"c{k}" for k in reversed(range(7))], days), "the same every time"
    with pytest.raises(ValueError, match="no cases"):
        anchors_for(["c"], [])


def test_the_day_itself_and_what_is_older_do_not_count() -> None:
    def ticket(days: int) -> tuple[date, dict[str, str]]:
        return DAY - timedelta(days=days), {"priority": "p1"}

    def told(*days: int) -> bool | None:
        rows = [ticket(d) for d in sorted(days)]
        return seen_before(DAY, 90, {FactKind.TICKET: Facts(rows, None)}, [])["severe_ticket"]

    assert told(0) is False
    assert told(1) is True
    assert told(90) is True
    assert told(91) is False
    assert told() is None, "without any ticket nothing is known"


def test_what_is_not_kept_cannot_be_told() -> None:
    rows = [(DAY - timedelta(days=k), {"priority": "p3"}) for k in range(60)]
    cut = Facts(rows, DAY - timedelta(days=59))
    assert seen_before(DAY, 90, {FactKind.TICKET: cut}, [])["severe_ticket"] is None
    assert seen_before(DAY, 50, {FactKind.TICKET: cut}, [])["severe_ticket"] is False


def test_tiers_before() -> None:
    weeks = [
        (DAY - timedelta(weeks=9 - k), float(80 - 4 * k), tier)
        for k, tier in enumerate(["healthy", "healthy", "watch", "healthy"])
    ]
    found = seen_before(DAY, 90, {}, weeks)
    assert (found["at_risk"], found["watch"], found["fell"], found["score_fell"]) == (False, True, True, True)
    assert seen_before(DAY, 90, {}, weeks[:1])["watch"] is None
