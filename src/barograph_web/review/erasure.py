"""Taking somebody who is erased out of decisions and minutes (X4): what was decided stays, without their name."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from barograph_web.ops.erasure import SHORTEST_NAME
from barograph_web.ops.names_in_texts import Words
from barograph_web.portfolio.erasure import ERASED, SHORTEST
from barograph_web.review.models import Decision, DecisionOutcome, Minutes
from barograph_web.users.models import User

WRITTEN = ("reason", "next_step", "evidence")


def take_user_out(user: User, former: str) -> dict[str, int]:
    """A user of the application, as they were; how many rows of what were changed."""
    words = Words((f"{user.name} <{user.email}>", user.email, user.name), former, SHORTEST_NAME)
    return {
        "decisions": _decisions(Decision.objects.all(), DecisionOutcome.objects.all(), words),
        "minutes": _minutes(words),
    }


def take_contact_out(account_id: str, names: tuple[str, ...], _now: datetime) -> dict[str, int]:
    """A contact of an account, by name and address. Minutes name accounts by what they were called, so that the contact
    is looked for in all of them; how many rows of what were changed."""
    words = Words(names, ERASED, SHORTEST)
    decisions = Decision.objects.filter(account_id=account_id)
    outcomes = DecisionOutcome.objects.filter(decision__account_id=account_id)
    return {"decisions": _decisions(decisions, outcomes, words), "minutes": _minutes(words)}


def _decisions(decisions: QuerySet[Decision], outcomes: QuerySet[DecisionOutcome], words: Words) -> int:
    """Reasons, next steps, what the page said that day, and what became of it."""
    changed = 0
    for decision in decisions.only("pk", *WRITTEN).iterator():
        found = {name: words.within(getattr(decision, name)) for name in WRITTEN}
        if any(found[name] != getattr(decision, name) for name in WRITTEN):
            changed += Decision.objects.filter(pk=decision.pk).update(**found)
    for outcome in outcomes.only("pk", "words").iterator():
        if (text := words.within(outcome.words)) != outcome.words:
            changed += DecisionOutcome.objects.filter(pk=outcome.pk).update(words=text)
    return changed


def _minutes(words: Words) -> int:
    """Documents as they were sent."""
    changed = 0
    for minutes in Minutes.objects.only("pk", "document").iterator():
        document = words.within(minutes.document)
        if document is not minutes.document:
            changed += Minutes.objects.filter(pk=minutes.pk).update(document=document)
    return changed
