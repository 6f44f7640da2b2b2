"""The page of one thing: what it says, its history, and a form for each move that its state has."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from barograph_web.growth import queries
from barograph_web.growth.history import OvertakenError, RefusedError, entries_of, state_words
from barograph_web.growth.models import Goal, HandOver, Kept, Opportunity, SuccessPlan
from barograph_web.growth.moves import SLUG_OF, Kind, Move
from barograph_web.growth.rules import GrowthRules
from barograph_web.growth.services_hand_over import WhyRefused
from barograph_web.growth.services_rules import in_force
from barograph_web.growth.views_common import account_of, doing, kind_of, overtaken_words, shared, told
from barograph_web.ops.workspace import today
from barograph_web.portfolio.models import Account
from barograph_web.users.permissions import May, may, require


@require_GET
@require(May.SEE_GROWTH)
def thing(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """One hand-over, request, opportunity, plan, goal, ask, consent or escalation."""
    found, row, account = _subject(request, kind, pk)
    return _page(request, found, row, account)


@require_POST
@require(May.WORK)
def move(request: HttpRequest, kind: str, pk: int, name: str) -> HttpResponse:
    """Do something with it. 422: what to change; 409: somebody was quicker, with what they did."""
    found, row, account = _subject(request, kind, pk)
    wanted = found.moves.get(name)
    if wanted is None:
        raise Http404(f"A {found.title.lower()} has no {name[:40]!r}.")
    form = wanted.form(request.POST, row=row)
    if not form.is_valid():
        return _page(request, found, row, account, bound={name: form}, status=422)
    try:
        wanted.work(row, form.cleaned_data, doing(request, account))
    except RefusedError as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return _page(request, found, row, account, bound={name: form}, status=422)
    except OvertakenError as overtaken:
        fresh = found.model._default_manager.get(pk=pk)
        # What the person wrote is shown again over what stands now, ready to be sent a second time.
        kept = {key: form[key].value() for key in form.fields if key != "seen"}
        again = {name: wanted.form(initial=kept, row=fresh)} if name in found.possible(fresh) else {}
        return _page(
            request, found, fresh, account, bound=again, status=409, overtaken=overtaken_words(overtaken)
        )  # fmt: skip
    messages.success(request, wanted.done)
    return redirect(_address_after(row, kind))


def _subject(request: HttpRequest, slug: str, pk: int) -> tuple[Kind, Kept, Account]:
    found = kind_of(slug)
    row = get_object_or_404(found.model, pk=pk)
    return found, row, account_of(request, row.account_id)


def _page(
    request: HttpRequest,
    kind: Kind,
    row: Kept,
    account: Account,
    *,
    bound: dict[str, Any] | None = None,
    status: int = 200,
    overtaken: str = "",
) -> HttpResponse:
    works = may(request.user, May.WORK)
    offers = _offers(kind, row, bound or {}) if works else []
    context = shared(
        kind.tab,
        kind=kind,
        row=row,
        account=account,
        state=state_words(row),
        offers=offers,
        history=told(list(entries_of(row))),
        overtaken=overtaken,
        works=works,
        facts=f"growth/facts/{kind.model.THING}.html",
        **_more(row, in_force()[1], today()),
    )
    return render(request, "growth/thing.html", context, status=status)


def _offers(kind: Kind, row: Kept, bound: dict[str, Any]) -> list[tuple[str, Move, Any, bool]]:
    """(name, move, its form, whether it is open) of each move that the state has."""
    return [
        (name, one, bound.get(name) or one.form(row=row, initial=_days(one)), name in bound)
        for name, one in kind.possible(row).items()
    ]


def _days(one: Move) -> dict[str, date]:
    """Days that a form of something that happened begins with: today."""
    return {name: today() for name in ("on", "closed_on") if name in one.form.base_fields}


def _more(row: Kept, rules: GrowthRules, day: date) -> dict[str, Any]:
    """What some things show beside their own columns."""
    if isinstance(row, HandOver):
        return {
            "deals": queries.deals_of(row, rules, day), "rules": rules,
            "why_refused": dict(WhyRefused.choices).get(row.why_refused, ""),
        }  # fmt: skip
    if isinstance(row, SuccessPlan):
        return {"goals": list(row.goals.all())}
    if isinstance(row, Opportunity | Goal):
        return {"slug_of": SLUG_OF}
    return {}


def _address_after(row: Kept, slug: str) -> str:
    """Goals and consents go back to the page they are part of."""
    if isinstance(row, Goal):
        return reverse("growth:plan", args=[row.account_id])
    return reverse("growth:thing", args=[slug, row.pk])
