"""Choices of columns become a mapping file that the library reads as they were meant (X1). Truth: the library's own
matching, and round trips through TOML."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from barograph.workspace import Limits
from barograph_web.ingest import choices
from barograph_web.ingest.inspecting import inspect, likely_table


def part_of(tmp_path: Path, text: str, name: str = "support cases.csv") -> dict[str, Any]:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    [part] = inspect(file, Limits())
    return part.to_json()


def test_headers_are_matched_and_guesses_say_how_sure_they_are(tmp_path: Path) -> None:
    part = part_of(tmp_path, "Case Number,customer_id,Created,note\n1,A1,2026-10-01,x\n")
    chosen = choices.proposed(part)
    assert chosen["table"] == "tickets"
    assert chosen["columns"] == {
        "Case Number": "ticket_id",
        "customer_id": "account_id",
        "Created": "opened_at",
        "note": "+",
    }
    assert set(chosen["guessed"]) == {"Case Number", "Created"}
    assert all(0.7 <= sure < 1 for sure in chosen["guessed"].values())
    assert choices.problems(part, chosen) == []


def test_what_is_missing_is_said_beside_the_table_and_goes_away_when_it_is_given(tmp_path: Path) -> None:
    part = part_of(tmp_path, "Case Number,Client,Created\n1,A1,2026-10-01\n")
    chosen = choices.proposed(part)
    [problem] = choices.problems(part, chosen)
    assert problem.field == "table"
    assert "account_id" in problem.text
    chosen["columns"]["Client"] = "account_id"
    assert choices.problems(part, chosen) == []


def test_two_columns_for_one_are_refused_beside_the_second(tmp_path: Path) -> None:
    part = part_of(tmp_path, "ticket_id,account_id,opened_at,other\n1,A1,2026-10-01,2\n")
    chosen = choices.proposed(part)
    chosen["columns"]["other"] = "ticket_id"
    assert choices.problems(part, chosen)[0].field == "column:other"


def test_a_constant_for_a_column_that_the_file_has_is_refused(tmp_path: Path) -> None:
    part = part_of(tmp_path, "ticket_id,account_id,opened_at\n1,A1,2026-10-01\n")
    chosen = choices.proposed(part)
    chosen["constants"] = {"opened_at": "2026-01-01"}
    assert choices.problems(part, chosen)[0].field == "constant:opened_at"


def test_a_part_without_a_table_is_left_out_and_needs_nothing(tmp_path: Path) -> None:
    part = part_of(tmp_path, "x,y\n1,2\n", "notes.csv")
    chosen = choices.proposed(part)
    assert chosen["table"] == ""
    assert choices.problems(part, chosen) == []


@pytest.mark.parametrize(
    ("name", "columns", "table"),
    [
        ("accounts.csv", ("account_id", "name"), "accounts"),
        ("export (7).csv", ("invoice_id", "account_id", "issued_at", "due_at"), "invoices"),
        ("dump.csv", ("account_id", "event", "occurred_at"), "events"),
        ("book.xlsx#Tickets", ("ticket_id", "account_id", "opened_at"), "tickets"),
        ("whatever.csv", ("a", "b"), ""),
    ],
)
def test_the_table_is_found_by_name_or_by_columns(name: str, columns: tuple[str, ...], table: str) -> None:
    assert likely_table(name, columns).table == table


def test_the_mapping_text_says_everything_that_was_chosen(tmp_path: Path) -> None:
    part = part_of(tmp_path, "ticket_id,account_id,opened_at,urgency,secret\n1,A1,01.10.2026,high,x\n")
    chosen = choices.proposed(part)
    chosen["columns"] |= {"urgency": "priority", "secret": "-"}
    chosen |= {
        "values": {"priority": {"high": "p1"}},
        "constants": {"kind": "question"},
        "dates": "day-first",
        "decimal": ",",
        "known_at": "2026-11-01",
    }
    text = choices.mapping_text({part["part"]: chosen}, "cases (2).csv")
    [table] = tomllib.loads(text)["tables"]
    assert table["files"] == ["cases (2).csv"]
    assert table["columns"]["priority"] == "urgency"
    assert table["ignore"] == ["secret"]
    assert table["values"] == {"priority": {"high": "p1"}}
    assert table["constants"] == {"kind": "question"}
    assert table["read"] == {"dates": "day-first", "decimal": ","}
    mapped = choices.mapping_file({part["part"]: chosen}, "cases (2).csv")
    assert mapped.tables[0].known_at is not None


def test_names_with_quotes_and_brackets_survive_the_text(tmp_path: Path) -> None:
    part = part_of(tmp_path, 'ticket_id,account_id,opened_at,"say ""hi"" = [x]"\n1,A1,2026-10-01,y\n')
    chosen = choices.proposed(part)
    chosen["columns"]['say "hi" = [x]'] = "subject"
    mapped = choices.mapping_file({part["part"]: chosen}, "c.csv")
    assert mapped.tables[0].columns["subject"] == 'say "hi" = [x]'
