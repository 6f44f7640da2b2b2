"""What hand-overs, escalations and plans set in motion beside their own rows: tasks with clocks, and events.

All of it happens in the transaction of the caller. Texts that may name people of the customer stay out of
tasks and events: they say what is to be done and where to read the rest.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from barograph_web.alerts.events import emit
from barograph_web.growth.models import Ask, Escalation, HandOver, Severity, SuccessPlan
from barograph_web.ops.workspace import workspace
from barograph_web.plays import services as plays
from barograph_web.plays.models import Clock, ClockDemand, ClockKind, Task
from barograph_web.plays.working import hours_per_day, working_calendar
from barograph_web.portfolio.models import Account
from barograph_web.users.models import User


def answer_due(now: datetime, days: int) -> datetime:
    """When so many working days from now are over, by the workspace's calendar."""
    return working_calendar().add(now, hours=days * hours_per_day())


def local_day(at: datetime) -> date:
    """The day of an instant in the workspace's zone."""
    return at.astimezone(workspace().zone).date()


def hand_over_asked(hand_over: HandOver, account: Account, *, days: int, by: User, now: datetime) -> None:
    """A task for the account manager, with a clock that acceptance stops, and the event."""
    task = plays.add_task(
        account, title=f"Answer the hand-over: {hand_over.get_kind_display().lower()}", owner=hand_over.to,
        due_on=local_day(hand_over.due_at), by=by, source="handover",
        source_key=_asked_key(hand_over), detail=f"Accept or refuse it under Success, hand-over {hand_over.pk}.",
        priority=2, now=now,
    )  # fmt: skip
    plays.start_clock(
        key=_asked_key(hand_over), account_id=hand_over.account_id, kind=ClockKind.RESPONSE,
        demand=ClockDemand.ACCEPT, hours=days * hours_per_day(), arr=account.arr, task=task, owner=hand_over.to, at=now,
    )  # fmt: skip
    _hand_over_event("handover.requested", hand_over, now)


def hand_over_answered(hand_over: HandOver, *, by: User, now: datetime) -> None:
    """Its task is done, its clock stops. A refusal gives whoever asked a task to read why."""
    accepted = hand_over.state == "accepted"
    clocks = Clock.objects.filter(account_id=hand_over.account_id, key__startswith=_prefix(hand_over))
    why = "The hand-over was accepted." if accepted else "The hand-over was refused."
    plays.stop_clocks(clocks, at=now, why=why, owner=by, now=now)
    _settle(_prefix(hand_over), by=by, now=now, note=why)
    if accepted:
        _hand_over_event("handover.accepted", hand_over, now)
    elif hand_over.by is not None:
        plays.add_task(
            hand_over.account_id, title="A hand-over was refused: read why, and decide what is next",
            owner=hand_over.by if hand_over.by.is_active else None, due_on=local_day(now) + timedelta(days=7), by=by,
            source="handover", source_key=f"handover:{hand_over.pk}:refused",
            detail=f"The reason is under Success, hand-over {hand_over.pk}.", now=now,
        )  # fmt: skip


def hand_over_taken_back(hand_over: HandOver, *, by: User, now: datetime) -> None:
    """Nobody has to answer any more: its clock does not count, its task is dropped."""
    clocks = Clock.objects.filter(account_id=hand_over.account_id, key__startswith=_prefix(hand_over))
    plays.cancel_clocks(clocks, why="The hand-over was taken back.", at=now)
    _settle(_prefix(hand_over), by=by, now=now, reason="The hand-over was taken back.")


def hand_over_overdue(hand_over: HandOver, now: datetime) -> None:
    """The event of a hand-over that nobody answered in time."""
    _hand_over_event("handover.overdue", hand_over, now)


def escalation_opened(escalation: Escalation, *, hours: float, by: User, now: datetime) -> None:
    """A task for the owner with a clock of so many working hours, and the event; again when it was reopened."""
    key = f"{_escalation_key(escalation)}:{escalation.reopened}"
    due = working_calendar().add(now, hours=hours)
    task = plays.add_task(
        escalation.account_id, title=f"Resolve the escalation ({escalation.get_severity_display().lower()})",
        owner=escalation.owner, due_on=local_day(due), by=by, source="escalation", source_key=key,
        detail=f"It is under Success, escalation {escalation.pk}.",
        priority=3 if escalation.severity == Severity.CRITICAL else 2, now=now,
    )  # fmt: skip
    plays.start_clock(
        key=key, account_id=escalation.account_id, kind=ClockKind.RESOLUTION, demand=ClockDemand.TASK, hours=hours,
        task=task, owner=escalation.owner, at=now,
    )  # fmt: skip
    _escalation_event("escalation.opened", escalation, now)


