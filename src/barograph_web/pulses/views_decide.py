"""What leaders decide where pulse and numbers differ, and planned context of an account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from barograph_web.ops import workspace
from barograph_web.plays.errors import OvertakenError, RefusedError
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.pulses import queries, services, services_notes
from barograph_web.pulses.forms import ContextForm, RulingForm
from barograph_web.pulses.models import PlannedContext, PulseState
from barograph_web.users.permissions import May, require

USUAL_CONTEXT = timedelta(days=60)


@require_GET
@require(May.SEE_REVIEW)
def queue(request: HttpRequest) -> HttpResponse:
    """Where pulse and numbers differ, and what was decided lately."""
    today = workspace.today()
    rows = queries.queue(request.user, today)
    context = {
        "here": "queue",
        "today": today,
        "rows": rows,
        "contexts": queries.contexts_of([row.account_id for row in rows], today),
        "rulings": queries.rulings(request.user, today, 20),
    }
    return render(request, "pulses/queue.html", context)


@require_POST
@require(May.COUNTERSIGN)
def rule(request: HttpRequest, key: str) -> HttpResponse:
    """A leader's decision. 422: what to change; 409: somebody decided, or a newer pulse was given, meanwhile."""
    account = _account(request, key)
    form = RulingForm(request.POST)
    status, overtaken = 422, False
    if form.is_valid():
        try:
            made = services.rule(
                account, by=request.user, now=workspace.now(), today=workspace.today(), **form.cleaned_data
            )
        except RefusedError as refused:
            form.add_error(refused.field, str(refused))
        except OvertakenError:
            status, overtaken = 409, True
        else:
            until = f" The lift holds until {made.lift_until:%-d %b %Y}." if made.lift_until else ""
            messages.success(request, f"Settled: {account.name}. {made.get_finding_display()}.{until}")
            return HttpResponseRedirect(_next(request, account))
    row = PulseState.objects.filter(account_id=account.account_id).select_related("pulse").first()
    if row is None:
        raise Http404("nobody gave a pulse of this account")
    row.account = account  # type: ignore[attr-defined]
    queries.with_reasons([row])
    context = {
        "here": "queue", "row": row, "account": account, "form": form, "overtaken": overtaken,
        "said": queries.said_of(account.account_id, 3), "today": workspace.today(),
    }  # fmt: skip
    return render(request, "pulses/rule.html", context, status=status)


@require_http_methods(["GET", "POST"])
@require(May.WRITE_PULSES)
def context(request: HttpRequest, key: str) -> HttpResponse:
    """Planned context: a new one, or a correction of the one that `seen` names."""
    account, today = _account(request, key), workspace.today()
    number = request.POST.get("seen") or request.GET.get("number") or ""
    seen = _standing(account, number) if number else None
    if request.method == "GET":
        begin: dict[str, Any] = {"begins_on": today, "ends_on": today + USUAL_CONTEXT}
        if seen is not None:
            begin = {
                "seen": seen.pk, "kind": seen.kind, "words": seen.words, "begins_on": seen.begins_on,
                "ends_on": seen.ends_on,
            }  # fmt: skip
        return _context_page(request, account, ContextForm(initial=begin), seen)
    form = ContextForm(request.POST)
    if not form.is_valid():
        return _context_page(request, account, form, seen, 422)
    try:
        services_notes.plan_context(account, form.planned(), by=request.user, now=workspace.now(), seen=seen)
    except RefusedError as refused:
        form.add_error(refused.field, str(refused))
        return _context_page(request, account, form, seen, 422)
    except OvertakenError as overtaken:
        return _context_page(request, account, form, seen, 409, overtaken.latest)
    messages.success(request, f"Recorded beside the score of {account.name}.")
    return HttpResponseRedirect(_account_page(account))


@require_POST
@require(May.WRITE_PULSES)
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Planned context does not hold any more. Whoever is second finds it gone."""
    row = get_object_or_404(PlannedContext, pk=number)
    account = _account(request, row.account_id)
    try:
        services_notes.withdraw_context(account, row, by=request.user, now=workspace.now())
    except OvertakenError:
        messages.warning(request, "Somebody changed it meanwhile: it stands as shown now.")
    return HttpResponseRedirect(_account_page(account))


def _account(request: HttpRequest, key: str) -> Account:
    return get_object_or_404(visible_accounts(request.user, workspace.today()), account_id=key)


def _standing(account: Account, number: str) -> PlannedContext:
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        raise Http404("there is no such context")
    return get_object_or_404(
        PlannedContext, pk=int(number), account_id=account.account_id, is_withdrawal=False
    )


def _context_page(
    request: HttpRequest,
    account: Account,
    form: ContextForm,
    seen: PlannedContext | None,
    status: int = 200,
    overtaken: PlannedContext | None = None,
) -> HttpResponse:
    told = {
        "account": account,
        "form": form,
        "seen": seen,
        "overtaken": overtaken,
        "today": workspace.today(),
    }
    return render(request, "pulses/context.html", told, status=status)


def _account_page(account: Account) -> str:
    return f"{reverse('portfolio:account', args=[account.account_id])}#panel-pulse"


def _next(request: HttpRequest, account: Account) -> str:
    return _account_page(account) if request.POST.get("back") == "account" else reverse("pulses:queue")
