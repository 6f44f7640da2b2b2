"""The team's work for those who lead it: by person, and all of somebody's handed over when they are away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from barograph_web.ops import workspace
from barograph_web.users.models import User
from barograph_web.users.permissions import May, require
from barograph_web.work import actions, queries_team
from barograph_web.work.actions import ACTIONS, Chosen
from barograph_web.work.forms import HandOverForm, workers


@require_GET
@require(May.LEAD_WORK)
def team(request: HttpRequest) -> HttpResponse:
    """Who has what: open, overdue, breached, hours; who is away."""
    today = workspace.today()
    found = queries_team.by_person(request.user, today)
    context = {
        "people": found,
        "today": today,
        "open": sum(one.open for one in found),
        "overdue": sum(one.overdue for one in found),
        "breached": sum(one.breached for one in found),
        "most_hours": max((one.hours for one in found), default=0.0),
    }
    return render(request, "work/team.html", context)


@require_http_methods(["GET", "POST"])
@require(May.LEAD_WORK)
def hand_over_all(request: HttpRequest, pk: int) -> HttpResponse:
    """Give all open tasks of somebody to somebody else; what could not be given is said beside each."""
    person = get_object_or_404(User, pk=pk)
    today = workspace.today()
    tasks = list(queries_team.open_tasks_of(request.user, today, person)[: actions.MOST])
    if request.method == "GET":
        away = queries_team.absent([person.pk], today, today + queries_team.AHEAD).get(person.pk)
        initial = (
            {"to": away.stand_in_id, "reason": f"{person.name} is away until {away.ends_on}."} if away else {}
        )
        form = HandOverForm(initial=initial, people=_others(person))
        return _page(request, person, tasks, form, away=away)
    form = HandOverForm(request.POST, people=_others(person))
    chosen = actions.chosen(request.POST.getlist("task"), request.user, today)
    chosen = [one for one in chosen if one.task.owner_id == person.pk or one.task.revision != one.revision]
    if not form.is_valid():
        return _page(request, person, tasks, form, status=422)
    if not chosen:
        form.add_error(None, "Choose at least one task.")
        return _page(request, person, tasks, form, status=422)
    results = actions.act(ACTIONS["hand-over"], chosen, form.cleaned_data, by=request.user, today=today)
    failed = [result for result in results if result.error]
    if not failed:
        messages.success(
            request, f"{len(results)} tasks of {person.name} are {form.cleaned_data['to'].name}'s now."
        )
        return redirect("work:team")
    overtaken = any(result.overtaken for result in failed)
    none = len(failed) == len(results)
    left = list(queries_team.open_tasks_of(request.user, today, person)[: actions.MOST])
    return _page(
        request, person, left, form, status=(409 if overtaken else 422) if none else 200,
        failed=failed, done=len(results) - len(failed),
    )  # fmt: skip


def _others(person: User) -> list[User]:
    return [user for user in workers() if user.pk != person.pk]


def _page(
    request: HttpRequest,
    person: User,
    tasks: list[Any],
    form: HandOverForm,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    names = actions.names_of(tasks)
    context = {
        "person": person,
        "chosen": [Chosen(task, task.revision, names[task.account_id]) for task in tasks],
        "form": form,
        "today": workspace.today(),
        **more,
    }
    return render(request, "work/hand_over_all.html", context, status=status)
