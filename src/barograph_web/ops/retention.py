"""Retention (X4): personal details that are older than the settings allow are dropped; what happened stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q

from barograph_web.ops.audit import audit
from barograph_web.ops.models import AuditEvent, Run, RunState, RunStep
from barograph_web.ops.running import RunContext

APPLIED = "retention.applied"


@dataclass(frozen=True, slots=True)
class Drop:
    """What an app drops of its own: `function(before, now)` removes what is older than `before`, and counts it."""

    name: str
    function: Callable[[datetime, datetime], int]


DROPS: list[Drop] = []


def register(drop: Drop) -> None:
    """Have an app's own old data dropped too; the same name twice is one. Called in AppConfig.ready."""
    if all(other.name != drop.name for other in DROPS):
        DROPS.append(drop)


def drop_details(before: datetime, now: datetime) -> int:
    """Audit details older than `before`: the event stays with actor, action and object; what changed goes."""
    old = AuditEvent.objects.filter(at__lt=before, details_removed_at=None).exclude(action=APPLIED)
    with_details = Q(before__isnull=False) | Q(after__isnull=False) | ~Q(reason="")
    return int(old.filter(with_details).without_details(now))


def drop_run_logs(before: datetime, now: datetime) -> int:  # noqa: ARG001 - the signature of a Drop
    """Logs of runs that ended before `before`: counts and durations stay."""
    ended = Run.objects.filter(finished_at__lt=before).exclude(state__in=[RunState.QUEUED, RunState.RUNNING])
    return RunStep.objects.filter(run__in=ended).exclude(log="").update(log="")


def apply_retention(days: int, now: datetime) -> dict[str, int]:
    """Drop what is older than `days`, in one transaction; how many of what. Raises ValueError for less than a day."""
    if days < 1:
        raise ValueError(f"retention of {days} days: at least 1")
    before = now - timedelta(days=days)
    with transaction.atomic():
        counts = {drop.name: drop.function(before, now) for drop in DROPS}
        if any(counts.values()):
            audit(APPLIED, ("retention", before.date().isoformat(), f"{days} days"), after=counts)
    return counts


def drop_old(run: RunContext) -> dict[str, Any]:
    """Handler of RunKind.RETENTION: drop what is older than the settings say."""
    days = settings.OPTIONS_IN_FORCE.retention_days
    with run.step("Retention") as step:
        if days < 1:
            step.log("No retention is set; everything is kept.")
            return {}
        counts = apply_retention(days, run.now)
        step.count(**counts)
    return dict(counts)


def follow_refresh(run: RunContext) -> None:
    """At the end of a weekly refresh: sessions that are over go, and what retention drops where one is set."""
    with run.step("Sessions that are over") as step:
        step.count(sessions=drop_sessions(run.now))
    if settings.OPTIONS_IN_FORCE.retention_days > 0:
        drop_old(run)


def drop_sessions(now: datetime) -> int:
    """Remove sessions that ran out, and the notes of where they were; how many."""
    over, _ = Session.objects.filter(expire_date__lt=now).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return over
