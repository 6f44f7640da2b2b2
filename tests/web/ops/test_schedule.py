"""Truth: property and hand-reckoned instants. The weekly refresh is due once a week on the workspace's clocks, over the
changes of the clocks too, and after a sleep only the newest missed one is asked for (issue 4, weekly refresh; H4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph_web.ops.schedule import Weekly, due_in_week, newest_due, next_due, weekly_of

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY_SIX = Weekly(0, time(6))
ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kathmandu",
        "Pacific/Apia",
        "Australia/Lord_Howe",
        "Africa/Cairo",
    ]
).map(ZoneInfo)
SCHEDULES = st.builds(Weekly, st.integers(0, 6), st.times().map(lambda t: t.replace(second=0, microsecond=0)))
MOMENTS = st.datetimes(datetime(2011, 1, 1), datetime(2035, 1, 1)).map(lambda d: d.replace(tzinfo=UTC))


@given(SCHEDULES, ZONES, MOMENTS)
def test_the_newest_due_is_past_the_next_is_not_and_they_are_neighbours(
    schedule: Weekly, zone: ZoneInfo, now: datetime
) -> None:
    newest, coming = newest_due(schedule, zone, now), next_due(schedule, zone, now)
    assert newest.at <= now < coming.at
    assert coming.monday - newest.monday == timedelta(days=7)
    assert newest.monday.weekday() == 0


@given(SCHEDULES, ZONES, MOMENTS)
def test_a_worker_that_looks_at_any_time_finds_each_week_once(
    schedule: Weekly, zone: ZoneInfo, now: datetime
) -> None:
    keys = {newest_due(schedule, zone, now + timedelta(hours=h)).monday for h in range(0, 24 * 21, 5)}
    assert len(keys) in (3, 4)
    assert keys == {min(keys) + timedelta(days=7 * i) for i in range(len(keys))}


@given(SCHEDULES, ZONES, MOMENTS, st.integers(1, 300))
def test_after_a_sleep_of_many_weeks_one_run_is_due_and_it_is_the_newest(
    schedule: Weekly, zone: ZoneInfo, now: datetime, weeks: int
) -> None:
    before = newest_due(schedule, zone, now)
    after = newest_due(schedule, zone, now + timedelta(weeks=weeks))
    assert abs((after.monday - before.monday).days - 7 * weeks) <= 7


@pytest.mark.parametrize(
    ("monday", "utc"),
    [
        (date(2026, 3, 23), datetime(2026, 3, 23, 5, tzinfo=UTC)),  # winter, UTC+1
        (date(2026, 3, 30), datetime(2026, 3, 30, 4, tzinfo=UTC)),  # the day after clocks went forward
        (date(2026, 10, 26), datetime(2026, 10, 26, 5, tzinfo=UTC)),  # the day after they went back
    ],
)
def test_six_o_clock_is_six_o_clock_on_the_clocks_of_the_workspace(monday: date, utc: datetime) -> None:
    assert due_in_week(MONDAY_SIX, monday, BERLIN).at == utc


def test_a_time_that_the_clocks_skip_is_the_instant_they_would_have_shown_it() -> None:
    sunday_half_past_two = Weekly(6, time(2, 30))  # 29 March 2026: 02:00 becomes 03:00
    due = due_in_week(sunday_half_past_two, date(2026, 3, 23), BERLIN)
    assert due.at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_time_that_comes_twice_is_the_first() -> None:
    sunday_half_past_two = Weekly(6, time(2, 30))  # 25 October 2026: 03:00 becomes 02:00
    due = due_in_week(sunday_half_past_two, date(2026, 10, 19), BERLIN)
    assert due.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_settings_name_a_schedule_or_none() -> None:
    assert weekly_of("monday", "06:00") == MONDAY_SIX
    assert weekly_of("never", "06:00") is None
    with pytest.raises(ValueError, match="none of monday"):
        weekly_of("mondays", "06:00")
    with pytest.raises(ValueError, match="such as 06:00"):
        weekly_of("monday", "6 a.m.")


def test_a_week_is_named_by_its_monday() -> None:
    with pytest.raises(ValueError, match="not a Monday"):
        due_in_week(MONDAY_SIX, date(2026, 11, 17), BERLIN)
