"""The two clocks: what is known when (S3; rule 5; decisions 1 and 3).

Property: at any as_of nothing is seen that was not known before it. Reference: the days of Python's zoneinfo.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from barograph.errors import UsageError
from barograph.intake import Mapping
from barograph.lake.days import day_number, local_day, midnight
from support.intake_lab import NOW, known, load, rules, stored, workspace, write_csv

BERLIN = "Europe/Berlin"


def ticket(**more: object) -> dict[str, object]:
    return {
        "ticket_id": "T1",
        "account_id": "A",
        "opened_at": "2026-03-02T10:00:00Z",
        "priority": "p1",
    } | more


@pytest.mark.parametrize("zone", ["UTC", BERLIN, "America/New_York"])
@pytest.mark.parametrize(
    "day", [date(2026, 3, 29), date(2026, 3, 30), date(2026, 10, 25), date(2026, 10, 26)]
)
def test_a_fact_counts_when_it_was_recorded_before_the_local_midnight(
    tmp_path: Path, zone: str, day: date
) -> None:
    """Facts at D - 1 s, D and D + 1 s, on days when the clocks change, with every kind of clock."""
    tz = ZoneInfo(zone)
    start = midnight(day, tz)
    moments = {name: start + timedelta(seconds=s) for name, s in (("before", -1), ("at", 0), ("after", 1))}
    ws = workspace(tmp_path, timezone=zone)
    derived = [ticket(ticket_id=n, opened_at=t.isoformat()) for n, t in moments.items()]
    source = [ticket(ticket_id=f"{n} source", recorded_at=t.isoformat()) for n, t in moments.items()]
    events = [{"account_id": n, "event": "e", "occurred_at": t.isoformat()} for n, t in moments.items()]
    load(ws, write_csv(tmp_path / "tickets.csv", [*derived, *source]))
    load(ws, write_csv(tmp_path / "events.csv", events))
    assert sorted(known(ws, "tickets", day_number(day), ["priority"])) == ["before", "before source"]
    for row in stored(ws, "raw/events"):
        moment = moments[row["account_id"]]
        assert row["_known_at"] == row["occurred_at"] == moment.replace(tzinfo=None)
        assert row["_known_day"] == row["_day"] == local_day(moment, tz)
        assert (row["_day"] < day_number(day)) == (moment < start)


def test_bare_times_and_dates_are_in_the_workspaces_zone(tmp_path: Path) -> None:
    rows = [
        ticket(ticket_id="1", opened_at="2026-07-01"),
        ticket(ticket_id="2", opened_at="2026-07-01 00:30"),
    ]
    ws = workspace(tmp_path, timezone=BERLIN)
    load(ws, write_csv(tmp_path / "tickets.csv", rows))
    opened = [row["opened_at"].isoformat() for row in stored(ws, "raw/tickets")]
    assert opened == ["2026-06-30T22:00:00", "2026-06-30T22:30:00"]
    assert {row["_day"] for row in stored(ws, "raw/tickets")} == {day_number(date(2026, 7, 1))}


def test_a_row_is_known_step_by_step(tmp_path: Path) -> None:
    """A ticket's resolution is known from `resolved_at`, its satisfaction too."""
    row = ticket(
        first_response_at="2026-03-03T10:00:00Z", resolved_at="2026-03-09T10:00:00Z", csat=5, subject="broken"
    )
    ws = workspace(tmp_path)
    report = load(ws, write_csv(tmp_path / "tickets.csv", [row]))
    assert report.table("tickets").clocks == {"derived": 3}
    columns = ["priority", "first_response_at", "resolved_at", "csat", "subject"]

    def seen(day: int) -> list[bool]:
        found = known(ws, "tickets", day_number(date(2026, 3, day)), columns)
        return [found["T1"][column] is not None for column in columns] if found else []

    assert seen(2) == []
    assert seen(3) == [True, False, False, False, True]
    assert seen(4) == [True, True, False, False, True]
    assert seen(9) == [True, True, False, False, True]
    assert seen(10) == [True, True, True, True, True]


def test_the_sources_clock_does_not_see_later_steps_either(tmp_path: Path) -> None:
    """A row recorded when it was opened cannot have known how it ended."""
    row = ticket(recorded_at="2026-03-02T11:00:00Z", resolved_at="2026-03-09T10:00:00Z", csat=5)
    ws = workspace(tmp_path)
    report = load(ws, write_csv(tmp_path / "tickets.csv", [row]))
    assert report.table("tickets").clocks == {"derived": 1, "source": 1}
    assert known(ws, "tickets", day_number(date(2026, 3, 9)), ["csat"]) == {"T1": {"csat": None}}
    assert known(ws, "tickets", day_number(date(2026, 3, 10)), ["csat"]) == {"T1": {"csat": 5.0}}


def test_an_attribute_can_be_tied_to_a_later_step(tmp_path: Path) -> None:
    row = ticket(resolved_at="2026-03-09T10:00:00Z", root_cause="disk", hours=7)
    ws = workspace(tmp_path)
    mapping = rules("tickets", "tickets.csv", known_with={"root_cause": "resolved_at"})
    load(ws, write_csv(tmp_path / "tickets.csv", [row]), mapping=mapping)
    seen = [(r["root_cause"], r["hours"]) for r in stored(ws, "raw/tickets")]
    assert seen == [(None, 7.0), ("disk", 7.0)]


