"""Around every request: its id, who acts, and the workspace's time zone."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from barograph_web.ops.current import acting_as
from barograph_web.ops.workspace import workspace
from barograph_web.users.models import User

_SAFE_ID = re.compile(r"^[A-Za-z0-9_-]{8,32}$")


class RequestContextMiddleware:
    """Gives the request an id (a proxy's X-Request-ID is kept when it is plain) and activates the zone.

    The person is read when the first write asks, which is after the session is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _SAFE_ID.match(given) else secrets.token_hex(8)
        request.request_id = request_id  # type: ignore[attr-defined]
        with timezone.override(workspace().zone), acting_as(None, via="web", request_id=request_id):
            response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class ActingMiddleware:
    """After the session is known: writes in this request are the signed-in person's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user if isinstance(request.user, User) else None
        with acting_as(user):
            return self.get_response(request)
