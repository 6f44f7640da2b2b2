"""The steps of a compiled script on one connection. An engine decides over which accounts they run, and when."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from barograph.engines.duckdb.running import running_totals
from barograph.signals.script import Script


class ScriptRun:
    """One script on one connection: entities, then sources, spans and what is shared, then rows range by range."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, script: Script, weeks: int) -> None:
        self.connection, self.script, self.weeks = connection, script, weeks
        self._viewed = False

    def number_entities(self) -> int:
        """Number the entities; returns how many there are."""
        self.connection.execute(self.script.entities)
        counted = self.connection.execute("SELECT count(*) FROM entities").fetchone()
        return int(counted[0]) if counted else 0

    def view_sources(self) -> None:
        """Have the sources read from their files each time, all entities."""
        for table, sql in self.script.sources.items():
            self.connection.execute(f"CREATE TEMP VIEW src_{table} AS {sql}")
        self._viewed = True

    def load_sources(self, bounds: tuple[int, int] | None) -> None:
        """Read the sources into memory, those of entities low <= a < high only when `bounds` says so."""
        here = "" if bounds is None else f" AND e.a >= {bounds[0]} AND e.a < {bounds[1]}"
        for table, sql in self.script.sources.items():
            if self._viewed:
                self.connection.execute(f"DROP VIEW src_{table}")
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE src_{table} AS {sql}{here}")
        self._viewed = False

    def spans(self) -> dict[str, pa.Table]:
        """When each source has facts, of the accounts that the sources hold."""
        return {name: self.connection.sql(sql).to_arrow_table() for name, sql in self.script.spans.items()}

    def share(self, spans: Mapping[str, pa.Table]) -> None:
        """Make what holds for every account, of the spans of all accounts."""
        for name, table in spans.items():
            self.connection.register(name, table)
        for statement in self.script.shared:
            self.connection.execute(statement)

    def rows(self, low: int, high: int) -> pa.Table:
        """The signals of entities low <= a < high, which the sources hold and no others."""
        program = self.script.slots
        for statement in (
            *self.script.state,
            *(f"CREATE TEMP TABLE {table.name} AS {table.sql}" for table in program.weekly),
            *program.spelled,
        ):
            self.connection.execute(statement)
        self.connection.register("running", running_totals(self.connection, program, low, high, self.weeks))
        self.connection.execute(program.join)
        table = self.connection.sql(self.script.select).to_arrow_table()
        for statement in self.script.cleanup:
            self.connection.execute(statement)
        return table
