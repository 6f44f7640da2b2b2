"""The app `plays`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.conf import settings

if TYPE_CHECKING:
    from barograph_web.ops.running import RunContext

EVERY = timedelta(minutes=1)


class PlaysConfig(AppConfig):
    """Plays, tasks, clocks, touches and routing."""

    name = "barograph_web.plays"
    verbose_name = "plays"

    def ready(self) -> None:
        """Register the section of the header and the work that the worker does."""
        from barograph_web.ops import erasure as user_erasure  # noqa: PLC0415
        from barograph_web.ops import handlers, periodic  # noqa: PLC0415 - models are ready only now
        from barograph_web.ops.models import RunKind  # noqa: PLC0415
        from barograph_web.plays import erasure, panels  # noqa: PLC0415
        from barograph_web.portfolio import erasure as contact_erasure  # noqa: PLC0415
        from barograph_web.ui.navigation import Section, register  # noqa: PLC0415
        from barograph_web.users.permissions import May, may  # noqa: PLC0415

        handlers.register(RunKind.PLAYS, _look)
        handlers.follow_up(RunKind.REFRESH, 30, "plays", _after_projection)
        handlers.follow_up(RunKind.PROJECT, 30, "plays", _after_projection)
        user_erasure.also_erases(erasure.erase_user)
        contact_erasure.also_erases(erasure.erase_contact)
        panels.register()
        register(Section(25, "Plays", "plays:library", lambda user: may(user, May.SEE_PLAYS)))
        periodic.register("plays", EVERY, _round)
        every = timedelta(seconds=settings.OPTIONS_IN_FORCE.touch_mail_seconds)
        periodic.register("touch mailbox", every, _look_into_box)


def _look(run: RunContext) -> dict[str, Any]:
    """The library is read when the worker needs it, not when a web process starts."""
    from barograph_web.plays import runs  # noqa: PLC0415 - see above

    return runs.look(run)


def _after_projection(run: RunContext) -> None:
    """See `_look`."""
    from barograph_web.plays import runs  # noqa: PLC0415 - see above

    runs.after_projection(run)


def _round(now: datetime) -> object:
    """See `_look`."""
    from barograph_web.plays import rounds  # noqa: PLC0415 - see above

    return rounds.go_round(now)


def _look_into_box(now: datetime) -> object:
    """See `_look`."""
    from barograph_web.plays import mail  # noqa: PLC0415 - see above

    return mail.look_into_box(now)
