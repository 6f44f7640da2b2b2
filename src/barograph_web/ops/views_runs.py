"""Health for people, and the runs: what was done, when, with what result, and doing it again."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from barograph.core.calendar import day_number, grid_day, to_date
from barograph.errors import UsageError
from barograph_web.ops import health, queries, services
from barograph_web.ops.models import Run, RunKind, RunState
from barograph_web.ops.workspace import now, today
from barograph_web.users.administration import tabs_of
from barograph_web.users.models import User
from barograph_web.users.permissions import May, may, require

PER_PAGE = 50
POLLED = (RunState.QUEUED, RunState.RUNNING)


@require_GET
def administration(request: HttpRequest) -> HttpResponse:
    """Where the section leads: the first page of it that the person may open, else 403."""
    tabs = tabs_of(request.user)
    if not tabs:
        return require(May.SEE_RUNS)(health_page)(request)
    return redirect(tabs[0].view)


@require_GET
@require(May.SEE_RUNS)
def health_page(request: HttpRequest) -> HttpResponse:
    """Whether the application does its work, in words."""
    found = health.signs(now())
    by_state = health.runs_by_state()
    counts = [(state, label, by_state[state]) for state, label in RunState.choices]
    context = {"signs": found, "level": health.worst(found), "counts": counts}
    return render(request, "ops/health.html", context)


@require_GET
@require(May.SEE_RUNS)
def runs(request: HttpRequest) -> HttpResponse:
    """Runs, newest first, by kind and state."""
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    page = Paginator(queries.runs(kind, state), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "kind": kind,
        "state": state,
        "kinds": RunKind.choices,
        "states": RunState.choices,
        "can_start": may(request.user, May.START_RUNS),
        "now": now(),
    }
    return render(request, "ops/runs.html", context)


@require_GET
@require(May.SEE_RUNS)
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One run with its steps; the part that moves comes alone when the browser asks for it."""
    request.administration_tab = "ops:runs"  # type: ignore[attr-defined]
    row = get_object_or_404(Run.objects.select_related("requested_by"), pk=pk)
    context = {
        "run": row,
        "attempts": queries.attempts_of(row),
        "polled": row.state in POLLED,
        "can_start": may(request.user, May.START_RUNS),
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "ops/partials/run.html" if part else "ops/run.html", context)


@require_POST
@require(May.START_RUNS)
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Do a run that ended again."""
    row = get_object_or_404(Run, pk=pk)
    try:
        services.retry_run(row, _me(request), now())
    except UsageError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, "It is done again as soon as a worker is free.")
    return redirect("ops:run", pk)


@require_POST
@require(May.START_RUNS)
def refresh_now(request: HttpRequest) -> HttpResponse:
    """Ask for the refresh of this week: a new run, or the one there is, done again when it ended."""
    key = to_date(grid_day(day_number(today()))).isoformat()
    row = services.request_run(RunKind.REFRESH, key, {"as_of": key}, _me(request))
    if row.is_final:
        row = services.retry_run(row, _me(request), now())
    messages.success(request, f"The refresh of the week of {key} begins as soon as a worker is free.")
    return redirect("ops:run", row.pk)


def _me(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
