"""What a raw table holds, in one pass: rows, accounts, the period it covers, how fresh it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from barograph.engines.duckdb.connection import connect
from barograph.signals.sources import files_sql


@dataclass(frozen=True, slots=True)
class TableFacts:
    """rows: facts by identity; versions: with their corrections. Days are local day numbers, None where the
    table dates nothing. known_to: when the newest row became known, None for rows without any clock."""

    table: str
    rows: int
    versions: int
    accounts: int
    first_day: int | None
    last_day: int | None
    known_to: datetime | None
    clocks: tuple[str, ...]


def table_facts(
    table: str, paths: Sequence[Path], accounts: Sequence[Path]
) -> tuple[TableFacts, float | None]:
    """Facts of a table, and the share of its rows whose account the `accounts` files know (None without them)."""
    with connect() as connection:
        relation = files_sql(paths)
        found = connection.execute(
            f"SELECT count(DISTINCT _key), count(*), count(DISTINCT account_id), min(_day), max(_day), "
            "max(_known_at) FILTER (WHERE _clock <> 'none'), list_sort(list(DISTINCT _clock)) "
            f"FROM {relation}"
        ).fetchone()
        share: float | None = None
        if accounts and found and found[1]:
            known = connection.execute(
                f"SELECT avg(CASE WHEN account_id IN (SELECT account_id FROM {files_sql(accounts)}) "
                f"THEN 1.0 ELSE 0.0 END) FROM {relation}"
            ).fetchone()
            share = float(known[0]) if known else None
    if found is None:
        return TableFacts(table, 0, 0, 0, None, None, None, ()), share
    rows, versions, named, first, last, known_to, clocks = found
    return TableFacts(table, rows, versions, named, first, last, known_to, tuple(clocks or ())), share
