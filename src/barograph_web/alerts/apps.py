"""The app `alerts`."""

from __future__ import annotations

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "barograph_web.alerts"
    verbose_name = "alerts"
