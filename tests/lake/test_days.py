"""Local day numbers against the calendar (reference; decisions 1: as_of is a local midnight)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.lake.days import day_number, from_day_number, local_day, midnight

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kathmandu"]


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_day_numbers_count_days_from_1970(day: date) -> None:
    assert from_day_number(day_number(day)) == day
    assert day_number(day) == (day - date(1970, 1, 1)).days


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "day", [date(2026, 3, 29), date(2026, 3, 30), date(2026, 10, 25), date(2026, 10, 26)]
)
def test_a_moment_is_before_midnight_exactly_when_its_day_is_smaller(zone: str, day: date) -> None:
    tz = ZoneInfo(zone)
    start = midnight(day, tz)
    for seconds in (-1, 0, 1, 3600):
        moment = start + timedelta(seconds=seconds)
        assert (moment < start) == (local_day(moment, tz) < day_number(day))


def test_a_moment_without_a_zone_has_no_day() -> None:
    with pytest.raises(ValueError, match="time zone"):
        local_day(datetime(2026, 1, 1), ZoneInfo("UTC"))
    assert local_day(datetime(2026, 1, 1, 23, 30, tzinfo=UTC), ZoneInfo("Europe/Berlin")) == day_number(
        date(2026, 1, 2)
    )
