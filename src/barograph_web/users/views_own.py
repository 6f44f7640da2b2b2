"""A person's own account: look, password and second factor, sessions, stand-in, tokens."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from barograph.errors import UsageError
from barograph_web.users import queries, services, tokens
from barograph_web.users.forms import StandInForm, ThemeForm, TokenForm
from barograph_web.users.fresh import fresh_sign_in
from barograph_web.users.models import ApiToken, Role, StandIn, User
from barograph_web.users.permissions import May, may, require


@require_GET
@login_required
def me(request: HttpRequest) -> HttpResponse:
    """Everything about oneself on one page. For every role."""
    return render(request, "users/me.html", _context(request))


@require_POST
@login_required
def theme(request: HttpRequest) -> HttpResponse:
    """Change how the application looks."""
    form = ThemeForm(request.POST)
    if form.is_valid():
        services.set_theme(_user(request), form.cleaned_data["theme"])
    return redirect("users:me")


@require_POST
@login_required
def add_stand_in(request: HttpRequest) -> HttpResponse:
    """Name who stands in for oneself."""
    user = _user(request)
    if user.role == Role.GUEST:
        raise PermissionDenied("Guests have no stand-ins.")
    form = StandInForm(request.POST, today=timezone.localdate(), me=user)
    if form.is_valid():
        try:
            row = services.add_stand_in(user, **form.cleaned_data)
        except UsageError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{row.stand_in} stands in for you.")
            return redirect("users:me")
    return render(request, "users/me.html", {**_context(request), "stand_in_form": form}, status=422)


@require_POST
@login_required
def end_stand_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own stand-in back."""
    row = get_object_or_404(
        StandIn.objects.select_related("absent", "stand_in"), pk=pk, absent=_user(request)
    )
    services.end_stand_in(row)
    messages.success(request, f"{row.stand_in} no longer stands in for you.")
    return redirect("users:me")


@require_http_methods(["GET", "POST"])
@require(May.OWN_TOKENS)
@fresh_sign_in
@never_cache
def add_token(request: HttpRequest) -> HttpResponse:
    """Make a token; its key is on the page that answers, and nowhere afterwards."""
    user = _user(request)
    today = timezone.localdate()
    form = TokenForm(request.POST or None, owner=user, today=today)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        ends = timezone.make_aware(datetime.combine(given["expires_on"] + timedelta(days=1), time()))
        try:
            token, key = tokens.issue(user, given["name"], given["scopes"], ends, timezone.now())
        except UsageError as error:
            form.add_error(None, str(error))
        else:
            return render(request, "users/token_made.html", {"token": token, "key": key})
    return render(request, "users/token.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@require(May.OWN_TOKENS)
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke a token: one's own, or anybody's for who manages people."""
    user = _user(request)
    among = ApiToken.objects.all() if may(user, May.MANAGE_PEOPLE) else ApiToken.objects.filter(owner=user)
    token = get_object_or_404(among, pk=pk)
    tokens.revoke(token, timezone.now())
    messages.success(request, f"The token {token.name} opens nothing any more.")
    return redirect("users:me") if token.owner_id == user.pk else redirect("users:person", token.owner_id)


def _context(request: HttpRequest) -> dict[str, object]:
    user = _user(request)
    today = timezone.localdate()
    return {
        "person": user,
        "theme_form": ThemeForm(initial={"theme": user.theme}),
        "has_mfa": queries.has_second_factor(user),
        "stand_ins": queries.stand_ins(today, user),
        "stand_in_form": None if user.role == Role.GUEST else StandInForm(today=today, me=user),
        "tokens": queries.tokens_of(user),
        "today": today,
        "now": timezone.now(),
    }


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