def test_what_a_time_is_computed_from_is_known_with_it(tmp_path: Path) -> None:
    mapping = rules(
        "tickets",
        "tickets.csv",
        compute={"resolved_at": {"start": "opened_at", "plus": "hours", "unit": "hours"}},
    )
    ws = workspace(tmp_path)
    load(ws, write_csv(tmp_path / "tickets.csv", [ticket(hours=30)]), mapping=mapping)
    rows = stored(ws, "raw/tickets")
    assert [row["hours"] for row in rows] == [None, 30.0]
    assert rows[1]["resolved_at"].isoformat() == "2026-03-03T16:00:00"


def test_a_contract_signed_for_later_is_known_when_it_was_signed(tmp_path: Path) -> None:
    base = {"account_id": "A", "start_date": "2026-06-01", "end_date": "2027-06-01", "arr": 10}
    rows = [base | {"contract_id": "signed", "signed_at": "2026-04-01"}, base | {"contract_id": "not"}]
    ws = workspace(tmp_path)
    load(ws, write_csv(tmp_path / "contracts.csv", rows))
    assert {r["_key"]: r["_known_at"].date() for r in stored(ws, "raw/contracts")} == {
        "signed": date(2026, 4, 1),
        "not": date(2026, 6, 1),
    }


def test_a_derived_time_in_the_future_is_now(tmp_path: Path) -> None:
    row = {"contract_id": "1", "account_id": "A", "start_date": "2027-06-01"}
    ws = workspace(tmp_path)
    path = write_csv(tmp_path / "contracts.csv", [row])
    load(ws, path)
    assert [r["_known_at"] for r in stored(ws, "raw/contracts")] == [NOW.replace(tzinfo=None)]
    report = load(ws, path, now=NOW + timedelta(days=7))
    assert report.table("contracts").unchanged == 1


def test_rows_without_any_time_are_marked_and_counted(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "accounts.csv", [{"account_id": "A", "plan": "pro"}, {"account_id": "B", "plan": "x"}]
    )
    ws = workspace(tmp_path)
    report = load(ws, path)
    assert report.table("accounts").clocks == {"none": 2}
    assert any("learning refuses them" in warning for warning in report.warnings)
    assert {row["_known_at"] for row in stored(ws, "raw/accounts")} == {datetime(1970, 1, 1)}


def test_a_declared_date_stands_for_rows_without_a_time(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "accounts.csv", [{"account_id": "A"}, {"account_id": "B", "start_date": "2025-01-02"}]
    )
    ws = workspace(tmp_path, timezone=BERLIN)
    report = load(ws, path, known_at=date(2026, 5, 4))
    assert report.table("accounts").clocks == {"declared": 1, "derived": 1}
    by_key = {row["_key"]: row for row in stored(ws, "raw/accounts")}
    assert by_key["A"]["_known_at"] == midnight(date(2026, 5, 4), ZoneInfo(BERLIN)).replace(tzinfo=None)
    assert by_key["A"]["_known_day"] == day_number(date(2026, 5, 4))
    assert by_key["B"]["_known_day"] == day_number(date(2025, 1, 2))


def test_a_mapping_can_put_the_declaration_over_derived_times(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "accounts.csv", [{"account_id": "B", "start_date": "2025-01-02"}])
    mapping = rules("accounts", "accounts.csv", known_at=date(2026, 5, 4), clock="declared")
    ws = workspace(tmp_path)
    report = load(ws, path, mapping=mapping)
    assert report.table("accounts").clocks == {"declared": 1}
    assert stored(ws, "raw/accounts")[0]["_known_day"] == day_number(date(2026, 5, 4))


def test_nobody_can_have_known_tomorrow(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "accounts.csv", [{"account_id": "A"}])
    with pytest.raises(UsageError, match="after now"):
        load(workspace(tmp_path), path, known_at=NOW.date() + timedelta(days=1))
    with pytest.raises(UsageError, match="needs a time zone"):
        load(workspace(tmp_path / "b"), path, now=datetime(2026, 1, 1))


def test_a_file_says_from_which_day_results_may_differ(tmp_path: Path) -> None:
    """Late rows reach back (S3): the file's meta has the smallest day on which anything in it was known."""
    ws = workspace(tmp_path)
    event = {"account_id": "A", "event": "e"}
    days = ("2026-11-02", "2026-09-07")
    load(ws, write_csv(tmp_path / "events.csv", [event | {"occurred_at": day} for day in days]))
    (entry,) = ws.lake.manifest().entries("raw/events")
    assert entry.meta["known_day"] == [day_number(date(2026, 9, 7)), day_number(date(2026, 11, 2))]


def test_freshness_and_period(tmp_path: Path) -> None:
    rows = [{"account_id": "A", "event": "e", "occurred_at": f"2026-1{m}-0{d}"} for m, d in ((0, 1), (1, 5))]
    late = {
        "account_id": "A",
        "event": "late",
        "occurred_at": "2026-10-02",
        "recorded_at": "2026-11-09T10:00:00Z",
    }
    ws = workspace(tmp_path)
    found = load(ws, write_csv(tmp_path / "events.csv", [*rows, late])).table("events")
    assert (found.first, found.last, found.fresh_as_of) == (
        date(2026, 10, 1),
        date(2026, 11, 5),
        date(2026, 11, 9),
    )


def test_a_clock_of_a_mapping_needs_its_date_and_its_step() -> None:
    with pytest.raises(ValueError, match="needs known_at"):
        rules("accounts", "a.csv", clock="declared")
    with pytest.raises(ValueError, match="not a later step"):
        rules("tickets", "t.csv", known_with={"x": "opened_at"})
    assert Mapping.model_validate({"tables": [{"table": "events", "files": ["*"]}]}).for_file("x.csv")
    assert NOW.tzinfo is UTC
