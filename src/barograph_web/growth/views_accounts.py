"""Pages of one account in this section: its plan, its advocates, and forms that begin something."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from barograph_web.growth import (
    advocacy,
    queries_account,
    services_advocates,
    services_escalations,
    services_hand_over,
    services_opportunities,
    services_plans,
)
from barograph_web.growth.forms import (
    AskForm,
    ConsentForm,
    DealForm,
    EscalationForm,
    GoalFields,
    HandOverForm,
    PlanForm,
    RequestForm,
)
from barograph_web.growth.history import OvertakenError, RefusedError
from barograph_web.growth.models import Kept, SuccessPlan
from barograph_web.growth.moves import SLUG_OF, Doing
from barograph_web.growth.queries_package import first_words, package_of
from barograph_web.growth.views_common import account_of, doing, shared
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.weeks import newest_week
from barograph_web.users.models import User
from barograph_web.users.permissions import May, may, require

Work = Callable[[dict[str, Any], Doing], Kept]


@require_http_methods(["GET", "POST"])
@require(May.WORK)
def hand_over(request: HttpRequest, key: str) -> HttpResponse:
    """Hand an account to its account manager: the form begins with what is known."""
    account = account_of(request, key)
    who = doing(request, account)
    package = package_of(account, newest_week(), who.rules, who.today)

    def work(data: dict[str, Any], o: Doing) -> Kept:
        wanted = services_hand_over.Wanted(**{**data, "request": data["request"]})
        return services_hand_over.ask(account, wanted, package=package, rules=o.rules, **o.who)

    manager = User.objects.filter(email__iexact=account.am_email or "", is_active=True).first()
    first = {**first_words(package), "to": manager, "request": request.GET.get("request")}
    if package["missing"] and len(package["missing"]) == 1:
        first["product"] = package["missing"][0]

    def form(data: Any = None) -> django_forms.Form:
        return HandOverForm(data, initial=first, account_id=account.account_id)

    more = {
        "package": package,
        "title": "Hand over",
        "button": "Hand over",
        "note": "growth/facts/package.html",
    }
    return _begin(request, account, form, work, "Handed over. They were given a task.", "pipeline", more)


@require_http_methods(["GET", "POST"])
@require(May.WORK)
def ask_for(request: HttpRequest, key: str) -> HttpResponse:
    """Keep what a customer wants to do next."""
    account = account_of(request, key)
    return _begin(
        request, account, RequestForm,
        lambda d, o: services_hand_over.request_use_case(account, **d, **o.who), "Kept.", "expansion",
        {"title": "A new use case", "button": "Keep"},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@require(May.WORK)
def opportunity(request: HttpRequest, key: str) -> HttpResponse:
    """Enter a deal by hand."""
    account = account_of(request, key)
    who = doing(request, account)
    first = {"opened_on": who.today, "hand_over": request.GET.get("hand_over")}

    def form(data: Any = None) -> django_forms.Form:
        return DealForm(data, initial=first, account_id=account.account_id)

    return _begin(
        request, account, form,
        lambda d, o: services_opportunities.enter(account, **d, today=o.today, **o.who), "Kept.", "pipeline",
        {"title": "An opportunity", "button": "Keep"},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@require(May.WORK)
def escalate(request: HttpRequest, key: str) -> HttpResponse:
    """Open an escalation, or take up an imported one (`?imported=`)."""
    account = account_of(request, key)
    imported = queries_account.imported_escalation(
        account, request.GET.get("imported") or request.POST.get("external_id")
    )
    first: dict[str, Any] = {"owner": request.user}
    if imported is not None:
        first |= {"external_id": imported.key, "severity": imported.severity, "functions": imported.functions}

    def work(data: dict[str, Any], o: Doing) -> Kept:
        data = {**data, "external_id": imported.key if imported else ""}
        opened = imported.opened_at if imported else None
        return services_escalations.open_escalation(account, **data, opened_at=opened, rules=o.rules, **o.who)

    more = {"title": "Escalate", "button": "Escalate", "imported": imported}
    return _begin(
        request, account, lambda data=None: EscalationForm(data, initial=first), work,
        "Escalated. The owner was given a task.", "escalations", more,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@require(May.SEE_GROWTH)
def plan(request: HttpRequest, key: str) -> HttpResponse:
    """The account's success plan with its goals, the goals of the data beside them; POST begins a plan."""
    account = account_of(request, key)
    found = queries_account.plan_page(account)
    who = doing(request, account)
    form = PlanForm(request.POST if request.method == "POST" else None, initial={"begins_on": who.today})
    status = 200
    if request.method == "POST":
        _must_work(request)
        status = _tried(
            form,
            lambda d: services_plans.start(
                account, summary=d["summary"], begins_on=d["begins_on"], **who.who
            ),
        )
        if status == 302:
            return redirect("growth:plan", account.account_id)
    context = shared("plans", account=account, plan_page=found, form=form, works=may(request.user, May.WORK))
    return render(request, "growth/plan.html", context, status=status)


