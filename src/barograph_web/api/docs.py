"""The documentation page of the API: Swagger UI from the files that django-ninja brings, nothing from outside."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

from barograph_web.api.problems import problem
from barograph_web.ops.workspace import now
from barograph_web.users import tokens

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""As on every page, except that Swagger UI sets styles on its own elements."""


def for_callers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The description of the API is for those who may call it: a session, or any token that opens something."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            known = tokens.authenticate(key, now()) is not None
            return view(request, *args, **kwargs) if known else problem(401, "This token opens nothing.")
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return guarded


class OfflineSwagger(DocsBase):
    """A page of our own around Swagger UI, with settings as data instead of an inline script."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        settings = {
            "url": self.get_openapi_url(api, kwargs),
            "layout": "BaseLayout",
            "deepLinking": True,
            "persistAuthorization": False,
            "validatorUrl": None,
            "defaultModelsExpandDepth": 0,
        }
        context = {"settings": settings, "api": api}
        response = render(request, "api/docs.html", context)
        response["Content-Security-Policy"] = POLICY
        return response
