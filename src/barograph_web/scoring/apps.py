"""The app `scoring`."""

from __future__ import annotations

from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "barograph_web.scoring"
    verbose_name = "scoring"
