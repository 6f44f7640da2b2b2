"""The import report and the preview: the fixed keys of the JSON, and sources that are not plain files (contract)."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest

from barograph.errors import ImportRefusedError, UsageError
from barograph.intake import preview
from support.intake_lab import load, rules, stored, workspace, write_csv


def two_tables(folder: Path) -> list[Path]:
    event = {"account_id": "A", "event": "e", "occurred_at": "2026-01-02"}
    return [
        write_csv(folder / "accounts.csv", [{"account_id": "A", "start_date": "2025-01-01"}]),
        write_csv(folder / "events.csv", [event, event | {"account_id": "B"}, event | {"occurred_at": "x"}]),
    ]


def test_the_keys_of_the_json_stay_fixed(tmp_path: Path) -> None:
    """cli.md: `import` has tables[] with these keys; more may be added."""
    document = load(workspace(tmp_path), *two_tables(tmp_path)).to_json()
    assert document["schema"] == "barograph.import/1"
    assert json.loads(json.dumps(document)) == document
    fixed = {"table", "rows", "new", "changed", "unchanged", "quarantined"}
    fixed |= {"known_accounts_share", "from", "to", "fresh_as_of"}
    for table in document["tables"]:
        assert fixed <= set(table)
    events = document["tables"][1]
    assert (events["rows"], events["new"], events["quarantined"]) == (3, 2, 1)
    assert (events["known_accounts_share"], events["from"], events["to"]) == (0.5, "2026-01-02", "2026-01-02")
    assert events["fresh_as_of"] == "2026-01-02"


def test_accounts_of_earlier_imports_are_known(tmp_path: Path) -> None:
    accounts, events = two_tables(tmp_path)
    ws = workspace(tmp_path)
    report = load(ws, events).table("events")
    assert report.known_accounts_share is None
    assert any("no accounts table" in warning for warning in report.warnings)
    load(ws, accounts)
    assert load(ws, events).table("events").known_accounts_share == 0.5


def test_the_journal_says_who_imported_what_and_why(tmp_path: Path) -> None:
    ws = workspace(tmp_path)
    load(ws, *two_tables(tmp_path), reason="first look")
    (record,) = ws.journal.records()
    assert (record.what, record.reason, record.at, record.generation) == (
        "import",
        "first look",
        "2026-11-20T12:00:00+00:00",
        1,
    )
    assert record.user
    assert record.counts["files"] == ["accounts.csv", "events.csv"]
    assert record.counts["tables"]["events"]["quarantined"] == 1


def test_a_refused_file_refuses_all_and_changes_nothing(tmp_path: Path) -> None:
    ws = workspace(tmp_path)
    good = two_tables(tmp_path)
    bad = [write_csv(tmp_path / f"{name}.csv", [{"x": 1, "y": 2}]) for name in ("tickets", "invoices")]
    with pytest.raises(
        ImportRefusedError, match=r"2 sources are refused(.|\n)*tickets\.csv(.|\n)*invoices\.csv"
    ):
        load(ws, *good, *bad)
    assert ws.lake.manifest().generation == 0
    assert list(ws.journal.records()) == []


def test_a_workbook_gives_a_table_per_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Accounts"
    for row in (["Accounts of March", None], ["Account ID", "Segment"], [7, "SMB"], [8, "NA"]):
        book.active.append(row)
    sheet = book.create_sheet("Support Tickets")
    for row in (["ticket_id", "account_id", "opened_at"], [1, 7, "2026-01-02"]):
        sheet.append(row)
    book.save(tmp_path / "crm.xlsx")
    ws = workspace(tmp_path)
    report = load(ws, tmp_path / "crm.xlsx")
    assert {t.table: t.files[0].file for t in report.tables} == {
        "accounts": "crm.xlsx#Accounts",
        "tickets": "crm.xlsx#Support Tickets",
    }
    assert [(r["account_id"], r["segment"]) for r in stored(ws, "raw/accounts")] == [
        ("7", "SMB"),
        ("8", "NA"),
    ]
    assert report.table("tickets").known_accounts_share == 1.0
    only = workspace(tmp_path / "b")
    load(only, tmp_path / "crm.xlsx", mapping=rules("accounts", "crm.xlsx#Accounts"), table="accounts")
    assert list(only.lake.manifest().datasets) == ["raw/accounts"]


def test_a_database_table_counts_as_a_file(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "crm.db")) as connection:
        connection.execute("create table accounts (account_id integer, is_internal boolean, since date)")
        connection.execute("insert into accounts values (7, 1, '2026-01-02'), (null, 0, null)")
        connection.commit()
    ws = workspace(tmp_path)
    report = load(ws, f"sqlite:///{tmp_path}/crm.db#accounts").table("accounts")
    assert (report.new, report.quarantined) == (1, 1)
    row = stored(ws, "raw/accounts")[0]
    assert (row["account_id"], row["is_internal"], str(row["since"])) == ("7", True, "2026-01-02 00:00:00")


def test_ndjson_with_traits(tmp_path: Path) -> None:
    (tmp_path / "accounts.ndjson").write_text(
        '{"externalId": 7, "traits": {"plan": "pro", "score": 1.5}}\nnot json\n'
    )
    ws = workspace(tmp_path)
    report = load(ws, tmp_path / "accounts.ndjson").table("accounts")
    assert (report.new, report.quarantined) == (1, 1)
    row = stored(ws, "raw/accounts")[0]
    assert (row["account_id"], row["plan"], row["score"]) == ("7", "pro", 1.5)


def test_nothing_to_import_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no path"):
        load(workspace(tmp_path))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ImportRefusedError, match="nothing to import"):
        load(workspace(tmp_path / "b"), tmp_path / "empty")
    (tmp_path / "empty" / "notes.pdf").touch()
    with pytest.raises(ImportRefusedError, match=r"notes\.pdf: no connector"):
        load(workspace(tmp_path / "c"), tmp_path / "empty")


def test_a_preview_shows_what_would_happen_and_writes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    write_csv(folder / "crm_accounts.csv", [{"account_id": "A", "account_name": "Acme", "badge": "x"}] * 9)
    write_csv(folder / "tickets.csv", [{"ticket_id": "1", "account_id": "A", "created_at": "2026-01-02"}])
    ws = workspace(tmp_path)
    found = preview(ws, [folder])
    accounts, tickets = found.files
    assert (accounts.table, accounts.confidence, dict(accounts.columns)) == (
        "accounts",
        0.9,
        {"account_id": "account_id"},
    )
    assert dict(accounts.attributes) == {"account_name": "account_name", "badge": "badge"}
    assert [(g.column, g.target) for g in accounts.guesses] == [("account_name", "name")]
    assert (accounts.refused, len(accounts.sample)) == ("", 5)
    assert "opened_at may be 'created_at'" in tickets.refused
    assert not found.fits
    assert preview(ws, [folder], confirm=lambda _: True).fits
    assert json.loads(json.dumps(found.to_json()))["schema"] == "barograph.import-preview/1"
    assert ws.lake.manifest().generation == 0
