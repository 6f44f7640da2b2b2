"""What the lake already has of a table: its attributes, its keys, and files whose attributes change type."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from barograph.intake.sql import files, ident, lit
from barograph.intake.values import canonical
from barograph.lake import Entry, Lake, Transaction


def attributes_of(entries: tuple[Entry, ...]) -> dict[str, str]:
    """Attributes of a table's files with their types; the type is the same in all of them."""
    found: dict[str, str] = {}
    for entry in entries:
        found |= entry.meta.get("attributes", {})
    return found


def filled_columns(entries: tuple[Entry, ...]) -> set[str]:
    """Columns of the contract that have a value in some file."""
    return {column for entry in entries for column in entry.meta.get("filled", ())}


def keys_relation(lake: Lake, entries: tuple[Entry, ...], days: tuple[int, int] | None) -> str | None:
    """The stored versions' system columns as a FROM item, or None when there is none.

    With `days`, only files whose facts can have happened in that span are read: content that is equal
    happened on an equal day.
    """
    if days is not None:
        entries = tuple(e for e in entries if _overlap(e.meta.get("day"), days))
    paths = lake.resolve(entries)
    if not paths:
        return None
    return f"(SELECT _key, _known_at, _seq, _digest FROM {files(paths)})"


def latest_relation(paths: list[Path]) -> str:
    """The latest version of each fact in raw files, as a FROM item."""
    newest = "row_number() OVER (PARTITION BY _key ORDER BY _known_at DESC, _seq DESC) = 1"
    return f"(SELECT * FROM {files(paths)} QUALIFY {newest})"


def widen(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    txn: Transaction,
    dataset: str,
    changes: Mapping[str, str],
) -> None:
    """Rewrite the files of `dataset` with the attributes `changes` (name to their old type) as text."""
    entries = txn.entries(dataset)
    for entry in entries:
        here = {name: old for name, old in changes.items() if name in entry.meta.get("attributes", {})}
        if not here:
            continue
        (path,) = lake.resolve((entry,))
        target = txn.new_path(dataset, **entry.partition)
        swaps = ", ".join(f"{canonical(ident(name), old)} AS {ident(name)}" for name, old in here.items())
        connection.execute(
            f"COPY (SELECT * REPLACE ({swaps}) FROM {files([path])}) "
            f"TO {lit(str(target))} (FORMAT parquet, COMPRESSION zstd)"
        )
        meta = dict(entry.meta) | {"attributes": {**entry.meta["attributes"], **dict.fromkeys(here, "text")}}
        txn.drop(dataset, [entry])
        txn.add(target, pq.read_metadata(target).num_rows, meta)


def _overlap(span: list[int] | None, days: tuple[int, int]) -> bool:
    return span is None or span[0] is None or (span[0] <= days[1] and days[0] <= span[1])
