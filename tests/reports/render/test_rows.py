"""The review as CSV. Truths: the same columns in every row, every account of every section, and no cell that a
spreadsheet would run (OWASP: CSV injection)."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from barograph.cli.output import csv_text
from barograph.reports.render.phrases import printable
from barograph.reports.render.review_view import SECTIONS
from barograph.reports.render.rows import review_rows
from support.review_document import bare, empty, entry, hostile, review


@pytest.mark.parametrize("document", [review(), bare(), hostile()], ids=["full", "bare", "hostile"])
def test_every_account_of_every_section(document: dict[str, Any]) -> None:
    rows = review_rows(document)
    assert len({tuple(row) for row in rows}) == 1
    expected = [
        (section, printable(account["account_id"]))
        for section in ("attention", *(key for key, *_ in SECTIONS))
        for account in document[section]
    ]
    assert [(row["section"], row["account_id"]) for row in rows] == expected
    assert len(list(csv.reader(io.StringIO(csv_text(rows))))) == len(rows) + 1


def test_a_row() -> None:
    row = next(row for row in review_rows(review()) if row["account_id"] == "kiln")
    assert row["change"] == pytest.approx(-8.6)
    assert (row["as_of"], row["touch_by"], row["label"], row["currency"]) == (
        "2026-11-16", "2026-11-23", "heuristic", "EUR",
    )  # fmt: skip


@pytest.mark.parametrize(
    "name", ['=HYPERLINK("http://evil.example")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]
)
def test_names_are_no_formulas(name: str) -> None:
    document = review() | {"worse": [entry("a", name=name, owner=name, why=name)]}
    rows = list(csv.DictReader(io.StringIO(csv_text(review_rows(document)), newline="")))
    row = next(row for row in rows if row["section"] == "worse")
    assert {row["name"], row["owner"], row["why"]} == {f"'{name.strip()}"}


def test_an_empty_review_has_no_rows() -> None:
    assert review_rows(empty()) == []
