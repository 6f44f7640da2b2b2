"""What the worker does for alerts every so often. Each part bears being called by two workers at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from barograph_web.alerts import delivering, digest, failures, mailing, spread
from barograph_web.ops import periodic
from barograph_web.ops.workspace import workspace


def register() -> None:
    """Called in AppConfig.ready."""
    periodic.register("alerts told", timedelta(seconds=2), _spread)
    periodic.register("webhooks delivered", timedelta(seconds=2), delivering.deliver_due)
    periodic.register("alerts gathered into mails", timedelta(seconds=15), _gather)
    periodic.register("digests written", timedelta(seconds=60), digest.digest_due)
    periodic.register("mails sent", timedelta(seconds=5), mailing.send_due)
    periodic.register("failed refreshes told", timedelta(seconds=60), failures.tell_failed_refreshes)
    periodic.register("quarantined sources told", timedelta(seconds=60), failures.tell_quarantined_sources)


def _spread(now: datetime) -> int:
    return spread.spread(now, now.astimezone(workspace().zone).date())


def _gather(now: datetime) -> int:
    return mailing.gather(now, now.astimezone(workspace().zone).date())
