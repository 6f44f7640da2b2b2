"""Separated text: what is in the file comes out, by row number, and nothing moves to another column.

Property (round trip against Python's csv module), reference encodings, and files with faults (X1).
"""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.connectors import ReadLimits
from barograph.errors import ImportRefusedError
from support.intake_files import read

CELL = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="\0\r"), max_size=8
)


def made(folder: Path, content: str | bytes, name: str = "x.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), max_size=12),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    packed=st.booleans(),
)
def test_what_python_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str]],
    delimiter: str,
    encoding: str,
    packed: bool,
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([("id", "name", "note"), *rows])
    data = text.getvalue().encode(encoding)
    path = tmp_path_factory.mktemp("csv") / ("x.csv.gz" if packed else "x.csv")
    path.write_bytes(gzip.compress(data) if packed else data)
    found = read(path, delimiter=delimiter)
    # A value that holds a whole other record is taken for an unclosed quote; see below.
    lost = {fault.row for fault in found.faults}
    assert found.columns == ("id", "name", "note")
    kept = [(number, row) for number, row in enumerate(rows, 2) if number not in lost]
    assert list(zip(found.numbers, found.rows, strict=True)) == kept
    for number in lost:
        assert any(line.count(delimiter) >= 2 for cell in rows[number - 2] for line in cell.split("\n")[1:])


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", "utf-8 (detected)"),
        ("utf-8-sig", "utf-8-sig (byte-order mark)"),
        ("utf-16", "utf-16 (byte-order mark)"),
        ("utf-16-le", "utf-16-le (detected)"),
        ("cp1252", "cp1252 (detected)"),
    ],
)
def test_the_encoding_is_found_and_said(tmp_path: Path, encoding: str, named: str) -> None:
    found = read(made(tmp_path, "id;city\n1;Köln\n2;Zürich\n".encode(encoding)))
    assert found.rows == [("1", "Köln"), ("2", "Zürich")]
    assert found.facts["encoding"] == named
    assert found.facts["delimiter"] == "semicolon"


def test_a_declared_encoding_is_used_and_checked(tmp_path: Path) -> None:
    path = made(tmp_path, "id,city\n1,Łódź\n".encode("cp1250"))
    assert read(path, encoding="cp1250").rows == [("1", "Łódź")]
    with pytest.raises(ImportRefusedError, match="not utf-8 throughout"):
        read(path, encoding="utf-8")
    with pytest.raises(ImportRefusedError, match="'klingon' is not known"):
        read(path, encoding="klingon")


def test_ragged_rows_are_faults_with_their_row_number(tmp_path: Path) -> None:
    found = read(made(tmp_path, 'a,b\n1,2\n\n3\n"x\ny",4,5\n6,7\n8\n9,9\n'))
    assert list(zip(found.numbers, found.rows, strict=True)) == [
        (2, ("1", "2")),
        (3, ("", "")),
        (6, ("6", "7")),
        (8, ("9", "9")),
    ]
    assert [(f.row, f.expected) for f in found.faults] == [
        (4, "2 columns, not 1"),
        (5, "2 columns, not 3"),
        (7, "2 columns, not 1"),
    ]


def test_row_numbers_hold_over_many_batches(tmp_path: Path) -> None:
    lines = ["id,value", *(f"{n},x" if n % 1000 else f"{n},x,y" for n in range(2, 60_002))]
    found = read(made(tmp_path, "\n".join(lines)), limits=ReadLimits(record_bytes=1 << 16))
    assert len(found.rows) + len(found.faults) == 60_000
    assert all(str(number) == row[0] for number, row in zip(found.numbers, found.rows, strict=True))
    assert all(fault.record.startswith(f"{fault.row},") for fault in found.faults)


def test_title_rows_above_the_header_are_passed_over(tmp_path: Path) -> None:
    found = read(made(tmp_path, "Export of 3 March\n\nid,name,arr\n1,Acme,5\n"))
    assert (found.columns, found.rows, found.numbers) == (("id", "name", "arr"), [("1", "Acme", "5")], [4])
    assert found.facts["header_row"] == "3"


def test_a_title_with_a_line_break_counts_as_one_row(tmp_path: Path) -> None:
    found = read(made(tmp_path, '"Export\nof March",,\nid,name,arr\n1,Acme,5\n2,B\n'))
    assert (found.columns, found.numbers) == (("id", "name", "arr"), [3])
    assert [fault.row for fault in found.faults] == [4]


def test_the_header_row_can_be_declared(tmp_path: Path) -> None:
    path = made(tmp_path, "10,20\nid,name\n1,Acme\n")
    assert read(path, header_row=2).columns == ("id", "name")
    with pytest.raises(ImportRefusedError, match="no header row"):
        read(path, header_row=99)


def test_a_quote_that_is_never_closed_refuses_the_file(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="row 3: a quote is opened and never closed"):
        read(made(tmp_path, 'a,b,c\n1,2,3\n4,"5,6\n7,8,9\n'))


def test_rows_swallowed_between_two_open_quotes_do_not_vanish(tmp_path: Path) -> None:
    found = read(made(tmp_path, 'a,b,c\n1,"x,3\n4,5,6\n7,y",9\n1,2,3\n'))
    assert found.rows == [("1", "2", "3")]
    assert [fault.row for fault in found.faults] == [2]
    assert "4,5,6" in found.faults[0].record


@pytest.mark.parametrize("content", ["", "\n\n", "1,2\n3,4\n", "a,a\n1,2\n"])
def test_a_file_without_a_header_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(ImportRefusedError, match="no header row"):
        read(made(tmp_path, content))


@pytest.mark.parametrize("content", ["a,b,c", "a,b,c\n"])
def test_a_header_alone_is_a_table_without_rows(tmp_path: Path, content: str) -> None:
    found = read(made(tmp_path, content))
    assert (found.columns, found.rows) == (("a", "b", "c"), [])


def test_binary_content_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="NUL byte at position 10"):
        read(made(tmp_path, b'a,b,c\n1,"x\0",3\n'))


def test_a_cut_archive_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(b"a,b\n" + b"1,2\n" * 10_000)
    with pytest.raises(ImportRefusedError, match="damaged or cut short"):
        read(made(tmp_path, packed[:-20], "x.csv.gz"))


def test_what_unpacks_too_large_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(b"a,b\n" + b"0" * 80_000_000, 1)
    path = made(tmp_path, packed, "x.csv.gz")
    with pytest.raises(ImportRefusedError, match=r"more than 50 times.*limits\.expansion"):
        read(path, limits=ReadLimits(expansion=50))
    with pytest.raises(ImportRefusedError, match=r"more than 1,000 bytes.*limits\.file_bytes"):
        read(path, limits=ReadLimits(file_bytes=1000))


def test_a_row_above_the_limit_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path, "a,b\n1," + "x" * 300_000 + "\n")
    with pytest.raises(ImportRefusedError, match=r"longer than 65,536 bytes.*limits\.record_bytes"):
        read(path, limits=ReadLimits(record_bytes=1 << 16))


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match=r"30 columns; the limit is 20"):
        read(made(tmp_path, ",".join(f"c{i}" for i in range(30)) + "\n"), limits=ReadLimits(columns=20))


def test_a_name_with_control_characters_is_refused_and_shown_escaped(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match=r"\\x1b") as caught:
        read(made(tmp_path, "id,na\x1b[31mme\n1,2\n"))
    assert "\x1b" not in str(caught.value)
