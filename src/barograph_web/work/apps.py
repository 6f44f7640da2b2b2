"""The app `work`."""

from __future__ import annotations

from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "barograph_web.work"
    verbose_name = "work"

    def ready(self) -> None:
        """Its section in the header, plays and tasks on the account's page, and what the list shows beside tasks."""
        from barograph_web.ops import erasure as user_erasure  # noqa: PLC0415 - models are ready only now
        from barograph_web.portfolio import erasure as contact_erasure  # noqa: PLC0415
        from barograph_web.ui.navigation import Section, register  # noqa: PLC0415
        from barograph_web.users.permissions import May, may  # noqa: PLC0415
        from barograph_web.work import erasure, panels, sources_below  # noqa: PLC0415

        register(Section(15, "My work", "work:list", lambda user: may(user, May.SEE_WORK)))
        panels.register()
        sources_below.register_all()
        user_erasure.also_erases(erasure.take_user_out)
        contact_erasure.also_erases(erasure.take_contact_out)
