"""Signs of health: what probes, metrics and the page for people go by."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Max

from barograph.core.calendar import WEEK, day_number, to_date
from barograph.errors import BarographError
from barograph.pipeline.score_store import published_weeks
from barograph_web.ops.models import Run, RunState, WorkerBeat
from barograph_web.ops.schedule import next_due
from barograph_web.ops.schedule_rows import schedule_in_force
from barograph_web.ops.workspace import workspace

Level = Literal["good", "warn", "bad"]
SILENT_AFTER = timedelta(seconds=60)
"""A worker that was not seen for this long counts as away; it beats every ten seconds."""
STALE_AFTER = timedelta(days=10)
"""The newest week is as old as this only when a weekly refresh was missed."""
LITTLE_DISK = 2**30


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that was looked at. `words` are for people who may see details; probes get `name` and `level`."""

    name: str
    level: Level
    words: str


def signs(now: datetime) -> list[Sign]:
    """Everything that was looked at, each on its own: one that fails does not hide the others."""
    looks: tuple[tuple[str, Callable[[datetime], Sign]], ...] = (
        ("database", _database),
        ("workspace", _workspace),
        ("worker", _worker),
        ("newest_week", _week),
        ("runs", _runs),
        ("disk", _disk),
    )
    found = []
    for name, look in looks:
        try:
            found.append(look(now))
        except DatabaseError as error:
            found.append(Sign(name, "bad", f"The database did not answer ({type(error).__name__})."))
        except BarographError as error:
            found.append(Sign(name, "bad", str(error)))
        except OSError as error:
            found.append(Sign(name, "bad", f"A file could not be read ({error.strerror})."))
    return found


def worst(found: list[Sign]) -> Level:
    """The worst level of all."""
    levels = {sign.level for sign in found}
    return "bad" if "bad" in levels else "warn" if "warn" in levels else "good"


def worker_age(now: datetime) -> timedelta | None:
    """How long ago any worker was last seen; None: none ever was, or the last one ended."""
    seen = WorkerBeat.objects.aggregate(seen=Max("seen_at"))["seen"]
    return None if seen is None else max(timedelta(0), now - seen)


def newest_week_age(now: datetime) -> timedelta | None:
    """How long ago the newest published week was as of, on the workspace's clocks; None without any."""
    place = workspace()
    weeks = published_weeks(place.lake.manifest())
    today = day_number(now.astimezone(place.zone).date())
    return timedelta(days=today - max(weeks)) if weeks else None


def runs_by_state() -> dict[str, int]:
    """How many runs are in which state, 0 where there are none."""
    counted = Run.objects.values_list("state").annotate(n=Count("pk")).order_by()
    return {str(state): 0 for state in RunState.values} | dict(counted)


def _database(_now: datetime) -> Sign:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return Sign("database", "good", f"{connection.display_name} answers.")


def _workspace(_now: datetime) -> Sign:
    place = workspace()
    generation = place.lake.manifest().generation
    return Sign(
        "workspace", "good", f"{place.settings.name}: the files are readable, generation {generation}."
    )


def _worker(now: datetime) -> Sign:
    age = worker_age(now)
    if age is None:
        return Sign("worker", "bad", "No worker is running: nothing is refreshed. Start `barograph worker`.")
    if age > SILENT_AFTER:
        told = (
            f"No worker was seen for {int(age.total_seconds())} seconds. Look at its log and start it again."
        )
        return Sign("worker", "bad", told)
    count = WorkerBeat.objects.filter(seen_at__gte=now - SILENT_AFTER).count()
    return Sign("worker", "good", f"{count} {'worker is' if count == 1 else 'workers are'} running.")


def _week(now: datetime) -> Sign:
    age = newest_week_age(now)
    schedule = schedule_in_force()
    planned = "No weekly refresh is planned." if schedule is None else ""
    if schedule is not None:
        place = workspace()
        due = next_due(schedule, place.zone, now).at.astimezone(place.zone)
        planned = f"The next refresh is due {due:%a %-d %b %Y %H:%M}."
    if age is None:
        return Sign("newest_week", "warn", f"No week is scored yet. {planned}")
    week = to_date(day_number(now.astimezone(workspace().zone).date()) - age.days)
    words = f"The newest week is as of {week:%a %-d %b %Y}. {planned}"
    return Sign("newest_week", "warn" if age > STALE_AFTER and schedule is not None else "good", words)


def _runs(now: datetime) -> Sign:
    since = now - timedelta(days=WEEK)
    failed = Run.objects.filter(state=RunState.FAILED, finished_at__gte=since).count()
    stale = Run.objects.filter(state=RunState.DEGRADED, finished_at__gte=since).count()
    if failed:
        return Sign(
            "runs", "warn", f"{failed} {'run has' if failed == 1 else 'runs have'} failed within a week."
        )
    if stale:
        return Sign(
            "runs", "warn", f"{stale} {'run' if stale == 1 else 'runs'} within a week had a stale source."
        )
    return Sign("runs", "good", "No run has failed within a week.")


def _disk(_now: datetime) -> Sign:
    free = shutil.disk_usage(settings.WORKSPACE).free
    words = f"{free / 2**30:,.1f} GiB are free where the workspace is."
    return Sign("disk", "good" if free >= LITTLE_DISK else "warn", words)
