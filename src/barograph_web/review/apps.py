"""The app `review`."""

from __future__ import annotations

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "barograph_web.review"
    verbose_name = "review"

    def ready(self) -> None:
        """The first section of the header; its decisions are on the account's page and in "My work"."""
        from barograph_web.ops import erasure as ops_erasure  # noqa: PLC0415 - models are ready from here on
        from barograph_web.ops import handlers  # noqa: PLC0415
        from barograph_web.ops.models import RunKind  # noqa: PLC0415
        from barograph_web.portfolio import erasure as contact_erasure  # noqa: PLC0415
        from barograph_web.review import erasure, mailing, panels, work  # noqa: PLC0415
        from barograph_web.ui.navigation import Section, register  # noqa: PLC0415
        from barograph_web.users.permissions import May, may  # noqa: PLC0415

        register(Section(10, "Review", "review:week", lambda user: may(user, May.SEE_REVIEW)))
        panels.register()
        handlers.register(RunKind.MINUTES, mailing.deliver)
        ops_erasure.also_erases(erasure.take_user_out)
        contact_erasure.also_erases(erasure.take_contact_out)
        work.register_source()
