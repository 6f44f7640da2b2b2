"""Reads of one task: all that its page and the side of the list show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from barograph_web.plays.models import Clock, PlayRun, Task, TaskEvent
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.portfolio.weeks import newest_week
from barograph_web.users.models import User
from barograph_web.work.models import Comment, Mention
from barograph_web.work.queries import visible_tasks
from barograph_web.work.rows import OF_THE_PLAY, Row, of_tasks, with_clocks

NEWEST_EVENTS = 50


@dataclass(frozen=True)
class TaskPage:
    """One task. account: None when the person may not open it. steps: all tasks of the same run, in order. names: whom
    the comments name, by number."""

    row: Row
    account: Account | None
    run: PlayRun | None
    steps: Sequence[Task]
    clocks: Sequence[Clock]
    events: Sequence[TaskEvent]
    comments: Sequence[Comment]
    names: dict[int, str]

    @property
    def task(self) -> Task:
        assert self.row.task is not None  # noqa: S101 - made of one
        return self.row.task


def task_of(user: User, today: date, pk: int) -> Task | None:
    """A task that the person may see."""
    found = visible_tasks(user, today).filter(pk=pk)
    return found.select_related("owner", "play_run").first()


def page_of(user: User, today: date, task: Task) -> TaskPage:
    """Everything about a task that the person may see."""
    accounts = visible_accounts(user, today)
    row = with_clocks(of_tasks(newest_week(), accounts, today, [task]))[0]
    on_it = Q(task=task)
    if task.play_run_id is not None:
        on_it |= OF_THE_PLAY & Q(play_run=task.play_run_id)
    comments = list(Comment.objects.filter(task=task).select_related("author"))
    return TaskPage(
        row=row,
        account=accounts.filter(account_id=task.account_id).first(),
        run=task.play_run,
        steps=list(task.play_run.tasks.order_by("position", "due_on", "pk")) if task.play_run else [],
        clocks=list(Clock.objects.filter(on_it).order_by("stopped_at", "due_at")),
        events=list(task.events.order_by("-at", "-pk")[:NEWEST_EVENTS]),
        comments=comments,
        names=named_in(comments),
    )


def named_in(comments: Sequence[Comment]) -> dict[int, str]:
    """Number -> present name of everybody whom some comments name. One query."""
    found = Mention.objects.filter(comment__in=comments).values_list("user", "user__name")
    return dict(found) if comments else {}
