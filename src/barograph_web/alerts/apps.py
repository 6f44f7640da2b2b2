"""The app `alerts`."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """What is told to whom."""

    name = "barograph_web.alerts"
    verbose_name = "alerts"

    def ready(self) -> None:
        """Register the bell, the page under Administration, the worker's part, erasure and retention."""
        from barograph_web.alerts import erasure, work  # noqa: PLC0415 - models are ready only now
        from barograph_web.ops import erasure as ops_erasure  # noqa: PLC0415
        from barograph_web.ops import retention  # noqa: PLC0415
        from barograph_web.portfolio import erasure as contacts  # noqa: PLC0415
        from barograph_web.ui.navigation import Bell, ring  # noqa: PLC0415
        from barograph_web.users.administration import Tab, register  # noqa: PLC0415
        from barograph_web.users.permissions import May, may  # noqa: PLC0415

        work.register()
        ring(Bell("Alerts", "alerts:mine", lambda user: may(user, May.OWN_ALERTS), _unread))
        register(Tab(55, "Webhooks", "alerts:webhooks", (May.MANAGE_WEBHOOKS,)))
        retention.register(retention.Drop("alerts", erasure.drop_old))
        ops_erasure.also_erases(erasure.erase_user)
        contacts.also_erases(erasure.erase_contact)


def _unread(user: Any) -> int:
    """Read when a page is drawn."""
    from barograph_web.alerts.queries import unread_count  # noqa: PLC0415 - models are ready only then

    return unread_count(user)
