"""How people's calls fared (X4): pulses and verdicts against what the customers then decided, worked out by the worker.

A call counts towards a decision when it was given between LATEST and EARLIEST days before it; the last such call of a
person on an account counts, once per decision. Pulses out of files count for whose address they carry. The arithmetic
is `barograph.learning.judgement`. With the setting `grading` off nothing is worked out and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from barograph.learning.estimates import Estimate
from barograph.learning.judgement import (
    ALARM,
    DOUBT,
    MINIMUM,
    NO_CONCERN,
    UNKNOWN,
    VIEWS,
    Calls,
    Judgement,
    Rate,
    judge,
)
from barograph_web.ops.running import RunContext
from barograph_web.portfolio.models import AccountFact, AccountWeek, FactKind, Tier
from barograph_web.pulses.models import Claim, Grade, HypothesisVerdict, Pulse
from barograph_web.pulses.outcomes import Outcome, outcomes_of
from barograph_web.pulses.queries import instant_of, words_of
from barograph_web.pulses.stance import Words, stances
from barograph_web.pulses.state import facts_of
from barograph_web.users.models import User

LATEST, EARLIEST = 30, 180
"""Days before a decision between which a call counts: later it is no foresight, earlier no call on this decision."""
SCHEMA = "barograph.judgement/1"
VIEW_OF = {
    Tier.AT_RISK: ALARM, Tier.WATCH: DOUBT, Tier.HEALTHY: NO_CONCERN, Tier.GROWTH: NO_CONCERN,
    Tier.INSUFFICIENT: UNKNOWN, "": UNKNOWN,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """What somebody said of an account on a day. numbers: the view of the computed tier, UNKNOWN where not kept."""

    email: str
    account_id: str
    on: date
    view: int
    numbers: int = UNKNOWN


def follow_projection(run: RunContext) -> None:
    """After weeks were brought in: there may be new outcomes."""
    with run.step("How pulses and verdicts fared") as step:
        step.count(people=grade_everybody(run.now))


def grade_everybody(now: datetime) -> int:
    """Work out everybody's grade anew; of how many people. None are kept when the setting is off."""
    if not settings.OPTIONS_IN_FORCE.grading:
        Grade.objects.all().delete()
        return 0
    outcomes = outcomes_of()
    pulses = counted(pulse_calls(), outcomes)
    verdicts = counted(verdict_calls(), outcomes)
    people = User.objects.filter(erased_at=None, email__in={*pulses, *verdicts})
    made = [
        Grade(person=person, at=now, document=document_of(person.email, pulses, verdicts))
        for person in people
    ]
    with transaction.atomic():
        Grade.objects.exclude(person__in=[grade.person for grade in made]).delete()
        Grade.objects.bulk_create(
            made, update_conflicts=True, unique_fields=["person"], update_fields=["at", "document"]
        )
    return len(made)


def document_of(email: str, pulses: Mapping[str, Calls], verdicts: Mapping[str, Calls]) -> dict[str, Any]:
    """One person's grade as `barograph.judgement/1`."""
    return {
        "schema": SCHEMA,
        "days": [LATEST, EARLIEST],
        "minimum": MINIMUM,
        "pulses": _told(judge(pulses.get(email, _none()), _others(pulses, email))),
        "verdicts": _told(judge(verdicts.get(email, _none()), _others(verdicts, email))),
    }


def pulse_calls() -> list[Call]:
    """Every pulse that says something, given here or imported, as its author's call: by its answers alone, whatever the
    numbers were."""
    found: dict[tuple[str, datetime], tuple[Call, Words]] = {}
    given = Pulse.objects.exclude(author=None).select_related("author")
    for pulse in given.iterator():
        assert pulse.author is not None  # noqa: S101 - excluded above
        account_id, day = facts_of(pulse.account_id), timezone.localtime(pulse.given_at).date()
        call = Call(pulse.author.email, account_id, day, UNKNOWN, VIEW_OF[pulse.tier])
        found[account_id, pulse.given_at] = call, words_of(pulse)
    for fact in AccountFact.objects.filter(kind=FactKind.PULSE).iterator():
        at, email = instant_of(fact), str(fact.data.get("author_email") or "").lower()
        if at is not None and email and fact.on is not None and (fact.account_id, at) not in found:
            found[fact.account_id, at] = Call(email, fact.account_id, fact.on, UNKNOWN), words_of(fact)
    spoken = stances([words for _, words in found.values()], [""] * len(found))
    calls = [
        replace(call, view=VIEW_OF[stance.speaks_for])
        for (call, _), stance in zip(found.values(), spoken, strict=True)
    ]
    return _with_numbers([call for call in calls if call.view != UNKNOWN])


