"""The app `plays`."""

from __future__ import annotations

from django.apps import AppConfig


class PlaysConfig(AppConfig):
    name = "barograph_web.plays"
    verbose_name = "plays"
