"""The app `review`."""

from __future__ import annotations

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "barograph_web.review"
    verbose_name = "review"
