"""The app `ingest`."""

from __future__ import annotations

from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "barograph_web.ingest"
    verbose_name = "ingest"
