"""An in-memory DuckDB with bounded memory that spills beside the lake and reaches nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb


@contextmanager
def connect(
    *, memory_limit: str = "4GiB", threads: int | None = None, spill: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection whose spill files are removed at the end.

    memory_limit: DuckDB's own notation ("4GiB"). spill: folder under which spill files go (default: the
    system's temporary folder).
    """
    with TemporaryDirectory(prefix="barograph-spill-", dir=spill) as folder:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory_limit,
            "temp_directory": folder,
        }
        if threads is not None:
            config["threads"] = threads
        connection = duckdb.connect(":memory:", config=config)
        try:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("SET preserve_insertion_order = false")
            yield connection
        finally:
            connection.close()
