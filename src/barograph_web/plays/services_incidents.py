"""Writes of data incidents and of what a model version or a filled-in history holds back (the guard, and P9)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from barograph_web.ops import workspace
from barograph_web.ops.audit import audit
from barograph_web.ops.models import RunKind
from barograph_web.ops.services import request_run
from barograph_web.plays.errors import OvertakenError, RefusedError
from barograph_web.plays.models import DataIncident, Firing, FiringState, IncidentKind, IncidentState
from barograph_web.scoring.models import VersionRelease
from barograph_web.users.models import User


def acknowledge(incident: DataIncident, *, by: User, now: datetime | None = None) -> DataIncident:
    """Say that somebody looks into it. Raises OvertakenError when somebody does already, or it is settled."""
    at = now or workspace.now()
    with transaction.atomic():
        waiting = DataIncident.objects.filter(pk=incident.pk, state=IncidentState.OPEN)
        if not waiting.update(
            state=IncidentState.ACKNOWLEDGED, acknowledged_at=at, acknowledged_by=by,
            acknowledged_by_label=by.name,
        ):  # fmt: skip
            raise OvertakenError(DataIncident.objects.get(pk=incident.pk))
        incident.refresh_from_db()
        audit("incident.acknowledged", incident)
    return incident


def release(incident: DataIncident, *, reason: str, by: User, now: datetime | None = None) -> int:
    """Have the worker open what it held back, as far as it still applies; how many firings wait for that.

    Of a model version, its later changes open plays by themselves from then on. Cool-down, snooze and open runs count
    as at any other time. Raises RefusedError without a reason, OvertakenError when it is settled already.
    """
    at = now or workspace.now()
    with transaction.atomic():
        _settle(incident, IncidentState.RELEASED, reason, by, at)
        waiting = Firing.objects.filter(incident=incident, state=FiringState.WAITING).count()
        audit("incident.released", incident, after={"waiting": waiting}, reason=reason.strip())
        arguments = {"work": "release", "incident": incident.pk}
        request_run(RunKind.PLAYS, f"release:{incident.pk}", arguments, by)
    return waiting


def drop_incident(incident: DataIncident, *, reason: str, by: User, now: datetime | None = None) -> int:
    """Drop what it held back: the data was wrong; how many firings. Raises as `release`."""
    at = now or workspace.now()
    with transaction.atomic():
        _settle(incident, IncidentState.DROPPED, reason, by, at)
        dropped = Firing.objects.filter(incident=incident, state=FiringState.WAITING).update(
            state=FiringState.DROPPED, settled_at=at, words="dropped with the incident"
        )
        audit("incident.dropped", incident, after={"dropped": dropped}, reason=reason.strip())
    return dropped


def _settle(incident: DataIncident, state: IncidentState, reason: str, by: User, at: datetime) -> None:
    if not reason.strip():
        raise RefusedError("reason", "Say what you found.")
    going = DataIncident.objects.filter(
        pk=incident.pk, state__in=[IncidentState.OPEN, IncidentState.ACKNOWLEDGED]
    )
    if not going.update(
        state=state, settled_at=at, settled_by=by, settled_by_label=by.name, reason=reason.strip()
    ):
        raise OvertakenError(DataIncident.objects.get(pk=incident.pk))
    incident.refresh_from_db()
    version = incident.figures.get("version")
    if version and incident.kind != IncidentKind.FEED:
        # Seen is seen: from here on the version's changes open plays by themselves.
        VersionRelease.objects.get_or_create(
            model_version=version,
            defaults={"released_by": by, "released_by_label": by.name, "reason": reason.strip()},
        )
