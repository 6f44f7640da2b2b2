"""Broken files: a report whose counts add up, or a refusal; never a traceback, never a changed workspace (fuzz)."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from barograph.errors import BarographError
from barograph.intake import import_paths
from barograph.workspace import Workspace
from support.intake_lab import NOW, assert_adds_up, everything, load, workspace, write_csv

HEADER = ["account_id", "event", "occurred_at", "quantity"]
ROWS = [[f"A{n % 3}", "login", f"2026-01-{n % 28 + 1:02d}", str(n)] for n in range(40)]
TEXT = "\n".join(",".join(row) for row in [HEADER, *ROWS]).encode()
fuzzed = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def as_xlsx() -> bytes:
    book, data = openpyxl.Workbook(), io.BytesIO()
    for row in [HEADER, *ROWS]:
        book.active.append(row)
    book.save(data)
    return data.getvalue()


def as_parquet() -> bytes:
    data = io.BytesIO()
    pq.write_table(pa.table(dict(zip(HEADER, zip(*ROWS, strict=True), strict=True))), data)
    return data.getvalue()


WHOLE: dict[str, bytes] = {
    "events.csv": TEXT,
    "events.csv.gz": gzip.compress(TEXT),
    "events.xlsx": as_xlsx(),
    "events.parquet": as_parquet(),
    "events.ndjson": b"\n".join(
        b'{"account_id": "A", "event": "e", "occurred_at": "2026-01-02", "n": %d}' % n for n in range(40)
    ),
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with something in it that a bad import could spoil."""
    folder = tmp_path_factory.mktemp("fuzz")
    ws = workspace(folder)
    load(ws, write_csv(folder / "accounts.csv", [{"account_id": "A0", "plan": "x"}]))
    return ws


def survives(ws: Workspace, name: str, content: bytes) -> None:
    path = ws.path.parent / name
    path.write_bytes(content)
    before, state = ws.lake.manifest(), everything(ws)
    try:
        assert_adds_up(import_paths(ws, [path], table="events", now=NOW))
    except BarographError as refusal:
        assert str(refusal)
        assert name.split(".", maxsplit=1)[0] in str(refusal)
        assert ws.lake.manifest() == before
        assert everything(ws) == state
    ws.lake.verify()
    assert not (ws.path / "lake" / ".scratch").exists()


@pytest.mark.parametrize("name", WHOLE)
@fuzzed
@given(content=st.binary(max_size=400))
def test_random_bytes(lab: Workspace, name: str, content: bytes) -> None:
    survives(lab, name, content)


def damages(size: int) -> st.SearchStrategy[Callable[[bytes], bytes]]:
    """Cut short, a stretch replaced, a stretch doubled."""
    at, more = st.integers(0, size), st.binary(min_size=1, max_size=20)
    return st.one_of(
        at.map(lambda end: lambda data: data[:end]),
        st.tuples(at, more).map(lambda p: lambda data: data[: p[0]] + p[1] + data[p[0] + len(p[1]) :]),
        st.tuples(at, at).map(lambda p: lambda data: data[: p[0]] + data[min(p) : max(p)] + data[p[0] :]),
    )


@pytest.mark.parametrize("name", WHOLE)
@fuzzed
@given(data=st.data())
def test_damaged_files(lab: Workspace, name: str, data: st.DataObject) -> None:
    whole = WHOLE[name]
    survives(lab, name, data.draw(damages(len(whole)))(whole))


CELLS = st.sampled_from(
    ["", "A", "2026-01-02", "1,5", '"', '""', "x\ny", "\r", "=1+1", "\ufeff", "é", "\x01", "a|b", "9" * 400]
)


@fuzzed
@given(rows=st.lists(st.lists(CELLS, max_size=6), max_size=12), delimiter=st.sampled_from(",;\t|"))
def test_ragged_rows_with_stray_quotes(lab: Workspace, rows: list[list[str]], delimiter: str) -> None:
    lines = [delimiter.join(HEADER), *(delimiter.join(row) for row in rows)]
    survives(lab, "events.csv", "\n".join(lines).encode())


@fuzzed
@given(
    header=st.lists(
        st.sampled_from([*HEADER, "", "Account ID", "cf_x", "x", "recorded_at", "_key", "1"]), max_size=7
    ),
    rows=st.lists(st.lists(CELLS, min_size=7, max_size=7), max_size=4),
)
def test_any_header(lab: Workspace, header: list[str], rows: list[list[str]]) -> None:
    lines = [
        ",".join(header),
        *(",".join(f'"{c.replace(chr(34), chr(34) * 2)}"' for c in row[: len(header)]) for row in rows),
    ]
    survives(lab, "events.csv", "\n".join(lines).encode())
