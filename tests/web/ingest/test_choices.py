"""Choices of columns become a mapping file that the library reads as they were meant (X1). Truth: the library's own
matching, and round trips through TOML."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from barograph.intake import import_paths
from barograph.workspace import Limits, Workspace
from barograph_web.ingest import choices
from barograph_web.ingest.forms import BY_MONTH, PartForm
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


MONTHLY = "subscription_id,account_id,start_date,Monthly Recurring Revenue\nS1,A1,2026-01-01,49\n"


def test_an_amount_a_month_is_guessed_and_becomes_the_years(tmp_path: Path) -> None:
    """Taken as it is, it would show every account at a twelfth of its revenue."""
    part = part_of(tmp_path, MONTHLY, "subscriptions.csv")
    chosen = choices.proposed(part)
    assert chosen["columns"]["Monthly Recurring Revenue"] == "arr"
    assert chosen["scaled"] == {"arr": 12.0}
    assert choices.problems(part, chosen) == []
    [table] = choices.document({"subscriptions.csv": chosen}, "subscriptions.csv")["tables"]
    assert table["compute"] == {"arr": {"column": "Monthly Recurring Revenue", "times": 12.0}}
    assert "arr" not in table["columns"]


def test_the_form_keeps_the_factor_and_lets_go_of_it(tmp_path: Path) -> None:
    part = part_of(tmp_path, MONTHLY, "subscriptions.csv")
    chosen = choices.proposed(part)
    form = PartForm(part, chosen)
    field = form["column_3"]
    assert field.value() == f"arr{BY_MONTH}"
    filled = {f"part-{name}": form[name].value() or "" for name in form.fields}
    kept = PartForm(part, chosen, filled)
    assert kept.is_valid(), kept.errors
    assert kept.choices()["scaled"] == {"arr": 12.0}
    without = PartForm(part, chosen, filled | {"part-column_3": "arr"})
    assert without.is_valid()
    assert without.choices()["scaled"] == {}
    assert without.choices()["columns"]["Monthly Recurring Revenue"] == "arr"


def test_the_library_reads_the_factor_as_it_was_meant(tmp_path: Path) -> None:
    part = part_of(tmp_path, MONTHLY, "subscriptions.csv")
    mapping = choices.mapping_file({"subscriptions.csv": choices.proposed(part)}, "subscriptions.csv")
    place = Workspace.create(tmp_path / "ws", currency="USD")
    import_paths(
        place, [tmp_path / "subscriptions.csv"], mapping=mapping, now=datetime(2026, 11, 16, tzinfo=UTC)
    )
    [path] = place.lake.paths("raw/contracts")
    assert pq.read_table(path, columns=["arr"])["arr"].to_pylist() == [588.0]
