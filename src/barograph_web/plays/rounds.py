"""What the worker does every minute: clocks that ran out, tasks whose sleep is over or whose day has come, segments.

Each row is claimed by a conditional update, so that two workers do it once, and one that slept for days catches up.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q

from barograph_web.plays.breaches import look_at_clocks
from barograph_web.plays.errors import OvertakenError
from barograph_web.plays.models import Task, TaskState
from barograph_web.plays.segments import send_due
from barograph_web.plays.services_tasks import wake
from barograph_web.plays.telling import tell_task
from barograph_web.plays.working import day_of

TELL_AT_MOST = 500
"""Tasks of which one round tells; the rest is told in the next."""


def go_round(now: datetime) -> dict[str, int]:
    """One round at `now`; how many of what."""
    today = day_of(now)
    return {
        "clocks": look_at_clocks(now),
        "woken": wake_tasks(today, now),
        "due": tell_due(today, now),
        "segments": send_due(today, now),
    }


def wake_tasks(today: date, now: datetime) -> int:
    """Open the tasks whose sleep is over; how many."""
    woken = 0
    for task in Task.objects.filter(state=TaskState.SNOOZED, snoozed_until__lte=today).order_by("pk"):
        try:
            wake(task, now=now)
        except OvertakenError:
            continue  # somebody did something with it in the same instant
        woken += 1
    return woken


def tell_due(today: date, now: datetime) -> int:
    """Tell owners of open tasks whose day has come, once for each due day; how many."""
    untold = Q(told_due_on=None) | ~Q(told_due_on=F("due_on"))
    due = Task.objects.filter(untold, state=TaskState.OPEN, due_on__lte=today).exclude(owner=None)
    told = 0
    for task in due.select_related("owner", "play_run").order_by("due_on", "pk")[:TELL_AT_MOST]:
        with transaction.atomic():
            mine = Task.objects.filter(untold, pk=task.pk, due_on=task.due_on, state=TaskState.OPEN)
            if mine.update(told_due_on=task.due_on):
                tell_task("task.due", task, key=f"task:{task.pk}:due:{task.due_on}", at=now)
                told += 1
    return told
