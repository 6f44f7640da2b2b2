"""The worker's runs: what it did, and a refresh to start."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Status

from barograph.core.calendar import day_number, grid_day, to_date
from barograph_web.api.auth import caller, needs
from barograph_web.api.paging import Page, Paging, paged
from barograph_web.api.schemas import RefreshIn, RunOut
from barograph_web.ops.current import acting_as
from barograph_web.ops.models import Run, RunKind, RunState
from barograph_web.ops.services import request_run, retry_run
from barograph_web.ops.workspace import now, today
from barograph_web.users.models import Scope
from barograph_web.users.permissions import May

router = Router(tags=["runs"])
ENDED = (RunState.DONE, RunState.DEGRADED, RunState.FAILED, RunState.REFUSED)


def run_out(run: Run) -> dict[str, Any]:
    """A run as the API gives it."""
    shown = ("id", "kind", "key", "state", "requested_at", "started_at", "finished_at", "attempts", "result")
    return {name: getattr(run, name) for name in shown} | {"error": run.error or None}


@router.get("/runs", response=Page[RunOut], operation_id="list_runs", auth=needs(Scope.RUN, May.SEE_RUNS))
def list_runs(request: HttpRequest, paging: Query[Paging], kind: str = "", state: str = "") -> dict[str, Any]:
    """Runs, newest first."""
    rows = Run.objects.all()
    rows = rows.filter(kind=kind) if kind else rows
    return paged(request, rows.filter(state=state) if state else rows, paging, run_out)


@router.get(
    "/runs/{int:run_id}", response=RunOut, operation_id="get_run", auth=needs(Scope.RUN, May.SEE_RUNS)
)
def get_run(request: HttpRequest, run_id: int) -> dict[str, Any]:  # noqa: ARG001 - ninja passes it
    """One run."""
    found = Run.objects.filter(pk=run_id).first()
    if found is None:
        raise Http404
    return run_out(found)


@router.post(
    "/runs/refresh",
    response={202: RunOut},
    operation_id="start_refresh",
    auth=needs(Scope.RUN, May.START_RUNS),
)
def start_refresh(request: HttpRequest, asked: RefreshIn) -> Status:
    """Have the worker refresh a week: once for each week; one that ended is done again. Follow it at /runs/{id}."""
    user = caller(request).user
    key = to_date(grid_day(day_number(asked.as_of or today()))).isoformat()
    with acting_as(user, via="api"):
        run = request_run(RunKind.REFRESH, key, {"as_of": key}, user)
        if run.state in ENDED:
            run = retry_run(run, user, now())
    return Status(202, run_out(run))
