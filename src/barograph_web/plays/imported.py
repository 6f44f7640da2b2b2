"""Customer touches that came in with the data: meetings and messages of accounts where a clock waits for one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from barograph_web.plays.models import Clock, ClockDemand, Touch, TouchKind
from barograph_web.plays.routing import Router
from barograph_web.plays.services_touches import log_touch
from barograph_web.plays.working import day_of
from barograph_web.portfolio.models import Account, AccountFact, FactKind

KINDS = {
    "call": TouchKind.CALL,
    "email": TouchKind.EMAIL,
    "meeting": TouchKind.MEETING,
    "business_review": TouchKind.MEETING,
    "training": TouchKind.MEETING,
    "onsite": TouchKind.MEETING,
}
"""Kinds of interactions that are a touch; a webinar is not: nobody speaks with the customer there."""


def take_in(now: datetime) -> int:
    """Log the imported interactions that stop a clock; how many are new.

    Only accounts where a clock waits for a touch are looked at, from the day it began: the rest of the history is on
    the account's timeline already. Mails from the customer and meetings that nobody attended are no touch.
    """
    waiting: dict[str, datetime] = {}
    clocks = Clock.objects.filter(stopped_at=None, demand=ClockDemand.TOUCH)
    for account_id, started in clocks.values_list("account_id", "started_at"):
        waiting[account_id] = min(started, waiting.get(account_id, started))
    if not waiting:
        return 0
    router = Router(day_of(now))
    owners = dict(Account.objects.filter(account_id__in=list(waiting)).values_list("account_id", "csm_email"))
    found = AccountFact.objects.filter(
        kind=FactKind.INTERACTION, account_id__in=list(waiting), on__gte=day_of(min(waiting.values()))
    )
    known = set(
        Touch.objects.filter(account_id__in=list(waiting), source="import").values_list(
            "external_id", flat=True
        )
    )
    made = 0
    for fact in found.order_by("account_id", "on", "key").iterator():
        at = when(fact.data.get("occurred_at"), fact.on)
        key = f"interaction/{fact.account_id}/{fact.key}"
        if at is None or at < waiting[fact.account_id] or at > now or key in known or not is_touch(fact.data):
            continue
        log_touch(
            fact.account_id, kind=KINDS[fact.data.get("kind") or "meeting"], at=at,
            by=router.person(owners.get(fact.account_id)), source="import", external_id=key, now=now,
        )  # fmt: skip
        made += 1
    return made


def is_touch(data: dict[str, Any]) -> bool:
    """Whether an interaction was us speaking with the customer."""
    if (data.get("kind") or "meeting") not in KINDS or data.get("attended") is False:
        return False
    return (data.get("direction") or "").lower() not in ("inbound", "in", "incoming")


def when(text: Any, day: date | None) -> datetime | None:
    """The instant of a fact, as it is projected (ISO 8601 in UTC); noon of its day where only that is known."""
    if isinstance(text, str) and text:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            return None
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return None if day is None else datetime.combine(day, time(12), tzinfo=UTC)
