"""Deciding on one account: in place by htmx, or as a page of its own without script."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from barograph_web.ops import workspace
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.review import services
from barograph_web.review.forms import (
    DecisionForm,
    OutcomeForm,
    ReleaseForm,
    RulingForm,
    SeenForm,
    csm_without_user,
    first_values,
    possible_owners,
)
from barograph_web.review.models import Decision
from barograph_web.review.page import ReviewPage, page_of
from barograph_web.scoring.services import release_version
from barograph_web.users.permissions import May, require
from barograph_web.work.choices import choice_of_plays

TAKEN_BACK = " Undo, or the key u, takes it back."
FOCUS = ("verdict", "reason", "owner", "next_step", "due_on", "play")


@require_http_methods(["GET", "POST"])
@require(May.DECIDE)
def decide(request: HttpRequest, key: str) -> HttpResponse:
    """The form (GET) and its answer: the entry as it stands now. 422: what to change; 409: somebody was quicker."""
    page, account = _subject(request, key)
    owners = possible_owners()
    if request.method == "GET":
        about = page.about(account)
        initial = first_values(account, about.last, about.plan, owners, page.today)
        if request.GET.get("verdict") in ("agree", "disagree"):
            initial["verdict"] = request.GET["verdict"]
        initial |= {"seen": about.last.pk if about.last else None, "week": page.week.as_of}
        form = DecisionForm(initial=initial, owners=owners, plays=_plays(account))
        return _shown(request, page, account, form=form)
    form = DecisionForm(request.POST, owners=owners, plays=_plays(account))
    if not form.is_valid():
        return _shown(request, page, account, form=form, status=422)
    try:
        _record(account, page, form)
    except services.RefusedError as refused:
        form.add_error(refused.field, str(refused))
        return _shown(request, page, account, form=form, status=422)
    except services.OvertakenError as overtaken:
        return _overtaken(request, page, account, form, overtaken)
    return _done(request, page, account, "Recorded.")


@require_POST
@require(May.DECIDE)
def agree(request: HttpRequest, key: str) -> HttpResponse:
    """The quick answer: agree, with the account's CSM as owner and what was planned before."""
    page, account = _subject(request, key)
    form = SeenForm(request.POST)
    if not form.is_valid():
        raise Http404("seen and week are needed")
    owners = possible_owners()
    about = page.about(account)
    values = first_values(account, about.last, about.plan, owners, page.today)
    owner = next((user for user in owners if user.pk == values.get("owner")), None)
    wanted = services.Wanted("agree", owner=owner)
    if about.decision is not None:
        wanted = services.Wanted(
            "agree", about.decision.reason if about.decision.verdict == "note" else "", owner,
            about.decision.next_step, about.decision.due_on, about.decision.know_on,
        )  # fmt: skip
    try:
        services.decide(account, page.week.as_of, wanted, by=page.user, seen=form.cleaned_data["seen"])
    except services.OvertakenError as overtaken:
        filled = DecisionForm(
            initial={**values, "verdict": "agree", "week": page.week.as_of},
            owners=owners,
            plays=_plays(account),
        )
        return _overtaken(request, page, account, filled, overtaken)
    return _done(request, page, account, "Recorded: you agree.")


@require_POST
@require(May.DECIDE)
def undo(request: HttpRequest, key: str) -> HttpResponse:
    """Take the last decision back by another one."""
    page, account = _subject(request, key)
    form = SeenForm(request.POST)
    if not form.is_valid():
        raise Http404("seen and week are needed")
    try:
        services.undo(account, page.week.as_of, by=page.user, seen=form.cleaned_data["seen"])
    except services.RefusedError as refused:
        return _done(request, page, account, str(refused), undoable=False)
    except services.OvertakenError as overtaken:
        return _overtaken(request, page, account, None, overtaken)
    return _done(request, page, account, "Taken back.", undoable=False)


@require_GET
@require(May.SEE_REVIEW)
def entry(request: HttpRequest, key: str) -> HttpResponse:
    """One entry as it stands, without a form: what cancelling a form goes back to."""
    page, account = _subject(request, key)
    return _shown(request, page, account)


@require_POST
@require(May.DECIDE)
def outcome(request: HttpRequest, number: int) -> HttpResponse:
    """Done, not done, or no longer needed."""
    page, decision = _decision(request, number)
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        raise Http404("result is done, not_done or moot")
    try:
        services.close(decision, form.cleaned_data["result"], form.cleaned_data["words"], by=page.user)
    except services.OvertakenError:
        messages.warning(request, "Somebody else was quicker: it is settled as shown.")
    decision = Decision.objects.select_related("outcome").get(pk=number)
    if request.headers.get("HX-Request") == "true":
        return render(
            request, "review/_due.html", {"page": page, "told": page.told([decision])[0], "today": page.today}
        )
    return _back(page)


