"""The company as files: one per table, written block by block so that memory stays small."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from dataclasses import replace as with_changes
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from barograph.definitions.tables import TABLES
from barograph.errors import UsageError
from barograph.synthetic.company import Company
from barograph.synthetic.frame import schema
from barograph.synthetic.spec import LIMITS, CompanySpec

Format = Literal["parquet", "csv"]
ROW_GROUP = 131_072


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """One file written: its table, its path and its rows."""

    table: str
    path: Path
    rows: int


class _TableFile:
    """A file of one table that takes blocks and writes them in groups of rows."""

    def __init__(self, table: str, directory: Path, form: Format) -> None:
        self.table = table
        self.path = directory / f"{table}.{form}"
        self.rows = 0
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0
        self._writer: Any = (
            pq.ParquetWriter(self.path, schema(table), compression="zstd")
            if form == "parquet"
            else arrow_csv.CSVWriter(self.path, schema(table))
        )

    def add(self, block: pa.Table) -> None:
        self._waiting.append(block)
        self._waiting_rows += block.num_rows
        self.rows += block.num_rows
        if self._waiting_rows >= ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._waiting_rows:
            self._writer.write_table(pa.concat_tables(self._waiting).combine_chunks())
        self._waiting, self._waiting_rows = [], 0

    def __enter__(self) -> _TableFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush()
        self._writer.close()


def write(
    spec: CompanySpec, directory: Path, format: Format = "parquet", only: Sequence[str] = tuple(TABLES)
) -> tuple[WrittenFile, ...]:
    """Write the tables to `directory` (made if need be; files of the same names are replaced).

    Parquet (ZSTD) keeps the types of `frame.schema`; CSV has ISO 8601 instants with a trailing Z and leaves
    unknown empty. The same spec gives the same rows in the same order whatever the number of accounts at a
    time. Returns the files in the order of the contract; raises UsageError for an unknown format or table.
    """
    if format not in ("parquet", "csv"):
        raise UsageError(f"{format!r} is no format.", where="write", hint="Choose parquet or csv.")
    blocks = Company(spec).tables(only)
    directory.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        files = {
            name: stack.enter_context(_TableFile(name, directory, format)) for name in TABLES if name in only
        }
        for tables in blocks:
            for name, table in tables.items():
                files[name].add(table)
    return tuple(WrittenFile(file.table, file.path, file.rows) for file in files.values())


def write_events(spec: CompanySpec, directory: Path, events: int) -> tuple[WrittenFile, ...]:
    """Write accounts, contracts, outcomes and about `events` events (within 10 %) as Parquet.

    The density of events is set from the first block; everything else is the company of `spec`. Raises
    UsageError when so many events need a density outside the limits of `events_per_user_week`.
    """
    trial = with_changes(spec, events_per_user_week=1.0)
    first = Company(trial).block(0)
    names = first.tables(["events"])["events"]["event"]
    page_views = pc.sum(pc.equal(names, "page_view")).as_py() / first.profile.n
    by_users = len(names) / first.profile.n - page_views
    wanted = events / spec.accounts
    # Over 1 the rows of users grow with the density and page views do not; under 1 both are thinned.
    density = (wanted - page_views) / by_users
    if density < 1:
        density = wanted / (by_users + page_views)
    low, high = LIMITS["events_per_user_week"]
    if not low <= density <= high:
        raise UsageError(
            f"{events:,} events of {spec.accounts:,} accounts are {density:.3g} per active user and week, "
            f"outside {low:g} to {high:g}.",
            where="write_events",
            hint="Change the number of accounts.",
        )
    dense = with_changes(spec, events_per_user_week=density)
    return write(dense, directory, only=("accounts", "contracts", "outcomes", "events"))
