"""The app `work`."""

from __future__ import annotations

from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "barograph_web.work"
    verbose_name = "work"
