"""One thing done to one task or to many. Each task is a transaction of its own: what fails is said beside it, and the
others are done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms

from barograph_web.plays import services
from barograph_web.plays.models import Task, TaskState
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.users.models import User
from barograph_web.work.forms import CompleteForm, DropForm, HandOverForm, MoveForm, SnoozeForm, workers
from barograph_web.work.queries import visible_tasks

MOST = 500
"""Tasks that one form takes."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A task that somebody chose, with the revision that they saw. account: its account's name."""

    task: Task
    revision: int
    account: str = ""

    @property
    def value(self) -> str:
        """As a form sends it: "12:3"."""
        return f"{self.task.pk}:{self.revision}"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one task. error: why nothing was done to it, "" when it was. overtaken: somebody was quicker;
    `task` is as it stands now."""

    task: Task
    error: str = ""
    field: str = ""
    overtaken: bool = False
    account: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done to tasks. form: makes the form; run: does it to one task, raises what services do."""

    name: str
    label: str
    done: str
    button: str
    icon: str
    key: str
    form: Callable[..., forms.Form]
    run: Callable[[Chosen, Mapping[str, Any], User], Task]


def _complete(one: Chosen, data: Mapping[str, Any], by: User) -> Task:
    return services.complete(one.task, by=by, note=data["note"], revision=one.revision)


def _drop(one: Chosen, data: Mapping[str, Any], by: User) -> Task:
    return services.drop(one.task, by=by, reason=data["reason"], revision=one.revision)


def _snooze(one: Chosen, data: Mapping[str, Any], by: User) -> Task:
    return services.snooze(one.task, until=data["until"], reason=data["reason"], by=by, revision=one.revision)


def _move(one: Chosen, data: Mapping[str, Any], by: User) -> Task:
    return services.move(one.task, due_on=data["due_on"], reason=data["reason"], by=by, revision=one.revision)


def _wake(one: Chosen, _data: Mapping[str, Any], by: User) -> Task:
    return services.wake(one.task, by=by, revision=one.revision)


def _hand_over(one: Chosen, data: Mapping[str, Any], by: User) -> Task:
    return services.hand_over(one.task, to=data["to"], by=by, reason=data["reason"], revision=one.revision)


def _take(one: Chosen, _data: Mapping[str, Any], by: User) -> Task:
    return services.hand_over(one.task, to=by, by=by, revision=one.revision)


ACTIONS = {
    action.name: action
    for action in (
        Action("complete", "Complete", "Completed", "Complete", "check", "c", CompleteForm, _complete),
        Action("snooze", "Snooze", "Snoozed", "Snooze", "clock", "s", SnoozeForm, _snooze),
        Action("hand-over", "Hand over", "Handed over", "Hand over", "people", "h", HandOverForm, _hand_over),
        Action("move", "Another day", "Moved", "Promise this day", "calendar", "d", MoveForm, _move),
        Action("drop", "Drop", "Dropped", "Drop", "close", "", DropForm, _drop),
        Action("take", "Take it", "Taken", "Take", "person", "t", forms.Form, _take),
        Action("wake", "Wake", "Awake again", "Wake", "refresh", "", forms.Form, _wake),
    )
}


def form_of(action: Action, data: Any, today: date) -> forms.Form:
    """The action's form, filled with `data` when it is not None."""
    if action.form in (SnoozeForm, MoveForm):
        return action.form(data, today=today)
    if action.form is HandOverForm:
        return action.form(data, people=workers())
    return action.form(data)


def chosen(values: Iterable[str], user: User, today: date) -> list[Chosen]:
    """The tasks of values such as "12:3" that the person may see, in that order, each once. What is no such value, or
    is not theirs to see, is left out; at most MOST."""
    wanted: dict[int, int] = {}
    for value in values:
        pk, _, revision = value.partition(":")
        if all(part.isascii() and part.isdigit() and len(part) < 12 for part in (pk, revision)):
            wanted.setdefault(int(pk), int(revision))
    pks = list(wanted)[:MOST]
    found = visible_tasks(user, today).select_related("owner", "play_run").in_bulk(pks)
    names = names_of(found.values())
    return [Chosen(found[pk], wanted[pk], names[found[pk].account_id]) for pk in pks if pk in found]


def names_of(tasks: Iterable[Task]) -> dict[str, str]:
    """Account id -> the account's name, or the id of one that is not there any more. One query."""
    ids = {task.account_id for task in tasks}
    names = dict(Account.objects.filter(account_id__in=ids).values_list("account_id", "name"))
    return {account_id: names.get(account_id, account_id) for account_id in ids}


def act(
    action: Action, tasks: Sequence[Chosen], data: Mapping[str, Any], *, by: User, today: date
) -> list[Result]:
    """Do it to each; what became of each, in order. data: the cleaned data of the action's form."""
    unseen = _not_theirs(tasks, data["to"], today) if action.name == "hand-over" else set()
    return [_done(action, one, data, by, unseen) for one in tasks]


def _done(action: Action, one: Chosen, data: Mapping[str, Any], by: User, unseen: Collection[str]) -> Result:
    if one.task.account_id in unseen:
        words = f"{data['to'].name} does not see this account, so the task would be lost to them."
        return Result(one.task, words, "to", account=one.account)
    try:
        return Result(action.run(one, data, by), account=one.account)
    except services.RefusedError as refused:
        return Result(one.task, str(refused), refused.field, account=one.account)
    except services.OvertakenError as overtaken:
        now = overtaken.latest
        return Result(now, stands_now(now), overtaken=True, account=one.account)


def stands_now(task: Task) -> str:
    """What a task is now, for somebody who looked at it before."""
    match task.state:
        case TaskState.DONE | TaskState.DROPPED:
            state = task.get_state_display().lower()
            return f"It is {state} already: somebody was quicker."
        case TaskState.SNOOZED:
            until = f" until {task.snoozed_until}" if task.snoozed_until else ""
            return f"Somebody changed it meanwhile: it is snoozed{until}."
        case _:
            owner = task.owner.name if task.owner is not None else "nobody"
            return f"Somebody changed it meanwhile: it is open, due {task.due_on}, and {owner} has it."


def _not_theirs(tasks: Sequence[Chosen], to: User, today: date) -> set[str]:
    """Accounts of the tasks that the receiver does not see."""
    wanted = {one.task.account_id for one in tasks}
    seen = visible_accounts(to, today).filter(account_id__in=wanted).values_list("account_id", flat=True)
    return wanted - set(seen)
