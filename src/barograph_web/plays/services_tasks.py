"""Writes of tasks. A task is changed from the revision that somebody saw; another one by then refuses.

The state machine: open and snoozed go into each other; from both a task is done or dropped, which is final. Whoever is
second in the same instant finds another revision and is told so (`OvertakenError`).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from barograph_web.ops import workspace
from barograph_web.ops.audit import audit
from barograph_web.plays.errors import OvertakenError, RefusedError
from barograph_web.plays.models import Clock, ClockDemand, PlayRun, Task, TaskState
from barograph_web.plays.models import RunState as PlayState
from barograph_web.plays.people import check_owner
from barograph_web.plays.services_clocks import stop_clocks
from barograph_web.plays.telling import tell_task, wrote
from barograph_web.plays.working import day_of
from barograph_web.portfolio.models import Account
from barograph_web.users.models import User

LONGEST_TITLE = 300
CHECK = "check"
"""Source of a task that asks whether a play worked: done means yes, dropped means no."""


def add_task(
    account: Account | str,
    *,
    title: str,
    owner: User | None = None,
    due_on: date,
    by: User | None = None,
    source: str,
    source_key: str = "",
    play_run: PlayRun | None = None,
    detail: str = "",
    priority: int = 0,
    position: int = 0,
    pool: str = "",
    routed: str = "",
    customer_facing: bool = False,
    step: str = "",
    hours: float | None = None,
    done_by: str = "task",
    quiet: bool = False,
    now: datetime | None = None,
) -> Task:
    """A new task, or with a `source_key` that is known, the row that has it, as it is.

    account: the row or its id. by: who asks for it, None for the product. routed: why it is the owner's. quiet: the
    owner is told on the day it is due, not now. Raises RefusedError for an empty title or an owner who cannot work on
    accounts.
    """
    at = now or workspace.now()
    words = title.strip()[:LONGEST_TITLE]
    if not words:
        raise RefusedError("title", "Say what is to be done.")
    check_owner(owner, "owner")
    account_id = account if isinstance(account, str) else account.account_id
    made = {
        "account_id": account_id,
        "play_run": play_run,
        "position": position,
        "title": words,
        "detail": detail.strip(),
        "owner": owner,
        "owner_label": owner.name if owner else "",
        "pool": pool,
        "routed": routed[:300],
        "due_on": due_on,
        "priority": priority,
        "customer_facing": customer_facing,
        "step": step,
        "hours": hours,
        "done_by": done_by,
        "source": source,
        "created_at": at,
        "by": by,
        "by_label": by.name if by else "",
    }
    with transaction.atomic():
        if source_key:
            task, is_new = Task.objects.get_or_create(source_key=source_key, defaults=made)
        else:
            task, is_new = Task.objects.create(**made), True
        if is_new:
            wrote(task, "made", at, by=by, after=told(task))
            audit("task.made", task, after=told(task), account_id=account_id)
            if not quiet:
                _tell_assigned(task, at, by)
    return task


def complete(
    task: Task, *, by: User | None, note: str = "", revision: int | None = None, now: datetime | None = None
) -> Task:
    """The task was done. note: what came of it. Its own clock stops.

    Raises OvertakenError when the task has another revision than `revision` (None: that of `task`) or is final.
    """
    at = now or workspace.now()
    with transaction.atomic():
        changed = _change(task, revision, state=TaskState.DONE, snoozed_until=None, closed_at=at)
        wrote(changed, "done", at, by=by, words=note)
        audit("task.done", changed, after={"note": bool(note.strip())}, account_id=changed.account_id)
        stop_clocks(
            Clock.objects.filter(task=changed, demand=ClockDemand.TASK), at=at, why="The task was done.",
            owner=changed.owner, now=at,
        )  # fmt: skip
        _note_plan(changed, at, by)
        _finished(changed, at, by=by, words=note.strip())
    return changed


def drop(
    task: Task, *, by: User | None, reason: str, revision: int | None = None, now: datetime | None = None
) -> Task:
    """The task will not be done, for a reason. Raises RefusedError without one, OvertakenError as `complete`."""
    at = now or workspace.now()
    if not reason.strip():
        raise RefusedError("reason", "Say why it will not be done.")
    with transaction.atomic():
        changed = _change(task, revision, state=TaskState.DROPPED, snoozed_until=None, closed_at=at)
        wrote(changed, "dropped", at, by=by, words=reason)
        audit("task.dropped", changed, reason=reason.strip(), account_id=changed.account_id)
        stop_clocks(
            Clock.objects.filter(task=changed, demand=ClockDemand.TASK), at=at, why="The task was dropped.",
            owner=changed.owner, now=at, cancelled=True,
        )  # fmt: skip
        _finished(changed, at, by=by, words=reason.strip())
    return changed


def snooze(
    task: Task,
    *,
    until: date,
    reason: str,
    by: User | None,
    revision: int | None = None,
    now: datetime | None = None,
) -> Task:
    """Put a task away until a day, for a reason. Its clocks go on: sleep does not stop a promise.

    Raises RefusedError for a day that is not after today, or without a reason; OvertakenError as `complete`.
    """
    at = now or workspace.now()
    if until <= day_of(at):
        raise RefusedError("until", "Choose a day after today.")
    if not reason.strip():
        raise RefusedError("reason", "Say why it can wait.")
    with transaction.atomic():
        changed = _change(task, revision, state=TaskState.SNOOZED, snoozed_until=until)
        wrote(changed, "snoozed", at, by=by, after={"until": until.isoformat()}, words=reason)
        audit(
            "task.snoozed", changed, after={"until": until.isoformat()}, reason=reason.strip(),
            account_id=changed.account_id,
        )  # fmt: skip
    return changed


def wake(
    task: Task, *, by: User | None = None, revision: int | None = None, now: datetime | None = None
) -> Task:
    """A snoozed task is open again. Raises OvertakenError as `complete`, also when it does not sleep."""
    at = now or workspace.now()
    with transaction.atomic():
        changed = _change(task, revision, of=(TaskState.SNOOZED,), state=TaskState.OPEN, snoozed_until=None)
        wrote(changed, "woken", at, by=by)
        audit("task.woken", changed, account_id=changed.account_id)
        tell_task("task.due", changed, key=f"task:{changed.pk}:woken:{changed.revision}", at=at)
    return changed


def hand_over(
    task: Task,
    *,
    to: User | None,
    by: User | None,
    reason: str = "",
    revision: int | None = None,
    routed: str = "",
    pool: str | None = None,
    now: datetime | None = None,
) -> Task:
    """Give a task to somebody; None: to nobody, for a lead to assign. A clock that waits for an owner stops.

    Raises RefusedError for somebody who cannot work on accounts, OvertakenError as `complete`.
    """
    at = now or workspace.now()
    check_owner(to, "to")
    with transaction.atomic():
        before = {"owner": task.owner_label, "pool": task.pool}
        changed = _change(
            task, revision, owner=to, owner_label=to.name if to else "",
            pool=task.pool if pool is None else pool,
            routed=(routed or (f"given by {by.name}" if by else ""))[:300],
        )  # fmt: skip
        after = {"owner": changed.owner_label, "pool": changed.pool}
        wrote(changed, "handed_over", at, by=by, before=before, after=after, words=reason)
        audit(
            "task.handed_over", changed, before=before, after=after, reason=reason.strip(),
            account_id=changed.account_id,
        )  # fmt: skip
        if to is not None:
            waiting = Clock.objects.filter(account_id=changed.account_id, demand=ClockDemand.OWNER)
            stop_clocks(waiting, at=at, why=f"{to.name} has it.", owner=to, now=at)
        _tell_assigned(changed, at, by, reason)
    return changed


def move(
    task: Task,
    *,
    due_on: date,
    reason: str,
    by: User | None,
    revision: int | None = None,
    now: datetime | None = None,
) -> Task:
    """Promise another day, for a reason. Clocks keep theirs. Raises RefusedError and OvertakenError as `drop`."""
    at = now or workspace.now()
    if not reason.strip():
        raise RefusedError("reason", "Say why the day changes.")
    with transaction.atomic():
        before = {"due_on": task.due_on.isoformat()}
        changed = _change(task, revision, due_on=due_on)
        after = {"due_on": due_on.isoformat()}
        wrote(changed, "moved", at, by=by, before=before, after=after, words=reason)
        audit(
            "task.moved", changed, before=before, after=after, reason=reason.strip(),
            account_id=changed.account_id,
        )  # fmt: skip
    return changed


def complete_by(account_id: str, done_by: str, *, by: User | None, note: str, now: datetime) -> int:
    """A touch, plan or decision was logged: tasks that it fulfils are done; how many."""
    done = 0
    for task in Task.objects.unfinished().filter(account_id=account_id, done_by=done_by):
        try:
            complete(task, by=by, note=note, now=now)
        except OvertakenError:
            continue  # somebody finished it in the same instant
        done += 1
    return done


def told(task: Task) -> dict[str, Any]:
    """A task as its history and the audit log keep it."""
    return {
        "title": task.title,
        "owner": task.owner_label,
        "pool": task.pool,
        "due_on": task.due_on.isoformat(),
        "priority": task.priority,
        "source": task.source,
    }


def _change(
    task: Task,
    revision: int | None,
    *,
    of: tuple[str, ...] = (TaskState.OPEN, TaskState.SNOOZED),
    **columns: Any,
) -> Task:
    """The conditional update that every change goes through: one of two in the same instant gets it."""
    seen = task.revision if revision is None else revision
    rows = Task.objects.filter(pk=task.pk, revision=seen, state__in=of)
    if not rows.update(revision=F("revision") + 1, **columns):
        raise OvertakenError(Task.objects.select_related("owner").get(pk=task.pk))
    return Task.objects.select_related("owner", "play_run").get(pk=task.pk)


def _note_plan(task: Task, at: datetime, by: User | None) -> None:
    """A step of a play that is named for the plan is the plan: `plan`, `watch_plan`."""
    if task.play_run_id is not None and (task.step == "plan" or task.step.endswith("_plan")):
        from barograph_web.plays.services_touches import plan_made  # noqa: PLC0415 - it completes tasks in turn

        plan_made(task.account_id, by=by, why=f"{task.title} (done)", now=at)


def _finished(task: Task, at: datetime, *, by: User | None, words: str) -> None:
    """The last task of a run that has no condition to wait for ends the run; so does the answer to its question."""
    from barograph_web.plays import services_runs  # noqa: PLC0415 - runs are made of tasks

    if task.play_run is None:
        return
    if task.source != CHECK:
        services_runs.steps_finished(task.play_run_id, at)
    elif task.play_run.state == PlayState.OPEN:
        state = PlayState.SUCCEEDED if task.state == TaskState.DONE else PlayState.FAILED
        services_runs.close_run(task.play_run, state, why=words or "A person said so.", by=by, now=at)


def _tell_assigned(task: Task, at: datetime, by: User | None, reason: str = "") -> None:
    """Somebody has something new; who takes it themselves need not be told."""
    if task.owner is None or (by is not None and by.pk == task.owner_id):
        return
    key = f"task:{task.pk}:assigned:{task.revision}"
    who = by.name if by else ""
    tell_task("task.assigned", task, key=key, at=at, by=who, reason=(reason.strip() or task.routed)[:2000])
