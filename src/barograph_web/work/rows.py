"""One line of the list: a task or an item of another app, with where its account stands and what runs on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q, QuerySet

from barograph_web.plays import holds
from barograph_web.plays.models import Clock, Task, TaskState
from barograph_web.portfolio.models import WORST_FIRST, Account, Standing, Tier, Week
from barograph_web.work.filters import bucket
from barograph_web.work.sources import WorkItem

AT_RISK = (Tier.AT_RISK, Tier.WATCH, Tier.INSUFFICIENT)
"""Whose revenue counts as at risk: what is not known to be healthy."""
NO_TIER = len(WORST_FIRST)
OF_THE_PLAY = Q(task=None) | Q(task__state__in=[TaskState.DONE, TaskState.DROPPED])
"""Clocks that hang on no task, or on one that is finished."""


@dataclass(frozen=True, slots=True)
class Where:
    """Where an account stands: name, tier ("" without a standing), revenue a year (None: unknown). is_seen: whether
    the person may open it; of one that they may not, only the name is here."""

    account_id: str
    name: str
    tier: str = ""
    arr: float | None = None
    is_seen: bool = True

    @property
    def at_risk(self) -> float:
        """Its revenue where that is at risk, else 0."""
        return (self.arr or 0.0) if self.tier in AT_RISK else 0.0

    @property
    def order(self) -> int:
        """Worst tier first."""
        return WORST_FIRST.index(Tier(self.tier)) if self.tier else NO_TIER


@dataclass(frozen=True, slots=True)
class Row:
    """One line. clock: the most urgent one that runs on the task or its play. held: why a customer-facing step waits,
    "" when it does not. group: the key of filters.DUE that its day falls under."""

    where: Where
    due_on: date | None
    group: str
    task: Task | None = None
    item: WorkItem | None = None
    clock: Clock | None = None
    held: str = ""

    @property
    def key(self) -> str:
        """Its identity on the page."""
        if self.task is not None:
            return f"task-{self.task.pk}"
        return f"{self.item.source}-{self.item.key}" if self.item is not None else ""

    @property
    def title(self) -> str:
        if self.task is not None:
            return self.task.title
        return self.item.title if self.item is not None else ""


def where(week: Week | None, accounts: QuerySet[Account], account_ids: Iterable[str]) -> dict[str, Where]:
    """Accounts by id with the tier of a week, in two queries; those not among `accounts` are left out."""
    wanted = set(account_ids)
    if not wanted:
        return {}
    found = accounts.filter(account_id__in=wanted).values_list("account_id", "name", "arr")
    standing = Standing.objects.filter(week=week, account__account_id__in=wanted)
    tiers = dict(standing.values_list("account__account_id", "tier")) if week is not None else {}
    return {key: Where(key, name, tiers.get(key, ""), arr) for key, name, arr in found}


def of_tasks(week: Week | None, accounts: QuerySet[Account], today: date, found: Sequence[Task]) -> list[Row]:
    """Tasks with where their accounts stand, in the same order; of an account not among `accounts`, its name."""
    places = where(week, accounts, [task.account_id for task in found])
    hidden = {task.account_id for task in found} - set(places)
    if hidden:
        names = dict(Account.objects.filter(account_id__in=hidden).values_list("account_id", "name"))
        places |= {key: Where(key, names.get(key, key), is_seen=False) for key in hidden}
    return [Row(places[t.account_id], t.due_on, bucket(t.due_on, today), task=t) for t in found]


def with_clocks(found: Sequence[Row]) -> list[Row]:
    """The rows with the most urgent clock of each task or its play, and with what holds customer-facing steps."""
    unfinished = [row.task for row in found if row.task is not None and not row.task.is_final]
    if not unfinished:
        return list(found)
    ticking = clocks_of(unfinished)
    held = holds.held(task.account_id for task in unfinished if task.customer_facing)
    return [
        row
        if row.task is None or row.task.is_final
        else replace(
            row,
            clock=ticking.get(row.task.pk),
            held=held.get(row.task.account_id, "") if row.task.customer_facing else "",
        )
        for row in found
    ]


def clocks_of(found: Sequence[Task]) -> dict[int, Clock]:
    """Task -> the clock that is due first of those that run on it, or else on its play as a whole. One query.

    A clock of a play hangs on one of its tasks; once that is finished, it is the play's.
    """
    runs = {task.play_run_id for task in found if task.play_run_id is not None}
    going = Clock.objects.filter(stopped_at=None, cancelled=False).filter(
        Q(task__in=[task.pk for task in found]) | (OF_THE_PLAY & Q(play_run__in=runs))
    )
    unfinished = {task.pk for task in found}
    by_task: dict[int, Clock] = {}
    by_run: dict[int, Clock] = {}
    for clock in going.order_by("due_at", "pk"):
        if clock.task_id in unfinished:
            by_task.setdefault(clock.task_id, clock)
        elif clock.play_run_id is not None:
            by_run.setdefault(clock.play_run_id, clock)
    pairs = ((task, by_task.get(task.pk) or by_run.get(task.play_run_id or 0)) for task in found)
    return {task.pk: clock for task, clock in pairs if clock is not None}
