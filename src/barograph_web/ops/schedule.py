"""When the weekly refresh is due: pure functions of the settings, the time zone and the instant.

The key of a week is its Monday. A week's refresh is due at the chosen weekday and time in that week, on the clocks of
the workspace: where they skip that time, at the instant they would have shown it; where it comes twice, the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Weekly:
    """Once a week: weekday 0 (Monday) to 6, at `at` on the workspace's clocks."""

    weekday: int
    at: time


@dataclass(frozen=True, slots=True)
class Due:
    """The refresh of the week that begins on `monday` is due at the instant `at` (UTC)."""

    monday: date
    at: datetime


def weekly_of(weekday: str, at: str) -> Weekly | None:
    """The schedule that the settings name; None for `never`.

    Raises ValueError for a day that is none, or a time that is not HH:MM.
    """
    if weekday == "never":
        return None
    if weekday not in WEEKDAYS:
        raise ValueError(f"{weekday!r} is none of {', '.join(WEEKDAYS)}, never")
    try:
        moment = datetime.strptime(at, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone
    except ValueError as error:
        raise ValueError(f"{at!r} is not a time such as 06:00") from error
    return Weekly(WEEKDAYS.index(weekday), moment)


def due_in_week(schedule: Weekly, monday: date, zone: ZoneInfo) -> Due:
    """When the refresh of the week of `monday` is due. Raises ValueError when that day is no Monday."""
    if monday.weekday() != 0:
        raise ValueError(f"{monday} is not a Monday")
    local = datetime.combine(monday + timedelta(days=schedule.weekday), schedule.at, tzinfo=zone)
    return Due(monday, local.astimezone(UTC))


def newest_due(schedule: Weekly, zone: ZoneInfo, now: datetime) -> Due:
    """The last refresh that was due by `now`: after a sleep of many weeks still only this one.

    Weeks between are filled by it (the refresh handler scores from the last published week on).
    """
    monday = _monday_of(now, zone)
    due = due_in_week(schedule, monday, zone)
    return due if due.at <= now else due_in_week(schedule, monday - WEEK, zone)


def next_due(schedule: Weekly, zone: ZoneInfo, now: datetime) -> Due:
    """The first refresh that is due after `now`."""
    newest = newest_due(schedule, zone, now)
    return due_in_week(schedule, newest.monday + WEEK, zone)


def _monday_of(now: datetime, zone: ZoneInfo) -> date:
    day = now.astimezone(zone).date()
    return day - timedelta(days=day.weekday())
