"""The portfolio: the table with its filters, saved views and export, groups, and the account finder."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from barograph.cli.output import csv_text
from barograph.errors import UsageError
from barograph_web.ops.queries import weeks_coming
from barograph_web.ops.workspace import now, today
from barograph_web.portfolio import queries_list, services
from barograph_web.portfolio.filters import MOVES, Filters, query_of
from barograph_web.portfolio.forms import ViewForm
from barograph_web.portfolio.models import SavedView, Week
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.portfolio.weeks import newest_week
from barograph_web.users.permissions import May, may, require

PAGE = "portfolio"


@require_GET
@require(May.SEE_PORTFOLIO)
def table(request: HttpRequest) -> HttpResponse:
    """Every account that the person may see, worst first."""
    week, day = newest_week(), today()
    if week is None:
        return nothing_yet(request)
    accounts = visible_accounts(request.user, day)
    filters = Filters.read(request.GET)
    sort = request.GET.get("sort", "risk")
    rows = queries_list.narrowed(week, accounts, filters, request.user, day)
    page = queries_list.page_of(rows, sort, request.GET.get("page"))
    context = {
        "filters": filters,
        "page": page,
        "sort": sort,
        "choices": queries_list.choices(week, accounts),
        "moves": MOVES,
        "all_tiers": [(tier.value, tier.label) for tier in queries_list.LISTED_TIERS],
        "views": queries_list.saved_views(request.user, PAGE),
        "query": query_of(request.GET),
        "view_form": ViewForm(initial={"query": query_of(request.GET)}),
        **shared(request, week, "table"),
    }
    if request.headers.get("HX-Target") == "rows":
        return render(request, "portfolio/partials/narrowed.html", context)
    return render(request, "portfolio/table.html", context)


@require_GET
@require(May.EXPORT)
def export(request: HttpRequest) -> HttpResponse:
    """The table with its filters and order as CSV; texts that a spreadsheet would run as formulas are made harmless."""
    week, day = newest_week(), today()
    if week is None:
        raise Http404("There is no scored week yet.")
    filters = Filters.read(request.GET)
    rows = queries_list.narrowed(week, visible_accounts(request.user, day), filters, request.user, day)
    text = csv_text(queries_list.export_rows(rows, request.GET.get("sort", "risk")))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="portfolio-{week.as_of}.csv"'
    return response


@require_GET
@require(May.SEE_PORTFOLIO)
def groups(request: HttpRequest) -> HttpResponse:
    """The portfolio by segment, CSM, plan, lifecycle or account manager."""
    week, day = newest_week(), today()
    if week is None:
        return nothing_yet(request)
    by = request.GET.get("by", "segment")
    if by not in queries_list.GROUPS:
        raise Http404(f"The portfolio cannot be grouped by {by[:40]!r}.")
    found = queries_list.groups(week, visible_accounts(request.user, day), by)
    page = Paginator(found, queries_list.GROUP_ROWS).get_page(request.GET.get("page"))
    context = {
        "groups": page.object_list,
        "page": page,
        "by": by,
        "by_label": queries_list.GROUPS[by],
        "ways": queries_list.GROUPS,
        **shared(request, week, "groups"),
    }
    return render(request, "portfolio/groups.html", context)


@require_GET
@require(May.SEE_ACCOUNTS)
def find(request: HttpRequest) -> HttpResponse:
    """The ten accounts that fit best what was typed; a partial for the finder, a page without script."""
    text = request.GET.get("q", "")[:200]
    found = queries_list.find(visible_accounts(request.user, today()), text)
    partial = request.headers.get("HX-Request") == "true"
    template = "portfolio/partials/found.html" if partial else "portfolio/find.html"
    return render(request, template, {"found": found, "q": text.strip()})


@require_GET
@require(May.SEE_ACCOUNTS)
def shared_with_me(request: HttpRequest) -> HttpResponse:
    """Where a guest begins: the accounts that are shared with them."""
    accounts = visible_accounts(request.user, today())[: queries_list.ROWS]
    return render(request, "portfolio/shared.html", {"accounts": accounts})


@require_POST
@require(May.SEE_PORTFOLIO)
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the present filters and order under a name."""
    form = ViewForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.save_view(request.user, PAGE, data["name"], data["query"], shared=data["shared"])
            return redirect(f"{reverse('portfolio:table')}?{data['query']}")
        except UsageError as error:
            form.add_error("name", str(error))
    return render(request, "portfolio/view_form.html", {"form": form}, status=422)


@require_POST
@require(May.SEE_PORTFOLIO)
def delete_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one's own view."""
    view = get_object_or_404(SavedView.objects.filter(page=PAGE), pk=pk)
    if view.owner_id != request.user.pk and not view.shared:
        raise Http404("There is no such view.")
    services.delete_view(view, request.user)
    return redirect("portfolio:table")


def shared(request: HttpRequest, week: Week, here: str) -> dict[str, Any]:
    """What every page of the portfolio shows: the week, how the accounts stand, and its tabs."""
    accounts = visible_accounts(request.user, today())
    counts = queries_list.tier_counts(week, accounts)
    known = [c.arr for c in counts if c.arr is not None]
    return {
        "week": week,
        "today": today(),
        "here": here,
        "counts": counts,
        "accounts": sum(c.accounts for c in counts),
        "arr": sum(known) if known else None,
        "everything": not accounts.query.has_filters(),
        "may_export": may(request.user, May.EXPORT),
    }


def nothing_yet(request: HttpRequest) -> HttpResponse:
    """Before the first projected week."""
    return render(request, "portfolio/nothing_yet.html", {"coming": weeks_coming(now())})
