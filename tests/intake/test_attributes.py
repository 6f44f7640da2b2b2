"""Columns that the contract does not name: kept, typed by what they hold, and of one type for good (rule 4)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from barograph.errors import UsageError
from support.intake_lab import load, rules, stored, workspace, write_csv


def accounts(folder: Path, *values: Any, name: str = "extra") -> Path:
    rows = [{"account_id": str(number), name: value} for number, value in enumerate(values)]
    return write_csv(folder / "accounts.csv", rows)


@pytest.mark.parametrize(
    ("values", "kind", "read"),
    [
        (["1", "2.5", ""], "number", [1.0, 2.5, None]),
        (["0", "1"], "number", [0.0, 1.0]),
        (["$1,200", "-3"], "number", [1200.0, -3.0]),
        (["Yes", "no", ""], "boolean", [True, False, None]),
        (["true", "0"], "text", ["true", "0"]),
        (["007", "12"], "text", ["007", "12"]),
        (["1", "N/A"], "text", ["1", "N/A"]),
        (["NA", "EMEA"], "text", ["NA", "EMEA"]),
        (["20260102", "20260103"], "number", [20260102.0, 20260103.0]),
    ],
)
def test_the_type_is_what_all_values_are(
    tmp_path: Path, values: list[str], kind: str, read: list[Any]
) -> None:
    ws = workspace(tmp_path)
    assert load(ws, accounts(tmp_path, *values)).table("accounts").attributes == {"extra": kind}
    assert [row["extra"] for row in stored(ws, "raw/accounts")] == read


def test_times_are_times_in_utc(tmp_path: Path) -> None:
    ws = workspace(tmp_path, timezone="Europe/Berlin")
    report = load(ws, accounts(tmp_path, "2026-07-01", "2026-07-01T10:00Z"))
    assert report.table("accounts").attributes == {"extra": "instant"}
    assert [str(row["extra"]) for row in stored(ws, "raw/accounts")] == [
        "2026-06-30 22:00:00",
        "2026-07-01 10:00:00",
    ]


@pytest.mark.parametrize("name", ["external_id", "Postal Code", "cf_phone", "sku"])
def test_codes_are_text_even_where_they_look_like_numbers(tmp_path: Path, name: str) -> None:
    report = load(workspace(tmp_path), accounts(tmp_path, "12345", "678", name=name))
    assert list(report.table("accounts").attributes.values()) == ["text"]


def test_a_column_without_any_value_is_not_kept(tmp_path: Path) -> None:
    ws = workspace(tmp_path)
    assert load(ws, accounts(tmp_path, "", "")).table("accounts").attributes == {}
    assert "extra" not in stored(ws, "raw/accounts")[0]


def test_a_value_that_is_not_of_the_attributes_type_is_quarantined(tmp_path: Path) -> None:
    ws = workspace(tmp_path)
    load(ws, accounts(tmp_path, "1", "2"))
    report = load(ws, accounts(tmp_path, "1", "N/A")).table("accounts")
    assert (report.unchanged, report.quarantined, report.attributes) == (1, 1, {"extra": "number"})
    assert stored(ws, "quarantine/accounts", order="row")[0]["value"] == "N/A"


def test_an_attribute_can_be_declared_text_later_and_equal_values_stay_equal(tmp_path: Path) -> None:
    ws = workspace(tmp_path)
    load(ws, accounts(tmp_path, "1", "2.5"))
    mapping = rules("accounts", "accounts.csv", types={"extra": "text"})
    report = load(ws, accounts(tmp_path, "1", "2.5", "N/A"), mapping=mapping).table("accounts")
    assert (report.unchanged, report.new, report.changed) == (2, 1, 0)
    assert any("became text" in warning for warning in report.warnings)
    assert [row["extra"] for row in stored(ws, "raw/accounts")] == ["1", "2.5", "N/A"]
    assert len(ws.lake.paths("raw/accounts")) == 2


def test_text_cannot_be_declared_something_else_later(tmp_path: Path) -> None:
    ws = workspace(tmp_path)
    load(ws, accounts(tmp_path, "x"))
    mapping = rules("accounts", "accounts.csv", types={"extra": "number"})
    with pytest.raises(UsageError, match=r"'extra' of accounts as number; the workspace has it as text"):
        load(ws, accounts(tmp_path, "1"), mapping=mapping)


def test_files_that_differ_make_it_text(tmp_path: Path) -> None:
    ws = workspace(tmp_path)
    one = write_csv(tmp_path / "accounts_1.csv", [{"account_id": "A", "size": "5"}])
    two = write_csv(tmp_path / "accounts_2.csv", [{"account_id": "B", "size": "large"}])
    assert load(ws, one, two).table("accounts").attributes == {"size": "text"}
    assert [row["size"] for row in stored(ws, "raw/accounts")] == ["5", "large"]


def test_a_file_without_known_columns_is_warned_about(tmp_path: Path) -> None:
    ws = workspace(tmp_path)
    row = {"account_id": "A", "plan": "x", "tier": "1"}
    load(ws, write_csv(tmp_path / "accounts.csv", [row]))
    report = load(ws, write_csv(tmp_path / "accounts.csv", [{"account_id": "A", "region": "NA"}]))
    assert any("earlier imports had plan, tier" in warning for warning in report.warnings)
