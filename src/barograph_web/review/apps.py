"""The app `review`."""

from __future__ import annotations

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "barograph_web.review"
    verbose_name = "review"

    def ready(self) -> None:
        """The review is the first section of the header, and shows its decisions on the account's page."""
        from barograph_web.review import panels  # noqa: PLC0415 - models are ready from here on
        from barograph_web.ui.navigation import Section, register  # noqa: PLC0415
        from barograph_web.users.permissions import May, may  # noqa: PLC0415

        register(Section(10, "Review", "review:week", lambda user: may(user, May.SEE_REVIEW)))
        panels.register()
