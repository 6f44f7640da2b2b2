"""The app `api`."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The HTTP API."""

    name = "barograph_web.api"
    verbose_name = "api"
