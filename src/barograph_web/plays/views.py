"""The library of plays: what each does, what the lint says, and what last week would have set off."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from barograph.errors import BarographError
from barograph_web.ops.models import Run, RunKind, RunState
from barograph_web.ops.workspace import now, today
from barograph_web.plays import dry_run as dry_runs
from barograph_web.plays import library as definitions
from barograph_web.plays import queries_pages
from barograph_web.plays.errors import RefusedError
from barograph_web.plays.hold_out import approval_of, approve_hold_out
from barograph_web.plays.wording import in_words
from barograph_web.portfolio.models import Account, Week
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.users.permissions import May, require

SHOWN = 200
"""Rows of a dry run on the page."""


@require_GET
@require(May.SEE_PLAYS)
def library(request: HttpRequest) -> HttpResponse:
    """All plays in words, with how many runs each has, and what the lint finds."""
    try:
        found = [in_words(play) for play in definitions.plays()]
        week = Week.objects.only("model_version").first()
        wrong = definitions.findings(week.model_version) if week else []
    except BarographError as error:
        return render(request, "plays/library.html", {"problem": str(error)})
    counts = queries_pages.counts_by_play(visible_accounts(request.user, today()))
    rows = [(play, counts.get(play.name, {})) for play in found]
    context = {
        "rows": rows,
        "findings": wrong,
        "errors": sum(1 for one in wrong if one.severity == "error"),
        "weeks": Week.objects.only("as_of")[:8],
    }
    return render(request, "plays/library.html", context)


@require_GET
@require(May.SEE_PLAYS)
def play(request: HttpRequest, name: str) -> HttpResponse:
    """One play: what starts it, for whom, its steps, when it has succeeded, and its newest runs."""
    found = definitions.play_named(name)
    if found is None:
        raise Http404("There is no such play.")
    newest = list(
        queries_pages.runs(visible_accounts(request.user, today()), state="", play=name).select_related("by")[
            :20
        ]
    )
    context = {
        "play": in_words(found),
        "hold_out_let": approval_of(found),
        "runs": newest,
        "names": queries_pages.names_of(run.account_id for run in newest),
        "today": today(),
    }
    return render(request, "plays/play.html", context)


@require_POST
@require(May.APPROVE_MODELS)
def hold_out(request: HttpRequest, name: str) -> HttpResponse:
    """Let a play hold accounts out at random."""
    found = definitions.play_named(name)
    if found is None:
        raise Http404("There is no such play.")
    try:
        approve_hold_out(found, by=request.user, reason=request.POST.get("reason", "")[:2000], now=now())
    except RefusedError as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(
            request, "From here on the play draws who is held out, at the first trigger of each."
        )
    return redirect("plays:play", name)


@require_POST
@require(May.LEAD_WORK)
def ask_dry_run(request: HttpRequest) -> HttpResponse:
    """Have the worker say what a week would set off."""
    try:
        wanted = date.fromisoformat(request.POST.get("week", ""))
    except ValueError:
        raise Http404("There is no such week.") from None
    week = get_object_or_404(Week, as_of=wanted)
    run = dry_runs.ask(week.as_of, request.user)
    return redirect("plays:dry_run", run.pk)


@require_GET
@require(May.SEE_PLAYS)
def dry_run(request: HttpRequest, number: int) -> HttpResponse:
    """What came of it, for the accounts that one may see; with `account`, for one, and with `play`, of one."""
    run = get_object_or_404(Run, pk=number, kind=RunKind.PLAYS, arguments__work="dry_run")
    rows = run.result.get("rows", []) if run.state == RunState.DONE else []
    seen = dict(visible_accounts(request.user, today()).values_list("account_id", "name")) if rows else {}
    wanted, only = request.GET.get("account", "").strip().lower(), request.GET.get("play", "")
    found = [
        row | {"name": seen[row["account_id"]]}
        for row in rows
        if row["account_id"] in seen
        and (not only or row["play"] == only)
        and (not wanted or wanted in seen[row["account_id"]].lower() or wanted == row["account_id"].lower())
    ]
    context = {
        "run": run,
        "busy": run.state in (RunState.QUEUED, RunState.RUNNING),
        "rows": found[:SHOWN],
        "total": len(found),
        "fires": sum(1 for row in found if not row["held"]),
        "plays": sorted({row["play"] for row in rows}),
        "account": request.GET.get("account", ""),
        "play": only,
    }
    return render(request, "plays/dry_run.html", context)


def account_or_404(request: HttpRequest, key: str) -> Account:
    """The account, if the person may see it."""
    return get_object_or_404(visible_accounts(request.user, today()), account_id=key)
