"""Erasing people from what plays keep (X4): texts that name them are emptied or renamed, what happened stays.

Names of users beside a link to them end in `_label` and are found by ops/erasure.py; here are the texts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import models

from barograph_web.plays.models import (
    Assignment,
    Clock,
    ClockPause,
    DataIncident,
    Firing,
    HoldOutApproval,
    PlanMade,
    PlayRun,
    PlaySnooze,
    RiskDecision,
    Task,
    TaskEvent,
    TeamLoad,
    Touch,
)
from barograph_web.portfolio.erasure import mentions
from barograph_web.users.models import User

ERASED = "(erased)"
TEXTS: tuple[tuple[type[models.Model], str, tuple[str, ...]], ...] = (
    (PlayRun, "account_id", ("reason", "why_closed", "evidence")),
    (Task, "account_id", ("title", "detail", "routed")),
    (TaskEvent, "task__account_id", ("words", "before", "after")),
    (Firing, "account_id", ("reason", "words", "evidence", "fired")),
    (Clock, "account_id", ("why_stopped",)),
    (ClockPause, "clock__account_id", ("reason",)),
    (Touch, "account_id", ("note",)),
    (PlanMade, "account_id", ("why",)),
    (PlaySnooze, "account_id", ("reason",)),
    (RiskDecision, "account_id", ("sponsor", "reason")),
)
"""Where texts of people are: model, the way to its account, columns (text or JSON)."""
OF_NO_ACCOUNT: tuple[tuple[type[models.Model], tuple[str, ...]], ...] = (
    (DataIncident, ("reason",)),
    (HoldOutApproval, ("reason",)),
    (Assignment, ("record",)),
    (TeamLoad, ("document",)),
)


def erase_contact(account_id: str, words: tuple[str, ...], now: datetime) -> dict[str, int]:  # noqa: ARG001
    """Take a contact of a customer out of the texts about their account; how many rows of what."""
    counts: dict[str, int] = {}
    for model, way, columns in TEXTS:
        rows = model._default_manager.filter(**{way: account_id})
        counts[model._meta.model_name or ""] = _rewritten(rows, columns, lambda text: _emptied(text, words))
    return counts


def erase_user(user: User, former: str) -> dict[str, int]:
    """Texts that name somebody who used the application call them `former` from now on; how many rows of what."""
    names = [word for word in (user.email, user.name) if word]

    def renamed(text: str) -> str:
        for name in names:
            text = text.replace(name, former)
        return text

    counts: dict[str, int] = {}
    for model, columns in (*((m, c) for m, _, c in TEXTS), *OF_NO_ACCOUNT):
        rows = model._default_manager.all()
        counts[model._meta.model_name or ""] = _rewritten(rows, columns, renamed)
    return counts


def _rewritten(rows: models.QuerySet[Any], columns: tuple[str, ...], change: Callable[[str], str]) -> int:
    """Change texts, and the texts and keys inside JSON; how many rows changed."""
    changed = 0
    for row in rows.only("pk", *columns).iterator():
        found = {name: _deep(getattr(row, name), change) for name in columns}
        new = {name: value for name, value in found.items() if value != getattr(row, name)}
        if new:
            changed += type(row)._default_manager.filter(pk=row.pk).update(**new)
    return changed


def _deep(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(key): _deep(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [_deep(inner, change) for inner in value]
    return value


def _emptied(text: str, words: tuple[str, ...]) -> str:
    return ERASED if mentions(text, words) else text
