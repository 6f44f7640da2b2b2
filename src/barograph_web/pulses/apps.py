"""The app `pulses`."""

from __future__ import annotations

from django.apps import AppConfig


class PulsesConfig(AppConfig):
    name = "barograph_web.pulses"
    verbose_name = "pulses"
