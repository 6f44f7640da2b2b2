"""A signed-in browser whose person gave their password a moment ago, as `users.fresh.fresh_sign_in` wants it."""

from __future__ import annotations

import time

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.test import Client

from barograph_web.users.models import User


def fresh_client(user: User, *, seconds_ago: float = 0.0) -> Client:
    """A browser in which `user` signed in with their password so many seconds ago."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "password", "at": time.time() - seconds_ago, "email": user.email}
    ]
    session.save()
    return client
