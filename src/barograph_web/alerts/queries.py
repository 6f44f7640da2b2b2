"""Reads of alerts: a person's notices, events that somebody may see, webhooks with their deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max, Q, QuerySet

from barograph_web.alerts.catalogue import EVENTS, GROUPS
from barograph_web.alerts.models import Delivery, Event, Notice, OutgoingState, Webhook
from barograph_web.alerts.words import because, called, figures, sentence
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.visibility import visible_accounts, visible_ids
from barograph_web.ui.place import reporting_currency
from barograph_web.users.models import User
from barograph_web.users.permissions import may

MOST_COUNTED = 99


@dataclass(frozen=True, slots=True)
class Told:
    """One notice as the page shows it. words: "" when the person no longer sees its account."""

    pk: int
    at: datetime
    kind: str
    unread: bool
    words: str
    because: str
    figures: str
    tier: str
    weight: int


def unread_count(user: User) -> int:
    """How many notices wait to be read, counted up to MOST_COUNTED + 1."""
    return Notice.objects.filter(user=user, read_at=None, in_app=True)[: MOST_COUNTED + 1].count()


def newest_number(user: User) -> int:
    """The number of a person's newest notice; 0 without any. What comes while they read the page is newer."""
    return Notice.objects.filter(user=user).aggregate(newest=Max("pk"))["newest"] or 0


def notices_of(user: User, *, unread: bool = False, group: str = "") -> QuerySet[Notice]:
    """A person's notices in the application, newest first, of one group of the catalogue where one is named."""
    found = Notice.objects.filter(user=user, in_app=True).select_related("event")
    if unread:
        found = found.filter(read_at=None)
    if group in GROUPS:
        found = found.filter(event__kind__in=[kind.name for kind in EVENTS.values() if kind.group == group])
    return found.order_by("-event__at", "event__weight", "-pk")


def told(user: User, notices: Sequence[Notice], today: date) -> list[Told]:
    """Notices in words. What is about an account that the person no longer sees says only that."""
    wanted = {n.event.account_id for n in notices if n.event.account_id}
    names = dict(Account.objects.filter(account_id__in=wanted).values_list("account_id", "name"))
    seen = set(
        visible_accounts(user, today).filter(account_id__in=wanted).values_list("account_id", flat=True)
    )
    people = called((notice.event for notice in notices), user)
    return [_told(notice, names, seen, people) for notice in notices]


def _told(notice: Notice, names: dict[str, str], seen: set[str], people: dict[str, str]) -> Told:
    event = notice.event
    hidden = bool(event.account_id) and not notice.named and event.account_id not in seen
    return Told(
        pk=notice.pk,
        at=event.at,
        kind=EVENTS[event.kind].title,
        unread=notice.read_at is None,
        words="" if hidden else sentence(event, names.get(event.account_id, ""), people),
        because="" if hidden else because(event),
        figures="" if hidden else figures(event, reporting_currency()),
        tier="" if hidden or event.kind != "tier.changed" else event.payload["after"],
        weight=event.weight,
    )


def may_open(user: User, notice: Notice, today: date) -> bool:
    """Whether the person may still be led to what a notice is about."""
    account_id = notice.event.account_id
    return (
        not account_id or notice.named or visible_accounts(user, today).filter(account_id=account_id).exists()
    )


def visible_events(user: User, today: date) -> QuerySet[Event]:
    """The events that somebody may see: about accounts they see, and about the workspace where their role includes
    it. Events that concern single people are theirs alone, and not among them."""
    about_accounts = [k.name for k in EVENTS.values() if k.concerns == "account" and may(user, k.needs)]
    about_all = [k.name for k in EVENTS.values() if k.concerns == "workspace" and may(user, k.needs)]
    accounts = Q(kind__in=about_accounts)
    ids = visible_ids(user, today)
    if ids is not None:
        accounts &= Q(account_id__in=ids)
    return Event.objects.filter(accounts | Q(kind__in=about_all))


def webhooks() -> list[Webhook]:
    """Webhooks in use, by name, each with how many deliveries wait and are dead, and when the last one arrived."""
    found = Webhook.objects.filter(removed_at=None).annotate(
        waiting=Count(
            "deliveries", filter=Q(deliveries__state__in=[OutgoingState.WAITING, OutgoingState.SENDING])
        ),
        dead=Count("deliveries", filter=Q(deliveries__state=OutgoingState.DEAD)),
        last_delivered=Max("deliveries__ended_at", filter=Q(deliveries__state=OutgoingState.DELIVERED)),
    )
    return list(found.order_by("name"))


def deliveries_of(webhook: Webhook, state: str = "") -> QuerySet[Delivery]:
    """The log of a webhook, newest first, in one state where one is named."""
    found = Delivery.objects.filter(webhook=webhook).select_related("event")
    return found.filter(state=state) if state in OutgoingState.values else found
