"""The app `pulses`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig

if TYPE_CHECKING:
    from barograph_web.ops.running import RunContext


class PulsesConfig(AppConfig):
    """Pulses, divergence, planned context, verdicts, grades."""

    name = "barograph_web.pulses"
    verbose_name = "pulses"

    def ready(self) -> None:
        """Its section in the header, its panel, the work that the worker does, and what makes plays wait."""
        from barograph_web.ops import erasure as ops_erasure  # noqa: PLC0415 - models are ready only now
        from barograph_web.ops import handlers, periodic  # noqa: PLC0415
        from barograph_web.ops.models import RunKind  # noqa: PLC0415
        from barograph_web.plays import holds  # noqa: PLC0415
        from barograph_web.portfolio import erasure as contact_erasure  # noqa: PLC0415
        from barograph_web.pulses import chase, erasure, panels, queries  # noqa: PLC0415
        from barograph_web.ui.navigation import Section, register  # noqa: PLC0415
        from barograph_web.users.permissions import May, may  # noqa: PLC0415

        register(Section(16, "Pulses", "pulses:due", lambda user: may(user, May.WRITE_PULSES)))
        panels.register()
        holds.register(queries.holds)
        handlers.register(RunKind.PULSES, _publish)
        for kind in (RunKind.REFRESH, RunKind.PROJECT):
            handlers.follow_up(kind, 21, "erased pulses", erasure.erase_again)
            handlers.follow_up(kind, 30, "pulses", _beside_numbers)
            handlers.follow_up(kind, 85, "grades", _grade)
        periodic.register("pulses to publish", chase.SOON, _ask)
        periodic.register("pulses of new accounts", chase.SOON, _keep_up)
        periodic.register("pulses due", chase.EVERY, chase.chase)
        ops_erasure.register(erasure.TEXT_KIND)
        ops_erasure.also_erases(erasure.take_user_out)
        contact_erasure.also_erases(erasure.take_contact_out)


def _publish(run: RunContext) -> Mapping[str, Any]:
    """The import and its engine are read when a run needs them, not when a web process starts."""
    from barograph_web.pulses import publishing  # noqa: PLC0415 - see above

    return publishing.publish(run)


def _ask(now: datetime) -> object:
    """See `_publish`."""
    from barograph_web.pulses import publishing  # noqa: PLC0415 - see above

    return publishing.ask(now)


def _keep_up(now: datetime) -> object:
    """See `_publish`."""
    from barograph_web.pulses import state  # noqa: PLC0415 - see above

    if not state.lacks_accounts():
        return 0
    from barograph_web.ops.workspace import workspace  # noqa: PLC0415
    from barograph_web.pulses import rebuilding  # noqa: PLC0415

    return rebuilding.rebuild(workspace(), now)


def _beside_numbers(run: RunContext) -> None:
    """See `_publish`."""
    from barograph_web.pulses import rebuilding  # noqa: PLC0415 - see above

    rebuilding.follow_projection(run)


def _grade(run: RunContext) -> None:
    """See `_publish`."""
    from barograph_web.pulses import grading  # noqa: PLC0415 - see above

    grading.follow_projection(run)
