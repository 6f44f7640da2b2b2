"""Calendar: reference dates written out, and the two statements that as_of rests on (decision 1, S3, P4)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.core.calendar import (
    add_working_days,
    day_number,
    day_start,
    grid_day,
    is_grid_day,
    is_working_day,
    last_grid_days,
    local_day,
    quarter_starts,
    to_date,
    weekly_grid,
    working_days_between,
)
from barograph.errors import UsageError

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "America/Sao_Paulo")
DAYS = st.integers(min_value=day_number(date(1990, 1, 1)), max_value=day_number(date(2090, 1, 1)))


def test_day_numbers_of_known_dates() -> None:
    assert day_number(date(1970, 1, 1)) == 0
    assert day_number(date(2024, 2, 29)) == 19_782
    assert to_date(19_782) == date(2024, 2, 29)
    assert day_number(date(2026, 11, 16)) == 20_773


def test_an_instant_is_not_taken_for_a_date() -> None:
    with pytest.raises(UsageError, match="local_day"):
        day_number(datetime(2026, 11, 16, 12, tzinfo=UTC))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "day",
    [
        date(2026, 3, 29),  # Berlin loses an hour
        date(2026, 10, 25),  # Berlin gains one
        date(2026, 3, 8),  # New York
        date(2026, 11, 1),
        date(2018, 11, 4),  # Sao Paulo has no midnight
        date(2018, 2, 18),
        date(2011, 12, 31),  # Apia had no 30 December
        date(2024, 2, 29),
    ],
)
def test_before_midnight_and_local_day_are_one_statement(zone: str, day: date) -> None:
    """D - 1 s is the day before, D and D + 1 s are D, in weeks with clock changes too."""
    tz = ZoneInfo(zone)
    start = day_start(day_number(day), tz)
    assert local_day(start - timedelta(seconds=1), tz) < day_number(day)
    assert local_day(start, tz) == day_number(day)
    assert local_day(start + timedelta(seconds=1), tz) == day_number(day)


def test_a_naive_instant_is_utc() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert local_day(datetime(2026, 1, 1, 22, 59, 59), berlin) == day_number(date(2026, 1, 1))
    assert local_day(datetime(2026, 1, 1, 23, 0, 0), berlin) == day_number(date(2026, 1, 2))


@given(DAYS)
def test_grid_days_are_mondays(day: int) -> None:
    monday = grid_day(day)
    assert to_date(monday).weekday() == 0
    assert 0 <= day - monday < 7
    assert is_grid_day(monday)
    assert is_grid_day(day) == (to_date(day).weekday() == 0)


@given(DAYS, st.integers(0, 60))
def test_weekly_grid_holds_every_monday_between(first: int, length: int) -> None:
    expected = [d for d in range(first, first + length + 1) if to_date(d).weekday() == 0]
    assert list(weekly_grid(first, first + length)) == expected


def test_grids_at_their_edges() -> None:
    monday = day_number(date(2026, 11, 16))
    assert weekly_grid(monday, monday) == (monday,)
    assert weekly_grid(monday + 1, monday) == ()
    assert last_grid_days(monday + 3, 3) == (monday - 14, monday - 7, monday)
    with pytest.raises(UsageError, match="weeks = 0"):
        last_grid_days(monday, 0)


def test_working_days_by_hand() -> None:
    friday = day_number(date(2026, 11, 13))
    assert to_date(add_working_days(friday, 1)) == date(2026, 11, 16)
    assert to_date(add_working_days(friday, 5)) == date(2026, 11, 20)
    assert to_date(add_working_days(friday + 1, 0)) == date(2026, 11, 16)
    assert add_working_days(friday, 0) == friday
    christmas = frozenset({day_number(date(2026, 12, 25))})
    assert to_date(add_working_days(day_number(date(2026, 12, 24)), 1, christmas)) == date(2026, 12, 28)
    with pytest.raises(UsageError, match="count = -1"):
        add_working_days(friday, -1)


@given(DAYS, st.integers(1, 40), st.sets(DAYS, max_size=5))
def test_working_days_count_back(day: int, count: int, holidays: set[int]) -> None:
    due = add_working_days(day, count, holidays)
    assert is_working_day(due, holidays)
    assert working_days_between(day, due, holidays) == count
    assert working_days_between(day, due - 1, holidays) == count - 1


def test_quarters() -> None:
    first, last = day_number(date(2025, 12, 31)), day_number(date(2026, 7, 1))
    starts = [to_date(d) for d in quarter_starts(first, last)]
    assert starts == [date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1)]
