"""Every page needs a signed-in person unless its view says otherwise, and some have to see to something first."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from barograph_web.users.models import User

OPEN_PREFIXES = ("/sign-in/", "/static/", "/healthz", "/metrics", "/api/", "/work/feed/")
"""Sign-in itself; probes; the API, which asks for a token or a session by itself; calendar feeds, whose address is the
key."""
ALWAYS = ("/sign-in/", "/static/", "/healthz", "/work/feed/")
"""What somebody can reach who has a password or a second factor to set first."""
MFA_SEEN = "second_factor_set"
SEEN = "seen"
SEEN_EVERY = 600
"""Seconds between two renewals of a session that is in use."""


class SignInRequiredMiddleware:
    """Sends people who are not signed in to the sign-in page and back, and others to what they must do first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Before the view: sign in, then set a password where it was given, then a second factor where one is due."""
        if not isinstance(request.user, User):
            return (
                None if request.path.startswith(OPEN_PREFIXES) else redirect_to_login(request.get_full_path())
            )
        if request.path.startswith(ALWAYS):
            return None
        _stay_signed_in(request)
        page = _owed(request, request.user)
        if page is None:
            return None
        if request.path.startswith("/api/"):
            told = "Sign in to the application first: a password or a second factor has to be set."
            return JsonResponse({"detail": told}, status=403)
        return redirect(page)


def _stay_signed_in(request: HttpRequest) -> None:
    """Have the session last from now on, written once in a while: a write per request would queue up in SQLite."""
    now = int(time.time())
    if now - int(request.session.get(SEEN, 0)) >= SEEN_EVERY:
        request.session[SEEN] = now


def _owed(request: HttpRequest, user: User) -> str | None:
    if user.must_set_password:
        return "account_change_password" if user.has_usable_password() else "account_set_password"
    if user.must_use_mfa and not request.session.get(MFA_SEEN):
        if not is_mfa_enabled(user):
            return "mfa_activate_totp"
        request.session[MFA_SEEN] = True
    return None
