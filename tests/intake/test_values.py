"""Typed values: what each spelling means, and that anything else is quarantined rather than guessed.

Contract (rules 2 and 3: empty is unknown, zero is zero, ISO 8601, zones) and reference (Python's datetime).
"""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.intake.sql import lit
from barograph.intake.times import Written
from barograph.intake.values import coerced, currency_in, present

BERLIN = "Europe/Berlin"


def value(text: str | None, kind: str, *, is_id: bool = False, **written: str) -> Any:
    """`text` as the importer reads it."""
    return values([text], kind, is_id=is_id, **written)[0]


def values(texts: list[str | None], kind: str, *, is_id: bool = False, **written: str) -> list[Any]:
    rows = ", ".join(f"({index}, {lit(text)}::VARCHAR)" for index, text in enumerate(texts))
    sql = coerced("r", "VARCHAR", kind, Written(**written), is_id=is_id)
    query = f"SELECT {sql} FROM (SELECT n, {present('x', 'VARCHAR')} AS r FROM (VALUES {rows}) t(n, x)) ORDER BY n"
    with closing(duckdb.connect()) as connection:
        return [row[0] for row in connection.execute(query).fetchall()]


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("5", ".", 5.0),
        ("0", ".", 0.0),
        (" 7 ", ".", 7.0),
        ("-1,234.50", ".", -1234.5),
        ("1,234,567", ".", 1234567.0),
        ("$1,234", ".", 1234.0),
        ("-$5", ".", -5.0),
        ("€ 1.5", ".", 1.5),
        ("EUR 1,234.5", ".", 1234.5),
        ("5 USD", ".", 5.0),
        ("(1,234.50)", ".", -1234.5),
        ("1 234", ".", 1234.0),
        ("1'234", ".", 1234.0),
        ("1e3", ".", 1000.0),
        ("1.234,50", ",", 1234.5),
        ("12,5", ",", 12.5),
        ("1.234", ",", 1234.0),
        ("1 234,5 €", ",", 1234.5),
    ],
)
def test_numbers(text: str, decimal: str, number: float) -> None:
    assert value(text, "number", decimal=decimal) == number


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        ("12,5", "."),
        ("1,23", "."),
        ("1.234,5", "."),
        ("1,234.5", ","),
        ("5.0", ","),
        ("nan", "."),
        ("inf", "."),
    ]
    + [(text, ".") for text in ("5%", "1_000", "0x1", "abc", "--5", "1 2", "5 6", "1,2345", "N/A")],
)
def test_what_is_no_number_for_certain_is_none(text: str, decimal: str) -> None:
    assert value(text, "number", decimal=decimal) is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30))
def test_any_float_that_python_prints_is_read_back(numbers: list[float]) -> None:
    assert values([repr(number) for number in numbers], "number") == numbers


@pytest.mark.parametrize("kind", ["text", "number", "integer", "boolean", "instant", "day", "list"])
@pytest.mark.parametrize("text", ["", "  ", "\t", "\u00a0", None])
def test_empty_is_unknown_in_every_type(kind: str, text: str | None) -> None:
    assert value(text, kind) is None


@pytest.mark.parametrize("text", ["NA", "null", "None", "n/a", "No", "-", "0"])
def test_a_text_is_never_taken_for_empty(text: str) -> None:
    assert value(text, "text") == text


@pytest.mark.parametrize(
    ("text", "is_id", "read"),
    [("12345.0", True, "12345"), ("12345.0", False, "12345.0"), ("007", True, "007"), ("1.50", True, "1.50")],
)
def test_ids_lose_the_fraction_that_a_float_gave_them(text: str, is_id: bool, read: str) -> None:
    assert value(text, "text", is_id=is_id) == read


def test_booleans() -> None:
    assert [
        value(text, "boolean") for text in ("yes", "TRUE", "1", "Y", "no", "False", "0", "n", "2", "ja")
    ] == [
        *[True] * 4,
        *[False] * 4,
        None,
        None,
    ]


def test_lists() -> None:
    assert value("a@x.com; b ,c||", "list") == ["a@x.com", "b", "c"]
    assert value('["a", "b"]', "list") == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-31", datetime(2026, 3, 30, 22)),
        ("2026-01-31", datetime(2026, 1, 30, 23)),
        ("2026-03-31 3:00", datetime(2026, 3, 31, 1)),
        ("2026-03-31T03:00:00", datetime(2026, 3, 31, 1)),
        ("2026-03-31T03:00Z", datetime(2026, 3, 31, 3)),
        ("2026-03-31t03:00:00z", datetime(2026, 3, 31, 3)),
        ("2026-03-31T03:00:00.123456+02:00", datetime(2026, 3, 31, 1, 0, 0, 123456)),
        ("2026-03-31 03:00:00 +0530", datetime(2026, 3, 30, 21, 30)),
        ("2026-03-31T03:00:00-05", datetime(2026, 3, 31, 8)),
        ("2026-03-31 03:00:00 UTC", datetime(2026, 3, 31, 3)),
        ("2026/3/31", datetime(2026, 3, 30, 22)),
        ("20260331", datetime(2026, 3, 30, 22)),
        ("2026-03-31 3:05 PM", datetime(2026, 3, 31, 13, 5)),
    ],
)
def test_times_in_a_zone(text: str, utc: datetime) -> None:
    assert value(text, "instant", zone=BERLIN, home=BERLIN) == utc


