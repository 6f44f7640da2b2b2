"""From an event to those who are told: a notice per person who wants it, a delivery per webhook.

The worker does it every few seconds. Events are taken by a conditional change of `spread_at` in the same transaction
as their notices and deliveries: killed anywhere, they are all there or none is, and the next round goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import connection, transaction

from barograph_web.alerts.catalogue import EVENTS
from barograph_web.alerts.choices import Choice, choices_of
from barograph_web.alerts.models import (
    AlertScope,
    Delivery,
    Event,
    Mailing,
    Notice,
    Preference,
    Webhook,
)
from barograph_web.alerts.scopes import ids_among
from barograph_web.users.models import User
from barograph_web.users.permissions import May, may

AT_ONCE = 500
"""Events in one transaction."""


def spread(now: datetime, today: date, at_most: int = AT_ONCE) -> int:
    """Tell of the oldest events that were not told; how many events. today: the workspace's day."""
    with transaction.atomic():
        waiting = Event.objects.filter(spread_at=None).order_by("pk")
        skips = connection.features.has_select_for_update_skip_locked
        events = list(waiting.select_for_update(skip_locked=skips)[:at_most])
        if not events:
            return 0
        Event.objects.filter(pk__in=[event.pk for event in events], spread_at=None).update(spread_at=now)
        Delivery.objects.bulk_create(_deliveries(events, now), ignore_conflicts=True)
        Notice.objects.bulk_create(_notices(events, now, today), ignore_conflicts=True, batch_size=1000)
    return len(events)


def wanted_by(webhook: Webhook, event: Event) -> bool:
    """Whether a webhook takes events of this kind."""
    return not webhook.kinds or event.kind in webhook.kinds


def _deliveries(events: Sequence[Event], now: datetime) -> list[Delivery]:
    active = list(Webhook.objects.filter(is_active=True, removed_at=None))
    return [
        Delivery(webhook=webhook, event=event, key=str(event.public_id), made_at=now, due_at=now)
        for event in events
        for webhook in active
        if wanted_by(webhook, event)
    ]


def _notices(events: Sequence[Event], now: datetime, today: date) -> Iterable[Notice]:
    preferences = {kept.user_id: kept for kept in Preference.objects.all()}
    about = {event.account_id for event in events if event.account_id}
    found: list[Notice] = []
    for user in User.objects.filter(is_active=True).select_related("team"):
        if may(user, May.OWN_ALERTS):
            wants = choices_of(user, preferences.get(user.pk)).topics
            found += _for_one(user, wants, events, about, now, today)
    return found


def _for_one(
    user: User,
    wants: dict[str, Choice],
    events: Sequence[Event],
    about: set[str],
    now: datetime,
    today: date,
) -> Iterable[Notice]:
    seen: dict[AlertScope, frozenset[str]] = {}
    for event in events:
        choice = wants.get(event.topic)
        if choice is None or not choice.is_on or event.actor_id == user.pk:
            continue
        named = is_named(event, user)
        if not named:
            kind = EVENTS[event.kind]
            if kind.concerns == "person":
                continue
            if kind.concerns == "account":
                if choice.scope not in seen:
                    seen[choice.scope] = ids_among(choice.scope, user, today, about)
                if event.account_id not in seen[choice.scope]:
                    continue
        yield Notice(
            user=user,
            event=event,
            made_at=now,
            in_app=choice.in_app,
            named=named,
            mailing=Mailing(choice.mail),
        )


def is_named(event: Event, user: User) -> bool:
    """Whether the event names the person by their address."""
    for field in EVENTS[event.kind].named:
        value = event.payload.get(field)
        addresses = value if isinstance(value, list) else [value]
        if user.email in {str(address).lower() for address in addresses if address}:
            return True
    return False
