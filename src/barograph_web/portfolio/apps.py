"""The app `portfolio`."""

from __future__ import annotations

from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    name = "barograph_web.portfolio"
    verbose_name = "portfolio"

    def ready(self) -> None:
        """Its section in the header and its panels."""
        from barograph_web.portfolio.panels import register_all  # noqa: PLC0415 - models are ready only now
        from barograph_web.ui.navigation import Section, register  # noqa: PLC0415
        from barograph_web.users.permissions import May, may  # noqa: PLC0415

        register(Section(20, "Portfolio", "portfolio:table", lambda user: may(user, May.SEE_PORTFOLIO)))
        register(
            Section(
                20,
                "Shared with you",
                "portfolio:shared",
                lambda user: may(user, May.SEE_ACCOUNTS) and not may(user, May.SEE_PORTFOLIO),
            )
        )
        register_all()
        _register_privacy()


def _register_privacy() -> None:
    """Erasing contacts, which audit events a person sees, and for whom somebody acts."""
    from barograph_web.ops import behalf, handlers, sight  # noqa: PLC0415
    from barograph_web.ops import erasure as ops_erasure  # noqa: PLC0415 - models are ready only now
    from barograph_web.ops.models import RunKind  # noqa: PLC0415
    from barograph_web.portfolio import erasure, standing_in, visibility  # noqa: PLC0415

    ops_erasure.register(erasure.CONTACTS)
    handlers.follow_up(RunKind.REFRESH, 20, "erased contacts", erasure.erase_again)
    handlers.follow_up(RunKind.PROJECT, 20, "erased contacts", erasure.erase_again)
    sight.accounts_seen_with(visibility.visible_ids)
    behalf.told_by(standing_in.stands_in_for)
