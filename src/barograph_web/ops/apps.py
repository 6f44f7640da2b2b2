"""The app `ops`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.http import HttpRequest

if TYPE_CHECKING:
    from barograph_web.ops.running import RunContext


class OpsConfig(AppConfig):
    """Runs, audit log, health, backup and retention."""

    name = "barograph_web.ops"
    verbose_name = "ops"

    def ready(self) -> None:
        """Register runs, pages, checks and the audit log."""
        # Models are ready only now, hence the imports here.
        from barograph_web import checks  # noqa: F401, PLC0415
        from barograph_web.ops import erasure, handlers, retention  # noqa: PLC0415
        from barograph_web.ops.audit import audit  # noqa: PLC0415
        from barograph_web.ops.models import RunKind  # noqa: PLC0415
        from barograph_web.ui import navigation, panels  # noqa: PLC0415
        from barograph_web.users import trail  # noqa: PLC0415
        from barograph_web.users.administration import Tab, register, tabs_of  # noqa: PLC0415
        from barograph_web.users.permissions import May, may  # noqa: PLC0415

        trail.record_with(audit)
        handlers.register(RunKind.REFRESH, _refresh)
        handlers.register(RunKind.SOURCES, _sources)
        handlers.register(RunKind.BACKUP, _backup)
        handlers.register(RunKind.RETENTION, retention.drop_old)
        handlers.follow_up(RunKind.REFRESH, 90, "retention", retention.follow_refresh)
        retention.register(retention.Drop("audit_details", retention.drop_details))
        retention.register(retention.Drop("run_logs", retention.drop_run_logs))
        erasure.register(erasure.USERS)
        register(Tab(10, "Health", "ops:health", (May.SEE_RUNS,)))
        register(Tab(50, "Runs", "ops:runs", (May.SEE_RUNS,)))
        register(Tab(60, "Audit log", "ops:audit", (May.SEE_AUDIT,)))
        register(Tab(70, "Settings", "ops:settings", (May.SEE_SETTINGS,)))
        register(Tab(80, "Personal data", "ops:personal_data", (May.ERASE_PEOPLE,)))
        navigation.register(
            navigation.Section(
                90, "Administration", "ops:administration", lambda user: bool(tabs_of(user)), ("users",)
            )
        )
        panels.register(
            panels.Panel(
                page="person",
                position=90,
                name="history",
                title="History",
                template="ops/panels/history.html",
                context=_nothing_more,
                allowed=lambda user: may(user, May.SEE_AUDIT),
            )
        )


def _nothing_more(_request: HttpRequest, _subject: Any) -> dict[str, Any]:
    return {}


def _refresh(run: RunContext) -> Mapping[str, Any]:
    """The engine and its libraries are read when a run needs them, not when a web process starts."""
    from barograph_web.ops import refresh  # noqa: PLC0415 - see above

    return refresh.refresh(run)


def _sources(run: RunContext) -> Mapping[str, Any]:
    """See `_refresh`."""
    from barograph_web.ops import refresh  # noqa: PLC0415 - see above

    return refresh.sources_only(run)


def _backup(run: RunContext) -> Mapping[str, Any]:
    """See `_refresh`."""
    from barograph_web.ops import backup  # noqa: PLC0415 - see above

    return backup.run_backup(run)
