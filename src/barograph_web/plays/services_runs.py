"""Writes of play runs: opened once by key, with their tasks, segment steps and clocks; closed with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from barograph.definitions.play import OwnerRule, Play, Step
from barograph_web.alerts.events import emit
from barograph_web.ops import workspace
from barograph_web.ops.audit import audit
from barograph_web.plays.errors import OvertakenError, RefusedError
from barograph_web.plays.levels import levels_of
from barograph_web.plays.library import play_named
from barograph_web.plays.models import (
    Clock,
    ClockDemand,
    PlayRun,
    PlaySnooze,
    RunState,
    SegmentStep,
    Task,
    TaskState,
)
from barograph_web.plays.routing import Router
from barograph_web.plays.services_clocks import cancel_clocks, start_clock, stop_clocks
from barograph_web.plays.services_tasks import add_task, drop
from barograph_web.plays.working import day_of, working_calendar
from barograph_web.portfolio.models import Account, Standing, Week
from barograph_web.users.models import User

THE_CSM = OwnerRule(rule="csm")
MOST_URGENT = 6


@dataclass(frozen=True, slots=True)
class Opening:
    """Why and with what a run opens. week: of the change, None by hand. milestone, deadline: of a date trigger.

    model_version: whose tiers' service levels hold where the play has none of its own.
    """

    key: str
    reason: str
    cause: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    week: date | None = None
    tier: str = ""
    arr: float | None = None
    milestone: int | None = None
    deadline: date | None = None
    model_version: str = ""
    by: User | None = None


def open_play(
    account: Account, play_name: str, *, by: User, reason: str, now: datetime | None = None
) -> PlayRun:
    """Open a play by hand. Raises RefusedError for a play there is not, without a reason, and when the play is open
    for the account already. Cool-down and snooze do not bind a person."""
    at = now or workspace.now()
    if not reason.strip():
        raise RefusedError("reason", "Say why this play, for this account, now.")
    play = play_named(play_name)
    if play is None:
        raise RefusedError("play", f"There is no play {play_name!r}.")
    week = Week.objects.only("model_version").first()
    standing = Standing.objects.filter(week=week, account=account).only("tier").first() if week else None
    opening = Opening(
        key=f"{play.name}/{account.account_id}/by hand/{at.isoformat()}",
        reason=reason.strip(),
        tier=standing.tier if standing else "",
        arr=account.arr,
        milestone=play.milestones[-1] if play.milestones else None,
        deadline=account.opt_out_on,
        model_version=week.model_version if week else "",
        by=by,
    )
    made = open_run(account, play, opening, Router(day_of(at)), at)
    if made is None:
        raise RefusedError("play", f"{play.title} is open for {account.name} already.")
    return made


def open_run(account: Account, play: Play, opening: Opening, router: Router, at: datetime) -> PlayRun | None:
    """Open a run with all that belongs to it, at once; None when one is open for the account, play and cause, or the
    key was used before."""
    success = play.success
    try:
        with transaction.atomic():
            run = PlayRun.objects.create(
                account_id=account.account_id, play=play.name, title=play.title, cause=opening.cause,
                key=opening.key, reason=opening.reason, evidence=dict(opening.evidence),
                definition=play.model_dump(mode="json"), tier=opening.tier, arr=opening.arr,
                priority=play.priority, week=opening.week, opened_at=at,
                check_on=day_of(at) + timedelta(days=success.check_after_days) if success else None,
                is_manual=opening.by is not None, by=opening.by,
                by_label=opening.by.name if opening.by else "",
            )  # fmt: skip
            steps = play.steps_at(opening.milestone)
            tasks = _steps(run, account, play, steps, opening, router, at)
            first = next((t for t in tasks if t.owner_id is not None), tasks[0] if tasks else None)
            _clocks(run, play, opening, first, at)
            emit(
                "play.opened", key=f"run:{run.pk}:opened", at=at, account_id=run.account_id,
                payload={
                    "run_id": run.pk, "play": run.play, "title": run.title, "reason": run.reason[:2000],
                    "manual": run.is_manual, "owner_email": _owner_email(first), "tier": run.tier or None,
                    "arr": run.arr, "priority": run.priority,
                },
            )  # fmt: skip
            audit(
                "play.opened", run, after={"play": run.play, "tasks": len(tasks), "key": run.key},
                reason=run.reason, account_id=run.account_id,
            )  # fmt: skip
    except IntegrityError:
        used = PlayRun.objects.filter(key=opening.key).exists()
        if used or open_runs(account.account_id, play.name, opening.cause).exists():
            return None
        raise
    return run


def open_runs(account_id: str, play: str, cause: str) -> Any:
    """The run of this account, play and cause that is open; the database allows one."""
    return PlayRun.objects.filter(account_id=account_id, play=play, cause=cause, state=RunState.OPEN)


def close_run(run: PlayRun, state: str, *, why: str, by: User | None, now: datetime | None = None) -> PlayRun:
    """End a run: succeeded, failed or cancelled. What is unfinished of it is dropped, its clocks end.

    Raises RefusedError for a state that is no end or without a reason, OvertakenError when it is closed already.
    """
    at = now or workspace.now()
    if state not in (RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED):
        raise RefusedError("state", "A run ends as succeeded, failed or cancelled.")
    if not why.strip():
        raise RefusedError("reason", "Say why it ends.")
    with transaction.atomic():
        closing = PlayRun.objects.filter(pk=run.pk, state=RunState.OPEN)
        if not closing.update(state=state, closed_at=at, why_closed=why.strip()):
            raise OvertakenError(PlayRun.objects.get(pk=run.pk))
        run.refresh_from_db()
        unfinished = list(run.tasks.unfinished().select_related("owner", "play_run").order_by("position"))
        owner = _owner_email(unfinished[0] if unfinished else None)
        for task in unfinished:
            drop(task, by=by, reason=f"The play was closed: {why.strip()}", now=at)
        run.segment_steps.filter(sent_at=None, cancelled_at=None).update(cancelled_at=at)
        _leave_segments(run, at)
        clocks = Clock.objects.filter(play_run=run)
        if state != RunState.CANCELLED:
            ended = clocks.filter(demand=ClockDemand.RESOLVE)
            stop_clocks(ended, at=at, why=f"The play ended: {state}.", owner=None, now=at)
        _end_clocks(run, clocks, at)
        emit(
            "play.closed", key=f"run:{run.pk}:closed", at=at, account_id=run.account_id,
            payload={
                "run_id": run.pk, "play": run.play, "title": run.title, "outcome": str(state),
                "reason": run.why_closed[:2000], "owner_email": owner,
            },
        )  # fmt: skip
        audit(f"play.{state}", run, reason=run.why_closed, account_id=run.account_id)
    return run


def cancel_run(run: PlayRun, *, reason: str, by: User, now: datetime | None = None) -> PlayRun:
    """Close a run that no longer makes sense. Raises as `close_run`."""
    return close_run(run, RunState.CANCELLED, why=reason, by=by, now=now)


def snooze_play(
    account: Account, play_name: str, *, until: date, reason: str, by: User, now: datetime | None = None
) -> PlaySnooze:
    """Leave an account alone with a play until a day (included). What fires meanwhile is looked at again afterwards.

    Raises RefusedError for a day before today, and without a reason.
    """
    at = now or workspace.now()
    if until < day_of(at):
        raise RefusedError("until", "Choose today or a later day.")
    if not reason.strip():
        raise RefusedError("reason", "Say why the play should wait.")
    with transaction.atomic():
        made = PlaySnooze.objects.create(
            account_id=account.account_id, play=play_name, until=until, reason=reason.strip(), by=by,
            by_label=by.name, at=at,
        )  # fmt: skip
        after = {"play": play_name, "until": until.isoformat()}
        audit("play.snoozed", made, after=after, reason=made.reason, account_id=account.account_id)
    return made


def steps_finished(number: int, at: datetime) -> None:
    """When all steps of an open run are over and nothing is to be checked, the run has succeeded; it is cancelled
    when nothing of it was done."""
    run = PlayRun.objects.filter(pk=number, state=RunState.OPEN).first()
    if run is None or run.check_on is not None or run.tasks.unfinished().exists():
        return
    if run.segment_steps.filter(sent_at=None, cancelled_at=None).exists():
        return
    done = run.tasks.filter(state=TaskState.DONE).exists() or run.segment_steps.exclude(sent_at=None).exists()
    if done:
        close_run(run, RunState.SUCCEEDED, why="All steps were done.", by=None, now=at)
    else:
        close_run(run, RunState.CANCELLED, why="None of its steps was done.", by=None, now=at)


def _steps(
    run: PlayRun,
    account: Account,
    play: Play,
    steps: tuple[Step, ...],
    opening: Opening,
    router: Router,
    at: datetime,
) -> list[Task]:
    tasks = []
    for position, step in enumerate(steps, start=1):
        due = due_day(step, at, opening.deadline)
        if step.channel == "tech_touch":
            SegmentStep.objects.create(
                play_run=run, position=position, title=step.title, event=step.event,
                customer_facing=step.customer_facing, due_on=due,
            )  # fmt: skip
            continue
        route = router.route(account, play.owner_of(step) or THE_CSM, opening.by)
        tasks.append(
            add_task(
                account, title=step.title, detail=step.detail, owner=route.owner, pool=route.pool,
                routed=route.words, due_on=due, source="play", source_key=f"{opening.key}#{step.name}",
                play_run=run, position=position, priority=MOST_URGENT - play.priority,
                customer_facing=step.customer_facing, step=step.name, hours=step.hours, now=at,
            )
        )  # fmt: skip
    return tasks


def due_day(step: Step, at: datetime, deadline: date | None) -> date:
    """When a step is due: so many working or calendar days after `at`, or before the contract's date."""
    opened = day_of(at)
    if step.before_date and deadline is not None:
        return max(opened, deadline - timedelta(days=step.due_days))
    if step.days == "working" and step.due_days:
        return day_of(working_calendar().add(at, days=step.due_days))
    return opened + timedelta(days=step.due_days)