NO_TIMES = (
    "2026-02-30, 2026-13-01, 31/03/2026, 03/31/2026, 9999-12-31, 0000-00-00, 1812-01-01, epoch, today, infinity, "
    "12:30, 45000, 2026-03-31 garbage, 2026-03-31T25:00, 2026-03-31T03:00+99:00"
)


@pytest.mark.parametrize("text", NO_TIMES.split(", "))
def test_what_is_no_time_for_certain_is_none(text: str) -> None:
    assert value(text, "instant") is None
    assert value(text, "day") is None


@pytest.mark.parametrize(
    ("text", "dates", "utc"),
    [
        ("03/04/2026", "day-first", datetime(2026, 4, 3)),
        ("03/04/2026", "month-first", datetime(2026, 3, 4)),
        ("3.4.2026 14:05", "day-first", datetime(2026, 4, 3, 14, 5)),
        ("3/14/2026 2:05 PM", "month-first", datetime(2026, 3, 14, 14, 5)),
        ("3/14/2026, 2:05:06 PM", "month-first", datetime(2026, 3, 14, 14, 5, 6)),
        ("2026-04-03", "day-first", datetime(2026, 4, 3)),
        ("3 Apr 2026", "%d %b %Y", datetime(2026, 4, 3)),
        ("1714262400", "unix", datetime(2024, 4, 28)),
        ("1714262400123", "unix-ms", datetime(2024, 4, 28, 0, 0, 0, 123000)),
    ],
)
def test_declared_ways_to_write_dates(text: str, dates: str, utc: datetime) -> None:
    assert value(text, "instant", dates=dates) == utc
    assert value(text, "day", dates=dates) == utc.date()


@pytest.mark.parametrize(("text", "dates"), [("14/03/2026", "month-first"), ("03/14/2026", "day-first")])
def test_a_date_that_contradicts_the_declared_order_is_none(text: str, dates: str) -> None:
    assert value(text, "day", dates=dates) is None


def test_a_day_with_a_zone_is_the_day_in_the_workspaces() -> None:
    assert value("2026-03-31T23:30:00Z", "day", home=BERLIN) == date(2026, 4, 1)
    assert value("2026-03-31T23:30:00", "day", home=BERLIN, zone="America/New_York") == date(2026, 3, 31)


def test_an_hour_that_is_skipped_or_comes_twice() -> None:
    assert value("2026-03-29 02:30", "instant", zone=BERLIN) == datetime(2026, 3, 29, 1, 30)
    assert value("2026-10-25 02:30", "instant", zone=BERLIN) == datetime(2026, 10, 25, 1, 30)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.datetimes(datetime(1950, 1, 1), datetime(2199, 1, 1)), min_size=1, max_size=20),
    st.sampled_from(["UTC", BERLIN, "America/New_York", "Asia/Kathmandu", "Pacific/Auckland"]),
    st.sampled_from([None, 0, 330, -300, 765]),
)
def test_iso_times_are_what_python_says(moments: list[datetime], zone: str, offset: int | None) -> None:
    tz = timezone(timedelta(minutes=offset)) if offset is not None else None
    texts = [moment.replace(tzinfo=tz).isoformat() for moment in moments]
    found = values(list(texts), "instant", zone=zone, home=zone)
    for moment, read in zip(moments, found, strict=True):
        own = moment.replace(tzinfo=tz or ZoneInfo(zone))
        # Of two readings of one local time the later counts.
        candidates = {own.replace(fold=fold).astimezone(UTC).replace(tzinfo=None) for fold in (0, 1)}
        assert read == max(candidates)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("EUR 5", "EUR"),
        ("5 GBP", "GBP"),
        ("5 €", "EUR"),
        ("£5", "GBP"),
        ("-EUR 5", "EUR"),
        ("(USD 5)", "USD"),
        ("$5", None),
        ("5", None),
    ],
)
def test_the_currency_that_an_amount_names(text: str, code: str | None) -> None:
    with closing(duckdb.connect()) as connection:
        row = connection.execute(
            f"SELECT {currency_in('x', 'VARCHAR')} FROM (SELECT ?::VARCHAR AS x)", [text]
        ).fetchone()
    assert row == (code,)
