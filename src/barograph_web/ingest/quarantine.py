"""Rows that broke the data contract, read from the published files: a page of them, counts, and all for a download."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from barograph.definitions.tables import TABLES
from barograph.engines.duckdb.connection import connect
from barograph.signals.sources import files_sql
from barograph.workspace import Workspace

PAGE = 50
COLUMNS = ("table", "file", "row", "column", "value", "expected", "import_id", "record")
_DATASET = "quarantine/"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it stands in the file, what was wrong with which value, and the row as it was."""

    table: str
    file: str
    row: int
    column: str
    value: str | None
    expected: str
    import_id: str
    record: str
    at: datetime

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "at": self.at.isoformat()}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows: by table, import, file and column; empty is any."""

    table: str = ""
    import_id: str = ""
    file: str = ""
    column: str = ""
    expected: str = ""

    def query(self) -> dict[str, str]:
        """The parts that are given, for addresses."""
        return {key: value for key, value in asdict(self).items() if value}


@dataclass(frozen=True, slots=True)
class Group:
    """How many rows of one import broke the contract in the same way."""

    table: str
    import_id: str
    at: str
    file: str
    column: str
    expected: str
    rows: int
    example: str


def rows(place: Workspace, which: Filter | None = None, *, limit: int = PAGE, offset: int = 0) -> list[Row]:
    """Rows in quarantine, newest import first, in the order of the file."""
    which = which or Filter()
    relation, values = _relation(place, which)
    if relation is None:
        return []
    with connect(memory_limit="512MiB", threads=1) as connection:
        found = connection.execute(
            f'SELECT "table", "file", "row", "column", "value", expected, import_id, record, "at" FROM {relation} '
            'ORDER BY "at" DESC, "file", "row" LIMIT ? OFFSET ?',
            [*values, limit, offset],
        ).fetchall()
    return [Row(*each) for each in found]


def count(place: Workspace, which: Filter) -> int:
    """How many rows the filter finds."""
    relation, values = _relation(place, which)
    if relation is None:
        return 0
    with connect(memory_limit="512MiB", threads=1) as connection:
        found = connection.execute(f"SELECT count(*) FROM {relation}", values).fetchone()
    return int(found[0]) if found else 0


def groups(place: Workspace) -> list[Group]:
    """All rows by import, file and reason, newest first."""
    relation, values = _relation(place, Filter())
    if relation is None:
        return []
    with connect(memory_limit="512MiB") as connection:
        found = connection.execute(
            f'SELECT "table", import_id, CAST(max("at") AS VARCHAR), "file", "column", expected, count(*), '
            f"coalesce(min(\"value\"), '') FROM {relation} GROUP BY ALL ORDER BY 3 DESC, 7 DESC, 1, 4, 5",
            values,
        ).fetchall()
    return [Group(*each) for each in found]


def every(place: Workspace, which: Filter) -> Iterator[dict[str, Any]]:
    """All rows of a filter as they are written to a file, a batch in memory at a time."""
    relation, values = _relation(place, which)
    if relation is None:
        return
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    with connect(memory_limit="512MiB", threads=1) as connection:
        found = connection.execute(
            f'SELECT {names} FROM {relation} ORDER BY "at" DESC, "file", "row"', values
        )
        while batch := found.fetchmany(2_000):
            for each in batch:
                yield dict(zip(COLUMNS, each, strict=True))


def _relation(place: Workspace, which: Filter) -> tuple[str | None, list[str]]:
    """A subquery over the files that the filter may find rows in, and its values; None when there is none."""
    parts = []
    for table in TABLES:
        if which.table not in ("", table):
            continue
        entries = place.lake.manifest().entries(f"{_DATASET}{table}")
        kept = tuple(e for e in entries if which.import_id in ("", e.meta.get("import")))
        if kept:
            parts.append(f"SELECT '{table}' AS \"table\", * FROM {files_sql(place.lake.resolve(kept))}")
    if not parts:
        return None, []
    wanted = {'"file"': which.file, '"column"': which.column, "expected": which.expected}
    tests = [f"{name} = ?" for name, value in wanted.items() if value]
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    return f"(SELECT * FROM ({' UNION ALL BY NAME '.join(parts)}){where})", [v for v in wanted.values() if v]
