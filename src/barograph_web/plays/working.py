"""The working calendar of the workspace, by the settings: in its hours the clocks run."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from barograph_web.ops.workspace import workspace

if TYPE_CHECKING:
    from barograph.core.working_time import Calendar

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def working_calendar() -> Calendar:
    """The calendar by the settings `work_days`, `work_begins`, `work_ends` and `holidays`, in the workspace's zone."""
    options = settings.OPTIONS_IN_FORCE
    return _made(
        workspace().settings.timezone,
        tuple(options.work_days),
        options.work_begins,
        options.work_ends,
        tuple(options.holidays),
    )


def day_of(at: datetime) -> date:
    """The local day of an instant, in the workspace's zone."""
    return at.astimezone(workspace().zone).date()


def hours_per_day() -> float:
    """Working hours of a working day: what one day of a service level is in hours."""
    return working_calendar().hours_per_day


@lru_cache(maxsize=8)
def _made(zone: str, days: tuple[str, ...], begins: str, ends: str, holidays: tuple[str, ...]) -> Calendar:
    from barograph.core.working_time import Calendar  # noqa: PLC0415 - the library is read when it is needed

    return Calendar(
        timezone=zone,
        weekdays=frozenset(DAYS.index(day) for day in days),
        begins=time.fromisoformat(begins),
        ends=time.fromisoformat(ends),
        holidays=frozenset(date.fromisoformat(day) for day in holidays),
    )
