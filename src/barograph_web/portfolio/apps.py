"""The app `portfolio`."""

from __future__ import annotations

from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    name = "barograph_web.portfolio"
    verbose_name = "portfolio"
