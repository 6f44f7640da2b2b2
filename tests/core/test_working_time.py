"""Working time. Truths: property (adding and measuring are inverse, over clock changes, holidays and pauses), examples
that a person can check on a calendar (P4: SLA clocks in working hours)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.core.working_time import Calendar
from barograph.errors import UsageError

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
)
BERLIN = Calendar("Europe/Berlin", holidays=frozenset({date(2026, 12, 25)}))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda d: d.replace(tzinfo=UTC))
HOURS = st.floats(0, 200, allow_nan=False).map(lambda h: round(h, 3))
TINY = timedelta(microseconds=2)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    begins = draw(st.integers(0, 22))
    ends = draw(st.integers(begins + 1, 24))
    days = draw(st.sets(st.integers(0, 6), min_size=1))
    holidays = draw(st.sets(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=20))
    closing = time(0) if ends == 24 else time(ends, draw(st.sampled_from([0, 30])) if ends < 24 else 0)
    return Calendar(draw(st.sampled_from(ZONES)), frozenset(days), time(begins), closing, frozenset(holidays))


@given(calendars(), MOMENTS, HOURS)
def test_what_was_added_is_what_has_elapsed(calendar: Calendar, start: datetime, hours: float) -> None:
    due = calendar.add(start, hours=hours)
    assert due >= start
    assert abs(calendar.elapsed(start, due) - timedelta(hours=hours)) <= TINY


@given(calendars(), MOMENTS, HOURS, HOURS)
def test_more_time_is_due_later(calendar: Calendar, start: datetime, some: float, more: float) -> None:
    low, high = sorted((some, more))
    assert calendar.add(start, hours=low) <= calendar.add(start, hours=high)


@given(calendars(), st.lists(MOMENTS, min_size=3, max_size=3))
def test_elapsed_adds_up_and_is_never_negative(calendar: Calendar, moments: list[datetime]) -> None:
    first, middle, last = sorted(moments)
    whole = calendar.elapsed(first, last)
    assert whole == calendar.elapsed(first, middle) + calendar.elapsed(middle, last)
    assert timedelta(0) <= whole <= last - first
    assert calendar.elapsed(last, first) == timedelta(0)


@given(calendars(), MOMENTS, st.lists(st.tuples(MOMENTS, st.one_of(st.none(), MOMENTS)), max_size=4))
def test_pauses_take_away_what_was_worked_in_them_once(
    calendar: Calendar, start: datetime, pauses: list[tuple[datetime, datetime | None]]
) -> None:
    """Pauses that overlap count once: the oracle counts working time minute span by minute span between their ends."""
    end = start + timedelta(days=30)
    edges = sorted(
        {start, end, *(min(max(x, start), end) for pause in pauses for x in pause if x is not None)}
    )
    open_spans = timedelta(0)
    for left, right in pairwise(edges):
        stopped = any(begin <= left and (until is None or until >= right) for begin, until in pauses)
        open_spans += timedelta(0) if stopped else calendar.elapsed(left, right)
    assert calendar.elapsed(start, end, pauses) == open_spans


@given(calendars(), MOMENTS, st.integers(1, 30))
def test_working_days_land_on_working_days_and_differ_by_one(
    calendar: Calendar, start: datetime, days: int
) -> None:
    zone = ZoneInfo(calendar.timezone)
    due, before = calendar.add(start, days=days), calendar.add(start, days=days - 1)
    assert due > before
    last_worked = (due - timedelta(microseconds=1)).astimezone(zone).date()
    assert calendar.is_working_day(last_worked)


@given(MOMENTS, st.integers(1, 12))
def test_days_are_hours_where_no_clock_changes(start: datetime, days: int) -> None:
    calendar = Calendar("Asia/Kolkata")
    assert calendar.add(start, days=days) == calendar.add(start, hours=days * calendar.hours_per_day)


@pytest.mark.parametrize(
    ("given_at", "amount", "due"),
    [
        ("2026-11-17 15:00", {"days": 1}, "2026-11-18 15:00"),
        ("2026-11-20 16:30", {"hours": 1}, "2026-11-23 09:30"),
        ("2026-11-21 12:00", {"days": 1}, "2026-11-23 17:00"),
        ("2026-12-24 10:00", {"days": 1}, "2026-12-28 10:00"),
        ("2026-11-17 07:00", {"hours": 0}, "2026-11-17 09:00"),
        ("2026-10-23 15:00", {"days": 1}, "2026-10-26 15:00"),
        ("2026-11-17 15:00", {"days": 1.5}, "2026-11-19 11:00"),
    ],
)
def test_examples_in_berlin(given_at: str, amount: dict[str, float], due: str) -> None:
    """One working day keeps the clock time; weekends, Christmas and the night in which clocks go back are jumped."""
    zone = ZoneInfo("Europe/Berlin")
    start = datetime.fromisoformat(given_at).replace(tzinfo=zone)
    assert BERLIN.add(start, **amount).astimezone(zone).strftime("%Y-%m-%d %H:%M") == due


def test_a_night_shift_loses_the_hour_that_the_clocks_skip() -> None:
    night = Calendar("Europe/Berlin", frozenset(range(7)), time(0), time(6))
    zone = ZoneInfo("Europe/Berlin")
    begin, end = datetime(2026, 3, 29, tzinfo=zone), datetime(2026, 3, 30, tzinfo=zone)
    assert night.elapsed(begin, end) == timedelta(hours=5)


def test_calendars_in_which_nobody_works_are_refused() -> None:
    for wrong in (
        {"weekdays": frozenset()},
        {"weekdays": frozenset({7})},
        {"begins": time(17), "ends": time(9)},
        {"timezone": "Mars/Base"},
    ):
        with pytest.raises(UsageError):
            Calendar(**wrong)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="no time zone"):
        BERLIN.add(datetime(2026, 1, 1), hours=1)
    with pytest.raises(UsageError, match="0 or more"):
        BERLIN.add(datetime(2026, 1, 1, tzinfo=UTC), hours=-1)
