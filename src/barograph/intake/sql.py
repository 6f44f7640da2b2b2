"""Quoting, and the scratch database in which an import is worked out."""

from __future__ import annotations

import math
from pathlib import Path

import duckdb


def ident(name: str) -> str:
    """`name` as a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def lit(value: str | int | float | bool | None) -> str:
    """`value` as a literal. Fractions keep their binary value: a decimal literal would be another type."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value)
        case float():
            if not math.isfinite(value):
                raise ValueError("only finite numbers have a literal")
            return f"{value!r}::DOUBLE"
        case str():
            if "\0" in value:
                raise ValueError("text with NUL has no literal")
            return "'" + value.replace("'", "''") + "'"


def files(paths: list[Path]) -> str:
    """The rows of Parquet `paths`, matched by column name, as a FROM item."""
    return f"read_parquet([{', '.join(lit(str(path)) for path in paths)}], union_by_name = true)"


def connect(folder: Path, memory: str) -> duckdb.DuckDBPyConnection:
    """A database in memory that spills to `folder` above the limit `memory`; the caller closes it.

    It fetches no extension from anywhere.
    """
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        config={
            "memory_limit": memory,
            "temp_directory": str(folder / "spill"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    return connection
