"""Runs of plays: the list, one with its tasks and clocks, its end; pauses, snoozes, and decisions about risk."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from barograph_web.ops.workspace import today
from barograph_web.plays import queries, queries_pages, services
from barograph_web.plays.errors import OvertakenError, RefusedError
from barograph_web.plays.forms import CloseForm, ReasonForm, RiskForm, SnoozePlayForm
from barograph_web.plays.library import play_named, plays
from barograph_web.plays.models import Clock, PlayRun, PlaySnooze, RiskDecision, RunState
from barograph_web.plays.success import checked
from barograph_web.plays.views import account_or_404
from barograph_web.plays.wording import in_words
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.users.permissions import May, may, require

PER_PAGE = 50


@require_GET
@require(May.SEE_PLAYS)
def runs(request: HttpRequest) -> HttpResponse:
    """Runs of the accounts that one may see, open ones first."""
    state, name = request.GET.get("state", ""), request.GET.get("play", "")
    found = queries_pages.runs(visible_accounts(request.user, today()), state=state, play=name)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "names": queries_pages.names_of(run.account_id for run in page),
        "states": RunState.choices,
        "state": state,
        "plays": [(play.name, play.title) for play in plays()],
        "play": name,
        "today": today(),
    }
    return render(request, "plays/runs.html", context)


@require_GET
@require(May.SEE_PLAYS)
def run(request: HttpRequest, number: int) -> HttpResponse:
    """One run: why it opened, its steps, its clocks, and what its check would say today."""
    return _run_page(request, _seen_run(request, number))


@require_POST
@require(May.WORK)
def close(request: HttpRequest, number: int) -> HttpResponse:
    """End a run."""
    row = _seen_run(request, number)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _run_page(request, row, close_form=form, status=422)
    given = form.cleaned_data
    try:
        services.close_run(row, given["state"], why=given["why"], by=request.user)
    except RefusedError as refused:
        form.add_error("why", str(refused))
        return _run_page(request, row, close_form=form, status=422)
    except OvertakenError:
        messages.warning(request, "It was closed meanwhile; this is how it ended.")
        return redirect("plays:run", number)
    messages.success(request, "The play is closed. What was unfinished of it is dropped.")
    return redirect("plays:run", number)


@require_POST
@require(May.WORK)
def pause(request: HttpRequest, number: int) -> HttpResponse:
    """Let a clock stand still, for a reason."""
    clock = _seen_clock(request, number)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.warning(request, "A pause needs a reason: say what you wait for.")
        return _back(clock)
    try:
        services.pause(clock, form.cleaned_data["reason"], request.user)
    except OvertakenError:
        messages.warning(request, "It does not run, or its time is over: it cannot be paused.")
    else:
        messages.success(request, "The clock stands still until somebody lets it go on.")
    return _back(clock)


@require_POST
@require(May.WORK)
def resume(request: HttpRequest, number: int) -> HttpResponse:
    """Let a clock go on."""
    clock = _seen_clock(request, number)
    try:
        services.resume(clock, request.user)
    except OvertakenError:
        messages.warning(request, "It was not paused any more.")
    return _back(clock)


@require_http_methods(["GET", "POST"])
@require(May.DECIDE)
def risk(request: HttpRequest, key: str) -> HttpResponse:
    """Invest in an account, or accept that it will be lost."""
    account = account_or_404(request, key)
    latest = queries.newest_decision(account.account_id)
    form = RiskForm(request.POST or None, initial={"seen": latest.pk if latest else None})
    status = 200
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        about = {"reason": given["reason"], "by": request.user, "seen": given["seen"]}
        try:
            if given["kind"] == "invest":
                services.invest(
                    account,
                    sponsor=given["sponsor"],
                    budget=given["budget"],
                    next_on=given["next_on"],
                    **about,
                )
            elif given["kind"] == "accept":
                services.accept_loss(account, **about)
            else:
                services.withdraw(account, **about)
        except RefusedError as refused:
            form.add_error(refused.field, str(refused))
            status = 422
        except OvertakenError:
            latest = queries.newest_decision(account.account_id)
            again = request.POST.copy()
            again["seen"] = str(latest.pk) if latest else ""
            form = RiskForm(again)
            form.is_valid()
            form.add_error(
                None, "Somebody decided meanwhile: look at it above, and send yours again if it stands."
            )
            status = 409
        else:
            messages.success(request, "Recorded.")
            return redirect("plays:risk", key=account.account_id)
    elif request.method == "POST":
        status = 422
    history = RiskDecision.objects.filter(account_id=account.account_id)
    context = {"account": account, "form": form, "latest": latest, "history": list(history), "today": today()}
    return render(request, "plays/risk.html", context, status=status)


@require_http_methods(["GET", "POST"])
@require(May.WORK)
def snooze(request: HttpRequest, key: str, name: str) -> HttpResponse:
    """Leave an account alone with a play until a day."""
    account = account_or_404(request, key)
    play = play_named(name)
    form = SnoozePlayForm(request.POST or None)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            services.snooze_play(account, name, until=given["until"], reason=given["reason"], by=request.user)
        except RefusedError as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(
                request, "It is left alone until then. What fires meanwhile is looked at again after."
            )
            return redirect("portfolio:account", account.account_id)
    standing = PlaySnooze.objects.filter(account_id=account.account_id, play=name, until__gte=today()).first()
    context = {
        "account": account,
        "title": play.title if play else name,
        "form": form,
        "standing": standing,
        "today": today(),
    }
    return render(request, "plays/snooze.html", context, status=status)


def _run_page(
    request: HttpRequest, row: PlayRun, *, close_form: CloseForm | None = None, status: int = 200
) -> HttpResponse:
    from barograph.definitions.play import Play  # noqa: PLC0415 - read where a run is shown

    tasks = list(row.tasks.select_related("owner").order_by("position", "pk"))
    waits = queries.waits(tasks)
    context = {
        "run": row,
        "words": in_words(Play.model_validate(row.definition)),
        "name": queries_pages.names_of([row.account_id]).get(row.account_id, row.account_id),
        "tasks": [(task, waits.get(task.pk, "")) for task in tasks],
        "clocks": list(row.clocks.prefetch_related("pauses").order_by("due_at")),
        "segments": list(row.segment_steps.all()),
        "check": checked(row) if row.state == RunState.OPEN and row.check_on else None,
        "close_form": close_form or CloseForm(),
        "can_work": may(request.user, May.WORK),
        "today": today(),
    }
    return render(request, "plays/run.html", context, status=status)


def _seen_run(request: HttpRequest, number: int) -> PlayRun:
    accounts = visible_accounts(request.user, today()).values("account_id")
    return get_object_or_404(PlayRun, pk=number, account_id__in=accounts)


def _seen_clock(request: HttpRequest, number: int) -> Clock:
    accounts = visible_accounts(request.user, today()).values("account_id")
    return get_object_or_404(Clock, pk=number, account_id__in=accounts)


def _back(clock: Clock) -> HttpResponse:
    if clock.play_run_id is not None:
        return redirect("plays:run", clock.play_run_id)
    return redirect("portfolio:account", clock.account_id)
