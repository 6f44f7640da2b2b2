"""Around every request: its id, how long it took, who acts, and the workspace's time zone."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from barograph_web.ops.current import acting_as
from barograph_web.ops.metrics import observe
from barograph_web.ops.workspace import workspace
from barograph_web.users.models import User

LOG = logging.getLogger("barograph.requests")
_SAFE_ID = re.compile(r"^[A-Za-z0-9_-]{8,32}$")


class RequestContextMiddleware:
    """Gives the request an id (a proxy's X-Request-ID is kept when it is plain) and activates the zone.

    The person is read when the first write asks, which is after the session is. One line is logged per request, with
    the view's name and without the query, which may hold what people typed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _SAFE_ID.match(given) else secrets.token_hex(8)
        request.request_id = request_id  # type: ignore[attr-defined]
        with timezone.override(workspace().zone), acting_as(None, via="web", request_id=request_id):
            response = self.get_response(request)
            _note(request, response, time.perf_counter() - begun)
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


def _note(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    view = request.resolver_match.view_name if request.resolver_match else "none"
    observe(view or "unnamed", request.method or "other", response.status_code, seconds)
    LOG.info(
        "request",
        extra={
            "view": view,
            "method": request.method,
            "status": response.status_code,
            "milliseconds": round(seconds * 1000, 1),
        },
    )
