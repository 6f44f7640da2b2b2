"""Mapping files: everything that decisions 23 lists, and errors that name file, key and value (contract)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from barograph.errors import ImportRefusedError, UsageError
from barograph.intake import Mapping, read_mapping
from support.intake_lab import load, rules, stored, workspace, write_csv


def mapped(folder: Path, table: str, rows: list[dict[str, Any]], **mapping: Any) -> list[dict[str, Any]]:
    """The stored rows of one file under a mapping."""
    ws = workspace(folder)
    load(ws, write_csv(folder / "x.csv", rows), mapping=rules(table, "x.csv", **mapping))
    return stored(ws, f"raw/{table}")


def test_columns_values_constants_and_empties(tmp_path: Path) -> None:
    rows = [
        {
            "Case": "1",
            "Cust": "7.0",
            "Start": "2026-01-02",
            "Level": "Urgent",
            "Rating": "n/a",
            "Left": "n/a",
        },
        {"Case": "2", "Cust": "8.0", "Start": "2026-01-02", "Level": "p3", "Rating": "4", "Left": "x"},
    ]
    found = mapped(
        tmp_path,
        "tickets",
        rows,
        columns={
            "ticket_id": "Case",
            "account_id": "cust",
            "opened_at": "Start",
            "priority": "Level",
            "csat": "Rating",
        },
        values={"priority": {"urgent": "p1"}},
        constants={"kind": "question", "weight": 2, "internal": False},
        empties={"Rating": ["N/A"]},
    )
    shown = [
        (r["account_id"], r["priority"], r["csat"], r["kind"], r["weight"], r["internal"], r["left"])
        for r in found
    ]
    assert shown == [
        ("7", "p1", None, "question", 2.0, False, "n/a"),
        ("8", "p3", 4.0, "question", 2.0, False, "x"),
    ]


def test_empties_for_all_columns(tmp_path: Path) -> None:
    rows = [{"account_id": "A", "plan": "-", "size": "-"}, {"account_id": "B", "plan": "x", "size": "1"}]
    assert [(r["plan"], r["size"]) for r in mapped(tmp_path, "accounts", rows, empties={"*": ["-"]})] == [
        (None, None),
        ("x", 1.0),
    ]


@pytest.mark.parametrize(
    ("compute", "row", "value"),
    [
        ({"start": "opened_at", "plus": "hours", "unit": "hours"}, {"hours": "1.5"}, "2026-03-01 01:30:00"),
        ({"start": "opened_at", "plus": "hours"}, {"hours": ""}, None),
        ({"start": "opened_at", "plus_value": 2, "unit": "days"}, {}, "2026-03-03 00:00:00"),
        (
            {"start": "when", "plus_value": -90, "unit": "minutes"},
            {"when": "2026-03-05 10:00"},
            "2026-03-05 08:30:00",
        ),
        (
            {"copy": "closed", "when": {"column": "state", "equals": "done"}},
            {"closed": "2026-03-05", "state": "DONE"},
            "2026-03-05 00:00:00",
        ),
        (
            {"copy": "closed", "when": {"column": "state", "equals": "done"}},
            {"closed": "2026-03-05", "state": "open"},
            None,
        ),
    ],
)
def test_computed_times(
    tmp_path: Path, compute: dict[str, Any], row: dict[str, str], value: str | None
) -> None:
    base = {"ticket_id": "1", "account_id": "A", "opened_at": "2026-03-01"}
    found = mapped(tmp_path, "tickets", [base | row], compute={"resolved_at": compute})
    assert found[-1]["resolved_at"] == value or str(found[-1]["resolved_at"]) == value


def test_a_computed_time_is_not_moved_by_a_zone_twice(tmp_path: Path) -> None:
    ws = workspace(tmp_path, timezone="Europe/Berlin")
    path = write_csv(
        tmp_path / "x.csv", [{"invoice_id": "1", "account_id": "A", "issued": "2026-07-01", "amount": "5"}]
    )
    mapping = rules(
        "invoices",
        "x.csv",
        columns={"issued_at": "issued"},
        compute={"due_at": {"start": "issued_at", "plus_value": 30, "unit": "days"}},
    )
    load(ws, path, mapping=mapping)
    row = stored(ws, "raw/invoices")[0]
    assert (str(row["issued_at"]), str(row["due_at"])) == ("2026-06-30 22:00:00", "2026-07-30 22:00:00")


def test_computed_numbers_words_and_ids(tmp_path: Path) -> None:
    rows = [{"acc": "A", "line": "7", "when": "2026-01-02", "units": "-2", "price": "1.5"}]
    found = mapped(
        tmp_path,
        "events",
        rows,
        columns={"account_id": "acc", "occurred_at": "when", "quantity": "units"},
        compute={
            "event": {"value": "return", "when": {"column": "units", "below": 0}, "otherwise": "purchase"},
            "revenue": {"column": "quantity", "times": "price"},
            "double": {"column": "price", "times": 2},
            "line_key": {"join": ["acc", "line"], "with": "/"},
        },
    )
    row = found[0]
    assert (row["event"], row["revenue"], row["double"], row["line_key"]) == ("return", -3.0, 3.0, "A/7")


def test_an_input_that_cannot_be_read_is_a_fault_of_the_row(tmp_path: Path) -> None:
    rows = [{"ticket_id": "1", "account_id": "A", "opened_at": "2026-03-01", "hours": "many"}]
    ws = workspace(tmp_path)
    mapping = rules("tickets", "x.csv", compute={"resolved_at": {"start": "opened_at", "plus": "hours"}})
    report = load(ws, write_csv(tmp_path / "x.csv", rows), mapping=mapping)
    assert report.table("tickets").quarantined == 1
    (kept,) = stored(ws, "quarantine/tickets", order="row")
    assert (kept["column"], kept["value"]) == ("resolved_at", "many")
    assert "a number such as 1234.5 in 'hours'" in kept["expected"]


def test_rows_are_left_out_with_their_reason(tmp_path: Path) -> None:
    rows = [
        {"account_id": str(n), "plan": plan, "size": size}
        for n, (plan, size) in enumerate([("trial", "1"), ("pro", "0"), ("pro", "5"), ("", "")])
    ]
    ws = workspace(tmp_path)
    leave = [
        {"column": "plan", "equals": "Trial", "reason": "trial"},
        {"column": "size", "below": 1, "reason": "too small"},
        {"column": "plan", "empty": True, "reason": "trial"},
    ]
    report = load(
        ws, write_csv(tmp_path / "x.csv", rows), mapping=rules("accounts", "x.csv", leave_out=leave)
    )
    assert report.table("accounts").filtered == {"trial": 2, "too small": 1}
    assert [row["account_id"] for row in stored(ws, "raw/accounts")] == ["2"]


@pytest.mark.parametrize(
    ("test", "left"),
    [
        ({"in": ["a", "B"]}, ["a", "b"]),
        ({"not_in": ["a"]}, ["b", "", "1", "3"]),
        ({"empty": False}, ["a", "b", "1", "3"]),
        ({"above": 2}, ["3"]),
        ({"equals": 1}, ["1"]),
    ],
)
def test_conditions(tmp_path: Path, test: dict[str, Any], left: list[str]) -> None:
    words = ["a", "b", "", "1", "3"]
    rows = [{"account_id": f"{n}", "word": word} for n, word in enumerate(words)]
    ws = workspace(tmp_path)
    leave = [{"column": "word", "reason": "r"} | test]
    load(ws, write_csv(tmp_path / "x.csv", rows), mapping=rules("accounts", "x.csv", leave_out=leave))
    kept = {row["account_id"] for row in stored(ws, "raw/accounts")}
    assert [word for n, word in enumerate(words) if str(n) not in kept] == left


def test_keys_are_reached_through_another_file(tmp_path: Path) -> None:
    """Usage keyed by subscription; a key that is not there is quarantined and says so."""
    write_csv(
        tmp_path / "subs.csv",
        [{"sub": "S1.0", "acc": "A"}, {"sub": "S2", "acc": "B"}, {"sub": "S2", "acc": "B"}],
    )
    rows = [{"sub": sub, "event": "e", "occurred_at": "2026-01-02"} for sub in ("S2", "S9", "S1.0")]
    ws = workspace(tmp_path)
    join = {"file": "subs.csv", "on": {"sub": "sub"}, "take": {"account_id": "acc"}}
    report = load(ws, write_csv(tmp_path / "x.csv", rows), mapping=rules("events", "x.csv", joins=[join]))
    assert (report.table("events").new, report.table("events").quarantined) == (2, 1)
    (kept,) = stored(ws, "quarantine/events", order="row")
    assert (kept["column"], kept["value"], kept["expected"]) == (
        "account_id",
        "S9",
        "a sub that subs.csv has",
    )
    assert sorted(row["account_id"] for row in stored(ws, "raw/events")) == ["A", "B"]


def test_keys_are_reached_through_a_table_of_the_same_import(tmp_path: Path) -> None:
    write_csv(
        tmp_path / "contracts.csv", [{"contract_id": "S1", "account_id": "A", "start_date": "2026-01-01"}]
    )
    write_csv(tmp_path / "use.csv", [{"contract": "S1", "event": "e", "occurred_at": "2026-01-02"}])
    mapping = Mapping.model_validate(
        {
            "tables": [
                {
                    "table": "events",
                    "files": ["use.csv"],
                    "joins": [
                        {"table": "contracts", "on": {"contract": "contract_id"}, "take": ["account_id"]}
                    ],
                }
            ]
        }
    )
    ws = workspace(tmp_path)
    load(ws, tmp_path / "contracts.csv", tmp_path / "use.csv", mapping=mapping)
    assert [row["account_id"] for row in stored(ws, "raw/events")] == ["A"]
    with pytest.raises(ImportRefusedError, match="contracts, which has no row yet"):
        load(workspace(tmp_path / "b"), tmp_path / "use.csv", mapping=mapping)


def test_a_join_by_a_key_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    write_csv(tmp_path / "subs.csv", [{"sub": "S1", "acc": "A"}, {"sub": "S1", "acc": "B"}])
    path = write_csv(tmp_path / "x.csv", [{"sub": "S1", "event": "e", "occurred_at": "2026-01-02"}])
    join = {"file": "subs.csv", "on": {"sub": "sub"}, "take": {"account_id": "acc"}}
    with pytest.raises(ImportRefusedError, match=r"S1 is in subs\.csv more than once"):
        load(workspace(tmp_path), path, mapping=rules("events", "x.csv", joins=[join]))


@pytest.mark.parametrize("name", ["../secret.csv", "/etc/passwd", "sub/dir.csv"])
def test_a_join_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    path = write_csv(tmp_path / "x.csv", [{"sub": "S1", "event": "e", "occurred_at": "2026-01-02"}])
    join = {"file": name, "on": {"sub": "sub"}, "take": ["account_id"]}
    with pytest.raises(ImportRefusedError, match="not a name in the same folder"):
        load(workspace(tmp_path), path, mapping=rules("events", "x.csv", joins=[join]))


def test_one_file_becomes_two_tables_and_two_files_one(tmp_path: Path) -> None:
    write_csv(tmp_path / "crm_1.csv", [{"account_id": "A", "since": "2026-01-01", "arr": "5"}])
    write_csv(tmp_path / "crm_2.csv", [{"Account": "B", "Since": "2026-02-01", "ARR": "7"}])
    contract = {
        "contract_id": ["account_id", "Account"],
        "account_id": ["account_id", "Account"],
        "start_date": "since",
    }
    mapping = Mapping.model_validate(
        {
            "tables": [
                {
                    "table": "accounts",
                    "files": ["crm_*.csv"],
                    "columns": {"account_id": ["account_id", "Account"]},
                    "ignore": ["arr", "since"],
                },
                {"table": "contracts", "files": ["crm_*.csv"], "columns": contract},
            ]
        }
    )
    ws = workspace(tmp_path)
    report = load(ws, tmp_path, mapping=mapping)
    assert {table.table: table.new for table in report.tables} == {"accounts": 2, "contracts": 2}
    assert [(r["account_id"], r["arr"]) for r in stored(ws, "raw/contracts")] == [("A", 5.0), ("B", 7.0)]
    assert "arr" not in stored(ws, "raw/accounts")[0]


def test_day_first_decimal_comma_and_an_old_encoding(tmp_path: Path) -> None:
    text = "Bericht März\n\nRechnung;Kunde;Datum;Fällig;Betrag\n1;A;31.03.2026;30.04.2026;1.234,50 €\n"
    (tmp_path / "x.csv").write_bytes(text.encode("cp1252"))
    mapping = rules(
        "invoices",
        "x.csv",
        columns={
            "invoice_id": "Rechnung",
            "account_id": "Kunde",
            "issued_at": "Datum",
            "due_at": "Fällig",
            "amount": "Betrag",
        },
        read={"dates": "day-first", "decimal": ",", "timezone": "Europe/Berlin"},
        constants={"currency": "EUR"},
    )
    ws = workspace(tmp_path, currency="EUR")
    report = load(ws, tmp_path / "x.csv", mapping=mapping)
    row = stored(ws, "raw/invoices")[0]
    assert (str(row["issued_at"]), row["amount"], row["currency"]) == ("2026-03-30 22:00:00", 1234.5, "EUR")
    assert report.table("invoices").files[0].facts["encoding"] == "cp1252 (detected)"
    plain = {"columns": mapping.tables[0].columns, "constants": {"currency": "EUR"}}
    refused = load(
        workspace(tmp_path / "b", currency="EUR"),
        tmp_path / "x.csv",
        mapping=rules("invoices", "x.csv", **plain),
    )
    assert refused.table("invoices").quarantined == 1


def test_what_a_mapping_does_not_name_is_skipped_with_the_reason(tmp_path: Path) -> None:
    write_csv(tmp_path / "accounts.csv", [{"account_id": "A"}])
    write_csv(tmp_path / "old_tickets.csv", [{"x": "A"}])
    write_csv(tmp_path / "spend.csv", [{"x": "A"}])
    write_csv(tmp_path / "phone.csv", [{"x": "A", "lines": "2"}])
    (tmp_path / "notes.pdf").touch()
    joined = {"file": "phone.csv", "on": {"account_id": "x"}, "take": ["lines"]}
    named = [
        {"table": "events", "files": ["none.csv"]},
        {"table": "accounts", "files": ["accounts.csv"], "joins": [joined]},
    ]
    mapping = Mapping.model_validate({"tables": named, "skip": ["spend.csv"]})
    report = load(workspace(tmp_path), tmp_path, mapping=mapping)
    assert [table.table for table in report.tables] == ["accounts"]
    assert report.skipped["spend.csv"] == "the mapping file skips it"
    assert report.skipped["old_tickets.csv"].startswith("it may be tickets (90%)")
    assert report.skipped["notes.pdf"] == "no connector reads this kind of file"
    assert "phone.csv" not in report.skipped, "its rows were read: joined to the accounts"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tables = [", "not a TOML file"),
        ("", "key 'tables' is missing"),
        ('[[tables]]\ntable = "evnts"\nfiles = ["x"]', r"'evnts' is refused.*nearest: events"),
        (
            '[[tables]]\ntable = "events"\nfiles = ["x"]\nvalue = 1',
            r"key 'tables\.0\.value' is not a setting",
        ),
        ('[[tables]]\ntable = "events"\nfiles = []', r"key 'tables\.0\.files'"),
        ('[[tables]]\ntable = "events"\nfiles = ["x"]\nread = {dates = "european"}', "iso, day-first"),
        ('[[tables]]\ntable = "events"\nfiles = ["x"]\nread = {timezone = "Mars"}', "IANA"),
        (
            '[[tables]]\ntable = "events"\nfiles = ["x"]\ncompute = {event = {copy = "a", column = "b"}}',
            "exactly one",
        ),
        (
            '[[tables]]\ntable = "events"\nfiles = ["x"]\ncolumns = {event = "a"}\nconstants = {event = "b"}',
            "twice",
        ),
        (
            '[[tables]]\ntable = "events"\nfiles = ["x"]\nleave_out = [{column = "a", reason = "r"}]',
            "exactly one",
        ),
    ],
)
def test_a_wrong_mapping_is_named_with_file_key_and_value(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "mapping.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=told) as caught:
        read_mapping(file)
    assert "mapping.toml" in caught.value.where


def test_a_mapping_that_does_not_fit_the_file_names_the_nearest_column(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [{"account_id": "A", "plan_name": "x"}])
    for mapping in (
        rules("accounts", "x.csv", columns={"plan": "plan_nam"}),
        rules("accounts", "x.csv", compute={"plan": {"copy": "plan_nam"}}),
        rules("accounts", "x.csv", leave_out=[{"column": "plan_nam", "empty": True, "reason": "r"}]),
    ):
        with pytest.raises(ImportRefusedError, match=r"'plan_nam'.*Nearest: 'plan_name'"):
            load(workspace(tmp_path / str(id(mapping))), path, mapping=mapping)
    with pytest.raises(UsageError, match="does not exist"):
        load(workspace(tmp_path / "c"), path, mapping=tmp_path / "none.toml")
