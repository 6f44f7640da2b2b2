"""Every page needs a signed-in person unless its view says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

OPEN_PREFIXES = ("/sign-in/", "/static/", "/healthz", "/metrics", "/api/")
"""Sign-in itself; probes; the API, which asks for a token or a session by itself."""


class SignInRequiredMiddleware:
    """Sends people who are not signed in to the sign-in page and back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Before the view: somebody who is not signed in goes to sign in first."""
        if request.user.is_authenticated or request.path.startswith(OPEN_PREFIXES):
            return None
        return redirect_to_login(request.get_full_path())
