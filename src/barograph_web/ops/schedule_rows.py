"""From the schedule to rows: the weekly refresh is asked for when it is due."""

from __future__ import annotations

import re
from datetime import datetime

from django.conf import settings

from barograph.errors import BarographError
from barograph.lake import Manifest
from barograph_web.ops.models import Run, RunKind
from barograph_web.ops.schedule import Due, Weekly, newest_due, weekly_of
from barograph_web.ops.services import request_run
from barograph_web.ops.workspace import workspace

SCORES = "scores"
"""The dataset of published weeks; its module reads columns, which nobody waits for who only looks at a schedule."""

_NUMBER = re.compile(r"\d{8}T\d{6}Z-")


def schedule_in_force() -> Weekly | None:
    """The weekly schedule of the settings; None when there is none."""
    options = settings.OPTIONS_IN_FORCE
    return weekly_of(options.refresh_weekday, options.refresh_time)


def request_due(now: datetime) -> Run | None:
    """Ask for the refresh that is due, once per week; None when nothing new is due.

    A workspace with neither sources nor tables is left alone. One whose first file came after the refresh was due
    waits for the next Monday, or for a person who says that everything is there: published weeks stay as they are,
    and those of half the files would be wrong.
    """
    schedule = schedule_in_force()
    if schedule is None:
        return None
    due = newest_due(schedule, workspace().zone, now)
    key = due.monday.isoformat()
    if Run.objects.filter(kind=RunKind.REFRESH, key=key).exists() or not _worth_asking(due):
        return None
    return request_run(RunKind.REFRESH, key, {"as_of": key}, None, due_at=due.at)


def _worth_asking(due: Due) -> bool:
    place = workspace()
    try:
        manifest = place.lake.manifest()
    except BarographError:
        return True  # the run itself will say what is wrong with the files
    if place.settings.sources or manifest.entries(SCORES):
        return True
    first = first_import(manifest)
    return first is not None and first <= due.at


def first_import(manifest: Manifest) -> datetime | None:
    """When the oldest of the files that count was imported, by its number; None when there is none."""
    names = [name for name in manifest.datasets if name.startswith("raw/")]
    numbers = [str(entry.meta.get("import", "")) for name in names for entry in manifest.entries(name)]
    moments = [number.partition("-")[0] for number in numbers if _NUMBER.match(number)]
    return datetime.strptime(min(moments), "%Y%m%dT%H%M%S%z") if moments else None
