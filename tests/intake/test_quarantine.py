"""Rows that break the contract: kept aside whole, named exactly, and the counts add up (rule 6; X1).

Property over generated rows with planted faults; malicious values; limits.
"""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.intake import import_paths
from barograph.workspace import Limits, Workspace
from support.intake_lab import NOW, load, stored, workspace, write_csv

GOOD = {"ticket_id": "1", "account_id": "A", "opened_at": "2026-01-02", "priority": "p1", "csat": "4"}


def limited(folder: Path, **limits: object) -> Workspace:
    ws = workspace(folder)
    changed = ws.settings.model_copy(update={"limits": Limits.model_validate(limits)})
    return Workspace(ws.path, changed)


def test_each_fault_is_told_with_file_row_column_value_and_what_was_expected(tmp_path: Path) -> None:
    rows = [
        GOOD,
        GOOD | {"ticket_id": "2", "opened_at": "31/01/2026"},
        GOOD | {"ticket_id": "3", "account_id": ""},
        GOOD | {"ticket_id": "4", "priority": "urgent", "csat": "good"},
    ]
    ws = workspace(tmp_path)
    report = load(ws, write_csv(tmp_path / "tickets.csv", rows)).table("tickets")
    assert (report.rows, report.new, report.quarantined) == (4, 1, 3)
    kept = stored(ws, "quarantine/tickets", order="row")
    assert [(r["file"], r["row"], r["column"], r["value"]) for r in kept] == [
        ("tickets.csv", 3, "opened_at", "31/01/2026"),
        ("tickets.csv", 4, "account_id", None),
        ("tickets.csv", 5, "priority", "urgent"),
    ]
    assert "a date or time such as" in kept[0]["expected"]
    assert kept[1]["expected"] == "a value"
    assert "one of p1, p2, p3, p4" in kept[2]["expected"]
    assert kept[2]["also"] == ["csat = good: expected a number such as 1234.5"]
    assert json.loads(kept[2]["record"]) == rows[3]
    assert {row["import_id"] for row in kept} == {stored(ws, "raw/tickets")[0]["_import"]}
    assert {(q.column, q.rows) for q in report.quarantine} == {
        ("opened_at", 1),
        ("account_id", 1),
        ("priority", 1),
    }
    assert "tickets.csv row 3: '31/01/2026'" in {q.example for q in report.quarantine}


