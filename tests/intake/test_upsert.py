"""An upsert that keeps history: same again changes nothing, a change is a new version (rule 1).

Property over files, orders and repetitions; examples for what exports really do.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.lake.days import day_number
from support.intake_lab import NOW, everything, known, latest, load, stored, workspace, write_csv


def test_the_same_file_again_changes_nothing_at_all(tmp_path: Path) -> None:
    files = [
        write_csv(
            tmp_path / "accounts.csv", [{"account_id": "A", "plan": "x"}, {"account_id": "", "plan": "y"}]
        ),
        write_csv(
            tmp_path / "events.csv", [{"account_id": "A", "event": "e", "occurred_at": "2026-01-02"}] * 3
        ),
        write_csv(
            tmp_path / "tickets.csv",
            [{"ticket_id": "1", "account_id": "A", "opened_at": "2026-01-02", "resolved_at": "2026-01-05"}],
        ),
    ]
    ws = workspace(tmp_path)
    load(ws, *files)
    before = ws.lake.manifest()
    report = load(ws, *files, now=NOW + timedelta(days=3))
    assert ws.lake.manifest() == before
    for table in report.tables:
        assert (table.new, table.changed, table.versions) == (0, 0, 0)
        assert table.unchanged + table.quarantined == table.rows


def test_a_changed_row_is_a_new_version_known_from_the_import_on(tmp_path: Path) -> None:
    ws = workspace(tmp_path)
    row = {"account_id": "A", "start_date": "2026-01-05", "plan": "basic"}
    load(ws, write_csv(tmp_path / "accounts.csv", [row]))
    report = load(
        ws, write_csv(tmp_path / "accounts.csv", [row | {"plan": "pro"}]), now=NOW + timedelta(days=7)
    )
    assert (report.table("accounts").changed, report.table("accounts").clocks) == (1, {"import": 1})
    today = day_number(NOW.date())
    assert known(ws, "accounts", today + 7, ["plan"]) == {"A": {"plan": "basic"}}
    assert known(ws, "accounts", today + 8, ["plan"]) == {"A": {"plan": "pro"}}


def test_a_value_that_changes_back_is_a_change_too(tmp_path: Path) -> None:
    ws = workspace(tmp_path)
    for week, plan in enumerate(("basic", "pro", "basic", "basic")):
        rows = [{"account_id": "A", "start_date": "2026-01-05", "plan": plan}]
        load(ws, write_csv(tmp_path / "accounts.csv", rows), now=NOW + timedelta(days=7 * week))
    assert [row["plan"] for row in stored(ws, "raw/accounts")] == ["basic", "pro", "basic"]


def test_a_step_that_follows_is_dated_by_its_own_time(tmp_path: Path) -> None:
    """The open ticket of one export is resolved in the next: known from `resolved_at`, not from the import."""
    ws = workspace(tmp_path)
    row = {"ticket_id": "1", "account_id": "A", "opened_at": "2026-11-02", "priority": "p2"}
    load(ws, write_csv(tmp_path / "tickets.csv", [row]))
    later = row | {"resolved_at": "2026-11-23T10:00:00Z"}
    report = load(ws, write_csv(tmp_path / "tickets.csv", [later]), now=NOW + timedelta(days=14))
    assert (report.table("tickets").changed, report.table("tickets").clocks) == (1, {"derived": 1})
    versions = [(str(r["_known_at"]), r["resolved_at"] is None) for r in stored(ws, "raw/tickets")]
    assert versions == [("2026-11-02 00:00:00", True), ("2026-11-23 10:00:00", False)]


def test_a_step_and_a_change_together_do_not_rewrite_the_past(tmp_path: Path) -> None:
    ws = workspace(tmp_path)
    row = {"ticket_id": "1", "account_id": "A", "opened_at": "2026-11-02", "priority": "p3"}
    load(ws, write_csv(tmp_path / "tickets.csv", [row]))
    later = row | {"priority": "p1", "resolved_at": "2026-11-09"}
    load(ws, write_csv(tmp_path / "tickets.csv", [later]))
    before = known(ws, "tickets", day_number(date(2026, 11, 16)), ["priority", "resolved_at"])
    assert before == {"1": {"priority": "p3", "resolved_at": None}}
    after = known(ws, "tickets", day_number(NOW.date()) + 1, ["priority", "resolved_at"])["1"]
    assert (after["priority"], str(after["resolved_at"])) == ("p1", "2026-11-09 00:00:00")


def test_a_cancellation_that_is_withdrawn_is_seen(tmp_path: Path) -> None:
    ws = workspace(tmp_path)
    row = {"contract_id": "1", "account_id": "A", "start_date": "2026-01-05", "cancelled_at": "2026-10-05"}
    load(ws, write_csv(tmp_path / "contracts.csv", [row]))
    load(ws, write_csv(tmp_path / "contracts.csv", [row | {"cancelled_at": ""}]))
    now = day_number(NOW.date())
    assert known(ws, "contracts", now, ["cancelled_at"])["1"]["cancelled_at"] is not None
    assert known(ws, "contracts", now + 1, ["cancelled_at"])["1"]["cancelled_at"] is None


def test_two_states_of_one_fact_in_one_import_are_its_steps(tmp_path: Path) -> None:
    """An older and a newer export, given together in either order."""
    row = {"ticket_id": "1", "account_id": "A", "opened_at": "2026-11-02", "resolved_at": ""}
    old = write_csv(tmp_path / "tickets_old.csv", [row])
    new = write_csv(tmp_path / "tickets_new.csv", [row | {"resolved_at": "2026-11-09"}])
    states = []
    for number, order in enumerate(((old, new), (new, old))):
        ws = workspace(tmp_path / str(number))
        load(ws, *order)
        states.append(latest(ws, "tickets"))
        assert len(stored(ws, "raw/tickets")) == 2
    assert states[0] == states[1]
    assert ("resolved_at", "2026-11-09 00:00:00") in states[0][0]


def test_overlapping_files_do_not_count_twice_and_true_copies_are_kept(tmp_path: Path) -> None:
    event = {"account_id": "A", "event": "e"}
    days = [event | {"occurred_at": f"2026-01-0{d}"} for d in (1, 2, 2, 3)]
    one = write_csv(tmp_path / "events_1.csv", days)
    two = write_csv(tmp_path / "events_2.csv", [*days[1:], event | {"occurred_at": "2026-01-04"}])
    together, apart = workspace(tmp_path / "t"), workspace(tmp_path / "a")
    assert load(together, one, two).table("events").new == 5
    assert load(apart, one).table("events").new == 4
    assert load(apart, two).table("events").new == 1
    assert latest(together, "events") == latest(apart, "events")
    assert sum(row["occurred_at"].day == 2 for row in stored(apart, "raw/events")) == 2


STATE = st.fixed_dictionaries(
    {
        "account_id": st.sampled_from(["A", "B", "C"]),
        "plan": st.sampled_from(["", "basic", "pro"]),
        "seats_used": st.sampled_from(["", "1", "2"]),
        "day": st.integers(1, 9),
    }
)


@settings(max_examples=5, deadline=None)
@given(
    rows=st.lists(STATE, min_size=1, max_size=9, unique_by=lambda r: (r["account_id"], r["day"])),
    cut=st.integers(0, 9),
)
def test_the_order_of_files_does_not_matter_when_rows_carry_their_clock(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], cut: int
) -> None:
    """Every as_of sees the same, whatever came first, and a second round adds nothing."""
    folder = tmp_path_factory.mktemp("o")
    rows = [row | {"recorded_at": f"2026-05-0{row.pop('day')}T12:00:00Z"} for row in map(dict, rows)]
    header = ["account_id", "plan", "seats_used", "recorded_at"]
    files = [
        write_csv(folder / f"accounts_{number}.csv", part, header)
        for number, part in enumerate((rows[:cut], rows[cut:]))
    ]
    seen = []
    for number, order in enumerate(permutations(files)):
        ws = workspace(folder / str(number))
        for path in order:
            load(ws, path)
        days = [day_number(date(2026, 5, day)) for day in range(1, 11)]
        columns = ["plan"] + (["seats_used"] if any(row["seats_used"] for row in rows) else [])
        seen.append([known(ws, "accounts", day, columns) for day in days])
        before = everything(ws)
        load(ws, *order)
        assert everything(ws) == before
    assert seen[0] == seen[1]


@settings(max_examples=5, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("AB"), st.sampled_from("xy"), st.integers(1, 3)), min_size=1, max_size=12
    )
)
def test_events_in_any_cut_are_each_kept_once(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[str, str, int]]
) -> None:
    """Files that do not overlap in time, in either order and repeated, give the events that they hold."""
    folder = tmp_path_factory.mktemp("e")
    rows = [{"account_id": a, "event": e, "occurred_at": f"2026-01-0{d}"} for a, e, d in events]
    early = write_csv(
        folder / "events_1.csv", [r for r in rows if r["occurred_at"] < "2026-01-02"], list(rows[0])
    )
    late = write_csv(
        folder / "events_2.csv", [r for r in rows if r["occurred_at"] >= "2026-01-02"], list(rows[0])
    )
    ws, other = workspace(folder / "1"), workspace(folder / "2")
    load(ws, early, late)
    for path in (late, early, late):
        load(other, path)
    assert latest(ws, "events") == latest(other, "events")
    kept = sorted((r["account_id"], r["event"], r["occurred_at"].day) for r in stored(ws, "raw/events"))
    assert kept == sorted(events)
