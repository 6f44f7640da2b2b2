"""What happened: the events that webhooks carry, for programs that ask instead of listening."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from barograph_web.alerts.catalogue import EVENTS, VERSION
from barograph_web.alerts.messages import envelope
from barograph_web.alerts.models import Event
from barograph_web.alerts.queries import visible_events
from barograph_web.api.auth import caller, needs
from barograph_web.api.paging import Page, Paging, paged
from barograph_web.api.problems import ProblemError
from barograph_web.api.schemas import EventKindOut, EventOut
from barograph_web.ops.workspace import today
from barograph_web.portfolio.models import Account
from barograph_web.users.models import Scope
from barograph_web.users.permissions import May

router = Router(tags=["events"], auth=needs(Scope.READ, May.SEE_PORTFOLIO))


@router.get("/events", response=Page[EventOut], operation_id="list_events")
def list_events(
    request: HttpRequest,
    paging: Query[Paging],
    kind: list[str] = Query([], description="One or more kinds of the catalogue."),  # noqa: B008 - ninja reads defaults
    account: str = Query("", description="Id of an account."),
    since: datetime | None = Query(None, description="Recorded at this instant or later."),  # noqa: B008 - as above
) -> dict[str, Any]:
    """Events about accounts that the caller sees and about the workspace, newest first."""
    unknown = [name for name in kind if name not in EVENTS]
    if unknown:
        raise ProblemError(422, f"kind: {unknown[0][:60]!r} is not in the catalogue.")
    if since is not None and since.tzinfo is None:
        raise ProblemError(422, "since: give it a time zone, such as 2026-11-16T06:00:00Z.")
    rows = visible_events(caller(request).user, today())
    if kind:
        rows = rows.filter(kind__in=kind)
    if account:
        rows = rows.filter(account_id=account)
    if since is not None:
        rows = rows.filter(recorded_at__gte=since)
    page = paged(request, rows, paging, lambda event: event)
    page["items"] = _shown(page["items"])
    return page


@router.get("/events/kinds", response=list[EventKindOut], operation_id="list_event_kinds")
def list_event_kinds(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001 - ninja passes it
    """The catalogue: every kind of event with the JSON schema of its data."""
    return [
        {"name": kind.name, "version": VERSION, "meaning": kind.meaning, "data_schema": kind.schema}
        for kind in EVENTS.values()
    ]


def _shown(events: list[Event]) -> list[dict[str, Any]]:
    """Envelopes, with the names of all their accounts read at once."""
    wanted = {event.account_id for event in events if event.account_id}
    names = dict(Account.objects.filter(account_id__in=wanted).values_list("account_id", "name"))
    return [envelope(event, names.get(event.account_id, "")) for event in events]
