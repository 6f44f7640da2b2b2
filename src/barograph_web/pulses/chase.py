"""Pulses that are due are chased, each once: an event when one falls due, a task when nobody gave it for some days, an
event when the last one lost its force."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest

from barograph.reports.render.phrases import date_words
from barograph_web.alerts.events import emit
from barograph_web.alerts.models import Event
from barograph_web.ops.current import acting_as
from barograph_web.ops.workspace import workspace
from barograph_web.plays.errors import OvertakenError
from barograph_web.plays.models import Task
from barograph_web.plays.services import add_task, complete
from barograph_web.pulses.models import PulseState
from barograph_web.users.models import Role, StandIn, User

SOURCE = "pulse"
EVERY = timedelta(minutes=20)
SOON = timedelta(seconds=30)
"""How often the worker looks whether something is to be published."""
NEWS = 31
"""Days after which something that fell due or expired is no news any more: going live with history tells nobody."""
AT_ONCE = 200
"""Accounts chased in one round, so that the first day with many does not hold the worker."""
CANNOT = (Role.GUEST, Role.EXECUTIVE)


def chase(now: datetime) -> int:
    """Chase what fell due; how many events and tasks are new. A second call finds nothing to do."""
    today = now.astimezone(workspace().zone).date()
    with acting_as(via="worker"):
        return _due(now, today) + _expired(now, today) + _overdue(now, today)


def done(account_id: str, *, by: User | None, now: datetime) -> None:
    """A pulse was given: what was asked for because it was missing is done."""
    for task in Task.objects.unfinished().filter(account_id=account_id, source=SOURCE):
        try:
            complete(task, by=by, note="The pulse was given.", now=now)
        except OvertakenError:  # somebody closed it in the same instant
            continue


def key_of(row: PulseState) -> str:
    """What makes one request for a pulse: the account and the day on which it fell due."""
    return f"pulse:{row.account_id}:{row.due_on.isoformat()}"


def _due(now: datetime, today: date) -> int:
    since = today - timedelta(days=NEWS)
    due = PulseState.objects.filter(due_on__lte=today, due_on__gt=since).exclude(email="")
    rows = _new(due, "pulse.due", key_of)
    for row in rows:
        emit(
            "pulse.due", key=key_of(row), at=now, account_id=row.account_id,
            payload={"owner_email": row.email, "due_on": row.due_on, "overdue": row.due_on < today},
        )  # fmt: skip
    return len(rows)


def _expired(now: datetime, today: date) -> int:
    since = today - timedelta(days=NEWS)
    gone = PulseState.objects.filter(expires_on__lte=today, expires_on__gt=since)
    rows = _new(gone, "pulse.expired", expiry_key)
    for row in rows:
        emit(
            "pulse.expired", key=expiry_key(row), at=now, account_id=row.account_id,
            payload={
                "pulse_id": row.pulse_id, "owner_email": row.email, "expired_on": row.expires_on,
                "effect": effect_words(row),
            },
        )  # fmt: skip
    return len(rows)


def expiry_key(row: PulseState) -> str:
    """What makes one expiry: the account and the day."""
    return f"pulse:{row.account_id}:{row.expires_on}"


def effect_words(row: PulseState) -> str:
    """What the pulse had a say in while it had force."""
    if row.wanted_tier:
        return "It asked for a better tier than the numbers'."
    if row.sponsor_status == "missing":
        return "It said that the sponsor is missing."
    return "The numbers stand alone until a new one is given."


def _overdue(now: datetime, today: date) -> int:
    """Tasks. The grace counts from the day on which the account was first asked about, when that is later: history that
    was brought in asks for nothing by itself (P9)."""
    late = today - timedelta(days=settings.OPTIONS_IN_FORCE.pulse_grace_days)
    found = (
        PulseState.objects.exclude(email="")
        .alias(asked_on=Greatest(F("due_on"), F("first_on")))
        .filter(asked_on__lt=late)
        .order_by("due_on", "account_id")
    )
    asked = {row.pk: key_of(row) for row in found}
    there = set(Task.objects.filter(source=SOURCE).values_list("source_key", flat=True))
    rows = [row for row in found if asked[row.pk] not in there][:AT_ONCE]
    owners = _owners({row.email for row in rows}, today)
    for row in rows:
        owner, why = owners.get(row.email, (None, f"{row.email} gives it and has no user here"))
        add_task(
            row.account_id,
            title="Give the pulse",
            owner=owner,
            due_on=today,
            source=SOURCE,
            source_key=asked[row.pk],
            detail=f"It has been due since {date_words(row.due_on.isoformat())}. Three answers, under Pulses.",
            routed=why,
            now=now,
        )
    return len(rows)


def _owners(emails: Iterable[str], today: date) -> dict[str, tuple[User | None, str]]:
    """Address -> who is asked, and why: the person, or who stands in for them today."""
    people = {
        user.email: user
        for user in User.objects.filter(email__in=emails, is_active=True).exclude(role__in=CANNOT)
    }
    away = StandIn.objects.filter(
        absent__in=people.values(), begins_on__lte=today, ends_on__gte=today, stand_in__is_active=True
    ).select_related("stand_in", "absent")
    found: dict[str, tuple[User | None, str]] = {
        email: (user, "gives this account's pulse") for email, user in people.items()
    }
    for row in away:
        found[row.absent.email] = (row.stand_in, f"stands in for {row.absent.name}")
    return found


def _new(rows: QuerySet[PulseState], kind: str, key: Callable[[PulseState], str]) -> list[PulseState]:
    """Those of which no event was made yet, the longest due first."""
    found = list(rows.order_by("due_on", "account_id"))
    there: set[str] = set()
    for begin in range(0, len(found), AT_ONCE):
        keys = [key(row) for row in found[begin : begin + AT_ONCE]]
        there |= set(Event.objects.filter(kind=kind, key__in=keys).values_list("key", flat=True))
    return [row for row in found if key(row) not in there][:AT_ONCE]
