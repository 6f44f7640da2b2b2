"""The app `ops`."""

from __future__ import annotations

from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "barograph_web.ops"
    verbose_name = "ops"
