"""Verdicts on what the score claims, the register of false alarms, and how people's calls fared."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from barograph.cli.output import csv_text
from barograph_web.ops import workspace
from barograph_web.plays.errors import OvertakenError, RefusedError
from barograph_web.portfolio.models import Account, Tier, Week
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.portfolio.weeks import newest_week, week_of
from barograph_web.pulses import grades, grading_words, register, services_notes
from barograph_web.pulses.forms import VerdictForm
from barograph_web.pulses.models import Cause, Claim, HypothesisVerdict
from barograph_web.pulses.numbers import numbers_of
from barograph_web.pulses.register import Filter
from barograph_web.users.models import User
from barograph_web.users.permissions import May, require


@require_http_methods(["GET", "POST"])
@require(May.DECIDE)
def verdict(request: HttpRequest, key: str) -> HttpResponse:
    """Confirm or reject what the score claims this week. 422: what to change; 409: somebody was quicker."""
    account = get_object_or_404(visible_accounts(request.user, workspace.today()), account_id=key)
    week = _week(request)
    latest = services_notes.latest_verdict(account.account_id, week.as_of)
    if request.method == "GET":
        begin = {
            "seen": latest.pk if latest else None,
            "week": week.as_of,
            "claim": request.GET.get("claim", ""),
        }
        return _shown(request, account, week, VerdictForm(initial=begin), latest)
    form = VerdictForm(request.POST)
    if not form.is_valid():
        return _shown(request, account, week, form, latest, 422)
    data = form.cleaned_data
    try:
        made = services_notes.record_verdict(
            account, week, claim=data["claim"], cause=data["cause"], words=data["words"], by=request.user,
            seen=data["seen"], now=workspace.now(),
        )  # fmt: skip
    except RefusedError as refused:
        form.add_error(refused.field, str(refused))
        return _shown(request, account, week, form, latest, 422)
    except OvertakenError as overtaken:
        again = VerdictForm(initial={**data, "seen": overtaken.latest.pk if overtaken.latest else None})
        return _shown(request, account, week, again, overtaken.latest, 409)
    messages.success(
        request, f"{made.get_claim_display()}. It is in the register, with what was known today."
    )
    return HttpResponseRedirect(f"{reverse('portfolio:account', args=[account.account_id])}#panel-pulse")


@require_GET
@require(May.SEE_REVIEW)
def register_page(request: HttpRequest) -> HttpResponse:
    """The register, filtered."""
    today = workspace.today()
    wanted = Filter.of(request.GET)
    page, entries = register.page_of(register.found(request.user, today, wanted), request.GET.get("page"))
    context = {
        "here": "register",
        "today": today,
        "page": page,
        "entries": entries,
        "filter": wanted,
        "claims": Claim.choices,
        "causes": Cause.choices,
        "tiers": Tier.choices,
        "models": register.models(request.user, today),
        "is_narrowed": wanted != Filter(),
    }
    return render(request, "pulses/register.html", context)


@require_GET
@require(May.EXPORT)
def register_export(request: HttpRequest) -> HttpResponse:
    """The register for a spreadsheet: formulas come as text."""
    today = workspace.today()
    rows = register.export_rows(register.found(request.user, today, Filter.of(request.GET)))
    text = csv_text(rows) or f"{','.join(register.HEAD)}\r\n"
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    disposition = content_disposition_header(as_attachment=True, filename=f"verdicts-{today}.csv")
    response["Content-Disposition"] = disposition or ""
    return response


@require_GET
@require(May.WRITE_PULSES)
def own_grade(request: HttpRequest) -> HttpResponse:
    """How one's own calls fared; for a lead, those of their people as well. 404 when grading is switched off."""
    if not grades.is_on():
        raise Http404("Grading is switched off.")
    user: User = request.user  # type: ignore[assignment]
    grade = grades.grade_of(user, user)
    context = {
        "here": "grades", "person": user, "grade": grade, "people": grades.graded(user),
        "parts": grading_words.parts(grade.document) if grade else [], "own": True,
    }  # fmt: skip
    return render(request, "pulses/grade.html", context)


@require_GET
@require(May.WRITE_PULSES)
def grade(request: HttpRequest, number: int) -> HttpResponse:
    """How the calls of one person fared, for themselves and their lead; 404 for anybody else."""
    person = get_object_or_404(User, pk=number)
    try:
        found = grades.grade_of(request.user, person)  # type: ignore[arg-type]
    except LookupError:
        raise Http404("There is no such page.") from None
    context = {
        "here": "grades", "person": person, "grade": found, "people": [],
        "parts": grading_words.parts(found.document) if found else [], "own": person.pk == request.user.pk,
    }  # fmt: skip
    return render(request, "pulses/grade.html", context)


def _week(request: HttpRequest) -> Week:
    text = request.POST.get("week") or request.GET.get("week") or ""
    try:
        found = week_of(date.fromisoformat(text)) if text else newest_week()
    except ValueError:
        found = None
    if found is None:
        raise Http404("that week is not kept")
    return found


def _shown(
    request: HttpRequest,
    account: Account,
    week: Week,
    form: VerdictForm,
    latest: HypothesisVerdict | None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "account": account, "week": week, "form": form, "latest": latest, "numbers": numbers_of(account, week),
        "today": workspace.today(), "overtaken": status == 409,
    }  # fmt: skip
    return render(request, "pulses/verdict.html", context, status=status)
