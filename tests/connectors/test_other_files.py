"""Excel, Parquet and NDJSON: values as they are, row numbers a person finds, faults with the line (X1)."""

from __future__ import annotations

import json
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.connectors import ReadLimits, ReadOptions, address_of, connector_for
from barograph.errors import ImportRefusedError
from support.intake_files import parts, read, whole


def workbook(path: Path, sheets: dict[str, list[list[Any]]], hidden: str = "") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name == hidden else "visible"
    book.save(path)
    return path


def test_a_sheet_with_title_rows_and_merged_columns(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["B2"] = "Customers, March"
    sheet.merge_cells("B2:F2")
    for column, name in zip("BCE", ("Account ID", "Since", "ARR"), strict=True):
        sheet[f"{column}4"] = name
    sheet["B5"], sheet["C5"], sheet["E5"] = 12345, datetime(2024, 1, 2), 1500.5
    sheet["B6"], sheet["C6"], sheet["E6"] = "A-7", datetime(2024, 1, 2, 3, 4), True
    book.save(path)
    found = read(path)
    assert found.columns == ("Account ID", "Since", "ARR")
    assert found.rows[0][0] == "12345"
    assert str(found.rows[0][1]).startswith("2024-01-02")
    assert found.rows[0][2] == "1500.5"
    assert found.rows[1] == ("A-7", "2024-01-02T03:04:00", "true")
    assert found.numbers == [5, 6]
    assert found.facts["header_row"] == "4"


def test_each_visible_sheet_with_rows_is_a_part(tmp_path: Path) -> None:
    table = [["id", "name"], ["1", "x"]]
    path = workbook(
        tmp_path / "b.xlsx", {"Accounts": table, "Empty": [], "Tickets": table, "Old": table}, "Old"
    )
    assert [part.shown for part in parts(path)] == ["b.xlsx#Accounts", "b.xlsx#Tickets"]
    assert [part.part for part in parts(path, sheet=2)] == ["Empty"]
    assert [part.part for part in parts(path, sheet="Tickets")] == ["Tickets"]
    assert read(f"{path}#Tickets").rows == [("1", "x")]
    with pytest.raises(ImportRefusedError, match=r"no sheet 'Gone'.*Accounts"):
        parts(path, sheet="Gone")


def test_formulas_give_their_stored_value_and_nothing_else(tmp_path: Path) -> None:
    path = workbook(tmp_path / "b.xlsx", {"S": [["id", "name"], ["1", '=HYPERLINK("http://x","y")']]})
    assert read(path).rows in ([("1", None)], [("1", "")])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04junk", b"\xd0\xcf\x11\xe0junk", b"plain text"])
def test_broken_workbooks_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "b.xlsx"
    path.write_bytes(content)
    with pytest.raises(ImportRefusedError, match=r"b\.xlsx"):
        parts(path)


def test_a_workbook_that_unpacks_too_large_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 70_000_000)
    with pytest.raises(ImportRefusedError, match=r"would unpack to 70,000,000"):
        parts(path)


def test_parquet_keeps_types_and_flattens_records(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": pa.array([1.0, None]),
            "at": pa.array([datetime(2024, 1, 1), None], pa.timestamp("ns")),
            "day": pa.array([date(2024, 1, 1), None]),
            "price": pa.array([Decimal("1.50"), None]),
            "tags": pa.array([["a", "b"], None]),
            "traits": pa.array([{"plan": "pro", "geo": {"city": "Köln"}}, None]),
            "kind": pa.array(["x", None]).dictionary_encode(),
        }
    )
    path = tmp_path / "x.parquet"
    pq.write_table(table, path)
    found = read(path)
    assert found.columns == ("id", "at", "day", "price", "tags", "traits.plan", "traits.geo.city", "kind")
    assert found.rows[0] == (1.0, datetime(2024, 1, 1), date(2024, 1, 1), "1.50", "a;b", "pro", "Köln", "x")
    assert set(found.rows[1]) == {None}
    assert found.numbers == [1, 2]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1"])
def test_broken_parquet_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(content)
    with pytest.raises(ImportRefusedError, match=r"x\.parquet"):
        read(path)


def test_parquet_above_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"x": list(range(100_000))}), path)
    with pytest.raises(ImportRefusedError, match=r"limits\.file_bytes"):
        read(path, limits=ReadLimits(file_bytes=1000))


NAMES = st.sampled_from(["id", "name", "traits"])
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(NAMES, VALUES, min_size=1), min_size=1, max_size=8))
def test_ndjson_gives_each_objects_values(
    tmp_path_factory: pytest.TempPathFactory, items: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.mktemp("n") / "x.ndjson"
    path.write_text("\n".join(json.dumps(item) for item in items), encoding="utf-8")
    address = address_of(path)
    found = whole(connector_for(address).open(address, ReadOptions()))
    for item, row in zip(items, found.rows, strict=True):
        shown = dict(zip(found.columns, row, strict=True))
        for name, value in item.items():
            expected = (
                None if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            )
            assert shown[name] == expected


def test_ndjson_flattens_objects_keeps_digits_and_numbers_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    path.write_text(
        '{"id": 90071992547409931, "custom": {"tier": "A", "sizes": [1, 2]}}\n'
        "not json\n\n"
        '{"id": 1, "id": 2}\n'
        "[1]\n"
        '{"id": 1.50, "late": true}\n'
    )
    found = read(path)
    assert found.columns == ("id", "custom.tier", "custom.sizes", "late")
    assert found.rows == [("90071992547409931", "A", "1;2", None), ("1.50", None, None, "true")]
    assert found.numbers == [1, 6]
    assert [fault.row for fault in found.faults] == [2, 4, 5]


def test_a_line_above_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    path.write_text('{"a": "' + "x" * 200_000 + '"}\n')
    with pytest.raises(ImportRefusedError, match=r"row 1 is longer"):
        read(path, limits=ReadLimits(record_bytes=1 << 16))
