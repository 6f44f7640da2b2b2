"""Reads of plays that other apps build on: tasks somebody may see, runs of an account, what it asks of us."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from barograph_web.plays.holds import held
from barograph_web.plays.models import (
    Clock,
    DataIncident,
    IncidentState,
    PlayRun,
    RiskDecision,
    RiskKind,
    Task,
    TaskState,
)
from barograph_web.plays.services_risk import newest_decision
from barograph_web.plays.working import day_of
from barograph_web.portfolio.visibility import visible_accounts

__all__ = [
    "Duty",
    "accepted_losses",
    "clocks_of",
    "duties",
    "newest_decision",
    "open_incidents",
    "open_tasks",
    "runs_of",
    "visible_tasks",
    "waits",
]


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that is due for an account: a task, or the clock that runs on it. late: its time is over."""

    account_id: str
    what: str
    due_on: date
    why: str
    late: bool
    task: Task | None = None
    clock: Clock | None = None


def visible_tasks(user: Any, today: date) -> QuerySet[Task]:
    """All tasks of the accounts that somebody may see, and what was given to them, with owner and run."""
    ids = visible_accounts(user, today).filter(account_id=OuterRef("account_id"))
    return Task.objects.filter(Exists(ids)).select_related("owner", "play_run")


def open_tasks(user: Any, today: date) -> QuerySet[Task]:
    """Unfinished tasks of the accounts that somebody may see: open ones, and those whose sleep is over by `today`.

    In order of the day they are due, then priority. Snoozed ones are in `visible_tasks(...).filter(state="snoozed")`.
    """
    tasks = visible_tasks(user, today)
    awake = tasks.filter(state=TaskState.OPEN) | tasks.filter(
        state=TaskState.SNOOZED, snoozed_until__lte=today
    )
    return awake.order_by("due_on", "-priority", "pk")


def runs_of(account_id: str) -> QuerySet[PlayRun]:
    """The runs of an account with their tasks, open ones first, then the newest."""
    return (
        PlayRun.objects.filter(account_id=account_id)
        .prefetch_related("tasks__owner", "clocks", "segment_steps")
        .order_by(F("closed_at").desc(nulls_first=True), "-opened_at")
    )


def clocks_of(account_ids: Iterable[str]) -> QuerySet[Clock]:
    """The clocks that go on for some accounts, the nearest first."""
    going = Clock.objects.filter(account_id__in=list(account_ids), stopped_at=None)
    return going.select_related("task", "play_run", "owner").order_by("due_at", "pk")


def duties(account_ids: Iterable[str], today: date) -> dict[str, list[Duty]]:
    """What each account asks of us by now or next: its unfinished tasks and running clocks, the nearest first.

    Two queries, however many accounts. An account without any is left out.
    """
    ids = list(dict.fromkeys(account_ids))
    found: dict[str, list[Duty]] = {}
    unfinished = Task.objects.unfinished().filter(account_id__in=ids).select_related("owner", "play_run")
    for task in unfinished.order_by("due_on", "-priority", "pk"):
        late = task.due_on < today
        why = task.play_run.reason if task.play_run else ""
        duty = Duty(task.account_id, task.title, task.due_on, why, late, task=task)
        found.setdefault(task.account_id, []).append(duty)
    for clock in clocks_of(ids):
        due_on = day_of(clock.due_at)
        duty = Duty(
            clock.account_id, clock.get_demand_display(), due_on, clock.get_kind_display(),
            clock.breached_at is not None, clock=clock,
        )  # fmt: skip
        found.setdefault(clock.account_id, []).append(duty)
    for each in found.values():
        each.sort(key=lambda duty: duty.due_on)
    return found


def waits(tasks: Iterable[Task]) -> dict[int, str]:
    """Of unfinished customer-facing tasks, those that wait for something, with the reason."""
    facing = [t for t in tasks if t.customer_facing and not t.is_final]
    holding = held(t.account_id for t in facing)
    return {t.pk: holding[t.account_id] for t in facing if t.account_id in holding}


def open_incidents() -> QuerySet[DataIncident]:
    """What waits for a person's decision, oldest first."""
    going = [IncidentState.OPEN, IncidentState.ACKNOWLEDGED]
    return DataIncident.objects.filter(state__in=going).order_by("opened_at", "pk")


def accepted_losses() -> dict[str, float | None]:
    """Account id -> its revenue when the loss was accepted, where that stands: what a forecast counts as lost."""
    standing = RiskDecision.objects.filter(replaced_by=None, kind=RiskKind.ACCEPT)
    return dict(standing.values_list("account_id", "arr"))
