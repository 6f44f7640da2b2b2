"""Writes of escalations (E1): opened, followed, resolved with a cause, opened again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from barograph_web.growth import telling
from barograph_web.growth.history import RefusedError, advance, begin
from barograph_web.growth.judging import rejudge
from barograph_web.growth.models import Cause, Escalation, Function, Severity
from barograph_web.growth.rules import GrowthRules
from barograph_web.portfolio.models import Account
from barograph_web.users.models import Role, User


def open_escalation(
    account: Account,
    *,
    title: str,
    detail: str,
    severity: str,
    owner: User,
    functions: Sequence[str],
    rules: GrowthRules,
    external_id: str = "",
    opened_at: datetime | None = None,
    by: User,
    now: datetime,
) -> Escalation:
    """Escalate. The owner gets a task with a clock by severity.

    external_id, opened_at: of the imported escalation that is taken up; opened now without. Raises
    RefusedError for what is left out, OvertakenError when the imported one was taken up already.
    """
    if not title.strip():
        raise RefusedError("title", "Say in a few words what is wrong.")
    if severity not in Severity.values:
        raise RefusedError("severity", "Choose how severe it is.")
    _check(owner, functions)
    if opened_at is not None and opened_at > now:
        raise RefusedError("opened_at", "That is to come.")
    with transaction.atomic():
        row = Escalation(
            account_id=account.account_id, title=title.strip(), detail=detail.strip(), severity=severity, owner=owner,
            owner_label=owner.name, functions=sorted(set(functions)), opened_at=opened_at or now,
            external_id=external_id or None,
        )  # fmt: skip
        begin(row, by=by, now=now)
        telling.escalation_opened(row, hours=rules.resolution_hours(severity), by=by, now=now)
        rejudge(row.account_id, now)
    return row


def update(row: Escalation, *, seen: int, words: str, by: User, now: datetime) -> Escalation:
    """What is new. Raises RefusedError without words."""
    if not words.strip():
        raise RefusedError("words", "Say what is new.")
    return advance(row, "update", seen=seen, by=by, now=now, words=words)


def change(
    row: Escalation, *, seen: int, owner: User, severity: str, functions: Sequence[str], words: str, by: User,
    now: datetime,
) -> Escalation:  # fmt: skip
    """Another owner, severity or functions, with a reason. Raises RefusedError when nothing changes."""
    _check(owner, functions)
    if severity not in Severity.values:
        raise RefusedError("severity", "Choose how severe it is.")
    wanted: dict[str, Any] = {"severity": severity, "functions": sorted(set(functions))}
    changes = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    moved = owner.pk != row.owner_id
    if moved:
        changes |= {"owner": owner, "owner_label": owner.name}
    if not changes:
        raise RefusedError("", "Nothing would change.")
    if not words.strip():
        raise RefusedError("words", "Say why.")
    with transaction.atomic():
        move = "reassign" if moved else "reclassify"
        done = advance(row, move, seen=seen, by=by, now=now, changes=changes, words=words)
        if moved:
            telling.escalation_reassigned(done, by=by, now=now)
        rejudge(done.account_id, now)
    return done


def resolve(row: Escalation, *, seen: int, cause: str, words: str, by: User, now: datetime) -> Escalation:
    """It is settled. cause: from the list; words: how it was settled. Raises RefusedError without either."""
    if cause not in Cause.values:
        raise RefusedError("cause", "Choose what caused it: causes are counted.")
    if not words.strip():
        raise RefusedError("words", "Say how it was settled.")
    with transaction.atomic():
        changes = {"cause": cause, "resolved_at": now}
        done = advance(row, "resolve", seen=seen, by=by, now=now, changes=changes, words=words)
        telling.escalation_resolved(done, by=by, now=now)
        rejudge(done.account_id, now)
    return done


def reopen(
    row: Escalation, *, seen: int, words: str, rules: GrowthRules, by: User, now: datetime
) -> Escalation:
    """It was not settled after all. The cause stays until it is resolved again. Raises RefusedError without words."""
    if not words.strip():
        raise RefusedError("words", "Say what came back.")
    with transaction.atomic():
        changes = {"resolved_at": None, "reopened": row.reopened + 1}
        done = advance(row, "reopen", seen=seen, by=by, now=now, changes=changes, words=words)
        telling.escalation_opened(done, hours=rules.resolution_hours(done.severity), by=by, now=now)
        rejudge(done.account_id, now)
    return done


def _check(owner: User, functions: Sequence[str]) -> None:
    if not owner.is_active or owner.role in (Role.GUEST, Role.EXECUTIVE):
        raise RefusedError("owner", f"{owner.name} does not work on accounts: choose somebody who does.")
    if not functions:
        raise RefusedError("functions", "Choose who of ours is needed.")
    if set(functions) - set(Function.values):
        raise RefusedError("functions", "Choose from the list.")
