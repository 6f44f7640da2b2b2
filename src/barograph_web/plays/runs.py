"""What the worker does for plays after a week was brought in: touches, ends of plays, triggers, cadences, segments.

Each step finds what an interrupted one did and goes on from there: keys are used once.
"""

from __future__ import annotations

from typing import Any

from barograph_web.ops.running import RunContext
from barograph_web.plays import (
    cadence,
    capacity,
    dry_run,
    firing,
    hold_out,
    imported,
    library,
    segments,
    success,
)
from barograph_web.plays.models import Firing, IncidentState, TriggeredWeek
from barograph_web.plays.working import day_of
from barograph_web.portfolio.models import Week
from barograph_web.scoring.models import VersionRelease


def after_projection(run: RunContext) -> None:
    """A follow-up of the refresh and of the projection."""
    look(run)


def look(run: RunContext) -> dict[str, Any]:
    """Handler of RunKind.PLAYS: bring plays up to the newest week that pages show; what came of it. With the argument
    `work`: "dry_run" says what a week would set off and changes nothing, "release" opens what an incident held back."""
    if run.arguments.get("work") == "dry_run":
        with run.step("what the week would set off"):
            return dry_run.work_out(run.arguments)
    if run.arguments.get("work") == "release":
        return _release(run)
    now, today = run.now, day_of(run.now)
    counts: dict[str, Any] = {}
    with run.step("customer touches of the imported data") as step:
        step.count(touches=imported.take_in(now))
    with run.step("plays whose check has come") as step:
        step.count(**success.check_due(today, now))
    with run.step("plays of the published weeks") as step:
        counts = trigger_newest(run)
        step.count(**counts)
    with run.step("plays that were put off") as step:
        step.count(opened=firing.wake_firings(today, now))
    with run.step("cadences") as step:
        step.count(**cadence.make_due(today, now))
    with run.step("tech-touch steps") as step:
        step.count(sent=segments.send_due(today, now))
    with run.step("capacity"):
        capacity.work_out(today, now)
    with run.step("journal of plays") as step:
        step.count(lines=hold_out.write_journal(now))
    return counts


def trigger_newest(run: RunContext) -> dict[str, int]:
    """Take in what the weeks since the last look set off; nothing for a week that was looked at, in whatever revision
    it is published since."""
    newest = Week.objects.defer("head", "totals").first()
    last = TriggeredWeek.objects.first()
    if newest is None or (last is not None and last.as_of >= newest.as_of):
        return {}
    released = set(VersionRelease.objects.values_list("model_version", flat=True))
    report = library.fired(newest.as_of, last.as_of if last else None, released)
    run.heartbeat()
    counts = firing.take_in(report, run.now, newest.model_version)
    TriggeredWeek.objects.get_or_create(
        as_of=newest.as_of,
        defaults={"model_version": newest.model_version, "at": run.now, "counts": counts},
    )
    return counts


def _release(run: RunContext) -> dict[str, Any]:
    """Open what a released incident held back. Killed on the way, it goes on with what still waits."""
    held = Firing.objects.filter(incident=run.arguments["incident"], incident__state=IncidentState.RELEASED)
    with run.step("plays that were held back") as step:
        opened = firing.open_held(held, run.now, run.heartbeat)
        step.count(opened=opened)
    with run.step("cadences") as step:
        step.count(**cadence.make_due(day_of(run.now), run.now))
    with run.step("journal of plays") as step:
        step.count(lines=hold_out.write_journal(run.now))
    return {"opened": opened}
