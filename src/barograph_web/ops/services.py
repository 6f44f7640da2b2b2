"""Writes of this app: runs that people ask for or repeat."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from barograph.errors import UsageError
from barograph_web.ops.audit import audit
from barograph_web.ops.models import Run, RunKind, RunState
from barograph_web.users.models import User


def request_run(
    kind: str,
    key: str,
    arguments: Mapping[str, Any] | None = None,
    by: User | None = None,
    *,
    due_at: datetime | None = None,
) -> Run:
    """The run (kind, key): a new one that waits for a worker, or the one that is there already, as it is.

    key: what is done, such as the week or an upload's number; asking twice is one run. arguments: JSON for the
    handler. by: who asks, None for the schedule. due_at: not before this instant (default: at once). Raises
    ValueError for a kind that RunKind does not have.
    """
    kind = str(RunKind(kind))
    if not key or len(key) > 120:
        raise ValueError(f"key {key!r}: 1 to 120 characters")
    with transaction.atomic():
        run, made = Run.objects.get_or_create(
            kind=kind,
            key=key,
            defaults={
                "arguments": dict(arguments or {}),
                "requested_by": by,
                "due_at": due_at or timezone.now(),
            },
        )
        if made:
            audit("run.requested", run, after={"kind": kind, "key": key, "arguments": run.arguments})
    return run


def retry_run(run: Run, by: User | None, now: datetime) -> Run:
    """Have a run that ended done again, from the start. Raises UsageError while it is waiting or running."""
    with transaction.atomic():
        changed = Run.objects.filter(pk=run.pk).exclude(state__in=[RunState.QUEUED, RunState.RUNNING])
        before = {"state": run.state, "error": run.error}
        if not changed.update(
            state=RunState.QUEUED,
            attempts=0,
            error="",
            waiting="",
            due_at=now,
            requested_by=by if by is not None else F("requested_by"),
            finished_at=None,
            lease_until=None,
            worker="",
        ):
            raise UsageError(
                "the run is waiting or under way.", where=str(run), hint="Wait until it has ended."
            )
        run.refresh_from_db()
        audit("run.retried", run, before=before, after={"state": run.state})
    return run
