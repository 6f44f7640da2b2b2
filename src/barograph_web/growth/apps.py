"""The app `growth`: what accounts get to, under the section "Success"."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig

if TYPE_CHECKING:
    from barograph_web.ops.running import RunContext


class GrowthConfig(AppConfig):
    """Expansion and hand-over, success plans, advocates, escalations."""

    name = "barograph_web.growth"
    verbose_name = "growth"

    def ready(self) -> None:
        """Its section in the header, its panels, the work of the worker, and what erasure takes out."""
        from barograph_web.growth import panels  # noqa: PLC0415 - models are ready only now
        from barograph_web.growth.erasure import erase_contact  # noqa: PLC0415
        from barograph_web.ops import handlers, periodic  # noqa: PLC0415
        from barograph_web.ops.models import RunKind  # noqa: PLC0415
        from barograph_web.portfolio.erasure import also_erases  # noqa: PLC0415
        from barograph_web.ui.navigation import Section, register  # noqa: PLC0415
        from barograph_web.users.permissions import May, may  # noqa: PLC0415

        register(Section(35, "Success", "growth:expansion", lambda user: may(user, May.SEE_GROWTH)))
        panels.register()
        handlers.register(RunKind.GOALS, _publish)
        handlers.follow_up(RunKind.REFRESH, 60, "success", _after_refresh)
        handlers.follow_up(RunKind.PROJECT, 60, "success", _after_projection)
        periodic.register("hand-overs overdue", timedelta(minutes=5), _overdue)
        also_erases(erase_contact)


def _publish(run: RunContext) -> dict[str, Any]:
    """The engine is read when a run needs it, not when a web process starts."""
    from barograph_web.growth import publishing  # noqa: PLC0415 - see above

    return publishing.publish(run)


def _after_refresh(run: RunContext) -> None:
    from barograph_web.growth import publishing  # noqa: PLC0415 - see `_publish`

    _after_projection(run)
    publishing.after_refresh(run)


def _after_projection(run: RunContext) -> None:
    from barograph_web.growth import follow_up  # noqa: PLC0415 - see `_publish`

    follow_up.after_projection(run)


def _overdue(now: datetime) -> int:
    from barograph_web.growth import services_hand_over  # noqa: PLC0415 - models are ready only when it is called

    return services_hand_over.tell_overdue(now)
