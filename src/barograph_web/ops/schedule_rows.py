"""From the schedule to rows: the weekly refresh is asked for when it is due."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from barograph.errors import BarographError
from barograph_web.ops.models import Run, RunKind
from barograph_web.ops.schedule import Weekly, newest_due, weekly_of
from barograph_web.ops.services import request_run
from barograph_web.ops.workspace import workspace


def schedule_in_force() -> Weekly | None:
    """The weekly schedule of the settings; None when there is none."""
    options = settings.OPTIONS_IN_FORCE
    return weekly_of(options.refresh_weekday, options.refresh_time)


def request_due(now: datetime) -> Run | None:
    """Ask for the refresh that is due, once per week; None when nothing new is due.

    A workspace without any imported table is left alone: there is nothing to score, and the week is asked for as
    soon as there is.
    """
    schedule = schedule_in_force()
    if schedule is None:
        return None
    due = newest_due(schedule, workspace().zone, now)
    key = due.monday.isoformat()
    if Run.objects.filter(kind=RunKind.REFRESH, key=key).exists() or not _has_data():
        return None
    return request_run(RunKind.REFRESH, key, {"as_of": key}, None, due_at=due.at)


def _has_data() -> bool:
    try:
        datasets = workspace().lake.manifest().datasets
    except BarographError:
        return True  # the run itself will say what is wrong with the files
    return any(name.startswith("raw/") for name in datasets)
