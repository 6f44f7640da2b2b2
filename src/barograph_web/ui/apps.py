"""The app `ui`."""

from __future__ import annotations

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "barograph_web.ui"
    verbose_name = "ui"
