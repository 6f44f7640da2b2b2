"""Reference: one second decides, on both clocks and in every time zone (S3).

`as_of` D is D 00:00 in the workspace's time zone. Facts lie one second before, on and one second after local
midnights that follow or begin days of 23, 24 and 25 hours, a leap day, and days in zones off the hour.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from barograph.definitions.model import Population
from barograph.engines.base import SignalEngine
from support.oracle_compare import run
from support.oracle_facts import calendar_day, day_number, midnight
from support.oracle_signals import make
from support.signal_data import RawTables

MOMENTS = {
    "an ordinary day": ("UTC", date(2024, 3, 4)),
    "the day after a leap day": ("Europe/Berlin", date(2024, 3, 1)),
    "the night the clocks go forward, Berlin": ("Europe/Berlin", date(2024, 3, 31)),
    "the day after, Berlin": ("Europe/Berlin", date(2024, 4, 1)),
    "the night the clocks go back, Berlin": ("Europe/Berlin", date(2024, 10, 27)),
    "the day after the clocks go back, Berlin": ("Europe/Berlin", date(2024, 10, 28)),
    "the day after the clocks go forward, New York": ("America/New_York", date(2024, 3, 11)),
    "the day after the clocks go back, New York": ("America/New_York", date(2024, 11, 4)),
    "no midnight at all, Cairo": ("Africa/Cairo", date(2024, 4, 26)),
    "a quarter off the hour, Kathmandu": ("Asia/Kathmandu", date(2024, 3, 4)),
    "new year, Auckland": ("Pacific/Auckland", date(2024, 1, 1)),
}
WINDOW = 7
OFFSETS = (-1, 0, 1)
SIGNALS = (
    make("count", "inside", source="tickets", window_days=WINDOW),
    make("open_as_of", "unresolved", source="tickets", closed="resolved_at"),
    make("days_since", "age", source="tickets", which="last"),
    make("state_as_of", "sponsors", source="contacts", begins="valid_from", ends="valid_to", result="count"),
)


def ticket(rows: RawTables, account: str, opened: Any, known: Any = None, resolved: Any = None) -> None:
    columns = {"ticket_id": f"{account}", "account_id": account, "opened_at": opened, "resolved_at": resolved}
    rows.add("tickets", known=known, **columns)


@pytest.fixture
def rows(request: pytest.FixtureRequest) -> tuple[RawTables, int]:
    """Accounts named by what is at the edge and by how many seconds: `occurred -1`, `known +0`, ..."""
    zone, day = request.param
    rows, as_of = RawTables(zone), day_number(day)
    edge, begin = midnight(as_of, rows.zone), midnight(as_of - WINDOW, rows.zone)
    long_ago = edge - timedelta(days=3)
    for seconds in OFFSETS:
        at = edge + timedelta(seconds=seconds)
        ticket(rows, f"occurred {seconds:+d}", at, known=long_ago)
        ticket(rows, f"known {seconds:+d}", long_ago, known=at)
        ticket(rows, f"window {seconds:+d}", begin + timedelta(seconds=seconds))
        ticket(rows, f"resolved {seconds:+d}", long_ago, resolved=at)
        ticket(rows, f"corrected {seconds:+d}", long_ago)
        ticket(rows, f"corrected {seconds:+d}", long_ago, known=at, resolved=long_ago + timedelta(hours=1))
    for days in OFFSETS:
        person = {"contact_id": f"begins {days:+d}", "account_id": f"begins {days:+d}"}
        rows.add("contacts", known=long_ago, valid_from=calendar_day(as_of + days), **person)
        person = {"contact_id": f"ends {days:+d}", "account_id": f"ends {days:+d}"}
        rows.add("contacts", known=long_ago, valid_to=calendar_day(as_of + days), **person)
    for account in sorted({row["account_id"] for table in rows.tables.values() for row in table}):
        rows.add("accounts", account_id=account)
    return rows, as_of


@pytest.mark.parametrize("rows", MOMENTS.values(), ids=MOMENTS, indirect=True)
def test_one_second_decides(engine: SignalEngine, tmp_path: Path, rows: tuple[RawTables, int]) -> None:
    raw, as_of = rows
    table = run(
        engine,
        tmp_path,
        raw.tables,
        SIGNALS,
        [as_of],
        population=Population(rule="accounts"),
        timezone=str(raw.zone),
    )
    got = {row["account_id"]: row for row in table.to_pylist()}

    def column(what: str, name: str) -> list[float | None]:
        return [got[f"{what} {offset:+d}"][name] for offset in OFFSETS]

    assert column("occurred", "inside") == [1, None, None]
    assert column("occurred", "age") == [1, None, None]
    assert column("known", "inside") == [1, None, None]
    assert column("window", "inside") == [0, 1, 1]
    assert column("window", "age") == [WINDOW + 1, WINDOW, WINDOW]
    assert column("resolved", "unresolved") == [0, 1, 1]
    assert column("corrected", "unresolved") == [0, 1, 1]
    assert column("begins", "sponsors") == [1, None, None]
    assert column("ends", "sponsors") == [0, 1, 1]
