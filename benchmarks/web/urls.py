"""The application's addresses and one bare view: a session, the person behind it, two words."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import path

from barograph_web.urls import handler400, handler403, handler404, handler500
from barograph_web.urls import urlpatterns as pages

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def bare(request: HttpRequest) -> HttpResponse:
    """What any page costs: all middleware, one read of the session and one of the person."""
    return HttpResponse(f"hello {request.user.pk}")


urlpatterns = [path("bare/", bare), *pages]


class ServerTimeMiddleware:
    """Says in a header how long the answer took inside the server (waiting for a thread not counted), and how much of
    a processor its thread used: what it would take on an idle machine, the database's own processes aside."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began, used = time.perf_counter(), time.thread_time()
        response = self.get_response(request)
        took, used = time.perf_counter() - began, time.thread_time() - used
        response["Server-Timing"] = f"app;dur={took * 1000:.2f}, cpu;dur={used * 1000:.2f}"
        return response
