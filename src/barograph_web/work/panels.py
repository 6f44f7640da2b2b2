"""What this app shows on an account's page: its plays and tasks with their clocks, touches, and what can be added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from barograph_web.ops import workspace
from barograph_web.plays.holds import held
from barograph_web.plays.models import Clock, PlayRun, RunState, Task, TaskState, Touch
from barograph_web.portfolio.models import Account
from barograph_web.ui.panels import Panel
from barograph_web.ui.panels import register as register_panel
from barograph_web.users.permissions import May, may
from barograph_web.work.forms import TouchForm
from barograph_web.work.rows import OF_THE_PLAY, clocks_of

CLOSED = 5
TOUCHES = 5
TASKS = 100


def register() -> None:
    """Called once, when the application starts."""
    register_panel(
        Panel(
            page="account",
            position=13,
            name="work",
            title="Plays and tasks",
            template="work/panel_work.html",
            context=work_of,
            allowed=lambda user: may(user, May.SEE_PLAYS),
        )
    )


def work_of(request: HttpRequest, subject: Any) -> Mapping[str, Any]:
    """subject: the account, or anything with an `account`. As many queries for a hundred tasks as for one."""
    account: Account = subject if isinstance(subject, Account) else subject.account
    runs = PlayRun.objects.filter(account_id=account.account_id)
    going = list(runs.filter(state=RunState.OPEN).order_by("-priority", "-opened_at", "pk"))
    tasks = list(
        Task.objects.filter(account_id=account.account_id)
        .unfinished()
        .select_related("owner", "play_run")
        .order_by("due_on", "-priority", "pk")[:TASKS]
    )
    done = _done_of([run.pk for run in going])
    ticking = clocks_of(tasks)
    clocks = list(
        Clock.objects.filter(
            OF_THE_PLAY, account_id=account.account_id, stopped_at=None, cancelled=False
        ).order_by("due_at", "pk")
    )
    by_run = {
        run.pk: {
            "run": run,
            "tasks": [(task, ticking.get(task.pk)) for task in tasks if task.play_run_id == run.pk],
            "done": done.get(run.pk, 0),
            "clocks": [clock for clock in clocks if clock.play_run_id == run.pk],
        }
        for run in going
    }
    return {
        "account": account,
        "runs": list(by_run.values()),
        "loose": [(task, ticking.get(task.pk)) for task in tasks if task.play_run_id not in by_run],
        "account_clocks": [clock for clock in clocks if clock.play_run_id not in by_run],
        "closed": list(runs.exclude(state=RunState.OPEN).order_by("-closed_at", "-pk")[:CLOSED]),
        "touches": list(Touch.objects.filter(account_id=account.account_id)[:TOUCHES]),
        "held": held([account.account_id]).get(account.account_id, ""),
        "can_work": may(request.user, May.WORK) and account.is_current,
        "can_open": may(request.user, May.SEE_WORK),
        "touch_form": TouchForm(now=workspace.now()),
        "here": f"{reverse('portfolio:account', args=[account.account_id])}#panel-work",
        "today": workspace.today(),
        "now": workspace.now(),
    }


def _done_of(runs: list[int]) -> dict[int | None, int]:
    """Run -> how many of its tasks are done or dropped."""
    found: dict[int | None, int] = {}
    ended = Task.objects.filter(play_run__in=runs, state__in=[TaskState.DONE, TaskState.DROPPED])
    for run in ended.values_list("play_run", flat=True):
        found[run] = found.get(run, 0) + 1
    return found
