"""The app `growth`."""

from __future__ import annotations

from django.apps import AppConfig


class GrowthConfig(AppConfig):
    name = "barograph_web.growth"
    verbose_name = "growth"
