"""How promises were kept, what the cadences ask of the team, and the pools that share work."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from barograph_web.ops import workspace
from barograph_web.plays import queries_pages, services
from barograph_web.plays.errors import OvertakenError, RefusedError
from barograph_web.plays.forms import PoolForm
from barograph_web.plays.library import plays
from barograph_web.plays.models import Clock, Pool, TeamLoad
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.users.models import User
from barograph_web.users.permissions import May, may, require


@require_GET
@require(May.SEE_PLAYS)
def levels(request: HttpRequest) -> HttpResponse:
    """Attainment of the last quarter, and the clocks that are over their time now."""
    now, today = workspace.now(), workspace.today()
    accounts = visible_accounts(request.user, today)
    team, people = queries_pages.attainment(request.user, accounts, now)
    late = Clock.objects.filter(stopped_at=None, account_id__in=accounts.values("account_id"))
    late = (
        late.exclude(breached_at=None).select_related("owner", "escalated_to", "play_run").order_by("due_at")
    )
    shown = list(late[:100])
    context = {
        "team": team,
        "people": people,
        "late": shown,
        "names": queries_pages.names_of(clock.account_id for clock in shown),
        "of_all": may(request.user, May.LEAD_WORK),
        "today": today,
    }
    return render(request, "plays/levels.html", context)


@require_GET
@require(May.SEE_PLAYS)
def capacity(request: HttpRequest) -> HttpResponse:
    """Hours that are asked of each person a week, who is overloaded, what could move to tech-touch."""
    row = TeamLoad.objects.first()
    document = row.document if row else {}
    of_all = may(request.user, May.LEAD_WORK) or may(request.user, May.EDIT_MODELS)
    address = request.user.email if isinstance(request.user, User) else ""
    loads = [load for load in document.get("loads", []) if of_all or load["owner"] == address]
    people = dict(
        User.objects.filter(email__in=[load["owner"] for load in loads]).values_list("email", "name")
    )
    moves = [move for move in document.get("moves", []) if of_all or move["owner"] == address]
    context = {
        "row": row,
        "load": document,
        "loads": [load | {"name": people.get(load["owner"], load["owner"])} for load in loads],
        "moves": [m | {"name": document["names"].get(m["account_id"], m["account_id"])} for m in moves],
        "of_all": of_all,
        "today": workspace.today(),
    }
    return render(request, "plays/capacity.html", context)


@require_http_methods(["GET", "POST"])
@require(May.SEE_PLAYS)
def pools(request: HttpRequest) -> HttpResponse:
    """The pools that plays name, and who is in them."""
    can_edit = may(request.user, May.LEAD_WORK) or may(request.user, May.EDIT_MODELS)
    form = PoolForm()
    status = 200
    if request.method == "POST":
        if not can_edit:
            raise PermissionDenied("Leaders, CS Ops and administrators decide on pools.")
        form = PoolForm(request.POST)
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                services.save_pool(
                    title=given["title"], members=list(given["members"]), name=given["name"],
                    revision=given["revision"] or 0,
                )  # fmt: skip
            except RefusedError as refused:
                form.add_error(refused.field, str(refused))
            except OvertakenError:
                form.add_error(
                    None, "Somebody changed the pool meanwhile: look at it below and send yours again."
                )
                status = 409
            else:
                messages.success(request, "Saved.")
                return redirect("plays:pools")
    named = {
        rule.pool for play in plays() for rule in _rules(play) if rule is not None and rule.rule == "pool"
    }
    there = list(Pool.objects.prefetch_related("members"))
    rows = [
        (pool, PoolForm(initial={
            "title": pool.title, "name": pool.name, "revision": pool.revision, "members": pool.members.all(),
        }, auto_id=f"id_{pool.name}_%s"))
        for pool in there
    ]  # fmt: skip
    context = {
        "rows": rows,
        "missing": sorted(named - {pool.name for pool in there}),
        "form": form,
        "can_edit": can_edit,
    }
    return render(request, "plays/pools.html", context, status=status)


def _rules(play: object) -> list[object]:
    return [play.owner, play.sla.escalate_to, *(step.owner for step in play.steps)]  # type: ignore[attr-defined]
