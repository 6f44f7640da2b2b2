"""Working hours: when a promise of so many hours or working days is due, and how much of it is used up.

A calendar has weekdays, one stretch of hours a day by the local clock, and holidays. Instants are aware datetimes;
results are in UTC. Where clocks are put forward or back within the working hours, that day is an hour shorter or
longer, as it is for the people who work it. Property tests: tests/core/test_working_time.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from barograph.errors import UsageError

Span = tuple[datetime, datetime]
Pause = tuple[datetime, datetime | None]
"""From, and until; None: it still goes on."""
_DAY = timedelta(days=1)
_NOTHING = timedelta(0)


@dataclass(frozen=True)
class Calendar:
    """When people work.

    timezone: IANA name. weekdays: 0 Monday to 6 Sunday, at least one. begins, ends: local clock times; 00:00 as `ends`
    is midnight at the end of the day. holidays: local dates on which nobody works. Raises UsageError for a calendar in
    which nobody ever works.
    """

    timezone: str = "UTC"
    weekdays: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    begins: time = time(9)
    ends: time = time(17)
    holidays: frozenset[date] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise UsageError(
                f"{self.timezone!r} is no IANA time zone.", hint="For example Europe/Berlin."
            ) from error
        if not self.weekdays or not self.weekdays <= frozenset(range(7)):
            raise UsageError(
                f"weekdays = {sorted(self.weekdays)}: at least one of 0 (Monday) to 6 (Sunday) is needed."
            )
        if self.ends != time(0) and self.ends <= self.begins:
            raise UsageError(
                f"work begins at {self.begins:%H:%M} and ends at {self.ends:%H:%M}.",
                hint="Let it end later the same day; 00:00 is midnight.",
            )

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def hours_per_day(self) -> float:
        """Hours of an ordinary working day."""
        ends = 24.0 if self.ends == time(0) else _clock_hours(self.ends)
        return ends - _clock_hours(self.begins)

    def is_working_day(self, day: date) -> bool:
        """Whether people work on a local date."""
        return day.weekday() in self.weekdays and day not in self.holidays

    def is_working(self, instant: datetime) -> bool:
        """Whether people work at an instant; the end of a day's hours is not worked any more."""
        span = self._span(self._local_date(instant))
        return span is not None and span[0] <= instant < span[1]

    def next_working(self, instant: datetime) -> datetime:
        """The instant itself when people work then, else when they begin next."""
        for begins, ends in self._spans(instant):
            if instant < ends:
                return max(begins, instant).astimezone(UTC)
        raise AssertionError("a calendar has working days without end")

    def add(self, start: datetime, *, hours: float = 0.0, days: float = 0.0) -> datetime:
        """When so much working time, counted from `start`, is used up.

        days: working days, each to the same clock time on the next one (a promise of one working day, given on Tuesday
        at 15:00, is due on Wednesday at 15:00; given on Saturday, at the end of Monday). A part of a day counts as that
        part of an ordinary day's hours. The days come first, then the hours. Nothing to add gives the next working
        instant. Raises UsageError for negative amounts.
        """
        if hours < 0 or days < 0:
            raise UsageError(f"hours = {hours}, days = {days}: working time is counted forward, 0 or more.")
        whole = int(days)
        rest = timedelta(hours=hours + (days - whole) * self.hours_per_day)
        if not whole and not rest:
            return self.next_working(start)
        at = self._add_days(self._aware(start), whole)
        return self._add_time(at, rest) if rest else at

    def elapsed(self, start: datetime, end: datetime, pauses: Iterable[Pause] = ()) -> timedelta:
        """Working time from `start` to `end` outside the pauses; 0 when `end` is not after `start`.

        Pauses may overlap and reach beyond either end; one that still goes on lasts to `end`.
        """
        start, end = self._aware(start), self._aware(end)
        worked = self._between(start, end)
        for begin, until in _merged(pauses, start, end):
            worked -= self._between(begin, until)
        return worked

    def _between(self, start: datetime, end: datetime) -> timedelta:
        total = _NOTHING
        for begins, ends in self._spans(start):
            if begins >= end:
                break
            total += max(min(ends, end) - max(begins, start), _NOTHING)
        return total

    def _add_time(self, start: datetime, left: timedelta) -> datetime:
        for begins, ends in self._spans(start):
            here = max(begins, start)
            if here >= ends:
                continue
            if here + left <= ends:
                return here + left
            left -= ends - here
        raise AssertionError("a calendar has working days without end")

    def _add_days(self, start: datetime, days: int) -> datetime:
        """The same clock time so many working days later; from outside the hours, the end of so many working days."""
        if days == 0:
            return start
        first = self.next_working(start)
        day = self._local_date(first)
        if not self.is_working(start):
            days -= 1
        for _ in range(days):
            day += _DAY
            while not self.is_working_day(day):
                day += _DAY
        begins, ends = self._span_of(day)
        if not self.is_working(start):
            return ends
        wanted = self._at(day, start.astimezone(self.zone).time())
        return min(max(wanted, begins), ends)

    def _spans(self, start: datetime) -> Iterator[Span]:
        """Working stretches in UTC from the day of `start` on, without end."""
        day = self._local_date(start)
        while True:
            span = self._span(day)
            if span is not None:
                yield span
            day += _DAY

    def _span(self, day: date) -> Span | None:
        return self._span_of(day) if self.is_working_day(day) else None

    def _span_of(self, day: date) -> Span:
        ends = self._at(day + _DAY, self.ends) if self.ends == time(0) else self._at(day, self.ends)
        return self._at(day, self.begins), ends

    def _at(self, day: date, clock: time) -> datetime:
        """The instant of a local clock time; one that is skipped is when the clocks jump, one that comes twice is the
        first."""
        return datetime.combine(day, clock.replace(fold=0), tzinfo=self.zone).astimezone(UTC)

    def _local_date(self, instant: datetime) -> date:
        return self._aware(instant).astimezone(self.zone).date()

    def _aware(self, instant: datetime) -> datetime:
        if instant.tzinfo is None:
            raise UsageError(
                f"{instant.isoformat()} has no time zone.", hint="Pass an aware datetime, in UTC for example."
            )
        return instant.astimezone(UTC)


def _merged(pauses: Iterable[Pause], start: datetime, end: datetime) -> list[Span]:
    """The pauses cut to [start, end], those that touch made one."""
    cut = sorted(
        (max(begin.astimezone(UTC), start), end if until is None else min(until.astimezone(UTC), end))
        for begin, until in pauses
    )
    found: list[Span] = []
    for begin, until in cut:
        if until <= begin:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((begin, until))
    return found


def _clock_hours(clock: time) -> float:
    return clock.hour + clock.minute / 60 + clock.second / 3600
