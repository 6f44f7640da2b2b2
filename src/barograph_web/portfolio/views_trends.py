"""The portfolio over time: tiers by count and revenue, movement between two weeks, the structural alarm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from barograph.charts.areas import Layer, stacked_areas
from barograph.charts.marks import shade
from barograph.core.movement import STATES
from barograph.definitions.base import TIER_ORDER
from barograph.reports.render.phrases import rough_money
from barograph_web.ops.workspace import today
from barograph_web.portfolio import queries_list
from barograph_web.portfolio.models import Tier, Week
from barograph_web.portfolio.queries_trends import (
    NOT_THERE,
    Movement,
    TierWeek,
    alarm,
    moved_accounts,
    movement,
    tiers_over_time,
)
from barograph_web.portfolio.views import nothing_yet, shared
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.portfolio.weeks import kept_weeks, newest_week, week_of
from barograph_web.ui.place import reporting_currency
from barograph_web.users.permissions import May, require

SPANS = {"26": "half a year", "52": "a year", "104": "two years"}
QUARTER = 13
MOST_LISTED = 200
LABELS = {**dict(Tier.choices), NOT_THERE: "Not there"}
STACK = (*TIER_ORDER, "insufficient")
ALARM_ATTRIBUTES = {"segment": "Segment", "product": "Product", "plan": "Plan", "csm_email": "CSM"}


@require_GET
@require(May.SEE_PORTFOLIO)
def over_time(request: HttpRequest) -> HttpResponse:
    """Tiers by revenue and by count, week by week."""
    week, day = newest_week(), today()
    if week is None:
        return nothing_yet(request)
    span = request.GET.get("span", "52")
    if span not in SPANS:
        raise Http404(f"There is no span of {span[:10]!r} weeks.")
    weeks = kept_weeks(int(span))
    found = tiers_over_time(weeks, visible_accounts(request.user, day))
    rows = [(w, [(t, *w.cells[t]) for t in STACK]) for w in reversed(found)]
    context = {
        "span": span,
        "spans": SPANS,
        "by_revenue": _areas(found, "arr"),
        "by_count": _areas(found, "accounts"),
        "rows": rows,
        "stack": [(t, LABELS[t]) for t in STACK],
        "versions": _versions(weeks),
        **shared(request, week, "over_time"),
    }
    return render(request, "portfolio/over_time.html", context)


@require_GET
@require(May.SEE_PORTFOLIO)
def matrix(request: HttpRequest) -> HttpResponse:
    """Movement between tiers from one week to another, and the accounts of one cell."""
    newest, day = newest_week(), today()
    if newest is None:
        return nothing_yet(request)
    weeks = kept_weeks(10_000)
    after = _chosen(request.GET.get("to"), newest)
    before = _chosen(request.GET.get("from"), _quarter_before(weeks, after))
    if before.as_of > after.as_of:
        before, after = after, before
    accounts = visible_accounts(request.user, day)
    found = movement(before, after, accounts)
    cell = _cell(request.GET.get("cell", ""))
    of = "accounts" if request.GET.get("of") == "accounts" else "revenue"
    listed = moved_accounts(before, after, accounts, cell, MOST_LISTED) if cell else []
    queries_list.with_owners(listed)
    context = {
        "before": before,
        "after": after,
        "weeks": weeks[::-1],
        "matrix": _rows(found, of, cell),
        "states": [(s, LABELS[s]) for s in STATES],
        "movement": found,
        "of": of,
        "cell": cell,
        "cell_words": f"{LABELS[cell[0]]} to {LABELS[cell[1]]}" if cell else "",
        "listed": listed,
        "most_listed": MOST_LISTED,
        "other_model": before.model_version != after.model_version,
        **shared(request, newest, "movement"),
    }
    return render(request, "portfolio/movement.html", context)


@require_GET
@require(May.SEE_PORTFOLIO)
def structural_alarm(request: HttpRequest) -> HttpResponse:
    """Whether a tenth or more of the accounts or of the revenue moved to lower tiers within a quarter: a partial."""
    week, day = newest_week(), today()
    if week is None:
        raise Http404("There is no scored week yet.")
    found = alarm(week, visible_accounts(request.user, day))
    parts = [
        (label, _named(found["breakdown"][name], name))
        for name, label in ALARM_ATTRIBUTES.items()
        if found.get("breakdown", {}).get(name)
    ]
    return render(request, "portfolio/partials/alarm.html", {"alarm": found, "parts": parts, "week": week})


def _named(parts: list[dict[str, object]], name: str) -> list[dict[str, object]]:
    if name != "csm_email":
        return parts
    names = queries_list.people({str(p["value"]) for p in parts})
    return [{**p, "value": names[str(p["value"])]} for p in parts]


def _areas(found: Sequence[TierWeek], what: str) -> str:
    if not found:
        return ""
    currency = reporting_currency()
    layers, told = [], []
    whole = found[-1].arr if what == "arr" else found[-1].accounts
    for tier in STACK:
        values = [float(w.cells[tier][1 if what == "arr" else 0]) for w in found]
        last = rough_money(values[-1], "").strip() if what == "arr" else f"{values[-1]:,.0f}"
        layers.append(Layer(tier, LABELS[tier], values, last))
        told.append(f"{LABELS[tier]} {values[-1] / whole:.0%}" if whole else LABELS[tier])
    top = max((w.arr if what == "arr" else float(w.accounts)) for w in found)
    top_label = rough_money(top, "").strip() if what == "arr" else f"{top:,.0f}"
    what_told = f"Revenue in {currency}" if what == "arr" else "Accounts"
    name = f"{what_told} by tier since {found[0].as_of}; last week {', '.join(told)}."
    return stacked_areas([w.as_of for w in found], layers, name, top_label)


def _versions(weeks: Sequence[Week]) -> list[tuple[date, str]]:
    """Weeks in which another model version began to score."""
    return [
        (w.as_of, w.model_version) for before, w in pairwise(weeks) if w.model_version != before.model_version
    ]


def _rows(
    found: Movement, of: str, cell: tuple[str, str] | None
) -> list[tuple[str, str, list[dict[str, object]]]]:
    values = found.arr if of == "revenue" else found.count
    most = max((v for i, row in enumerate(values) for j, v in enumerate(row) if i != j), default=0)
    stays = max((values[i][i] for i in range(len(values))), default=0)
    return [
        (
            then,
            LABELS[then],
            [
                {
                    "key": f"{then}-{now}",
                    "now": now,
                    "count": found.count[i][j],
                    "arr": found.arr[i][j],
                    "shade": shade(i, j, values[i][j], stays if i == j else most) if j < 4 and i < 4 else "",
                    "current": cell == (then, now),
                }
                for j, now in enumerate(STATES)
            ],
        )
        for i, then in enumerate(STATES)
        if any(found.count[i])
    ]


def _cell(text: str) -> tuple[str, str] | None:
    then, _, now = text.partition("-")
    return (then, now) if then in STATES and now in STATES and (then, now) != (NOT_THERE, NOT_THERE) else None


def _chosen(text: str | None, default: Week) -> Week:
    if not text:
        return default
    try:
        found = week_of(date.fromisoformat(text))
    except ValueError:
        found = None
    if found is None:
        raise Http404(f"There is no week of {text[:20]!r}; only scored Mondays can be compared.")
    return found


def _quarter_before(weeks: Sequence[Week], after: Week) -> Week:
    place = next((k for k, w in enumerate(weeks) if w.pk == after.pk), len(weeks) - 1)
    return weeks[max(0, place - QUARTER)]
