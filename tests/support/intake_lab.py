"""Workspaces, files and lake states for the tests of the lake and the import."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from barograph.intake import ImportReport, import_paths
from barograph.intake import Mapping as Rules
from barograph.workspace import Workspace

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
Row = dict[str, Any]


def workspace(folder: Path, *, timezone: str = "UTC", currency: str = "USD") -> Workspace:
    """A new workspace in `folder`/w."""
    return Workspace.create(folder / "w", timezone=timezone, currency=currency)


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]], header: Sequence[str] | None = None) -> Path:
    """A plain CSV file; None is an empty cell."""
    names = list(header or dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(names)
        writer.writerows(["" if row.get(name) is None else row[name] for name in names] for row in rows)
    return path


def load(ws: Workspace, *paths: str | Path, now: datetime = NOW, **options: Any) -> ImportReport:
    """Import `paths` and check that every count adds up."""
    report = import_paths(ws, paths, now=now, **options)
    assert_adds_up(report)
    return report


def rules(table: str, file: str, **more: Any) -> Rules:
    """A mapping of one table from one file."""
    return Rules.model_validate({"tables": [{"table": table, "files": [file], **more}]})


def assert_adds_up(report: ImportReport) -> None:
    """rows = new + changed + unchanged + quarantined + filtered, for each file and each table."""
    for table in report.tables:
        for part in (table, *table.files):
            filtered = sum(part.filtered.values())
            assert part.rows == part.new + part.changed + part.unchanged + part.quarantined + filtered, part
            assert min(part.new, part.changed, part.unchanged, part.quarantined, filtered) >= 0


def stored(ws: Workspace, dataset: str, columns: str = "*", order: str = "_seq") -> list[Row]:
    """All rows of a dataset."""
    return _rows(ws, f"SELECT {columns} FROM {{files}} ORDER BY {order}", dataset)


def known(ws: Workspace, table: str, day: int, columns: Iterable[str]) -> dict[str, Row]:
    """The facts of a table as an as_of with local day number `day` sees them, by key."""
    rows = _rows(
        ws,
        f"SELECT _key, {', '.join(columns)} FROM {{files}} WHERE _known_day < {day} "
        "QUALIFY row_number() OVER (PARTITION BY _key ORDER BY _known_at DESC, _seq DESC) = 1 ORDER BY _key",
        f"raw/{table}",
    )
    return {row.pop("_key"): row for row in rows}


def latest(ws: Workspace, table: str) -> list[tuple[Any, ...]]:
    """The latest content of every fact, without what depends on the import."""
    rows = _rows(
        ws,
        "SELECT * EXCLUDE (_seq, _import, _known_at, _known_day, _clock) FROM "
        "(SELECT * FROM {files} QUALIFY row_number() OVER "
        "(PARTITION BY _key ORDER BY _known_at DESC, _seq DESC) = 1) ORDER BY _key",
        f"raw/{table}",
    )
    return [tuple(sorted((k, str(v)) for k, v in row.items() if v is not None)) for row in rows]


def everything(ws: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """The whole lake as content: each dataset's rows in a fixed order."""
    state = {}
    for dataset in sorted(ws.lake.manifest().datasets):
        rows = _rows(ws, "SELECT * FROM {files}", dataset)
        state[dataset] = sorted(tuple(sorted((k, str(v)) for k, v in row.items())) for row in rows)
    return state


def _rows(ws: Workspace, query: str, dataset: str) -> list[Row]:
    paths = ws.lake.paths(dataset)
    if not paths:
        return []
    files = ", ".join(f"'{path}'" for path in paths)
    with closing(duckdb.connect()) as connection:
        found = connection.execute(query.format(files=f"read_parquet([{files}], union_by_name = true)"))
        names = [str(column[0]) for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
