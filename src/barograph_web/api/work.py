"""Work on accounts: tasks to read and finish, customer touches to log."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime

from barograph_web.api.accounts import one_account
from barograph_web.api.auth import caller, needs
from barograph_web.api.idempotency import HEADER, once
from barograph_web.api.paging import Page, Paging, paged
from barograph_web.api.problems import ProblemError
from barograph_web.ops.current import acting_as
from barograph_web.ops.workspace import today
from barograph_web.plays import services
from barograph_web.plays.models import Task, TaskState, Touch
from barograph_web.plays.queries import visible_tasks, waits
from barograph_web.plays.services import OvertakenError, RefusedError
from barograph_web.users.models import Scope
from barograph_web.users.permissions import May

router = Router(tags=["work"])
READ = needs(Scope.READ, May.SEE_WORK)
WRITE = needs(Scope.DECIDE, May.WORK)
KEY = {
    "parameters": [
        {
            "in": "header",
            "name": HEADER,
            "required": True,
            "schema": {"type": "string", "minLength": 8, "maxLength": 120},
            "description": "The same key with the same request gets the same answer and writes nothing twice.",
        }
    ]
}


class TaskOut(Schema):
    """A task. `revision` is sent back by whoever changes it. `waits`: why a customer-facing step waits, else null."""

    id: int
    account_id: str
    title: str
    detail: str
    owner: str | None = Field(description="Address; null: nobody has it yet.")
    pool: str | None
    due_on: date
    priority: int
    state: Literal["open", "snoozed", "done", "dropped"]
    snoozed_until: date | None
    customer_facing: bool
    waits: str | None
    source: str
    play: str | None
    revision: int
    created_at: datetime
    closed_at: datetime | None


class TaskDoneIn(Schema):
    """What came of a task, and the revision that was seen."""

    revision: int = Field(ge=1)
    note: str = Field("", max_length=10_000)


class TouchIn(Schema):
    """A customer touch. `external_id` names it in the system it comes from: sent again, it is the same touch."""

    account_id: str = Field(max_length=400)
    kind: Literal["call", "meeting", "email", "message", "other"]
    at: AwareDatetime
    note: str = Field("", max_length=4000)
    external_id: str = Field("", max_length=300)


class TouchOut(Schema):
    """A customer touch that was logged."""

    id: int
    account_id: str
    kind: str
    at: datetime
    by: str | None
    note: str
    source: str


@router.get("/tasks", response=Page[TaskOut], operation_id="list_tasks", auth=READ)
def list_tasks(
    request: HttpRequest,
    paging: Query[Paging],
    state: Literal["unfinished", "open", "snoozed", "done", "dropped"] = "unfinished",
    account: str = Query("", description="Id of an account."),
    mine: bool = Query(False, description="The caller's own only."),
    due_by: date | None = Query(None, description="Due by this day."),  # noqa: B008 - as above
) -> dict[str, Any]:
    """Tasks of the accounts that the caller sees, the nearest day first."""
    rows = visible_tasks(caller(request).user, today())
    states = [TaskState.OPEN, TaskState.SNOOZED] if state == "unfinished" else [state]
    rows = rows.filter(state__in=states)
    if account:
        rows = rows.filter(account_id=account)
    if mine:
        rows = rows.filter(owner=caller(request).user)
    if due_by is not None:
        rows = rows.filter(due_on__lte=due_by)
    page = paged(request, rows.order_by("due_on", "-priority", "pk"), paging, lambda task: task)
    waiting = waits(page["items"])
    page["items"] = [_task(task, waiting.get(task.pk)) for task in page["items"]]
    return page


@router.get("/tasks/{task_id}", response=TaskOut, operation_id="get_task", auth=READ)
def get_task(request: HttpRequest, task_id: int) -> dict[str, Any]:
    """One task."""
    return _shown(_visible(request, task_id))


@router.post(
    "/tasks/{task_id}/complete",
    response={200: TaskOut},
    operation_id="complete_task",
    auth=WRITE,
    openapi_extra=KEY,
)
def complete_task(request: HttpRequest, task_id: int, done: TaskDoneIn) -> HttpResponse:
    """Say that a task was done. 409 with the task as it stands when somebody changed it since `revision`."""
    task = _visible(request, task_id)
    user = caller(request).user

    def do() -> tuple[int, dict[str, Any]]:
        try:
            with acting_as(user, via="api"):
                changed = services.complete(task, by=user, note=done.note, revision=done.revision)
        except OvertakenError as overtaken:
            latest = _shown(overtaken.latest)
            raise ProblemError(409, "Somebody changed the task meanwhile.", latest=latest) from overtaken
        return 200, _shown(changed)

    return once(request, do)


@router.get(
    "/accounts/{account:account_id}/touches", response=Page[TouchOut], operation_id="list_touches", auth=READ
)
def list_touches(request: HttpRequest, account_id: str, paging: Query[Paging]) -> dict[str, Any]:
    """Customer touches that were logged for an account, the newest first."""
    account = one_account(request, account_id)
    return paged(request, Touch.objects.filter(account_id=account.account_id), paging, _touch)


@router.post("/touches", response={201: TouchOut}, operation_id="log_touch", auth=WRITE, openapi_extra=KEY)
def log_touch(request: HttpRequest, wanted: TouchIn) -> HttpResponse:
    """Log a customer touch: clocks that wait for one stop at that instant."""
    account = one_account(request, wanted.account_id)
    user = caller(request).user

    def do() -> tuple[int, dict[str, Any]]:
        key = f"api/{account.account_id}/{wanted.external_id}" if wanted.external_id else ""
        try:
            with acting_as(user, via="api"):
                touch = services.log_touch(
                    account, kind=wanted.kind, at=wanted.at, by=user, note=wanted.note, source="api",
                    external_id=key,
                )  # fmt: skip
        except RefusedError as refused:
            raise ProblemError(
                422, str(refused), errors=[{"field": refused.field, "detail": str(refused)}]
            ) from refused
        return 201, _touch(touch)

    return once(request, do)


def _visible(request: HttpRequest, task_id: int) -> Task:
    found = visible_tasks(caller(request).user, today()).filter(pk=task_id).first()
    if found is None:
        raise Http404
    return found


def _shown(task: Task) -> dict[str, Any]:
    return _task(task, waits([task]).get(task.pk))


def _task(task: Task, waiting: str | None) -> dict[str, Any]:
    same = (
        "account_id", "title", "detail", "due_on", "priority", "state", "snoozed_until", "customer_facing",
        "source", "revision", "created_at", "closed_at",
    )  # fmt: skip
    return {name: getattr(task, name) for name in same} | {
        "id": task.pk,
        "owner": task.owner.email if task.owner else None,
        "pool": task.pool or None,
        "play": task.play_run.play if task.play_run else None,
        "waits": waiting,
    }


def _touch(touch: Touch) -> dict[str, Any]:
    same = ("account_id", "kind", "at", "note", "source")
    return {name: getattr(touch, name) for name in same} | {"id": touch.pk, "by": touch.by_label or None}
