"""Plays in words. Truths: the sentence of every kind of trigger, audience, owner, step, success and service level."""

from __future__ import annotations

from typing import Any

import pytest

from barograph.definitions.play import Audience, OwnerRule, PlaySla, Step, Success
from barograph.definitions.play_words import (
    audience_words,
    hold_out_words,
    owner_words,
    sla_words,
    step_words,
    success_words,
    trigger_words,
)
from barograph.pipeline.plays import shipped_plays
from support.trigger_facts import play_of

TRIGGERS: list[tuple[dict[str, Any], str]] = [
    ({"on": "tier_entered", "tiers": ["at_risk"]}, "the account comes to At Risk"),
    (
        {"on": "tier_entered", "tiers": ["watch"], "from_tiers": ["healthy", "growth"]},
        "the account comes to Watch from Healthy or Growth",
    ),
    ({"on": "tier_left", "tiers": ["growth"], "to_tiers": ["watch"]}, "the account leaves Growth for Watch"),
    (
        {"on": "tier_held", "tiers": ["watch"], "for_days": 60, "of_days": 90},
        "on Watch for 60 of the last 90 days",
    ),
    (
        {"on": "tier_held", "tiers": ["healthy", "growth"], "for_days": 182},
        "on Healthy or Growth for 182 days",
    ),
    (
        {
            "on": "component_below",
            "components": ["adoption"],
            "categories": ["value"],
            "below": 40,
            "for_weeks": 2,
        },
        "adoption or the component of value falls under 40 for 2 weeks",
    ),
    ({"on": "score_change", "points": 10}, "the score falls by 10 points or more within 4 weeks"),
    (
        {"on": "signal_change", "signal": "nps", "by": 0.3, "direction": "up"},
        "nps rises by 30% or more within 4 weeks",
    ),
    (
        {
            "on": "signals",
            "all_of": [{"signal": "users", "below": 5}],
            "any_of": [{"signal": "nps", "at_most": 6}, {"signal": "csat", "missing": True}],
        },
        "users below 5 and either nps at most 6 or csat missing",
    ),
    ({"on": "date", "days_before": [90, 30]}, "90, 30 days before the last day to give notice"),
    ({"on": "date", "before": "renewal", "days_before": [30]}, "30 days before the end of the term"),
    ({"on": "lifecycle", "stages": ["onboarding"]}, "the account comes into onboarding"),
    (
        {"on": "pulse", "sponsor_status": ["at_risk", "missing"], "outcome_narrative": ["missing"]},
        "a pulse says sponsor at risk or missing and outcome narrative missing",
    ),
    ({"on": "trajectory", "heading": "long_on_watch"}, "60 of the last 90 days on Watch"),
    ({"on": "manual"}, "a person starts it"),
]


@pytest.mark.parametrize(("trigger", "words"), TRIGGERS)
def test_what_starts_it(trigger: dict[str, Any], words: str) -> None:
    assert trigger_words(play_of(trigger).trigger) == words


def test_for_whom() -> None:
    assert audience_words(Audience()) == "every account"
    told = audience_words(
        Audience(
            where={"segment": "enterprise"},
            unless={"plan": "free", "region": "emea"},
            tiers=("watch",),
            arr_at_least=5000,
            arr_below=90_000,
            notice_given=False,
        )
    )
    assert told == (
        "segment is enterprise, not where plan is free or region is emea, on Watch, revenue at least 5,000, "
        "revenue below 90,000, no notice given"
    )


def test_who_gets_it() -> None:
    assert owner_words(None) == "nobody"
    assert owner_words(OwnerRule(rule="csm")) == "the CSM"
    assert owner_words(OwnerRule(rule="pool", pool="scale")) == "the pool scale (least loaded)"
    assert owner_words(OwnerRule(rule="person", person="ana@example.com")) == "ana@example.com"


def test_what_is_done_by_when() -> None:
    csm = OwnerRule(rule="csm")
    call = Step(name="call", title="Call", due_days=1, customer_facing=True)
    assert step_words(call, csm) == "the CSM, within 1 working day, customer-facing"
    before = Step(name="ask", title="Ask", due_days=20, days="calendar", before_date=True, milestone=90)
    assert step_words(before, csm) == "the CSM, 20 days before the date, 90 days before only"
    sent = Step(name="tips", title="Tips", channel="tech_touch", event="tips", due_days=0)
    assert step_words(sent, None) == "sends tips, within 0 working days"


def test_what_success_is() -> None:
    assert success_words(None) == "not said"
    told = success_words(
        Success.model_validate(
            {
                "check_after_days": 30,
                "tier_at_least": "healthy",
                "components": [{"category": "usage", "at_least": 50}],
                "signals": [{"signal": "nps", "at_least": 7}],
                "outcome": ["renewed", "expanded"],
                "touched": True,
                "person_says": "Is it solved?",
            }
        )
    )
    assert told == (
        "Healthy or better for 2 weeks and the component of usage at least 50 and nps at least 7 and "
        'renewed or expanded and a customer touch was logged and a person answers yes to "Is it solved?", '
        "30 days after the start"
    )


def test_service_levels() -> None:
    assert sla_words(PlaySla()) == "those of the tier"
    sla = PlaySla.model_validate(
        {
            "owner_days": 1,
            "touch_days": 2,
            "escalate_to": {"rule": "lead"},
            "rules": [{"tiers": ["at_risk"], "arr_at_least": 100_000, "touch_days": 0.5}],
        }
    )
    assert sla_words(sla) == (
        "an owner in 1, a customer touch in 2 working days; At Risk with revenue of 100,000 or more: "
        "a customer touch in 0.5 working days; a breach goes to the CSM's lead"
    )
    assert sla.times("at_risk", 120_000).touch_days == 0.5
    assert sla.times("at_risk", 120_000).owner_days == 1, "what a rule does not name is as in the play"
    assert sla.times("at_risk", None).touch_days == 2
    assert sla.times("watch", 120_000).touch_days == 2


def test_who_is_held_out() -> None:
    play = play_of({"on": "manual"})
    assert hold_out_words(play) == "nobody"
    half = play_of({"on": "manual"}, hold_out={"share": 0.2, "delay_days": 30})
    assert hold_out_words(half) == "20% of the accounts begin 30 days later"


@pytest.mark.parametrize("play", shipped_plays(), ids=lambda play: play.name)
def test_shipped_plays_read_well(play: Any) -> None:
    for words in (play.purpose, *(step.title for step in play.steps)):
        assert words and not words[0].islower()
        assert "!" not in words
    assert play.purpose.endswith(".")
    assert trigger_words(play.trigger) and success_words(play.success) != "not said"