def escalation_reassigned(escalation: Escalation, *, by: User, now: datetime) -> None:
    """Its open task goes to the new owner."""
    for task in _open_tasks(_escalation_key(escalation)):
        plays.hand_over(task, to=escalation.owner, by=by, reason="The escalation has another owner.", now=now)


def escalation_resolved(escalation: Escalation, *, by: User, now: datetime) -> None:
    """Its task is done and the clock with it, and the event."""
    _settle(_escalation_key(escalation), by=by, now=now, note="The escalation is resolved.")
    _escalation_event("escalation.resolved", escalation, now)


def plan_proposed(plan: SuccessPlan, account: Account, owner: User | None, now: datetime) -> None:
    """A task for the CSM to agree the plan with the customer."""
    plays.add_task(
        account, title="Agree the success plan with the customer", owner=owner, due_on=local_day(now) +
        timedelta(days=14), source="plan", source_key=f"plan:{plan.pk}",
        detail="Goals with a baseline, a target and a day, as sales handed them over.", now=now,
    )  # fmt: skip


def plan_settled(plan: SuccessPlan, *, by: User, now: datetime, agreed: bool) -> None:
    """The plan was agreed, or closed before it was."""
    if agreed:
        _settle(f"plan:{plan.pk}", by=by, now=now, note="The plan is agreed.")
    else:
        _settle(f"plan:{plan.pk}", by=by, now=now, reason="The plan was closed.")


def ask_agreed(ask: Ask, *, by: User, now: datetime) -> None:
    """Somebody said yes: a task to make it happen."""
    plays.add_task(
        ask.account_id, title=f"Make it happen: {ask.get_kind_display().lower()}", owner=by,
        due_on=local_day(now) + timedelta(days=28), by=by, source="advocate", source_key=f"ask:{ask.pk}",
        detail="What was agreed is under Success, Advocates.", customer_facing=True, now=now,
    )  # fmt: skip


def ask_ended(ask: Ask, *, by: User, now: datetime) -> None:
    """It took place, fell through or was withdrawn."""
    if ask.state == "done":
        _settle(f"ask:{ask.pk}", by=by, now=now, note="It took place.")
    else:
        _settle(f"ask:{ask.pk}", by=by, now=now, reason="It does not take place.")


def _settle(prefix: str, *, by: User, now: datetime, note: str = "", reason: str = "") -> None:
    for task in _open_tasks(prefix):
        if reason:
            plays.drop(task, by=by, reason=reason, now=now)
        else:
            plays.complete(task, by=by, note=note, now=now)


def _open_tasks(key: str) -> list[Task]:
    """Unfinished tasks of a key, or of its rounds ("key:1")."""
    found = Task.objects.unfinished().filter(source_key=key) | Task.objects.unfinished().filter(
        source_key__startswith=f"{key}:"
    )
    return list(found.select_related("owner"))


def _prefix(hand_over: HandOver) -> str:
    return f"handover:{hand_over.pk}:asked"


def _asked_key(hand_over: HandOver) -> str:
    # Sent on to somebody else, it is asked again.
    return f"{_prefix(hand_over)}:{hand_over.revision}"


def _escalation_key(escalation: Escalation) -> str:
    return f"escalation:{escalation.pk}"


def _hand_over_event(kind: str, hand_over: HandOver, now: datetime) -> None:
    emit(
        kind,
        key=f"handover:{hand_over.pk}:{hand_over.revision}",
        at=now,
        account_id=hand_over.account_id,
        payload={
            "handover_id": hand_over.pk,
            "title": f"{hand_over.get_kind_display()}{': ' if hand_over.product else ''}{hand_over.product}",
            "from_email": hand_over.by.email if hand_over.by else "",
            "to_email": hand_over.to.email if hand_over.to else "",
            "due_on": local_day(hand_over.due_at),
        },
    )


def _escalation_event(kind: str, escalation: Escalation, now: datetime) -> None:
    payload = {
        "escalation_id": escalation.pk,
        "title": f"{escalation.get_severity_display()} escalation",
        "severity": escalation.severity,
        "owner_email": escalation.owner.email if escalation.owner else "",
        "cause": escalation.cause,
    }
    emit(
        kind, key=f"escalation:{escalation.pk}:{escalation.revision}", at=now, account_id=escalation.account_id,
        payload=payload,
    )  # fmt: skip
