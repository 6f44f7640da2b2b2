"""Personal data in alerts (X4): what names somebody who was erased is emptied; that something happened stays. Retention
drops what is older than the settings allow."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db.models import Q

from barograph_web.alerts.models import Attempt, Delivery, Event, Mail, Notice, OutgoingState, Preference
from barograph_web.portfolio.erasure import mentions
from barograph_web.users.models import User

ENDED = (OutgoingState.DELIVERED, OutgoingState.DEAD, OutgoingState.CANCELLED)


def erase_contact(account_id: str, words: tuple[str, ...], now: datetime) -> dict[str, int]:  # noqa: ARG001
    """Take a contact of a customer out of the events of the account, and mails that are not sent yet with them."""
    changed = 0
    for event in Event.objects.filter(account_id=account_id):
        said = without(event.payload, words)
        if said != event.payload:
            changed += Event.objects.filter(pk=event.pk).update(payload=said)
    waiting = Mail.objects.exclude(state__in=ENDED)
    naming = [mail.pk for mail in waiting if mentions(f"{mail.subject} {mail.text}", words)]
    Mail.objects.filter(pk__in=naming).update(
        state=OutgoingState.CANCELLED, subject="", text="", html="", error="it named a person who was erased"
    )
    return {"events": changed, "mails": len(naming)}


def erase_user(user: User, former: str) -> dict[str, int]:
    """Somebody who used the application: their notices, mails and choices go; events that name them name nobody."""
    words = tuple(word.lower() for word in (user.email, user.name) if word)
    counts = {
        "notices": Notice.objects.filter(user=user).delete()[0],
        "alert_mails": Mail.objects.filter(user=user).delete()[0],
        "alert_choices": Preference.objects.filter(user=user).delete()[0],
    }
    changed = 0
    naming = Q()
    for word in {user.email, user.name, json.dumps(user.name)[1:-1]} - {""}:
        naming |= Q(payload__icontains=word)  # SQLite keeps JSON with other letters than ASCII escaped
    for event in Event.objects.filter(naming):
        said = renamed(event.payload, words, former)
        if said != event.payload:
            changed += Event.objects.filter(pk=event.pk).update(payload=said)
    return {**counts, "events": changed}


def without(value: Any, words: tuple[str, ...]) -> Any:
    """A payload whose free texts no longer name the person. Fields keep their kind: a text becomes empty."""
    if isinstance(value, dict):
        return {key: without(inner, words) for key, inner in value.items()}
    if isinstance(value, list):
        return [without(inner, words) for inner in value]
    return "" if isinstance(value, str) and mentions(value, words) else value


def renamed(value: Any, words: tuple[str, ...], former: str) -> Any:
    """A payload in which whole values that are the person's name or address say `former`, and texts that name them are
    emptied."""
    if isinstance(value, dict):
        return {key: renamed(inner, words, former) for key, inner in value.items()}
    if isinstance(value, list):
        return [renamed(inner, words, former) for inner in value]
    if isinstance(value, str):
        if value.lower() in words:
            return former
        return "" if mentions(value, words) else value
    return value


def drop_old(before: datetime, now: datetime) -> int:  # noqa: ARG001 - the signature of a Drop
    """Notices, logs of deliveries and mails that ended before `before`. Events stay: they are what happened."""
    gone = Notice.objects.filter(made_at__lt=before).delete()[0]
    gone += Mail.objects.filter(ended_at__lt=before, state__in=ENDED).delete()[0]
    gone += Attempt.objects.filter(at__lt=before, delivery__state__in=ENDED).delete()[0]
    return gone + Delivery.objects.filter(ended_at__lt=before, state__in=ENDED).delete()[0]
