"""Runs a compiled script on DuckDB, shard by shard, so that memory does not grow with the number of
accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from barograph.definitions.signal import FromSource, PerSeat, Ratio
from barograph.engines.duckdb.connection import connect
from barograph.engines.duckdb.running import running_totals
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


@dataclass(frozen=True, slots=True)
class DuckDBEngine:
    """The default engine.

    memory_limit: of DuckDB, which spills to `spill` beyond it. threads: None for all cores.
    cells_per_shard: how much of the account x week x slot cube is worked on at once; results do not depend
    on it.
    """

    memory_limit: str = "4GiB"
    threads: int | None = None
    spill: Path | None = None
    cells_per_shard: int = CELLS_PER_SHARD

    def compute(self, request: SignalRequest) -> pa.Table:
        """See `SignalEngine.compute`. Raises DefinitionError for a ratio of unknown signals,
        BarographError with the
        limit when memory and spill space run out."""
        _check_references(request)
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
        sources = {table: paths for table, paths in request.sources.items() if paths}
        columns = {table: describe(connection, paths) for table, paths in sources.items()}
        script = compile_script(
            SignalRequest(
                sources, request.signals, request.population, request.days, request.timezone, request.unit
            ),
            columns,
        )
        for statement in script.stage:
            connection.execute(statement)
        counted = connection.execute("SELECT count(*) FROM entities").fetchone()
        entities = int(counted[0]) if counted else 0
        size = self._shard_size(script, len(request.days))
        parts = [
            self._shard(connection, script, low, min(low + size, entities), len(request.days))
            for low in range(0, max(entities, 1), size)
        ]
        table = pa.concat_tables(parts)
        return (
            table if len(parts) == 1 else table.sort_by([("as_of", "ascending"), ("account_id", "ascending")])
        )

    def _shard_size(self, script: Script, weeks: int) -> int:
        return max(1, self.cells_per_shard // max(1, weeks * len(script.slots.running)))

    def _shard(
        self, connection: duckdb.DuckDBPyConnection, script: Script, low: int, high: int, weeks: int
    ) -> pa.Table:
        program = script.slots
        for statement in (
            *script.shard_sources(low, high),
            *script.state,
            *(f"CREATE TEMP TABLE {table.name} AS {table.sql}" for table in program.weekly),
            *program.spelled,
        ):
            connection.execute(statement)
        connection.register("running", running_totals(connection, program, low, high, weeks))
        connection.execute(program.join)
        table = connection.sql(script.select).to_arrow_table()
        for statement in script.cleanup:
            connection.execute(statement)
        return table


def describe(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> Columns:
    """Column -> SQL type over all files of a table."""
    rows = connection.execute(f"DESCRIBE SELECT * FROM {files_sql(paths)}").fetchall()
    return {str(row[0]): str(row[1]) for row in rows}


def describe_files(paths: Sequence[Path]) -> Columns:
    """Column -> SQL type over all files of a table, on a connection of its own."""
    with connect() as connection:
        return describe(connection, paths)


def _check_references(request: SignalRequest) -> None:
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
