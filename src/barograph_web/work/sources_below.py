"""What the apps below this one have for somebody; they cannot register it themselves (sources.py)."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from barograph_web.plays.models import Task
from barograph_web.pulses import queries as pulses
from barograph_web.users.models import User
from barograph_web.users.permissions import May, may
from barograph_web.work.sources import MOST, Source, WorkItem, register

PULSE = "pulse"


def register_all() -> None:
    """Called once, when the application starts."""
    register(Source(PULSE, pulses_due, "Pulses"))


def pulses_due(user: User, today: date) -> list[WorkItem]:
    """The pulses that this person gives and that are due, the longest waiting first. One that is late enough to have
    become a task is that task."""
    if not may(user, May.WRITE_PULSES):
        return []
    due = pulses.due(user, today)[:MOST]
    ids = [pulse.account_id for pulse in due]
    chased = set(
        Task.objects.unfinished()
        .filter(source=PULSE, account_id__in=ids)
        .values_list("account_id", flat=True)
    )
    return [
        WorkItem(
            source=PULSE,
            key=pulse.account_id,
            account_id=pulse.account_id,
            title="Give the pulse",
            url=reverse("pulses:give", args=[pulse.account_id]),
            due_on=pulse.due_on,
            owner_id=user.pk,
            owner_label=user.name,
            kind="Pulse",
            detail={"never": "none was given yet", "expired": "the last one has expired"}.get(
                pulse.state, ""
            ),
        )
        for pulse in due
        if pulse.account_id not in chased
    ]
