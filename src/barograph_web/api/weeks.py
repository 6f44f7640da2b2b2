"""Published weeks, the Monday review, and the versions of the model."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from barograph_web.api.auth import caller, needs
from barograph_web.api.paging import Page, Paging, paged, tag_of, unchanged, week_asked
from barograph_web.api.schemas import ModelOut, ReviewOut, WeekOut
from barograph_web.ops.workspace import today, workspace
from barograph_web.portfolio.models import Standing, Week
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.scoring import registry
from barograph_web.users.models import Scope
from barograph_web.users.permissions import May

router = Router(tags=["weeks"])


def week_out(week: Week) -> dict[str, Any]:
    """A week as the API gives it."""
    shown = ("as_of", "model_version", "model_title", "label", "outcomes", "filled_in", "revision")
    return {name: getattr(week, name) for name in shown}


@router.get(
    "/weeks", response=Page[WeekOut], operation_id="list_weeks", auth=needs(Scope.READ, May.SEE_PORTFOLIO)
)
def list_weeks(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    """Published weeks, newest first."""
    return paged(request, Week.objects.defer("head", "totals"), paging, week_out)


@router.get(
    "/review", response={200: ReviewOut}, operation_id="get_review", auth=needs(Scope.READ, May.SEE_REVIEW)
)
def get_review(
    request: HttpRequest, response: HttpResponse, paging: Query[Paging], week: date | None = None
) -> HttpResponse | dict[str, Any]:
    """The Monday review of one of the newest two weeks: accounts that need attention, then those that moved."""
    found = week_asked(week)
    tag = tag_of(request, found, today())
    if (same := unchanged(request, tag)) is not None:
        return same
    accounts = visible_accounts(caller(request).user, today())
    rows = Standing.objects.filter(week=found, account__in=accounts).exclude(moved="", rank=None)
    head = Week.objects.filter(pk=found.pk).values_list("head", flat=True).first() or {}
    page = paged(request, rows.only("review", "rank").order_by(*_ranked()), paging, lambda row: row.review)
    response["ETag"] = tag
    return {
        "week": week_out(found),
        "warnings": head.get("warnings", []),
        "entries": page.pop("items"),
        **page,
    }


@router.get(
    "/models", response=list[ModelOut], operation_id="list_models", auth=needs(Scope.READ, May.SEE_MODELS)
)
def list_models(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001 - ninja passes it
    """Versions of the model, newest first."""
    return [
        {key: entry[key] for key in ModelOut.model_fields} for entry in registry.known(workspace()).versions
    ]


def _ranked() -> tuple[Any, ...]:
    from django.db.models import F  # noqa: PLC0415 - used once

    return (F("rank").asc(nulls_last=True), "account_id")
