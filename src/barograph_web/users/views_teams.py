"""Teams and stand-ins."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from barograph.errors import UsageError
from barograph_web.users import queries, services
from barograph_web.users.forms import StandInForm, TeamForm
from barograph_web.users.models import StandIn, Team
from barograph_web.users.permissions import May, require


@require_GET
@require(May.MANAGE_PEOPLE)
def teams(request: HttpRequest) -> HttpResponse:
    """All teams."""
    return render(request, "users/teams.html", {"teams": queries.teams()})


@require_http_methods(["GET", "POST"])
@require(May.MANAGE_PEOPLE)
def team(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a team, or change one."""
    request.administration_tab = "users:teams"  # type: ignore[attr-defined]
    row = Team() if pk is None else get_object_or_404(Team.objects.select_related("parent"), pk=pk)
    form = TeamForm(request.POST or None, team=row, initial={"name": row.name, "parent": row.parent_id})
    if request.method == "POST" and form.is_valid():
        try:
            services.save_team(row, name=form.cleaned_data["name"], parent=form.cleaned_data["parent"])
        except UsageError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{row.name} was saved.")
            return redirect("users:teams")
    members = row.members.filter(is_active=True) if pk is not None else []
    context = {"form": form, "team": row, "members": members}
    return render(request, "users/team.html", context, status=422 if form.errors else 200)


@require_POST
@require(May.MANAGE_PEOPLE)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a team."""
    row = get_object_or_404(Team, pk=pk)
    try:
        services.remove_team(row)
    except UsageError as error:
        messages.error(request, str(error))
        return redirect("users:team", pk)
    messages.success(request, f"{row.name} was removed.")
    return redirect("users:teams")


@require_http_methods(["GET", "POST"])
@require(May.MANAGE_PEOPLE)
def stand_ins(request: HttpRequest) -> HttpResponse:
    """Who is away and who stands in, now and later; add one."""
    today = timezone.localdate()
    form = StandInForm(request.POST or None, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.add_stand_in(**form.cleaned_data)
        except UsageError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{row.stand_in} stands in for {row.absent}.")
            return redirect("users:stand_ins")
    context = {"form": form, "rows": queries.stand_ins(today), "today": today}
    return render(request, "users/stand_ins.html", context, status=422 if form.errors else 200)


@require_POST
@require(May.MANAGE_PEOPLE)
def end_stand_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a stand-in back."""
    row = get_object_or_404(StandIn.objects.select_related("absent", "stand_in"), pk=pk)
    services.end_stand_in(row)
    messages.success(request, f"{row.stand_in} no longer stands in for {row.absent}.")
    return redirect("users:stand_ins")
