"""Who can be asked for a favour, and when enough was asked (P8). Pure.

Two questions: is the account an advocate at all (`candidate`), and may it be asked today (`may_ask`). Nobody
with an open severe issue is asked, whatever else is so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from barograph.reports.render.phrases import date_words
from barograph_web.growth.readiness import Condition, Evidence, severe_condition, weeks_at_least
from barograph_web.growth.rules import GrowthRules

UNANSWERED = ("asked",)
REFUSED = ("refused",)
COUNTED = ("asked", "agreed", "refused", "done", "fell_through")
"""States of an ask that count towards fatigue; one that was withdrawn before an answer troubled nobody."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One earlier ask, made in the application or imported. answered_on: None while it is not answered."""

    on: date
    state: str
    answered_on: date | None = None


def candidate(evidence: Evidence, rules: GrowthRules, today: date) -> tuple[Condition, ...]:
    """The conditions of an advocate: two quarters of health, a promoter, outcomes that the customer confirmed, and
    nothing severe open."""
    found = [_long_healthy(evidence, rules), _promoted(evidence, rules, today)]
    if rules.outcomes_confirmed:
        n = len(evidence.confirmed)
        told = f"{n or 'no'} goal{'' if n == 1 else 's'} confirmed by the customer"
        holds = n >= rules.outcomes_confirmed
        words = told if holds else f"{told}; {rules.outcomes_confirmed} wanted"
        found.append(Condition("outcomes", "Outcomes confirmed", holds, words))
    return (*found, severe_condition(evidence))


def may_ask(
    evidence: Evidence, asked: Iterable[Asked], rules: GrowthRules, today: date
) -> tuple[Condition, ...]:
    """The conditions under which the account may be asked today.

    asked: all earlier asks. An open severe issue, and severe issues that cannot be told, forbid it.
    """
    history = sorted(asked, key=lambda one: one.on)
    return (
        severe_condition(evidence),
        _answered(history),
        _fresh(history, rules, today),
        _cooled(history, rules, today),
    )


def free_on(asked: Sequence[Asked], rules: GrowthRules) -> date | None:
    """The first day on which neither the number of asks nor a refusal stands in the way; None when none was asked.

    An ask that is not answered stands in the way until it is, whatever the day.
    """
    counted = sorted(one.on for one in asked if one.state in COUNTED)
    days = [_refusal(one) + timedelta(days=rules.refusal_days) for one in asked if one.state in REFUSED]
    if len(counted) >= rules.asks_at_most:
        days.append(counted[-rules.asks_at_most] + timedelta(days=rules.asks_days))
    return max(days, default=counted[-1] if counted else None)


def _long_healthy(evidence: Evidence, rules: GrowthRules) -> Condition:
    label = (
        "Healthy for two quarters"
        if rules.advocate_weeks == 26
        else f"Healthy for {rules.advocate_weeks} weeks"
    )
    weeks, known = weeks_at_least(evidence.tiers, "healthy"), len(evidence.tiers)
    told = f"Healthy or Growth for {weeks} week{'' if weeks == 1 else 's'}"
    if weeks >= rules.advocate_weeks:
        return Condition("healthy", label, True, told)
    if not known or evidence.tier is None:
        return Condition("healthy", label, None, "it has no tier")
    if weeks == known:
        return Condition(
            "healthy", label, None, f"{told}, all that is known; {rules.advocate_weeks} are wanted"
        )
    return Condition("healthy", label, False, f"{told}; {rules.advocate_weeks} are wanted")


def _promoted(evidence: Evidence, rules: GrowthRules, today: date) -> Condition:
    since = today - timedelta(days=rules.promoter_days)
    recent = [day for day in evidence.promoters.values() if since <= day <= today]
    if recent:
        n = len(recent)
        told = f"{n} promoter{'' if n == 1 else 's'}, last on {date_words(max(recent).isoformat())}"
        return Condition("promoter", "A promoter", True, told)
    return Condition("promoter", "A promoter", False, f"nobody gave 9 or 10 in {rules.promoter_days} days")


def _answered(history: Sequence[Asked]) -> Condition:
    waiting = [one for one in history if one.state in UNANSWERED]
    words = (
        f"asked on {date_words(waiting[-1].on.isoformat())}, not answered"
        if waiting
        else "no ask is waiting for an answer"
    )
    return Condition("answered", "Nothing unanswered", not waiting, words)


def _fresh(history: Sequence[Asked], rules: GrowthRules, today: date) -> Condition:
    since = today - timedelta(days=rules.asks_days)
    n = sum(1 for one in history if one.state in COUNTED and since < one.on)
    words = f"{n} of at most {rules.asks_at_most} asks in {rules.asks_days} days"
    return Condition("fatigue", "Not asked too often", n < rules.asks_at_most, words)


def _cooled(history: Sequence[Asked], rules: GrowthRules, today: date) -> Condition:
    label = "No refusal lately"
    refused = [_refusal(one) for one in history if one.state in REFUSED]
    if not refused:
        return Condition("refusal", label, True, "nobody refused")
    until = max(refused) + timedelta(days=rules.refusal_days)
    words = f"refused on {date_words(max(refused).isoformat())}; rest until {date_words(until.isoformat())}"
    return Condition("refusal", label, today >= until, words)


def _refusal(one: Asked) -> date:
    return one.answered_on or one.on