def _clocks(run: PlayRun, play: Play, opening: Opening, first: Task | None, at: datetime) -> None:
    """A tier's service levels run once per stay in the tier, whichever play came first; a play's own, once per run."""
    if first is None:
        return
    owner = first.owner
    for level in levels_of(play, opening.tier, opening.arr, opening.model_version):
        key = f"run/{run.key}/{level.demand}"
        if level.of_tier:
            going = Clock.objects.filter(
                account_id=run.account_id, tier=run.tier, demand=level.demand, stopped_at=None,
                key__startswith="tier/",
            )  # fmt: skip
            if going.exists():
                continue
            key = f"tier/{run.key}/{level.demand}"
        clock = start_clock(
            key=key[:700], account_id=run.account_id, kind=level.kind, demand=level.demand,
            hours=level.hours, tier=run.tier, arr=run.arr, play_run=run, task=first, owner=owner, at=at,
        )  # fmt: skip
        if level.demand == ClockDemand.OWNER and owner is not None:
            mine = Clock.objects.filter(pk=clock.pk)
            stop_clocks(mine, at=at, why=f"{owner.name} has it: {first.routed}.", owner=owner, now=at)


def _end_clocks(run: PlayRun, clocks: Any, at: datetime) -> None:
    """A tier's promise goes on with another open run of the account; the others end with the run."""
    other = (
        PlayRun.objects.filter(account_id=run.account_id, tier=run.tier, state=RunState.OPEN)
        .exclude(pk=run.pk)
        .order_by("pk")
        .first()
    )
    if other is not None and (task := other.tasks.order_by("position").first()) is not None:
        promised = clocks.filter(key__startswith="tier/", stopped_at=None)
        promised.update(play_run=other, task=task)
    cancel_clocks(Clock.objects.filter(play_run=run), why="The play was closed.", at=at)


def _leave_segments(run: PlayRun, at: datetime) -> None:
    """Marketing tools are told to let the account go from what it was entered into."""
    for step in run.segment_steps.exclude(sent_at=None):
        emit(
            "segment.step", key=f"segment:{step.pk}:leave", at=at, account_id=run.account_id,
            payload={
                "run_id": run.pk, "play": run.play, "step": step.title[:400], "segment": step.event,
                "action": "leave",
            },
        )  # fmt: skip


def _owner_email(task: Task | None) -> str:
    return task.owner.email if task is not None and task.owner is not None else ""
