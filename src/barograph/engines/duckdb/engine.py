"""Runs a compiled script on DuckDB, shard by shard, so that memory does not grow with the number of
accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa

from barograph.definitions.signal import FromSource, PerSeat, Ratio
from barograph.engines.duckdb.connection import connect
from barograph.engines.duckdb.script_run import ScriptRun
from barograph.errors import BarographError, DefinitionError
from barograph.signals.request import SignalRequest
from barograph.signals.script import Script, compile_script
from barograph.signals.sources import Columns, files_sql

TYPE_WORDS = {
    "VARCHAR": "text",
    "DOUBLE": "number",
    "FLOAT": "number",
    "BIGINT": "integer",
    "INTEGER": "integer",
    "BOOLEAN": "boolean",
    "TIMESTAMP": "instant",
    "TIMESTAMP WITH TIME ZONE": "instant",
    "DATE": "day",
    "VARCHAR[]": "list",
}
"""SQL types of raw columns in the words of the data contract."""

CELLS_PER_SHARD = 40_000_000
"""Entities x weeks x slots held at once: about 1.5 GB of integers and what joins need."""
FACTS_PER_SHARD = 12_000_000
"""Rows of the largest table worked on at once: about 1.5 GB."""


@dataclass(frozen=True, slots=True)
class DuckDBEngine:
    """The default engine.

    memory_limit: of DuckDB, which spills to `spill` beyond it. threads: None for all cores.
    cells_per_shard, facts_per_shard: how much of the account x week x slot cube, and how many rows of a table, are
    worked on at once; results do not depend on them.
    """

    memory_limit: str = "4GiB"
    threads: int | None = None
    spill: Path | None = None
    cells_per_shard: int = CELLS_PER_SHARD
    facts_per_shard: int = FACTS_PER_SHARD

    def compute(self, request: SignalRequest) -> pa.Table:
        """See `SignalEngine.compute`. Raises DefinitionError for a ratio of unknown signals,
        BarographError with the
        limit when memory and spill space run out."""
        check_references(request)
        with connect(memory_limit=self.memory_limit, threads=self.threads, spill=self.spill) as connection:
            try:
                return self._run(connection, request)
            except (duckdb.OutOfMemoryException, duckdb.IOException) as e:
                raise BarographError(
                    f"Computing signals as of {len(request.days)} dates did not fit: "
                    f"{str(e).splitlines()[0]}",
                    hint=f"The limit is {self.memory_limit}; raise it, free disk, or compute fewer weeks.",
                ) from e

    def _run(self, connection: duckdb.DuckDBPyConnection, request: SignalRequest) -> pa.Table:
        script = compiled(connection, request)
        work = ScriptRun(connection, script, len(request.days))
        entities = work.number_entities()
        size = max(1, min(self._cells(script, len(request.days)), self._facts(connection, request, entities)))
        ranges = [(low, min(low + size, entities)) for low in range(0, max(entities, 1), size)]
        if len(ranges) == 1:
            work.load_sources(None)
            work.share(work.spans())
            return work.rows(*ranges[0])
        work.view_sources()
        work.share(work.spans())
        parts = []
        for low, high in ranges:
            work.load_sources((low, high))
            parts.append(work.rows(low, high))
        return pa.concat_tables(parts).sort_by([("as_of", "ascending"), ("account_id", "ascending")])

    def _cells(self, script: Script, weeks: int) -> int:
        """Entities that fit by the numbers held of them."""
        return self.cells_per_shard // max(1, weeks * len(script.slots.running))

    def _facts(self, connection: duckdb.DuckDBPyConnection, request: SignalRequest, entities: int) -> int:
        """Entities that fit by the facts read of them, taking facts as evenly spread."""
        facts = max((count_rows(connection, paths) for paths in request.sources.values() if paths), default=0)
        return entities if facts <= self.facts_per_shard else entities * self.facts_per_shard // facts


def compiled(connection: duckdb.DuckDBPyConnection, request: SignalRequest) -> Script:
    """The script of a request over the columns that its files have."""
    present = replace(request, sources={table: paths for table, paths in request.sources.items() if paths})
    return compile_script(present, {t: describe(connection, paths) for t, paths in present.sources.items()})


def count_rows(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> int:
    """Rows of Parquet files, from their footers."""
    found = connection.execute(
        "SELECT sum(num_rows) FROM parquet_file_metadata($files)", {"files": [str(path) for path in paths]}
    ).fetchone()
    return int(found[0] or 0) if found else 0


def describe(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> Columns:
    """Column -> SQL type over all files of a table."""
    rows = connection.execute(f"DESCRIBE SELECT * FROM {files_sql(paths)}").fetchall()
    return {str(row[0]): str(row[1]) for row in rows}


def describe_files(paths: Sequence[Path]) -> Columns:
    """Column -> SQL type over all files of a table, on a connection of its own."""
    with connect() as connection:
        return describe(connection, paths)


def check_references(request: SignalRequest) -> None:
    """Raises DefinitionError for a ratio of signals that are not asked for, or of itself."""
    by_name: Mapping[str, object] = {signal.name: signal for signal in request.signals}
    for signal in request.signals:
        seen = {signal.name}
        waiting = [signal]
        while waiting:
            one = waiting.pop()
            if isinstance(one, FromSource):
                continue
            for name in (one.numerator, *([one.denominator] if isinstance(one, Ratio) else [])):
                other = by_name.get(name)
                if other is None or name in seen:
                    problem = "refers to itself" if name in seen else "is not among the signals"
                    raise DefinitionError(
                        f"{name!r} {problem}.", where=f"signal {signal.name!r}", hint="Name another signal."
                    )
                if isinstance(other, Ratio | PerSeat):
                    seen.add(name)
                    waiting.append(other)
