"""The page of the Monday review, and its list as CSV."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from barograph.cli.output import csv_text
from barograph_web.ops import workspace
from barograph_web.ops.queries import weeks_coming
from barograph_web.portfolio.models import Standing, Week
from barograph_web.review import queries
from barograph_web.review.documents import export_rows
from barograph_web.review.page import ReviewPage, page_of
from barograph_web.review.scopes import scope_of
from barograph_web.users.permissions import May, require


@require_GET
@require(May.SEE_REVIEW)
def week(request: HttpRequest) -> HttpResponse:
    """The review of one week; with htmx and `from`, further entries of the list alone."""
    page = page_of(request, request.user, workspace.today())
    if page is None:
        return _no_week(request)
    if not Standing.objects.filter(week=page.week).exists():
        return _kept_short(request, page)
    first = _whole(request.GET.get("from", ""))
    shown = page.entries(first)
    after = first + len(shown)
    context = {
        "page": page,
        "week": page.week,
        "today": workspace.today(),
        "entries": shown,
        "next_from": after if after < page.total else None,
    }
    if request.headers.get("HX-Request") == "true" and first:
        return render(request, "review/_entries.html", context)
    context["release"] = queries.release_of(page.week) if page.groups["moved_by_model"].count else None
    context["weeks"] = list(Week.objects.defer("head", "totals")[:26])
    return render(request, "review/week.html", context)


@require_GET
@require(May.EXPORT)
def export(request: HttpRequest) -> HttpResponse:
    """The attention list and every account that moved, with what was decided, for a spreadsheet."""
    page = page_of(request, request.user, workspace.today())
    if page is None:
        return _no_week(request)
    response = HttpResponse(csv_text(export_rows(page)), content_type="text/csv; charset=utf-8")
    name = f"review-{page.week.as_of}.csv"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response


def _no_week(request: HttpRequest) -> HttpResponse:
    """Nothing was published yet, or that week is not kept."""
    asked = request.GET.get("week", "")
    status = 404 if asked else 200
    coming = None if asked else weeks_coming(workspace.now())
    return render(request, "review/no_week.html", {"asked": asked, "coming": coming}, status=status)


def _kept_short(request: HttpRequest, page: ReviewPage) -> HttpResponse:
    """A week whose standings are no longer kept: what was decided then."""
    scope = scope_of(page.user, page.today, request.GET)
    found = queries.decided_of(page.week, scope.accounts)
    context = {
        "page": page,
        "week": page.week,
        "today": page.today,
        "told": page.told(found),
        "weeks": list(Week.objects.defer("head", "totals")[:26]),
    }
    return render(request, "review/week_past.html", context)


def _whole(text: str) -> int:
    return min(int(text), 10_000_000) if text.isascii() and text.isdigit() and len(text) < 9 else 0
