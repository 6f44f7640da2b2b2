"""The list of one person under some filters. What it reads is read once, and nothing grows with the rows.

The order: overdue first, by due day; within a day the revenue at risk, then the tier, worst first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Case, Count, F, FloatField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from barograph_web.plays.models import Task, TaskQuerySet
from barograph_web.portfolio.models import WORST_FIRST, Account, Standing, Week
from barograph_web.portfolio.visibility import own_accounts, visible_accounts
from barograph_web.portfolio.weeks import newest_week
from barograph_web.users.models import User
from barograph_web.work.filters import DUE, Filters, asleep, awake, bucket
from barograph_web.work.queries import is_mine, people_acted_for, visible_tasks
from barograph_web.work.rows import AT_RISK, NO_TIER, Row, Where, of_tasks, where, with_clocks
from barograph_web.work.sources import WorkItem, items_for

PAGE = 50
MOST_PAGES = 40


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is of each group of due days, and how much is snoozed."""

    overdue: int = 0
    today: int = 0
    week: int = 0
    later: int = 0
    snoozed: int = 0

    @property
    def open(self) -> int:
        return self.overdue + self.today + self.week + self.later


@dataclass
class Worklist:
    """One person's list on one day."""

    user: User
    today: date
    filters: Filters

    @cached_property
    def accounts(self) -> QuerySet[Account]:
        """Those that the person may see."""
        return visible_accounts(self.user, self.today)

    @cached_property
    def week(self) -> Week | None:
        return newest_week()

    @cached_property
    def tasks(self) -> TaskQuerySet:
        """The tasks that pass the filters beside those of state and days."""
        filters = self.filters
        if filters.what not in ("", "task"):
            return Task.objects.none()
        found = visible_tasks(self.user, self.today, self.accounts)
        if filters.scope == "mine":
            found = found.filter(is_mine(self.user, self._acted_for, self._own))
        if filters.play:
            found = found.filter(play_run__play=filters.play)
        if filters.owner:
            found = found.filter(owner=None if filters.owner == "none" else int(filters.owner))
        if filters.q:
            named = self.accounts.filter(name__icontains=filters.q).values("account_id")
            found = found.filter(Q(title__icontains=filters.q) | Q(account_id__in=named))
        if filters.tier:
            standing = Standing.objects.filter(week=self.week, tier=filters.tier)
            found = found.filter(account_id__in=standing.values("account__account_id"))
        return found

    @cached_property
    def items(self) -> list[tuple[WorkItem, Where]]:
        """What other apps have for this person and passes every filter but those of state and days."""
        filters = self.filters
        if filters.what == "task" or filters.play:
            return []
        found = items_for(self.user, self.today, filters.what)
        if filters.scope == "mine" and found:
            own = set(self._own.values_list("account_id", flat=True))
            found = [
                i
                for i in found
                if i.owner_id in self._acted_for or (i.owner_id is None and i.account_id in own)
            ]
        if filters.owner:
            wanted = None if filters.owner == "none" else int(filters.owner)
            found = [i for i in found if i.owner_id == wanted]
        places = where(self.week, self.accounts, [i.account_id for i in found])
        return [(i, places[i.account_id]) for i in found if self._fits(i, places.get(i.account_id))]

    @cached_property
    def counts(self) -> Counts:
        """How much there is of each group of days under the other filters, and how much is snoozed."""
        due = {key: replace(self.filters, due=key).days(self.today) for key in DUE}
        told = (
            self.tasks.unfinished()
            .order_by()
            .aggregate(
                **{key: Count("pk", filter=awake(self.today) & days) for key, days in due.items()},
                snoozed=Count("pk", filter=asleep(self.today)),
            )
        )
        for item, _ in self.items:
            told[bucket(item.due_on, self.today)] += 1
        return Counts(**told)

    def page(self, number: int = 1) -> tuple[list[Row], bool]:
        """One page of rows, from 1, and whether there are more after it."""
        number = max(1, min(number, MOST_PAGES))
        first, last = PAGE * (number - 1), PAGE * number
        found = self._first(last + 1)
        return with_clocks(found[first:last]), len(found) > last

    def rows(self, most: int) -> list[Row]:
        """The list from its beginning, at most so many rows."""
        return with_clocks(self._first(most))

    def _first(self, most: int) -> list[Row]:
        """The first rows of tasks and of other apps' items together. Only open work comes from other apps."""
        found = list(self._in_order(most)[:most])
        rows = of_tasks(self.week, self.accounts, self.today, found)
        if self.filters.show != "open":
            return rows
        lines = [(_place_of_task(row.task, n), row) for n, row in enumerate(rows) if row.task is not None]
        lines += [
            (
                _place_of_item(item, place, n),
                Row(place, item.due_on, bucket(item.due_on, self.today), item=item),
            )
            for n, (item, place) in enumerate(self.items)
            if self.filters.passes(item.due_on, self.today)
        ]
        return [row for _, row in sorted(lines, key=lambda line: line[0])[:most]]

    def _in_order(self, most: int) -> TaskQuerySet:
        """Open tasks by day, revenue at risk, tier and priority; snoozed ones by when they come back, finished ones
        newest first. most: how many of them are wanted."""
        found = self.tasks.filter(self.filters.state(self.today), self.filters.days(self.today))
        found = found.select_related("owner", "play_run")
        if self.filters.show == "finished":
            return found.order_by(F("closed_at").desc(), "-pk")
        if self.filters.show == "snoozed":
            return found.order_by("snoozed_until", "due_on", "pk")
        # What accounts stand for is looked up for the days that are shown only, not for everything to come.
        last = list(found.order_by("due_on").values_list("due_on", flat=True)[most - 1 : most])
        if last:
            found = found.filter(due_on__lte=last[0])
        account = Account.objects.filter(account_id=OuterRef("account_id"))
        standing = Standing.objects.filter(week=self.week, account__account_id=OuterRef("account_id"))
        at_risk = When(
            tier_order__in=[WORST_FIRST.index(tier) for tier in AT_RISK],
            then=Coalesce(Subquery(account.values("arr")[:1]), Value(0.0)),
        )
        return (
            found.annotate(tier_order=Coalesce(Subquery(standing.values("tier_order")[:1]), Value(NO_TIER)))
            .annotate(at_risk=Case(at_risk, default=Value(0.0), output_field=FloatField()))
            .order_by("due_on", "-at_risk", "tier_order", "-priority", "pk")
        )

    def _fits(self, item: WorkItem, place: Where | None) -> bool:
        """Whether the person may see an item's account, and it passes the filters of tier and text."""
        if place is None or (self.filters.tier and place.tier != self.filters.tier):
            return False
        text = self.filters.q.casefold()
        return text in item.title.casefold() or text in place.name.casefold()

    @cached_property
    def _own(self) -> QuerySet[Account]:
        return own_accounts(self.user, self.today)

    @cached_property
    def _acted_for(self) -> set[int]:
        return people_acted_for(self.user, self.today)


def _place_of_task(task: Task, index: int) -> tuple[Any, ...]:
    """What rows are sorted by: as the database sorted the tasks. index: its place among its own kind."""
    return (task.due_on, -task.at_risk, task.tier_order, -task.priority, 0, index)  # type: ignore[attr-defined]


def _place_of_item(item: WorkItem, place: Where, index: int) -> tuple[Any, ...]:
    """The same for an item; one without a day is last."""
    return (item.due_on or date.max, -place.at_risk, place.order, 0, 1, index)
