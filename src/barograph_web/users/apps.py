"""The app `users`."""

from __future__ import annotations

from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "barograph_web.users"
    verbose_name = "users"
