"""Local day numbers, the weekly grid and working days.

A day number is the count of days from 1970-01-01 to a calendar date in the workspace's time zone. `as_of` D
is the instant D 00:00 there, so "before D" for an instant and "local day < D" are the same statement.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta, tzinfo

from barograph.errors import UsageError

WEEK = 7
_EPOCH = date(1970, 1, 1)
_FIRST_MONDAY = 4  # 1970-01-05


def day_number(day: date) -> int:
    """Days from 1970-01-01 to the date; negative before it. A datetime is refused: its zone would be lost."""
    if isinstance(day, datetime):
        raise UsageError(
            f"{day.isoformat()} is an instant, a calendar date is needed.",
            hint="Use local_day(instant, zone) so that the time zone is taken into account.",
        )
    return (day - _EPOCH).days


def to_date(day: int) -> date:
    """The calendar date of a day number."""
    return _EPOCH + timedelta(days=int(day))


def local_day(instant: datetime, zone: tzinfo) -> int:
    """Day number of the local date of the instant. A naive instant is UTC, as the lake stores it."""
    aware = instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
    return (aware.astimezone(zone).date() - _EPOCH).days


def day_start(day: int, zone: tzinfo) -> datetime:
    """The first instant of the local day, in UTC.

    Where clocks jump over midnight it is the moment of the jump; where midnight happens twice, the first.
    """
    midnight = datetime.combine(to_date(day), datetime.min.time(), tzinfo=zone)
    return midnight.astimezone(UTC)


def is_grid_day(day: int) -> bool:
    """Whether the day is a Monday, that is, on the weekly grid."""
    return (day - _FIRST_MONDAY) % WEEK == 0


def grid_day(day: int) -> int:
    """The latest Monday not after the day."""
    return day - (day - _FIRST_MONDAY) % WEEK


def weekly_grid(first: int, last: int) -> tuple[int, ...]:
    """All Mondays from `first` to `last`, both included where they are Mondays; empty when last < first."""
    start = grid_day(first + WEEK - 1)
    return tuple(range(start, last + 1, WEEK))


def last_grid_days(until: int, weeks: int) -> tuple[int, ...]:
    """The `weeks` latest Mondays not after `until`, oldest first."""
    if weeks < 1:
        raise UsageError(f"weeks = {weeks}: at least 1 is needed.")
    end = grid_day(until)
    return tuple(range(end - WEEK * (weeks - 1), end + 1, WEEK))


def is_working_day(day: int, holidays: Collection[int] = ()) -> bool:
    """Monday to Friday and not in `holidays` (day numbers)."""
    return (day - _FIRST_MONDAY) % WEEK < 5 and day not in holidays


def add_working_days(day: int, count: int, holidays: Collection[int] = ()) -> int:
    """The day on which a promise of `count` working days, made on `day`, is due.

    The day itself does not count: one working day from a Friday is the Monday. 0 gives the day itself when it
    is a working day, else the next one.
    """
    if count < 0:
        raise UsageError(f"count = {count}: working days are counted forward, 0 or more.")
    due, left = day, count
    while left > 0 or not is_working_day(due, holidays):
        due += 1
        if is_working_day(due, holidays):
            left = max(0, left - 1)
    return due


def working_days_between(first: int, last: int, holidays: Collection[int] = ()) -> int:
    """Working days after `first` up to and including `last`; 0 when last <= first.

    The inverse of `add_working_days` for counts of 1 and more.
    """
    return sum(is_working_day(day, holidays) for day in range(first + 1, last + 1))


def quarter_starts(first: int, last: int) -> tuple[int, ...]:
    """Day numbers of all 1 January, April, July and October from `first` to `last`, both included."""
    begin, end = to_date(first), to_date(last)
    days = (
        day_number(date(year, month, 1))
        for year in range(begin.year, end.year + 1)
        for month in (1, 4, 7, 10)
    )
    return tuple(day for day in days if first <= day <= last)
