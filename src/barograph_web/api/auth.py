"""Who calls: a token with its scopes, or the signed-in person of a session (the documentation page)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from ninja.errors import AuthorizationError
from ninja.security import APIKeyCookie, HttpBearer
from ninja.security.base import AuthBase

from barograph_web.ops.workspace import now
from barograph_web.users import tokens
from barograph_web.users.models import Scope, User
from barograph_web.users.permissions import May, may


@dataclass(frozen=True, slots=True)
class Caller:
    """The person on whose behalf a request is made, and the name that rate limits go by."""

    user: User
    name: str


class Token(HttpBearer):
    """`Authorization: Bearer baro_…`. Unknown, expired and revoked tokens get 401; one without the scope 403."""

    def __init__(self, scope: Scope, what: May) -> None:
        super().__init__()
        self._scope, self._what = scope, what

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:  # noqa: ARG002 - ninja's signature
        found = tokens.authenticate(token, now())
        if found is None:
            return None
        if self._scope not in tokens.scopes_in_force(found):
            raise AuthorizationError(message=f"This token has no scope {self._scope.value!r}.")
        _check(found.owner, self._what)
        return Caller(found.owner, f"token-{found.pk}")


class Session(APIKeyCookie):
    """The session of the application, with its CSRF token on writes: for the documentation page."""

    param_name = "sessionid"

    def __init__(self, what: May) -> None:
        super().__init__(csrf=True)
        self._what = what

    def __call__(self, request: HttpRequest) -> Any:
        if request.headers.get("Authorization") or not request.user.is_authenticated:
            return None  # a token that was refused is not made good by a session
        return super().__call__(request)

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller | None:  # noqa: ARG002 - ninja's signature
        user = request.user
        if not isinstance(user, User) or not user.is_active:
            return None
        _check(user, self._what)
        return Caller(user, f"user-{user.pk}")


def needs(scope: Scope, what: May) -> list[AuthBase]:
    """Who may call an endpoint: a token with `scope`, or a session; either way of a role that may do `what`."""
    return [Token(scope, what), Session(what)]


def caller(request: HttpRequest) -> Caller:
    """Who calls; endpoints are reached with a caller only."""
    found: Caller = request.auth  # type: ignore[attr-defined]
    return found


def _check(user: User, what: May) -> None:
    if not may(user, what):
        raise AuthorizationError(message=f"Your role does not include: {what.value.replace('_', ' ')}.")
