"""What a missed service level sets in motion: the breach, and later the escalation to a lead, each once.

Whether a clock was breached or escalated follows from its times alone: it is breached when it was still going on at
`due_at`, escalated when it was at `escalate_at`. So it makes no difference when, or how often, somebody looks: the
worker after days of sleep, or whoever stops the clock late.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from barograph.definitions.play import OwnerRule
from barograph_web.ops.audit import audit
from barograph_web.plays.models import Clock, Task
from barograph_web.plays.routing import Router
from barograph_web.plays.telling import tell_task, wrote
from barograph_web.plays.working import day_of, working_calendar
from barograph_web.portfolio.models import Account
from barograph_web.users.models import User

BATCH = 200


def look_at_clocks(now: datetime) -> int:
    """Breach and escalate what is due at `now`; how many rows changed. Two at once do it once."""
    changed = 0
    running = Clock.objects.filter(stopped_at=None, paused_at=None)
    late = running.filter(breached_at=None, due_at__lte=now).order_by("due_at", "pk")
    while numbers := list(late.values_list("pk", flat=True)[:BATCH]):
        found = sum(_breach_running(number, now) for number in numbers)
        changed += found
        if not found:
            break
    waiting = running.filter(escalated_at=None, escalate_at__lte=now).order_by("escalate_at", "pk")
    while numbers := list(waiting.values_list("pk", flat=True)[:BATCH]):
        found = sum(_escalate_running(number, now) for number in numbers)
        changed += found
        if not found:
            break
    return changed


def escalation_time(clock: Clock) -> datetime:
    """When a lead hears of a clock that is still going on."""
    return working_calendar().add(clock.due_at, hours=float(settings.OPTIONS_IN_FORCE.escalate_after_hours))


def tell_breach(clock: Clock, now: datetime) -> None:
    """The event and the history of a breach; called in the transaction that wrote it."""
    task = _task_of(clock)
    audit(
        "clock.breached", clock, after={"due_at": clock.due_at.isoformat(), "demand": clock.demand},
        account_id=clock.account_id,
    )  # fmt: skip
    if task is None:
        return
    words = f"{clock.get_demand_display()} was due at {clock.due_at:%Y-%m-%d %H:%M} UTC."
    wrote(task, "breached", now, by=None, after={"clock": clock.pk, "demand": clock.demand}, words=words)
    tell_task(
        "task.breached", task, key=f"clock:{clock.pk}:breached", at=now, clock=clock.kind, due_at=clock.due_at
    )


def tell_escalation(clock: Clock, to: User | None, now: datetime) -> None:
    """The event and the history of an escalation; called in the transaction that wrote it."""
    task = _task_of(clock)
    words = f"{clock.get_demand_display()} is still missing, due at {clock.due_at:%Y-%m-%d %H:%M} UTC."
    audit(
        "clock.escalated", clock, after={"to": to.name if to else None, "demand": clock.demand},
        account_id=clock.account_id,
    )  # fmt: skip
    if task is None:
        return
    wrote(
        task, "escalated", now, by=None, after={"clock": clock.pk, "to": to.name if to else None}, words=words
    )
    tell_task(
        "task.escalated", task, key=f"clock:{clock.pk}:escalated", at=now,
        to_emails=[to.email] if to else [], reason=words,
    )  # fmt: skip


def lead_for(clock: Clock, now: datetime) -> User | None:
    """Whom an escalation goes to: by the play's rule, else the lead of the owner, else of the account's CSM."""
    router = Router(day_of(now))
    account = Account.objects.filter(account_id=clock.account_id).first()
    wanted: dict[str, Any] | None = None
    if clock.play_run is not None:
        wanted = (clock.play_run.definition.get("sla") or {}).get("escalate_to")
    if wanted and account is not None:
        found = router.route(account, OwnerRule.model_validate(wanted)).owner
        if found is not None:
            return found
    task = clock.task
    return router.lead_of(task.owner if task is not None else clock.owner, account)


def _breach_running(number: int, now: datetime) -> int:
    with transaction.atomic():
        clock = Clock.objects.select_related("task__owner", "play_run").get(pk=number)
        if clock.stopped_at is not None or clock.paused_at is not None or clock.due_at > now:
            return 0
        owner = clock.task.owner if clock.task is not None else clock.owner
        mine = Clock.objects.filter(
            pk=number, breached_at=None, stopped_at=None, paused_at=None, due_at=clock.due_at
        )
        if not mine.update(
            breached_at=clock.due_at,
            escalate_at=escalation_time(clock),
            owner=owner,
            owner_label=owner.name if owner else "",
        ):
            return 0
        tell_breach(clock, now)
    return 1


def _escalate_running(number: int, now: datetime) -> int:
    with transaction.atomic():
        clock = Clock.objects.select_related("task__owner", "play_run").get(pk=number)
        to = lead_for(clock, now)
        mine = Clock.objects.filter(
            pk=number, escalated_at=None, stopped_at=None, escalate_at__isnull=False, escalate_at__lte=now
        )
        if not mine.update(
            escalated_at=clock.escalate_at, escalated_to=to, escalated_to_label=to.name if to else ""
        ):
            return 0
        tell_escalation(clock, to, now)
    return 1


def _task_of(clock: Clock) -> Task | None:
    """The task that a clock is told by: its own, else the first of its run."""
    if clock.task is not None:
        return Task.objects.select_related("owner", "play_run").get(pk=clock.task_id)
    if clock.play_run_id is None:
        return None
    tasks = Task.objects.filter(play_run=clock.play_run_id).select_related("owner", "play_run")
    return tasks.order_by("position").first()
