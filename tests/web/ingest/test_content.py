"""What an upload is goes by its content, never by its name (X1, issue 4: bad input). Truth: examples of each kind."""

from __future__ import annotations

import gzip
import io
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.errors import ImportRefusedError
from barograph_web.ingest.content import shown_name, suffix_of


def xlsx() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["account_id", "name"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (b"a,b\n1,2\n", ".csv"),
        ("a;b\n1;2\n".encode("utf-16"), ".csv"),
        ("a;b\n1;2\n".encode("utf-16-le"), ".csv"),
        (b'\xef\xbb\xbf{"a": 1}\n', ".ndjson"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), ".csv.gz"),
        (gzip.compress(b'{"a": 1}\n', mtime=0), ".ndjson.gz"),
        (b"PAR1....PAR1", ".parquet"),
        (xlsx(), ".xlsx"),
        (zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), ".ods"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, ".xls"),
    ],
)
def test_tables_are_known_by_their_bytes(content: bytes, suffix: str) -> None:
    assert suffix_of(io.BytesIO(content), "anything.exe") == suffix


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n", "picture"),
        (b"MZ\x90\0", "program"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"  <HTML><body>sign in", "web page"),
        (b'[{"a": 1}]', "one JSON list"),
        (b"<?xml version='1.0'?>", "document"),
        (b"col\0umn,b\n1,2\n" + b"x\0" * 3 + b"yy" * 40, "binary"),
        (zipped(**{"data.csv": b"a,b\n"}), "zip archive"),
        (b"PK\x03\x04 cut short", "damaged"),
        (b"\x1f\x8b\x08 cut short", "damaged"),
        (gzip.compress(b"%PDF\0\0\0" + bytes(range(256)), mtime=0), "binary"),
    ],
)
def test_everything_else_is_refused_with_what_it_is(content: bytes, words: str) -> None:
    with pytest.raises(ImportRefusedError) as caught:
        suffix_of(io.BytesIO(content), "export.csv")
    assert words in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd.csv"),
        ("..\\..\\windows\\system.csv", "system.csv"),
        ("tickets*[1]?.csv", "tickets__1__.csv"),
        ("a\x00b\r\nc.csv", "a_b__c.csv"),
        ("....", "upload.csv"),
        ("", "upload.csv"),
        ("Übersicht März.XLSX", "Übersicht März.csv"),
        ("data.csv.gz", "data.csv"),
        ("book#Sheet.csv", "book_Sheet.csv"),
    ],
)
def test_names_lose_folders_and_what_means_something_to_a_system(name: str, shown: str) -> None:
    assert shown_name(name, ".csv") == shown


@given(st.text(max_size=300))
def test_no_name_can_leave_its_folder_or_be_a_pattern(name: str) -> None:
    shown = shown_name(name, ".csv")
    assert shown.endswith(".csv")
    assert len(shown) <= 124
    assert not set(shown) & set("/\\*?[]#:\0\n\r")
    assert not shown.startswith(".")
