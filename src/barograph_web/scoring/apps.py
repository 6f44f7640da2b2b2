"""The app `scoring`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig

if TYPE_CHECKING:
    from barograph_web.ops.running import RunContext


class ScoringConfig(AppConfig):
    """Published weeks, scores and models."""

    name = "barograph_web.scoring"
    verbose_name = "scoring"

    def ready(self) -> None:
        """Register the section of the header and the work that the worker does."""
        from barograph_web.ops import handlers  # noqa: PLC0415 - models are ready only now
        from barograph_web.ops.models import RunKind  # noqa: PLC0415
        from barograph_web.ui.navigation import Section, register  # noqa: PLC0415
        from barograph_web.users.permissions import May, may  # noqa: PLC0415

        handlers.register(RunKind.PROJECT, _project)
        handlers.follow_up(RunKind.REFRESH, 10, "projection", _after_refresh)
        for kind in (RunKind.REFRESH, RunKind.PROJECT):
            handlers.follow_up(kind, 25, "alerts", _announce)
        handlers.register(RunKind.VALIDATE, _validate)
        handlers.register(RunKind.LEARN, _learn)
        register(Section(30, "Models", "scoring:models", lambda user: may(user, May.SEE_MODELS)))


def _validate(run: RunContext) -> dict[str, Any]:
    """Statistics are read when a run needs them, not when a web process starts."""
    from barograph_web.scoring import runs  # noqa: PLC0415 - see above

    return runs.validate(run)


def _learn(run: RunContext) -> dict[str, Any]:
    """See `_validate`."""
    from barograph_web.scoring import runs  # noqa: PLC0415 - see above

    return runs.learn(run)


def _project(run: RunContext) -> dict[str, Any]:
    """See `_validate`: DuckDB is read when the worker needs it."""
    from barograph_web.scoring import projection_runs  # noqa: PLC0415 - see above

    return projection_runs.run_projection(run)


def _after_refresh(run: RunContext) -> None:
    """See `_project`."""
    from barograph_web.scoring import projection_runs  # noqa: PLC0415 - see above

    projection_runs.after_refresh(run)


def _announce(run: RunContext) -> None:
    """Changes of the week become events."""
    from barograph_web.scoring import announcing  # noqa: PLC0415 - models are ready only then

    announcing.after_projection(run)
