"""People: the list, one person, and what is done to them."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from barograph.errors import UsageError
from barograph_web.ui.place import workspace_name
from barograph_web.users import queries, services
from barograph_web.users.forms import PersonForm
from barograph_web.users.fresh import fresh_sign_in
from barograph_web.users.invitations import invitation, mail_invitation
from barograph_web.users.models import Role, User
from barograph_web.users.permissions import May, require

PER_PAGE = 50
TAB = "users:people"


@require_GET
@require(May.MANAGE_PEOPLE)
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, filtered by name, role, team and state."""
    asked = {name: request.GET.get(name, "") for name in ("q", "role", "team")}
    state = request.GET.get("state", "active")
    found = queries.people(asked["q"], asked["role"], asked["team"], state)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "asked": asked, "state": state, "roles": Role.choices, "teams": queries.teams()}
    return render(request, "users/people.html", context)


@require_http_methods(["GET", "POST"])
@require(May.MANAGE_PEOPLE)
@fresh_sign_in
def add(request: HttpRequest) -> HttpResponse:
    """Add a person; then show the link to set a password with, once."""
    request.administration_tab = TAB  # type: ignore[attr-defined]
    named = {name: request.GET[name][:254] for name in ("name", "email") if name in request.GET}
    form = PersonForm(request.POST or None, initial={"role": Role.CSM, **named})
    if request.method == "POST" and form.is_valid():
        given = {k: v for k, v in form.cleaned_data.items() if k != "revision"}
        try:
            user = services.add_person(**given)
        except UsageError as error:
            form.add_error(None, str(error))
        else:
            return _invited(request, user)
    return render(request, "users/add.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@require(May.MANAGE_PEOPLE)
@fresh_sign_in
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: change them, and what else can be done."""
    request.administration_tab = TAB  # type: ignore[attr-defined]
    user = get_object_or_404(User, pk=pk)
    status = 200
    stale: User | None = None
    form = PersonForm(request.POST or None, initial=_initial(user), person=user)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.change_person(
                    user, form.cleaned_data, revision=form.cleaned_data["revision"] or 0, by=_me(request)
                )
            except services.StaleFormError:
                status, stale = 409, user
                form = PersonForm({**request.POST.dict(), "revision": user.revision}, person=user)
                form.is_valid()
            except UsageError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, f"{form.cleaned_data['name']} was changed.")
                return redirect("users:person", pk)
    context = {
        "person": user,
        "form": form,
        "stale": stale,
        "has_mfa": queries.has_second_factor(user),
        "stand_ins": queries.stand_ins(timezone.localdate(), user),
        "tokens": queries.tokens_of(user),
        "today": timezone.localdate(),
        "now": timezone.now(),
    }
    return render(request, "users/person.html", context, status=status)


@require_POST
@require(May.MANAGE_PEOPLE)
@fresh_sign_in
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """A new link to set a password with."""
    request.administration_tab = TAB  # type: ignore[attr-defined]
    return _invited(request, get_object_or_404(User, pk=pk, is_active=True))


@require_POST
@require(May.MANAGE_PEOPLE)
@fresh_sign_in
def active(request: HttpRequest, pk: int) -> HttpResponse:
    """Disable a person, or let them in again."""
    user = get_object_or_404(User, pk=pk)
    wanted = request.POST.get("active") == "yes"
    try:
        services.set_active(user, wanted, by=_me(request), reason=request.POST.get("reason", ""))
    except UsageError as error:
        messages.error(request, str(error))
    else:
        told = "can sign in again" if wanted else "can no longer sign in; their sessions have ended"
        messages.success(request, f"{user.name} {told}.")
    return redirect("users:person", pk)


@require_POST
@require(May.MANAGE_PEOPLE)
@fresh_sign_in
def second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove the second factor of somebody who lost it."""
    user = get_object_or_404(User, pk=pk)
    if services.remove_second_factor(user, reason=request.POST.get("reason", "")):
        messages.success(
            request, f"{user.name} signs in with the password alone until they set up another one."
        )
    else:
        messages.warning(request, f"{user.name} had no second factor.")
    return redirect("users:person", pk)


@require_POST
@require(May.MANAGE_PEOPLE)
@fresh_sign_in
def sign_out(request: HttpRequest, pk: int) -> HttpResponse:
    """End all sessions of a person."""
    user = get_object_or_404(User, pk=pk)
    ended = services.end_sessions(user)
    messages.success(request, f"{ended} {'session' if ended == 1 else 'sessions'} of {user.name} ended.")
    return redirect("users:person", pk)


def _invited(request: HttpRequest, user: User) -> HttpResponse:
    with transaction.atomic():
        link = invitation(user)
    sent = mail_invitation(user, link, workspace_name())
    return render(request, "users/invited.html", {"person": user, "link": link, "sent": sent})


def _me(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _initial(user: User) -> dict[str, object]:
    return {
        "name": user.name,
        "email": user.email,
        "role": user.role,
        "team": user.team_id,
        "must_use_mfa": user.must_use_mfa,
        "revision": user.revision,
    }
