"""Truth: planted, and property. Each condition of readiness turns on what it names and on nothing else; what is not
known never holds (P7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph_web.growth.readiness import Evidence, Severe, is_met, judge, not_bought, weeks_at_least
from barograph_web.growth.rules import SHIPPED, GrowthRules

TODAY = date(2026, 11, 18)
READY = Evidence(
    tiers=("healthy",) * 8,
    notice_given=False,
    measures={"licence_utilisation": ("share of licences in use", "share", 0.8)},
    overdue=0,
    severe=(),
)


def broken(evidence: Evidence, rules: GrowthRules = SHIPPED) -> dict[str, bool | None]:
    """The conditions that do not hold."""
    return {c.name: c.holds for c in judge(evidence, rules, TODAY) if c.holds is not True}


def test_an_account_that_meets_everything_is_ready() -> None:
    assert is_met(judge(READY, SHIPPED, TODAY))
    assert broken(READY) == {}


@pytest.mark.parametrize(
    ("change", "name", "holds"),
    [
        ({"tiers": ("watch",) * 8}, "healthy", False),
        ({"tiers": ("watch",) * 5 + ("healthy",) * 3}, "healthy", False),
        ({"tiers": ("healthy",) * 3}, "healthy", None),
        ({"tiers": ("healthy",) * 7 + (None,)}, "healthy", None),
        ({"tiers": ()}, "healthy", None),
        ({"measures": {"licence_utilisation": ("in use", "share", 0.69)}}, "used", False),
        ({"measures": {"licence_utilisation": ("in use", "share", None)}}, "used", None),
        ({"measures": {}}, "used", None),
        ({"overdue": 31}, "paid", False),
        ({"overdue": None}, "paid", None),
        ({"severe": (Severe("ticket", "T1", "P1 ticket is open", TODAY),)}, "severe", False),
        ({"severe": None}, "severe", None),
        ({"notice_given": True}, "notice", False),
        ({"notice_given": None}, "notice", None),
        ({"about_to_turn": True}, "turning", False),
        ({"refused_on": TODAY - timedelta(days=89)}, "rested", False),
    ],
)
def test_each_condition_stands_for_itself(change: dict[str, Any], name: str, holds: bool | None) -> None:
    evidence = replace(READY, **change)
    assert broken(evidence) == {name: holds}
    assert not is_met(judge(evidence, SHIPPED, TODAY))


def test_limits_are_included() -> None:
    assert broken(replace(READY, overdue=30)) == {}
    assert broken(replace(READY, refused_on=TODAY - timedelta(days=90))) == {}
    assert broken(replace(READY, measures={"licence_utilisation": ("in use", "share", 0.7)})) == {}


def test_growth_counts_as_healthy_and_better() -> None:
    assert broken(replace(READY, tiers=("growth", "healthy") * 4)) == {}
    only_growth = SHIPPED.model_copy(update={"ready_tier": "growth"})
    assert broken(READY, only_growth) == {"healthy": False}


def test_what_is_not_asked_for_is_no_condition() -> None:
    rules = SHIPPED.model_copy(update={"notice_excluded": False, "turning_excluded": False})
    assert {c.name for c in judge(READY, rules, TODAY)} == {"healthy", "used", "paid", "severe", "rested"}


TIERS = st.lists(st.sampled_from(["at_risk", "watch", "healthy", "growth", None]), max_size=30)
EVIDENCE = st.builds(
    Evidence,
    tiers=TIERS,
    about_to_turn=st.booleans(),
    notice_given=st.none() | st.booleans(),
    measures=st.none().map(lambda _: {})
    | st.floats(0, 1).map(lambda v: {"licence_utilisation": ("in use", "share", v)}),
    overdue=st.none() | st.integers(0, 200),
    severe=st.none() | st.just(()) | st.just((Severe("ticket", "T1", "open", None),)),
    refused_on=st.none() | st.dates(date(2025, 1, 1), TODAY),
)


@given(evidence=EVIDENCE)
def test_whoever_is_ready_has_no_open_issue_no_notice_and_a_known_use(evidence: Evidence) -> None:
    if is_met(judge(evidence, SHIPPED, TODAY)):
        assert evidence.severe == ()
        assert evidence.notice_given is False
        assert evidence.tier in ("healthy", "growth")
        assert weeks_at_least(evidence.tiers, "healthy") >= SHIPPED.ready_weeks


@given(evidence=EVIDENCE)
def test_conditions_say_what_is_so(evidence: Evidence) -> None:
    for condition in judge(evidence, SHIPPED, TODAY):
        assert condition.words
        assert condition.label


def test_products_that_others_have() -> None:
    assert not_bought({"core", "insights", "Add-on"}, {"Core"}) == ["Add-on", "insights"]
    assert not_bought({"core"}, {"core"}) == []
    assert not_bought({"core"}, ()) is None, "what it has is not known: nothing can be said"
