"""Error pages: what happened, in words, and where to go on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _problem(request, 400, "That request could not be read", "Go back and try again.")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    words = str(exception) if exception is not None and str(exception) else "Your role does not include this."
    return _problem(request, 403, "Not for your role", words)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _problem(request, 404, "Nothing here", "It does not exist, or it is not shared with you.")


def server_error(request: HttpRequest) -> HttpResponse:
    request_id = getattr(request, "request_id", "")
    return _problem(request, 500, "Something went wrong", f"It was logged as {request_id}.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _problem(request, 403, "This form is too old", "Go back, reload the page and send it again.")


def _problem(request: HttpRequest, status: int, title: str, words: str) -> HttpResponse:
    return render(request, "ui/problem.html", {"title": title, "words": words, "status": status}, status=status)
