"""Pages of lists, and ETags of what changes once a week."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from hashlib import sha256
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from ninja import Field, Schema

from barograph_web.api.auth import caller
from barograph_web.api.problems import ProblemError
from barograph_web.portfolio.models import Week
from barograph_web.portfolio.weeks import newest_week, week_of

Item = TypeVar("Item")
MOST = 500


class Paging(Schema):
    """Which page of a list."""

    page: int = Field(1, ge=1, le=100_000)
    per_page: int = Field(50, ge=1, le=MOST)


class Page(Schema, Generic[Item]):
    """One page. `next`: the address of the next one, null on the last."""

    count: int
    page: int
    per_page: int
    next: str | None
    items: list[Item]


def paged(
    request: HttpRequest, rows: QuerySet[Any], paging: Paging, shown: Callable[[Any], Any]
) -> dict[str, Any]:
    """One page of a query. `shown` makes one item; the query is cut before it is read."""
    count = rows.count()
    first = (paging.page - 1) * paging.per_page
    more = first + paging.per_page < count
    following = request.GET.copy()
    following["page"] = str(paging.page + 1)
    return {
        "count": count,
        "page": paging.page,
        "per_page": paging.per_page,
        "next": request.build_absolute_uri(f"{request.path}?{following.urlencode()}") if more else None,
        "items": [shown(row) for row in rows[first : first + paging.per_page]],
    }


def week_asked(as_of: date | None) -> Week:
    """The published week of that Monday, the newest without one. 404 as a problem when there is none."""
    found = newest_week() if as_of is None else week_of(as_of)
    if found is None:
        raise ProblemError(
            404, "No week is published yet." if as_of is None else f"No week of {as_of} is published."
        )
    return found


def tag_of(request: HttpRequest, week: Week, today: date) -> str:
    """The ETag of what one caller sees of a week: it changes with the week's figures and with whom they may see."""
    who = caller(request).user
    parts = (
        week.as_of,
        week.generation,
        week.revision,
        week.projected_at,
        who.pk,
        who.role,
        who.team_id,
        today,
        request.get_full_path(),
    )
    return f'W/"{sha256(repr(parts).encode()).hexdigest()[:24]}"'


def unchanged(request: HttpRequest, tag: str) -> HttpResponse | None:
    """304 when the caller has it already; None when it must be sent."""
    known = [each.strip() for each in request.headers.get("If-None-Match", "").split(",")]
    if tag not in known and "*" not in known:
        return None
    response = HttpResponseNotModified()
    response["ETag"] = tag
    return response
