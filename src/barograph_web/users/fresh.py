"""For what must not be done from a screen somebody left open: the password, or a code, once more."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from allauth.account import app_settings
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.http import HttpRequest, HttpResponseBase

R = TypeVar("R", bound=HttpResponseBase)


def fresh_sign_in(view: Callable[..., R]) -> Callable[..., R]:
    """A view whose POST asks for the password or a second factor again when the last time, signing in included, is
    over five minutes ago.

    The request goes on by itself afterwards. Put it under `require`, so that 403 comes before the question. Used for
    approving a model, changing people, tokens and erasure; allauth's own pages follow the same rule (adapter.py). Who
    has neither password nor second factor signed in elsewhere, and is not asked.
    """
    guarded: Callable[..., R] = reauthentication_required(view, allow_get=True)
    return guarded


def is_stale(request: HttpRequest) -> bool:
    """Whether the person proved who they are longer ago than the time for which that counts."""
    methods = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    newest = max((float(method.get("at", 0)) for method in methods), default=0.0)
    return time.time() - newest >= app_settings.REAUTHENTICATION_TIMEOUT
