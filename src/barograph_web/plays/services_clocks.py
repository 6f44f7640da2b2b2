"""Writes of clocks: started once by key, paused and resumed with a reason, stopped by what they wait for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from barograph_web.ops import workspace
from barograph_web.ops.audit import audit
from barograph_web.plays.breaches import escalation_time, lead_for, tell_breach, tell_escalation
from barograph_web.plays.errors import OvertakenError, RefusedError
from barograph_web.plays.models import Clock, ClockPause, PlayRun, Task
from barograph_web.plays.working import working_calendar
from barograph_web.users.models import User


def start_clock(
    *,
    key: str,
    account_id: str,
    kind: str,
    demand: str,
    hours: float,
    tier: str = "",
    arr: float | None = None,
    play_run: PlayRun | None = None,
    task: Task | None = None,
    owner: User | None = None,
    at: datetime,
) -> Clock:
    """The clock of this key: a new one that began at `at`, or the one that is there, as it is.

    hours: of working time, above 0. Raises ValueError for other hours.
    """
    if not hours > 0:
        raise ValueError(f"clock {key}: {hours} working hours; a clock needs more than none")
    with transaction.atomic():
        clock, made = Clock.objects.get_or_create(
            key=key,
            defaults={
                "account_id": account_id,
                "play_run": play_run,
                "task": task,
                "kind": kind,
                "demand": demand,
                "tier": tier,
                "arr": arr,
                "allowed_hours": hours,
                "started_at": at,
                "due_at": working_calendar().add(at, hours=hours),
                "owner": owner,
                "owner_label": owner.name if owner else "",
            },
        )
        if made:
            after = {"demand": demand, "due_at": clock.due_at.isoformat(), "hours": hours}
            audit("clock.started", clock, after=after, account_id=account_id)
    return clock


def pause(clock: Clock, reason: str, by: User, *, now: datetime | None = None) -> ClockPause:
    """Let a clock stand still, for a reason. Raises RefusedError without one, OvertakenError when it does not run
    or is over its time already."""
    at = now or workspace.now()
    if not reason.strip():
        raise RefusedError("reason", "Say what you wait for.")
    try:
        with transaction.atomic():
            running = Clock.objects.filter(
                pk=clock.pk, stopped_at=None, paused_at=None, breached_at=None, due_at__gt=at
            )
            if not running.update(paused_at=at):
                raise OvertakenError(Clock.objects.get(pk=clock.pk))
            made = ClockPause.objects.create(
                clock=clock, began_at=at, reason=reason.strip(), by=by, by_label=by.name
            )
            audit("clock.paused", clock, reason=made.reason, account_id=clock.account_id)
    except IntegrityError as error:
        raise OvertakenError(Clock.objects.get(pk=clock.pk)) from error
    clock.refresh_from_db()
    return made


def resume(clock: Clock, by: User | None, *, now: datetime | None = None) -> Clock:
    """Let a clock go on; what was left of its time when it was paused begins now. Raises OvertakenError when it is
    not paused."""
    at = now or workspace.now()
    with transaction.atomic():
        paused = Clock.objects.select_for_update(of=("self",)).get(pk=clock.pk)
        if paused.paused_at is None or paused.stopped_at is not None:
            raise OvertakenError(paused)
        left = working_calendar().elapsed(paused.paused_at, paused.due_at)
        due = working_calendar().add(at, hours=max(left / timedelta(hours=1), 0.0))
        if not Clock.objects.filter(pk=clock.pk, paused_at=paused.paused_at).update(
            paused_at=None, due_at=due
        ):
            raise OvertakenError(Clock.objects.get(pk=clock.pk))
        ClockPause.objects.filter(clock=clock, ended_at=None).update(ended_at=at)
        after = {"due_at": due.isoformat()}
        audit("clock.resumed", clock, after=after, account_id=clock.account_id, by=by)
    clock.refresh_from_db()
    return clock


def stop_clocks(
    clocks: QuerySet[Clock],
    *,
    at: datetime,
    why: str,
    owner: User | None,
    now: datetime,
    cancelled: bool = False,
) -> int:
    """Stop those of `clocks` that go on and began by `at`; how many. owner: whose they count for, None keeps it.

    at: when what they waited for happened, which may be before somebody recorded it (`now`). One that was over its
    time by then is breached, and escalated if that was due as well, though nobody looked in between. Each is stopped
    once, whoever else does the same.
    """
    numbers = list(clocks.filter(stopped_at=None, started_at__lte=at).values_list("pk", flat=True))
    return sum(_stop(number, at, why, owner, now, cancelled=cancelled) for number in numbers)


def _stop(number: int, at: datetime, why: str, owner: User | None, now: datetime, *, cancelled: bool) -> bool:
    with transaction.atomic():
        while True:
            clock = Clock.objects.select_related("task__owner", "play_run").get(pk=number)
            if clock.stopped_at is not None:
                return False
            late = clock.due_at < at and clock.paused_at is None
            columns: dict[str, Any] = {"stopped_at": at, "why_stopped": why[:300], "cancelled": cancelled}
            columns["met"] = None if cancelled and not late else not late
            if owner is not None:
                columns |= {"owner": owner, "owner_label": owner.name}
            breaches = late and clock.breached_at is None
            if breaches:
                columns |= {"breached_at": clock.due_at, "escalate_at": escalation_time(clock)}
            escalate_at = columns.get("escalate_at", clock.escalate_at)
            escalates = late and clock.escalated_at is None and escalate_at is not None and escalate_at <= at
            to = lead_for(clock, now) if escalates else None
            if escalates:
                columns |= {"escalated_at": escalate_at, "escalated_to": to}
                columns["escalated_to_label"] = to.name if to else ""
            as_seen = Clock.objects.filter(
                pk=number, stopped_at=None, paused_at=clock.paused_at, due_at=clock.due_at,
                breached_at=clock.breached_at, escalated_at=clock.escalated_at,
            )  # fmt: skip
            if as_seen.update(**columns):
                break
        ClockPause.objects.filter(clock=clock, ended_at=None).update(ended_at=now)
        if breaches:
            tell_breach(clock, now)
        if escalates:
            tell_escalation(clock, to, now)
        audit(
            "clock.cancelled" if cancelled else "clock.stopped",
            clock,
            after={"stopped_at": at.isoformat(), "met": columns["met"]},
            reason=why,
            account_id=clock.account_id,
        )
    return True


def cancel_clocks(clocks: QuerySet[Clock], *, why: str, at: datetime) -> int:
    """Take clocks out of the count, neither kept nor missed; how many. One that was breached stays breached."""
    return stop_clocks(clocks, at=at, why=why, owner=None, now=at, cancelled=True)