@require_http_methods(["GET", "POST"])
@require(May.WORK)
def goal(request: HttpRequest, key: str) -> HttpResponse:
    """Another goal of the account's plan."""
    account = account_of(request, key)
    standing = SuccessPlan.objects.filter(account_id=account.account_id).exclude(state="closed").first()
    if standing is None:
        messages.warning(request, "Begin a plan first.")
        return redirect("growth:plan", account.account_id)

    def work(d: dict[str, Any], o: Doing) -> Kept:
        wanted = services_plans.GoalWanted(**d)
        return services_plans.add_goal(standing, wanted, **o.who)

    more = {
        "title": "A goal",
        "button": "Add the goal",
        "back": reverse("growth:plan", args=[account.account_id]),
    }
    return _begin(request, account, GoalFields, work, "Added.", "plans", more)


@require_GET
@require(May.SEE_GROWTH)
def sheet(request: HttpRequest, key: str) -> HttpResponse:
    """The plan as the customer may see it, to print or present: goals and results, never a score (R4)."""
    account = account_of(request, key)
    context = shared("plans", account=account, plan_page=queries_account.plan_page(account))
    return render(request, "growth/sheet.html", context)


@require_GET
@require(May.SEE_GROWTH)
def advocate(request: HttpRequest, key: str) -> HttpResponse:
    """What this account may be asked for, was asked for, and agreed to be used for."""
    account = account_of(request, key)
    return _advocate_page(request, account)


@require_http_methods(["POST"])
@require(May.WORK)
def ask(request: HttpRequest, key: str) -> HttpResponse:
    """Ask for a favour. 422 with the condition that does not hold."""
    account = account_of(request, key)
    who = doing(request, account)
    form = AskForm(request.POST)
    evidence, imported = queries_account.advocacy_of(account, who.rules, who.today)
    status = _tried(
        form,
        lambda d: services_advocates.ask(
            account, **d, evidence=evidence, imported=imported, rules=who.rules, today=who.today, **who.who
        ),
    )
    if status == 302:
        messages.success(request, "Kept: they are asked.")
        return redirect("growth:advocate", account.account_id)
    return _advocate_page(request, account, ask_form=form, status=status)


@require_http_methods(["POST"])
@require(May.WORK)
def consent(request: HttpRequest, key: str) -> HttpResponse:
    """Keep what somebody agreed to be used for."""
    account = account_of(request, key)
    who = doing(request, account)
    form = ConsentForm(request.POST)
    status = _tried(form, lambda d: services_advocates.keep_consent(account, **d, today=who.today, **who.who))
    if status == 302:
        messages.success(request, "Kept.")
        return redirect("growth:advocate", account.account_id)
    return _advocate_page(request, account, consent_form=form, status=status)


def _advocate_page(
    request: HttpRequest,
    account: Account,
    *,
    ask_form: AskForm | None = None,
    consent_form: ConsentForm | None = None,
    status: int = 200,
) -> HttpResponse:
    who = doing(request, account)
    evidence, imported = queries_account.advocacy_of(account, who.rules, who.today)
    asked = services_advocates.asked_of(account.account_id)
    context = shared(
        "advocates",
        account=account,
        candidate=advocacy.candidate(evidence, who.rules, who.today),
        may_ask=advocacy.may_ask(evidence, [*imported, *asked], who.rules, who.today),
        free_on=_later(advocacy.free_on([*imported, *asked], who.rules), who.today),
        found=queries_account.advocate_page(account, evidence),
        ask_form=ask_form or AskForm(),
        consent_form=consent_form or ConsentForm(initial={"given_on": who.today}),
        open_ask=ask_form is not None,
        open_consent=consent_form is not None,
        works=may(request.user, May.WORK),
    )
    return render(request, "growth/advocate.html", context, status=status)


def _later(day: date | None, today: date) -> date | None:
    return day if day is not None and day > today else None


def _begin(
    request: HttpRequest,
    account: Account,
    make: Callable[..., django_forms.Form],
    work: Work,
    done: str,
    tab: str,
    more: dict[str, Any],
) -> HttpResponse:
    """A form on a page of its own that begins something, and goes to it."""
    form, status = make(), 200
    if request.method == "POST":
        form = make(request.POST)
        made: list[Kept] = []
        status = _tried(form, lambda d: made.append(work(d, doing(request, account))))
        if status == 302:
            messages.success(request, done)
            row = made[0]
            return redirect(more.get("back") or reverse("growth:thing", args=[SLUG_OF[row.THING], row.pk]))
    return render(
        request, "growth/begin.html", shared(tab, account=account, form=form, **more), status=status
    )


def _tried(form: django_forms.Form, work: Callable[[dict[str, Any]], Any]) -> int:
    """302 when it is done, 422 with what to change, 409 when something stands in its way."""
    if not form.is_valid():
        return 422
    try:
        work(form.cleaned_data)
    except RefusedError as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return 422
    except OvertakenError:
        form.add_error(None, "There is one already, or somebody was quicker: look at what stands now.")
        return 409
    return 302


def _must_work(request: HttpRequest) -> None:
    require(May.WORK)(lambda _request: HttpResponse())(request)
