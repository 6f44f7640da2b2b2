"""The app `ingest`."""

from __future__ import annotations

from django.apps import AppConfig


class IngestConfig(AppConfig):
    """Uploads, imports, quarantine, and what the workspace holds."""

    name = "barograph_web.ingest"
    verbose_name = "ingest"

    def ready(self) -> None:
        """Register the section of the header and the work that the worker does."""
        from barograph_web.ingest import runs  # noqa: PLC0415 - models are ready only now
        from barograph_web.ops import handlers  # noqa: PLC0415
        from barograph_web.ops.models import RunKind  # noqa: PLC0415
        from barograph_web.ui.navigation import Section, register  # noqa: PLC0415
        from barograph_web.users.permissions import May, may  # noqa: PLC0415

        handlers.register(RunKind.IMPORT, runs.perform)
        handlers.follow_up(RunKind.REFRESH, 80, "data", runs.follow_refresh)
        handlers.follow_up(RunKind.SOURCES, 80, "data", runs.follow_refresh)
        register(Section(40, "Data", "ingest:data", lambda user: may(user, May.SEE_DATA)))