@require_POST
@require(May.CLOSE_REVIEW)
def rule(request: HttpRequest, number: int) -> HttpResponse:
    """A leader settles a disagreement: the numbers stand, or the CSM is right."""
    page, decision = _decision(request, number)
    form = RulingForm(request.POST)
    told = page.told([decision])[0]
    status = 422
    if form.is_valid() and told.account is not None:
        wanted = services.Wanted(
            form.cleaned_data["verdict"], form.cleaned_data["reason"], decision.owner, decision.next_step,
            decision.due_on, decision.know_on,
        )  # fmt: skip
        try:
            services.decide(
                told.account, decision.week, wanted, by=page.user,
                seen=form.cleaned_data["seen"], ruling=True,
            )  # fmt: skip
        except services.OvertakenError:
            form.add_error(None, "Somebody decided on this account meanwhile: reload the page.")
            status = 409
    elif told.account is None:
        form.add_error(None, "The account is no longer there.")
    decision = services.latest_of(decision.account_id, decision.week) or decision
    if form.is_valid():
        messages.success(request, f"Settled: {told.name}.")
    context = {"page": page, "told": page.told([decision])[0], "form": form, "today": page.today}
    if request.headers.get("HX-Request") == "true":
        return render(
            request, "review/_disagreement.html", context, status=200 if form.is_valid() else status
        )
    return _back(page) if form.is_valid() else render(request, "review/rule.html", context, status=status)


@require_POST
@require(May.APPROVE_MODELS)
def release(request: HttpRequest) -> HttpResponse:
    """What a new model moved counts from now on (P9)."""
    page = _page(request)
    form = ReleaseForm(request.POST)
    if form.is_valid():
        release_version(page.week.model_version, page.user, form.cleaned_data["reason"])
        messages.success(request, f"Released: what {page.week.model_version} moved is part of the review.")
    else:
        messages.error(request, "Nothing was released. Say what you looked at.")
    return _back(page)


def _record(account: Account, page: ReviewPage, form: DecisionForm) -> None:
    """The decision of a valid form, with the play that was chosen in it."""
    seen, play = form.cleaned_data["seen"], form.cleaned_data["play"]
    if play:
        services.decide_with_play(account, page.week.as_of, form.wanted(), play=play, by=page.user, seen=seen)
    else:
        services.decide(account, page.week.as_of, form.wanted(), by=page.user, seen=seen)


def _plays(account: Account) -> list[tuple[str, str]]:
    """The plays that can be opened for the account now: (name, title)."""
    return choice_of_plays(account.account_id).pairs


def _page(request: HttpRequest) -> ReviewPage:
    page = page_of(request, request.user, workspace.today())
    if page is None:
        raise Http404("there is no such week")
    return page


def _subject(request: HttpRequest, key: str) -> tuple[ReviewPage, Account]:
    """The page and an account that the person may see. A form names its week, which may not be the newest any more."""
    if request.method == "POST" and "week" not in request.GET:
        request.GET = request.GET.copy()
        request.GET["week"] = request.POST.get("week", "")
    page = _page(request)
    return page, get_object_or_404(visible_accounts(page.user, page.today), account_id=key)


def _decision(request: HttpRequest, number: int) -> tuple[ReviewPage, Decision]:
    page = _page(request)
    decision = get_object_or_404(Decision.objects.select_related("owner"), pk=number)
    get_object_or_404(visible_accounts(page.user, page.today), account_id=decision.account_id)
    return page, decision


def _shown(
    request: HttpRequest, page: ReviewPage, account: Account, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The entry, alone for htmx and in a page without."""
    entry = page.one(account)
    if entry is None:
        raise Http404("the account is not in this week")
    focus = request.GET.get("focus", "")
    context = {
        "page": page, "week": page.week, "today": page.today, "entry": entry, "open": True,
        "focus": focus if focus in FOCUS else "", "csm_without_user": csm_without_user(account), **more,
    }  # fmt: skip
    alone = request.headers.get("HX-Request") == "true"
    return render(request, "review/_entry.html" if alone else "review/decide.html", context, status=status)


def _overtaken(
    request: HttpRequest,
    page: ReviewPage,
    account: Account,
    form: DecisionForm | None,
    overtaken: services.OvertakenError,
) -> HttpResponse:
    """409: the other decision first, the person's own below it, ready to be sent again over it."""
    latest = overtaken.latest
    if form is not None:
        values = {name: form[name].value() for name in form.fields}
        form = DecisionForm(
            initial={**values, "seen": latest.pk if latest else None, "week": page.week.as_of},
            owners=possible_owners(),
            plays=_plays(account),
        )
    return _shown(request, page, account, form=form, overtaken=latest or True, status=409)


def _done(
    request: HttpRequest, page: ReviewPage, account: Account, words: str, *, undoable: bool = True
) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        entry = page.one(account)
        context = {
            "page": page,
            "week": page.week,
            "today": page.today,
            "entry": entry,
            "with_progress": True,
        }
        answer = render(request, "review/_entry.html", context)
        # One key records, so it is said where the eyes are, with the way back.
        told = f"{account.name}: {words}{TAKEN_BACK if undoable else ''}"
        answer["HX-Trigger"] = json.dumps({"barograph:said": {"words": told}})
        return answer
    messages.success(request, f"{account.name}: {words}")
    return _back(page)


def _back(page: ReviewPage) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('review:week')}?{page.query}")
