"""Runs that ended badly, and rows of the workspace's sources that were set aside, as events.

The worker looks at the rows of runs: they belong to an app below this one, which knows nothing of alerts."""

from __future__ import annotations

from datetime import datetime, timedelta

from barograph_web.alerts.events import emit
from barograph_web.ops.models import Run, RunKind, RunState, RunStep

LOOKED_BACK = timedelta(days=7)


def tell_failed_refreshes(now: datetime) -> int:
    """Emit `refresh.failed` for weekly refreshes that failed or were refused lately, once per attempt; how many there
    are."""
    ended = Run.objects.filter(
        kind=RunKind.REFRESH, state__in=[RunState.FAILED, RunState.REFUSED], finished_at__gt=now - LOOKED_BACK
    )
    found = list(ended)
    for run in found:
        payload = {"run_id": run.pk, "key": run.key, "state": run.state, "error": run.error[:1000]}
        emit("refresh.failed", key=f"run:{run.pk}:{run.claims}", at=run.finished_at or now, payload=payload)
    return len(found)


def tell_quarantined_sources(now: datetime) -> int:
    """Emit `import.quarantined` for sources of which rows were set aside lately, once per step; how many there are.
    Uploads say it themselves."""
    steps = RunStep.objects.filter(
        run__kind__in=[RunKind.REFRESH, RunKind.SOURCES],
        name__startswith="Source ",
        finished_at__gt=now - LOOKED_BACK,
        counts__rejected__gt=0,
    )
    found = list(steps)
    for step in found:
        payload = {
            "import_id": f"run {step.run_id}",
            "rows": int(step.counts["rejected"]),
            "file": step.name.removeprefix("Source "),
        }
        emit("import.quarantined", key=f"step:{step.pk}", at=step.finished_at or now, payload=payload)
    return len(found)
