"""Truth: planted, and property. Nobody with an open severe issue is asked, nobody too often, nobody who refused lately
(P8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from barograph_web.growth.advocacy import Asked, candidate, free_on, may_ask
from barograph_web.growth.readiness import Evidence, Severe, is_met
from barograph_web.growth.rules import SHIPPED

TODAY = date(2026, 11, 18)
ADVOCATE = Evidence(
    tiers=("healthy",) * 30, severe=(), promoters={"c1": TODAY - timedelta(days=30)}, confirmed=(TODAY,)
)
ISSUE = (Severe("escalation", "E1", "critical escalation is open", TODAY),)


def test_an_advocate_meets_all_four() -> None:
    assert is_met(candidate(ADVOCATE, SHIPPED, TODAY))
    for change, name in (
        ({"tiers": ("watch",) + ("healthy",) * 25}, "healthy"),
        ({"promoters": {"c1": TODAY - timedelta(days=400)}}, "promoter"),
        ({"confirmed": ()}, "outcomes"),
        ({"severe": ISSUE}, "severe"),
    ):
        found = candidate(replace(ADVOCATE, **change), SHIPPED, TODAY)  # type: ignore[arg-type]
        assert {c.name for c in found if c.holds is not True} == {name}


def test_a_short_history_cannot_be_told() -> None:
    found = candidate(replace(ADVOCATE, tiers=("healthy",) * 10), SHIPPED, TODAY)
    assert {c.name: c.holds for c in found if c.holds is not True} == {"healthy": None}


def names(evidence: Evidence, asked: list[Asked]) -> set[str]:
    return {c.name for c in may_ask(evidence, asked, SHIPPED, TODAY) if c.holds is not True}


def test_what_stands_in_the_way_of_an_ask() -> None:
    ago = lambda days: TODAY - timedelta(days=days)  # noqa: E731
    assert names(ADVOCATE, []) == set()
    assert names(replace(ADVOCATE, severe=ISSUE), []) == {"severe"}
    assert names(replace(ADVOCATE, severe=None), []) == {"severe"}
    assert names(ADVOCATE, [Asked(ago(10), "asked")]) == {"answered"}
    assert names(ADVOCATE, [Asked(ago(10), "done"), Asked(ago(20), "agreed")]) == {"fatigue"}
    assert names(ADVOCATE, [Asked(ago(10), "withdrawn"), Asked(ago(20), "withdrawn")]) == set()
    assert names(ADVOCATE, [Asked(ago(180), "done"), Asked(ago(181), "done")]) == set()
    assert names(ADVOCATE, [Asked(ago(179), "refused", ago(100))]) == {"refusal"}
    assert names(ADVOCATE, [Asked(ago(400), "refused", ago(180))]) == set()


ASKS = st.lists(
    st.builds(
        Asked,
        on=st.dates(date(2025, 11, 1), TODAY),
        state=st.sampled_from(["asked", "agreed", "refused", "withdrawn", "done", "fell_through"]),
    ),
    max_size=8,
)


@given(asked=ASKS, severe=st.sampled_from([None, (), ISSUE]))
def test_nobody_is_asked_past_the_limit(asked: list[Asked], severe: tuple[Severe, ...] | None) -> None:
    evidence = replace(ADVOCATE, severe=severe)
    if is_met(may_ask(evidence, asked, SHIPPED, TODAY)):
        assert severe == ()
        lately = [a for a in asked if a.on > TODAY - timedelta(days=180) and a.state != "withdrawn"]
        assert len(lately) < SHIPPED.asks_at_most
        assert not any(a.state == "asked" for a in asked)
        assert not any(a.state == "refused" and a.on > TODAY - timedelta(days=180) for a in asked)


@given(asked=ASKS)
def test_the_day_that_is_named_is_free(asked: list[Asked]) -> None:
    settled = [a for a in asked if a.state != "asked"]
    day = free_on(settled, SHIPPED)
    if day is not None:
        assert is_met(may_ask(ADVOCATE, settled, SHIPPED, max(day, TODAY)))
