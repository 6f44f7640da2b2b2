"""My work: the list with its filters, saved views and export."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from barograph.cli.output import csv_text
from barograph.errors import UsageError
from barograph_web.ops import workspace
from barograph_web.portfolio import services as portfolio_services
from barograph_web.portfolio.forms import ViewForm
from barograph_web.portfolio.models import WORST_FIRST, SavedView
from barograph_web.portfolio.queries_list import saved_views
from barograph_web.users.models import User
from barograph_web.users.permissions import May, may, require
from barograph_web.work import export
from barograph_web.work.actions import ACTIONS
from barograph_web.work.filters import DUE, SHOWN, Filters, scopes_of
from barograph_web.work.queries import plays_in
from barograph_web.work.rows import Row
from barograph_web.work.sources import SOURCES
from barograph_web.work.worklist import Worklist

BULK = ("complete", "snooze", "hand-over", "move", "drop")
"""What the list offers to do to several at once."""
VIEWS = "work"
"""Under which page saved views of this list are kept."""


@require_GET
@require(May.SEE_WORK)
def mine(request: HttpRequest) -> HttpResponse:
    """One list across accounts: tasks, and what other apps have for this person."""
    user, today = request.user, workspace.today()
    filters = Filters.read(request.GET, user)
    number = _page(request.GET.get("page", ""))
    work = Worklist(user, today, filters)
    rows, more = work.page(number)
    context = {
        "filters": filters,
        "groups": _groups(rows, filters),
        "counts": work.counts,
        "page": number,
        "previous": number - 1,
        "following": number + 1,
        "more": more,
        "bulk": [(do, ACTIONS[do].icon, ACTIONS[do].label) for do in BULK],
        "today": today,
        "now": workspace.now(),
        "due_labels": DUE,
        "shown_labels": SHOWN,
        "query": filters.query,
        "here": request.get_full_path(),
        "can_work": may(user, May.WORK),
        "columns": 5 + may(user, May.WORK) + (filters.scope != "mine"),
    }
    if request.headers.get("HX-Target") == "list":
        return render(request, "work/_list.html", context)
    context |= {
        "scopes": scopes_of(user),
        "plays": plays_in(work.accounts),
        "tiers": [(tier.value, tier.label) for tier in WORST_FIRST],
        "sources": [(source.name, source.label or source.name.capitalize()) for source in SOURCES],
        "views": saved_views(user, VIEWS),
        "owner": User.objects.filter(pk=filters.owner).first() if filters.owner.isdigit() else None,
    }
    return render(request, "work/list.html", context)


@require_GET
@require(May.SEE_WORK)
@require(May.EXPORT)
def export_csv(request: HttpRequest) -> HttpResponse:
    """The list with its filters, all pages of it; what a spreadsheet would run as a formula is made harmless."""
    today = workspace.today()
    found = export.rows(request.user, today, Filters.read(request.GET, request.user))
    response = HttpResponse(csv_text(found), content_type="text/csv; charset=utf-8")
    name = f"work-{today}.csv"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response


@require_POST
@require(May.SEE_WORK)
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the present filters under a name."""
    form = ViewForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            portfolio_services.save_view(
                request.user, VIEWS, data["name"], data["query"], shared=data["shared"]
            )
            return redirect(f"{reverse('work:list')}?{data['query']}")
        except UsageError as error:
            form.add_error("name", str(error))
    return render(request, "work/view_form.html", {"form": form}, status=422)


@require_POST
@require(May.SEE_WORK)
def delete_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one's own view."""
    view = get_object_or_404(SavedView.objects.filter(page=VIEWS), pk=pk)
    if view.owner_id != request.user.pk and not view.shared:
        raise Http404("There is no such view.")
    portfolio_services.delete_view(view, request.user)
    return redirect("work:list")


def _groups(rows: list[Row], filters: Filters) -> list[dict[str, Any]]:
    """Rows under the heading of their days; snoozed and finished ones are one group without any."""
    if filters.show != "open":
        return [{"key": "", "label": "", "rows": rows}] if rows else []
    return [
        {"key": key, "label": DUE[key], "rows": list(found)}
        for key, found in groupby(rows, key=lambda row: row.group)
    ]


def _page(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 4 else 1
