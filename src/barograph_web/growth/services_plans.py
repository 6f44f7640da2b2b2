"""Writes of success plans and their goals (P11). A goal's every change asks for its publication into the lake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from barograph_web.growth import telling
from barograph_web.growth.history import OvertakenError, RefusedError, advance, begin
from barograph_web.growth.models import Confirmed, Goal, SuccessPlan
from barograph_web.ops.models import RunKind
from barograph_web.ops.services import request_run
from barograph_web.portfolio.models import Account
from barograph_web.users.models import User

MOST_GOALS = 20


@dataclass(frozen=True, slots=True)
class GoalWanted:
    """What a goal says. Numbers are in `unit`; None is unknown."""

    title: str
    baseline: float | None = None
    target: float | None = None
    unit: str = ""
    due_on: date | None = None


def propose(
    account: Account, *, source_key: str, begins_on: date, now: datetime, owner: User | None, with_task: bool
) -> SuccessPlan | None:
    """A plan for somebody to agree with the customer; None when the account has one.

    source_key: what it began with, such as a contract: proposed once for each. with_task: `owner`, the CSM, is given a
    task to agree it.
    """
    if SuccessPlan.objects.filter(source_key=source_key).exists():
        return None
    row = SuccessPlan(account_id=account.account_id, begins_on=begins_on, source_key=source_key)
    try:
        with transaction.atomic():
            begin(row, by=None, now=now)
            if with_task:
                telling.plan_proposed(row, account, owner, now)
    except OvertakenError:
        return None
    return row


def start(account: Account, *, summary: str, begins_on: date, by: User, now: datetime) -> SuccessPlan:
    """A plan begun by hand. Raises RefusedError without a summary, OvertakenError when the account has one."""
    if not summary.strip():
        raise RefusedError("summary", "Say what the customer bought it for.")
    row = SuccessPlan(account_id=account.account_id, begins_on=begins_on, summary=summary.strip())
    return begin(row, by=by, now=now)


def edit_plan(row: SuccessPlan, *, seen: int, summary: str, by: User, now: datetime) -> SuccessPlan:
    """Say anew what they bought it for. Raises RefusedError without words."""
    if not summary.strip():
        raise RefusedError("summary", "Say what the customer bought it for.")
    return advance(row, "edit", seen=seen, by=by, now=now, changes={"summary": summary.strip()})


def agree_plan(row: SuccessPlan, *, seen: int, words: str, by: User, now: datetime) -> SuccessPlan:
    """The customer agreed to it. words: with whom and how. Raises RefusedError without goals or a summary."""
    if not row.summary.strip():
        raise RefusedError("summary", "Say first what the customer bought it for.")
    if not Goal.objects.filter(plan=row).exclude(state="dropped").exists():
        raise RefusedError("", "Add a goal first: there is nothing to agree to.")
    if not words.strip():
        raise RefusedError("words", "Say with whom it was agreed, and how.")
    with transaction.atomic():
        done = advance(row, "agree", seen=seen, by=by, now=now, words=words)
        telling.plan_settled(done, by=by, now=now, agreed=True)
        _publish(now)
    return done


def close_plan(row: SuccessPlan, *, seen: int, words: str, by: User, now: datetime) -> SuccessPlan:
    """It is over; another one can begin. Raises RefusedError without a reason."""
    if not words.strip():
        raise RefusedError("words", "Say why it ends.")
    with transaction.atomic():
        done = advance(row, "close", seen=seen, by=by, now=now, words=words)
        telling.plan_settled(done, by=by, now=now, agreed=False)
    return done


def add_goal(plan: SuccessPlan, wanted: GoalWanted, *, by: User, now: datetime) -> Goal:
    """Another goal. Raises RefusedError for what is left out, or beyond MOST_GOALS."""
    if plan.state == "closed":
        raise RefusedError("", "The plan is closed.")
    _check_goal(wanted)
    if plan.goals.count() >= MOST_GOALS:
        raise RefusedError("title", f"A plan has at most {MOST_GOALS} goals: a few that matter say more.")
    with transaction.atomic():
        goal = begin(Goal(plan=plan, account_id=plan.account_id, **_goal_columns(wanted)), by=by, now=now)
        _publish(now)
    return goal


def edit_goal(goal: Goal, wanted: GoalWanted, *, seen: int, by: User, now: datetime) -> Goal:
    """Say anew what it is."""
    _check_goal(wanted)
    return _move(goal, "edit", seen, by, now, _goal_columns(wanted))


def measure(
    goal: Goal, *, value: float, on: date, words: str = "", seen: int, by: User, now: datetime, today: date
) -> Goal:
    """A measured value. Raises RefusedError for a day to come, or before the last measurement."""
    _check_past(on, today, "on")
    if goal.measured_on is not None and on < goal.measured_on:
        raise RefusedError(
            "on", f"The last measurement is of {goal.measured_on.isoformat()}: choose that day or later."
        )
    return _move(goal, "measure", seen, by, now, {"measured": value, "measured_on": on}, words)


def confirm(
    goal: Goal, *, who: str, how: str, on: date, seen: int, by: User, now: datetime, today: date
) -> Goal:
    """The customer said that it is reached: who, how, when. Raises RefusedError for what is left out."""
    if not who.strip():
        raise RefusedError("who", "Say who of the customer confirmed it.")
    if how not in Confirmed.values:
        raise RefusedError("how", "Choose how they said so.")
    _check_past(on, today, "on")
    changes = {"confirmed_by": who.strip(), "confirmed_how": how, "confirmed_on": on}
    return _move(goal, "confirm", seen, by, now, changes)


def settle_goal(goal: Goal, move: str, *, words: str, seen: int, by: User, now: datetime) -> Goal:
    """`miss` it, `drop` it or `reopen` it, with a reason. Opened again, it is no longer confirmed."""
    if move not in ("miss", "drop", "reopen"):
        raise RefusedError("", "Choose what became of it.")
    if not words.strip():
        raise RefusedError("words", "Say why.")
    undone = {"confirmed_by": "", "confirmed_how": "", "confirmed_on": None} if move == "reopen" else {}
    return _move(goal, move, seen, by, now, undone, words)


def _move(
    goal: Goal, move: str, seen: int, by: User, now: datetime, changes: dict[str, Any], words: str = ""
) -> Goal:
    with transaction.atomic():
        done = advance(goal, move, seen=seen, by=by, now=now, changes=changes, words=words)
        _publish(now)
    return done


def _publish(now: datetime) -> None:
    """Ask for a run that brings changed goals into the lake, in the next minute: several changes are one run."""
    due = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    request_run(RunKind.GOALS, f"{due:%Y-%m-%dT%H:%M}Z", due_at=due)


def _check_goal(wanted: GoalWanted) -> None:
    if not wanted.title.strip():
        raise RefusedError("title", "Say what they want to get to.")
    if wanted.baseline is not None and wanted.baseline == wanted.target:
        raise RefusedError("target", "The target is where they begin: say what is to change.")


def _check_past(on: date, today: date, field: str) -> None:
    if on > today:
        raise RefusedError(field, "That day is to come: choose today or an earlier one.")


def _goal_columns(wanted: GoalWanted) -> dict[str, Any]:
    return {
        "title": wanted.title.strip(),
        "baseline": wanted.baseline,
        "target": wanted.target,
        "unit": wanted.unit.strip(),
        "due_on": wanted.due_on,
    }