def verdict_calls() -> list[Call]:
    """Every verdict that stands, as a call: confirming concern is concern, rejecting it is none."""
    found = []
    rows = HypothesisVerdict.objects.filter(replaced_by=None).exclude(author=None).select_related("author")
    for row in rows.iterator():
        claimed = VIEW_OF[row.tier]
        if claimed == UNKNOWN or row.author is None:
            continue
        rejected = DOUBT if claimed == NO_CONCERN else NO_CONCERN
        view = claimed if row.claim == Claim.CONFIRMED else rejected
        day = timezone.localtime(row.at).date()
        found.append(Call(row.author.email, facts_of(row.account_id), day, view, claimed))
    return found


def counted(calls: Iterable[Call], outcomes: Mapping[str, list[Outcome]]) -> dict[str, Calls]:
    """Address -> the calls that count, with what came of them."""
    last: dict[tuple[str, str, date], tuple[Call, Outcome]] = {}
    for call in sorted(calls, key=lambda c: (c.on, c.email, c.account_id)):
        for outcome in outcomes.get(call.account_id, ()):
            if timedelta(LATEST) <= outcome.decided_on - call.on <= timedelta(EARLIEST):
                last[call.email, call.account_id, outcome.decided_on] = call, outcome
    by_person: dict[str, list[tuple[Call, Outcome]]] = {}
    for (email, _account, _day), pair in sorted(last.items(), key=lambda item: item[0]):
        by_person.setdefault(email, []).append(pair)
    return {email: _calls(pairs) for email, pairs in by_person.items()}


def _with_numbers(calls: list[Call]) -> list[Call]:
    """Imported calls with the tier that was published in the week they were given in, where one is kept."""
    bare = {call.account_id for call in calls if call.numbers == UNKNOWN}
    rows = AccountWeek.objects.filter(week__is_shown=True, account__account_id__in=bare)
    tiers = {
        (account_id, as_of): tier
        for account_id, as_of, tier in rows.values_list(
            "account__account_id", "week__as_of", "tier"
        ).iterator()
    }
    return [
        call if call.numbers != UNKNOWN else replace(call, numbers=VIEW_OF[tiers.get(_monday(call), "")])
        for call in calls
    ]


def _monday(call: Call) -> tuple[str, date]:
    return call.account_id, call.on - timedelta(days=call.on.weekday())


def _calls(pairs: list[tuple[Call, Outcome]]) -> Calls:
    accounts = {call.account_id: n for n, (call, _) in enumerate(pairs)}
    return Calls(
        view=np.array([call.view for call, _ in pairs], dtype=np.int64),
        numbers=np.array([call.numbers for call, _ in pairs], dtype=np.int64),
        lost=np.array([outcome.is_lost for _, outcome in pairs], dtype=bool),
        account=np.array([accounts[call.account_id] for call, _ in pairs], dtype=np.int64),
    )


def _none() -> Calls:
    return _calls([])


def _others(calls: Mapping[str, Calls], email: str) -> Calls:
    rest = [some for address, some in calls.items() if address != email]
    if not rest:
        return _none()
    # Accounts are told apart by person only: what words are worth needs no accounts.
    return Calls(
        np.concatenate([c.view for c in rest]),
        np.concatenate([c.numbers for c in rest]),
        np.concatenate([c.lost for c in rest]),
        np.arange(sum(len(c) for c in rest)),
    )


def _told(found: Judgement) -> dict[str, Any]:
    return {
        "n": found.n,
        "lost": found.lost,
        "missing": found.missing,
        "warned": _rate(found.warned),
        "reassured": _rate(found.reassured),
        "against_numbers": _rate(found.against_numbers),
        "by_view": None
        if found.by_view is None
        else [{"view": name, **(_rate(rate) or {})} for name, rate in zip(VIEWS, found.by_view, strict=True)],
        "brier": found.brier,
        "usual": found.usual,
        "gain": _estimate(found.gain),
    }


def _rate(rate: Rate | None) -> dict[str, Any] | None:
    if rate is None:
        return None
    return {"events": rate.events, "n": rate.n, "missing": rate.missing, **(_estimate(rate.estimate) or {})}


def _estimate(found: Estimate | None) -> dict[str, Any] | None:
    if found is None:
        return None
    finite = {"value": found.value, "low": found.low, "high": found.high}
    return {name: value if np.isfinite(value) else None for name, value in finite.items()}
