"""Error pages (what happened, in words, and where to go on), and the element catalogue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone

from barograph_web.ui import samples
from barograph_web.ui.navigation import SECTIONS


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return _problem(request, 400, "That request could not be read", "Go back and try again.")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    words = str(exception) if exception is not None and str(exception) else "Your role does not include this."
    return _problem(request, 403, "Not for your role", words)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return _problem(request, 404, "Nothing here", "It does not exist, or it is not shared with you.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Without the request's context: what failed may be the database that the header is read from."""
    told = {
        "title": "Something went wrong",
        "words": "It was logged. If it happens again, tell your administrator the number below.",
        "status": 500,
        "request_id": getattr(request, "request_id", ""),
    }
    return HttpResponse(render_to_string("ui/problem.html", told), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    return _problem(request, 403, "This form is too old", "Go back, reload the page and send it again.")


def home(request: HttpRequest) -> HttpResponse:
    """To the first section that the person has: the review for most, what was shared with them for a guest."""
    for section in SECTIONS:
        if section.allowed(request.user):
            return redirect(section.view)
    raise PermissionDenied("Nothing is shared with you yet.")


def elements(request: HttpRequest) -> HttpResponse:
    """Every element of the design system with its name; for developers and administrators."""
    if not (settings.DEBUG or getattr(request.user, "role", "") == "administrator"):
        raise PermissionDenied("The element catalogue is for developers and administrators.")
    today = timezone.localdate()
    days = [today + timedelta(days=n) for n in (-400, -20, -1, 0, 1, 41, 300)]
    context: dict[str, Any] = {"today": today, "days": days, **samples.everything(today)}
    return render(request, "ui/elements.html", context)


def _problem(request: HttpRequest, status: int, title: str, words: str) -> HttpResponse:
    return render(
        request, "ui/problem.html", {"title": title, "words": words, "status": status}, status=status
    )
