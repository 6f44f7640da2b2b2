"""Giving pulses: the list of what is due, and one account after the other by keyboard."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from barograph_web.ops import workspace
from barograph_web.plays.errors import OvertakenError, RefusedError
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.pulses import queries, services
from barograph_web.pulses.authors import author_email, may_give
from barograph_web.pulses.forms import PulseForm
from barograph_web.pulses.models import Pulse
from barograph_web.pulses.numbers import numbers_of
from barograph_web.pulses.stance import liftable
from barograph_web.pulses.state import state_of
from barograph_web.users.permissions import May, require

COMING = 10
"""Accounts that fall due next, of which the list shows the day."""


@require_GET
@require(May.WRITE_PULSES)
def due(request: HttpRequest) -> HttpResponse:
    """What is due now, and what falls due next."""
    today = workspace.today()
    context = {
        "here": "due",
        "today": today,
        "rows": queries.due(request.user, today),
        "coming": queries.coming(request.user, today)[:COMING],
    }
    return render(request, "pulses/due.html", context)


@require_http_methods(["GET", "POST"])
@require(May.WRITE_PULSES)
def give(request: HttpRequest, key: str) -> HttpResponse:
    """The form of one account and its answer: the next account that is due. 422: what is missing, or a reason is
    needed; 409: somebody was quicker; 403: somebody else gives it."""
    user, today = request.user, workspace.today()
    account = _account(request, key)
    if may_give(user, account, today) is None:
        raise PermissionDenied(
            f"The pulse of this account is given by {author_email(account) or 'nobody yet'}."
        )
    latest = services.latest_of(account.account_id)
    if request.method == "GET":
        form = PulseForm(initial={"seen": latest.pk if latest else None})
        return _asked(request, account, form)
    form = PulseForm(request.POST)
    if not form.is_valid():
        return _asked(request, account, form, status=422)
    after = _after(request, account)
    before = queries.newest_pulse(account.account_id)
    told_before = None if before is None else _answers(before)
    try:
        pulse = services.give(
            account, form.answers(), by=user, seen=form.cleaned_data["seen"], now=workspace.now(), today=today
        )
    except services.ReasonNeededError as needed:
        return _asked(request, account, form, status=422, needed=needed)
    except RefusedError as refused:
        form.add_error(refused.field, str(refused))
        return _asked(request, account, form, status=422)
    except OvertakenError as overtaken:
        again = PulseForm(
            initial={**form.cleaned_data, "seen": overtaken.latest.pk if overtaken.latest else None}
        )
        return _asked(request, account, again, status=409, overtaken=overtaken.latest or True)
    given = {"account": account, "pulse": pulse, "changes": _changes(pulse, told_before)}
    if after is None:
        return _finished(request, account)
    if request.headers.get("HX-Request") == "true":
        latest = services.latest_of(after.account_id)
        form = PulseForm(initial={"seen": latest.pk if latest else None})
        response = _asked(request, after, form, given=given)
        response["HX-Push-Url"] = reverse("pulses:give", args=[after.account_id])
        return response
    messages.success(request, f"Recorded: {account.name}.")
    return HttpResponseRedirect(reverse("pulses:give", args=[after.account_id]))


@require_GET
@require(May.WRITE_PULSES)
def last(request: HttpRequest, key: str) -> HttpResponse:
    """What was said of an account before, for whoever asks before they answer."""
    account = _account(request, key)
    context = {"account": account, "said": queries.said_of(account.account_id, 3), "today": workspace.today()}
    alone = request.headers.get("HX-Request") == "true"
    return render(request, "pulses/_last.html" if alone else "pulses/last.html", context)


def _account(request: HttpRequest, key: str) -> Account:
    accounts = visible_accounts(request.user, workspace.today())
    return get_object_or_404(accounts.filter(is_current=True), account_id=key)


def _after(request: HttpRequest, account: Account) -> Account | None:
    """The account that is due after this one; None at the end, or for one that was opened by itself."""
    rows = queries.due(request.user, workspace.today())
    places = {row.account_id: place for place, row in enumerate(rows)}
    at = places.get(account.account_id)
    return rows[at + 1].account if at is not None and at + 1 < len(rows) else None


def _asked(
    request: HttpRequest, account: Account, form: PulseForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The form, alone for htmx and in a page without. The numbers are shown once the answers are given."""
    today = workspace.today()
    rows = queries.due(request.user, today)
    places = {row.account_id: place for place, row in enumerate(rows)}
    at = places.get(account.account_id)
    shows_numbers = "needed" in more
    numbers = numbers_of(account) if shows_numbers else None
    row = state_of(account, today)
    context = {
        "here": "due",
        "account": account,
        "form": form,
        "today": today,
        "left": len(rows),
        "place": None if at is None else at + 1,
        "skip_to": rows[at + 1] if at is not None and at + 1 < len(rows) else None,
        "author": may_give(request.user, account, today),
        "contexts": queries.contexts_of([account.account_id], today).get(account.account_id, []),
        "numbers": numbers,
        "said": queries.said_of(account.account_id, 1) if shows_numbers else [],
        "lift_to": liftable(numbers.tier) if numbers and row.lift_days is not None else "",
        "lift_days": row.lift_days,
        **more,
    }
    alone = request.headers.get("HX-Request") == "true"
    return render(request, "pulses/_form.html" if alone else "pulses/give.html", context, status=status)


def _finished(request: HttpRequest, account: Account) -> HttpResponse:
    left = queries.count_due(request.user, workspace.today())
    words = f"Recorded: {account.name}."
    messages.success(
        request, f"{words} All pulses are given." if not left else f"{words} {left} left, skipped before."
    )
    address = reverse("pulses:due")
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=200, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _answers(row: Any) -> dict[str, str]:
    return {name: getattr(row, name) for name in services.ANSWERS}


def _changes(pulse: Pulse, before: dict[str, str] | None) -> list[str]:
    """What is said now against what was said before, for those answers that changed."""
    if before is None:
        return []
    told = []
    for name, known in services.ANSWERS.items():
        now, then = getattr(pulse, name), before[name]
        if then in known.values and then != now:
            label = {"sponsor_status": "sponsor", "executive_engagement": "executives"}.get(name, "outcome")
            told.append(f"{label} {known(now).label.lower()}, was {known(then).label.lower()}")
    return told
