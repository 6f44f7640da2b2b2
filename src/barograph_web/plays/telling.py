"""Events that plays send out (alerts/catalogue.py has their schemas), and the rows of a task's history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from barograph_web.alerts.events import emit
from barograph_web.plays.models import Task, TaskEvent
from barograph_web.users.models import User


def tell_task(kind: str, task: Task, *, key: str, at: datetime, **more: Any) -> None:
    """Emit an event about a task within the caller's transaction; the same key is one event."""
    said = {
        "task_id": task.pk,
        "title": task.title[:400],
        "owner_email": task.owner.email if task.owner else "",
        "pool": "" if task.owner else task.pool,
        "due_on": task.due_on,
        "play": task.play_run.play if task.play_run else "",
    }
    emit(kind, key=key, at=at, account_id=task.account_id, payload=said | more)


def wrote(
    task: Task,
    what: str,
    at: datetime,
    *,
    by: User | None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    words: str = "",
) -> TaskEvent:
    """Add to a task's history."""
    return TaskEvent.objects.create(
        task=task,
        revision=task.revision,
        what=what,
        before=dict(before or {}),
        after=dict(after or {}),
        words=words.strip(),
        by=by,
        by_label=by.name if by else "",
        at=at,
    )
