"""What a person's calendar holds: the days on which their tasks and other items are due.

Calendars leave the company: an entry has the title, the account's name and a link, and nothing of scores, tiers,
revenue, reasons or comments.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Max, Q
from django.urls import reverse

from barograph_web.plays.models import Task, TaskState
from barograph_web.portfolio.models import Tier, Week
from barograph_web.users.models import User
from barograph_web.work import actions
from barograph_web.work.calendar_text import Entry
from barograph_web.work.filters import Filters
from barograph_web.work.worklist import Worklist

MOST = 1000
NEUTRAL = "Your task"
"""In place of a title that speaks of how the account stands."""
_TELLING = re.compile(
    r"\b(scor(e|es|ed|ing)|tiers?|health\w*|at[ _-]risk|churn\w*|watch ?list)\b", re.IGNORECASE
)
BEHIND = timedelta(days=60)
"""What was due longer ago is left out: it is in the list."""


def entries_of(owner: User, today: date, host: str, base_url: str) -> list[Entry]:
    """The entries of a person's feed. A snoozed task is on the day it wakes.

    host: names the application in the identity of entries. base_url: what links begin with, without a slash at the end.
    """
    work = Worklist(owner, today, Filters())
    first = today - BEHIND
    tasks = list(
        work.tasks.unfinished()
        .filter(Q(due_on__gte=first) | Q(snoozed_until__gte=first))
        .annotate(changed_at=Max("events__at"))
        .order_by("due_on", "pk")[:MOST]
    )
    tiers = _labels(work.week)
    names = actions.names_of(tasks)
    entries = [_of_task(task, names[task.account_id], host, base_url, tiers) for task in tasks]
    for item, place in work.items:
        if item.due_on is None or item.due_on < first:
            continue
        entries.append(
            Entry(
                uid=f"{item.source}-{item.key}@{host}",
                on=item.due_on,
                summary=f"{sayable(item.title, tiers)} ({place.name})",
                changed_at=item.changed_at or datetime.combine(today, time(), UTC),
                url=base_url + item.url,
            )
        )
    return entries


def _labels(week: Week | None) -> set[str]:
    """What the tiers are called, by the product and by the model in force."""
    own = {tier["label"] for tier in (week.head or {}).get("tiers", ())} if week is not None else set()
    return {str(label) for label in Tier.labels} | own


def sayable(title: str, tiers: Collection[str]) -> str:
    """The title, or NEUTRAL when it speaks of scores or tiers: plays and people do. tiers: the model's own words
    for its tiers, which count as they are written ("Watch" is a tier, "watch" is not)."""
    named = any(re.search(rf"\b{re.escape(label)}\b", title) for label in tiers if label)
    return NEUTRAL if named or _TELLING.search(title) else title


def _of_task(task: Task, name: str, host: str, base_url: str, tiers: Collection[str]) -> Entry:
    wakes = task.state == TaskState.SNOOZED and task.snoozed_until is not None
    return Entry(
        uid=f"task-{task.pk}@{host}",
        on=task.snoozed_until if wakes else task.due_on,
        summary=f"{sayable(task.title, tiers)} ({name})",
        changed_at=task.changed_at or task.created_at,  # type: ignore[attr-defined]
        sequence=task.revision - 1,
        url=base_url + reverse("work:task", args=[task.pk]),
    )