FAULTS = {
    "opened_at": st.sampled_from(["", "soon", "2026-02-30"]),
    "ticket_id": st.just(""),
    "priority": st.sampled_from(["high", "9"]),
    "csat": st.sampled_from(["four", "nan", "inf"]),
    "resolved_at": st.just("never"),
}


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_planted_faults_are_found_and_everything_else_is_stored(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("q")
    rows, planted = [], set()
    for number in range(2, data.draw(st.integers(3, 20))):
        row = GOOD | {"ticket_id": f"T{number}", "resolved_at": "2026-01-05"}
        for column in data.draw(st.sets(st.sampled_from(sorted(FAULTS)), max_size=2)):
            row[column] = data.draw(FAULTS[column])
            planted.add(number)
        rows.append(row)
    ws = workspace(folder)
    report = load(ws, write_csv(folder / "tickets.csv", rows)).table("tickets")
    assert (report.rows, report.quarantined) == (len(rows), len(planted))
    assert {row["row"] for row in stored(ws, "quarantine/tickets", order="row")} == planted
    found = {row["ticket_id"] for row in stored(ws, "raw/tickets")}
    assert found == {row["ticket_id"] for number, row in enumerate(rows, 2) if number not in planted}


def test_ragged_rows_are_in_quarantine_with_the_others(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("account_id,event,occurred_at\nA,e,2026-01-02\nA,e\nA,e,never\nA,e,2026-01-03,x\n")
    ws = workspace(tmp_path)
    report = load(ws, path).table("events")
    assert (report.rows, report.new, report.quarantined) == (4, 1, 3)
    kept = stored(ws, "quarantine/events", order="row")
    assert [(row["row"], row["expected"]) for row in kept][::2] == [
        (3, "3 columns, not 2"),
        (5, "3 columns, not 4"),
    ]
    assert kept[0]["record"] == "A,e"


def test_blank_rows_are_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("account_id,event,occurred_at\n\nA,e,2026-01-02\n,,\n  , ,\n")
    assert load(workspace(tmp_path), path).table("events").rows == 1


def test_the_same_faults_again_are_counted_but_not_kept_twice(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "tickets.csv", [GOOD | {"priority": "urgent"}])
    ws = workspace(tmp_path)
    for _ in range(2):
        assert load(ws, path).table("tickets").quarantined == 1
    assert len(stored(ws, "quarantine/tickets", order="row")) == 1


def test_one_of_two_columns_must_have_a_value(tmp_path: Path) -> None:
    base = {"account_id": "A", "outcome": "Churned", "decided_at": "", "effective_at": ""}
    rows = [base, base | {"effective_at": "2026-01-02"}, base | {"decided_at": "2026-01-02"}]
    ws = workspace(tmp_path)
    report = load(ws, write_csv(tmp_path / "outcomes.csv", rows)).table("outcomes")
    assert (report.new, report.quarantined) == (2, 1)
    assert stored(ws, "quarantine/outcomes", order="row")[0]["column"] == "decided_at or effective_at"
    assert {row["outcome"] for row in stored(ws, "raw/outcomes")} == {"churned"}


def test_words_of_the_contract_are_read_in_any_spelling(tmp_path: Path) -> None:
    rows = [
        {"account_id": str(n), "touch_model": word}
        for n, word in enumerate(("High Touch", "tech-touch", "POOLED", ""))
    ]
    ws = workspace(tmp_path)
    load(ws, write_csv(tmp_path / "accounts.csv", rows))
    assert [r["touch_model"] for r in stored(ws, "raw/accounts")] == [
        "high_touch",
        "tech_touch",
        "pooled",
        None,
    ]


def test_zero_is_zero_and_empty_is_unknown(tmp_path: Path) -> None:
    rows = [GOOD | {"csat": "0"}, GOOD | {"ticket_id": "2", "csat": ""}]
    ws = workspace(tmp_path)
    load(ws, write_csv(tmp_path / "tickets.csv", rows))
    assert [row["csat"] for row in stored(ws, "raw/tickets")] == [0.0, None]


@pytest.mark.parametrize("bad", ["A\x00B", "A\x1fB", "A\x1b[31mB", "A\nB"])
def test_ids_with_control_characters_are_refused(tmp_path: Path, bad: str) -> None:
    """An id with the character that joins keys could pass for another fact's."""
    ws = workspace(tmp_path)
    pq.write_table(pa.table({"account_id": [bad, "A"], "plan": ["x", "y"]}), tmp_path / "accounts.parquet")
    report = load(ws, tmp_path / "accounts.parquet").table("accounts")
    assert (report.new, report.quarantined) == (1, 1)
    assert "without control characters" in stored(ws, "quarantine/accounts", order="row")[0]["expected"]


def test_nul_in_text_is_refused_and_other_text_is_kept_as_it_is(tmp_path: Path) -> None:
    texts = ["a\0b", '=HYPERLINK("http://x")', "line\nbreak", "<script>", "'; DROP TABLE raw; --", "NA"]
    table = pa.table({"account_id": [str(n) for n in range(len(texts))], "name": texts})
    pq.write_table(table, tmp_path / "accounts.parquet")
    ws = workspace(tmp_path)
    report = load(ws, tmp_path / "accounts.parquet").table("accounts")
    assert report.quarantined == 1
    assert [row["name"] for row in stored(ws, "raw/accounts")] == texts[1:]


def test_a_cell_above_the_limit_is_quarantined(tmp_path: Path) -> None:
    rows = [{"account_id": "A", "name": "x" * 20_000}, {"account_id": "B", "name": "y"}]
    ws = limited(tmp_path, cell_bytes=10_000)
    report = load(ws, write_csv(tmp_path / "accounts.csv", rows)).table("accounts")
    assert (report.new, report.quarantined) == (1, 1)
    (kept,) = stored(ws, "quarantine/accounts", order="row")
    assert "at most 10,000 bytes" in kept["expected"]
    assert len(kept["value"]) == 200


def test_a_hostile_name_of_a_column_is_only_a_name(tmp_path: Path) -> None:
    rows = [{"account_id": "A", 'x"; DROP TABLE t; --': "1", "it's": "2"}]
    ws = workspace(tmp_path)
    load(ws, write_csv(tmp_path / "accounts.csv", rows))
    row = stored(ws, "raw/accounts")[0]
    assert (row["x_drop_table_t"], row["it_s"]) == (1.0, 2.0)


def test_a_workspace_in_a_folder_with_a_hostile_name_works(tmp_path: Path) -> None:
    folder = tmp_path / "Q1 [2026] 'x' *?"
    folder.mkdir()
    ws = workspace(folder)
    path = write_csv(folder / "accounts.csv", [{"account_id": "A"}, {"account_id": ""}])
    for _ in range(2):
        report = import_paths(ws, [path], now=NOW)
    assert report.table("accounts").unchanged == 1
