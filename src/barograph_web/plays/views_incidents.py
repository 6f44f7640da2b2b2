"""Data incidents and what a model version holds back: looked into, released or dropped by a person."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from barograph_web.ops.workspace import today
from barograph_web.plays import queries_pages, services
from barograph_web.plays.errors import OvertakenError, RefusedError
from barograph_web.plays.library import plays
from barograph_web.plays.models import DataIncident, Firing
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.scoring.models import VersionRelease
from barograph_web.users.permissions import May, may, require

SHOWN = 100


@require_GET
@require(May.SEE_PLAYS)
def incidents(request: HttpRequest) -> HttpResponse:
    """All of them, what waits first."""
    return render(
        request, "plays/incidents.html", {"incidents": queries_pages.incidents()[:100], "today": today()}
    )


@require_GET
@require(May.SEE_PLAYS)
def incident(request: HttpRequest, number: int) -> HttpResponse:
    """One: what moved, which plays wait, for which accounts of those one may see."""
    row = get_object_or_404(queries_pages.incidents(), pk=number)
    accounts = visible_accounts(request.user, today())
    firings = Firing.objects.filter(incident=row, account_id__in=accounts.values("account_id"))
    shown = list(firings.order_by("state", "-arr", "account_id")[:SHOWN])
    version = row.figures.get("version", "")
    context = {
        "incident": row,
        "by_play": queries_pages.held_by_play(row),
        "firings": shown,
        "names": queries_pages.names_of(f.account_id for f in shown),
        "release": VersionRelease.objects.filter(model_version=version).first() if version else None,
        "titles": {play.name: play.title for play in plays()},
        "can_settle": may_settle(request.user),
        "today": today(),
    }
    return render(request, "plays/incident.html", context)


@require_POST
@require(May.SEE_PLAYS)
def settle(request: HttpRequest, number: int, what: str) -> HttpResponse:
    """Acknowledge, release or drop."""
    if not may_settle(request.user):
        raise PermissionDenied("Leaders, CS Ops and administrators decide on this.")
    row = get_object_or_404(DataIncident, pk=number)
    reason = request.POST.get("reason", "")[:2000]
    try:
        match what:
            case "acknowledge":
                services.acknowledge(row, by=request.user)
                messages.success(request, "You look into it; others see that.")
            case "release":
                opened = services.release(row, reason=reason, by=request.user)
                messages.success(
                    request, f"Released: the worker opens {opened} plays now, as far as they still apply."
                )
            case "drop":
                dropped = services.drop_incident(row, reason=reason, by=request.user)
                messages.success(request, f"Dropped: {dropped} plays will not open.")
            case _:
                raise Http404("There is no such thing to do with it.")
    except RefusedError as refused:
        messages.warning(request, str(refused))
    except OvertakenError:
        messages.warning(request, "Somebody was first; this is how it stands.")
    return redirect("plays:incident", number)


def may_settle(user: object) -> bool:
    """Leaders, and those who look after data and models."""
    return may(user, May.LEAD_WORK) or may(user, May.EDIT_MODELS)
