"""Local day numbers: how instants and calendar days compare in a workspace's time zone.

A day number is the count of days from 1970-01-01 to a calendar date. An `as_of` is a local midnight, so
`t < as_of` holds exactly when the local day of `t` is smaller than the day of `as_of`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Days from 1970-01-01 to `day`; negative before it."""
    return day.toordinal() - EPOCH.toordinal()


def from_day_number(number: int) -> date:
    """The calendar date of a day number."""
    return date.fromordinal(EPOCH.toordinal() + number)


def local_day(moment: datetime, zone: ZoneInfo) -> int:
    """Day number of the calendar date that `moment` has in `zone`. `moment` must carry a time zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone has no local day")
    return day_number(moment.astimezone(zone).date())


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which `day` begins in `zone`.

    Where a zone skips midnight, this is the instant the clocks would have shown it without the change.
    """
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
