"""Numbers along the as-of grid, added up on arrays: the one step that is faster there than in SQL."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa

from barograph.core.arrays import IntArray
from barograph.engines.duckdb.board import SMALLER, Board
from barograph.engines.duckdb.presence import keyed_facts, keys_present
from barograph.errors import BarographError
from barograph.signals.slots import SlotProgram, WeeklyTable
from barograph.signals.weekly import POSITIONS


def running_totals(
    connection: duckdb.DuckDBPyConnection, program: SlotProgram, low: int, high: int, weeks: int
) -> pa.Table:
    """Table (a, k, one integer per slot), dense over entities low..high-1 and positions 0..weeks-1.

    The weekly tables of the program exist. A null number is none. Raises BarographError when a total of
    millionths leaves 64 bits (a measure beyond 9.2e12 in one account and window).
    """
    board = Board(low, high - low, weeks)
    columns: dict[str, pa.Array] = {
        "a": pa.array(np.repeat(np.arange(low, high, dtype=np.int32), weeks)),
        "k": pa.array(np.tile(np.arange(weeks, dtype=np.int64), high - low)),
    }
    for weekly in program.weekly:
        for slot, numbers in _shifted(connection, weekly, board):
            columns[slot] = pa.array(numbers)
    for keyed in program.keyed:
        table = connection.sql(keyed.sql).to_arrow_table()
        entity, h, word = (table[name].to_numpy() for name in ("a", "h", "word"))
        facts = keyed_facts(entity, h, word, keyed.word)
        for use in keyed.uses:
            columns[use.slot] = pa.array(keys_present(board, facts, use))
    for query in program.stretches:
        found = _fetch(connection, f"({query.sql})", ("ks", "ke"), query.slots)
        row = board.rows(found["a"])
        for slot in query.slots:
            columns[slot] = pa.array(board.summed(row, found["ks"], found["ke"], found[slot]))
    return pa.table(columns)


def _fetch(
    connection: duckdb.DuckDBPyConnection, relation: str, positions: tuple[str, ...], numbers: tuple[str, ...]
) -> dict[str, IntArray]:
    """Columns of a relation as 64-bit integers: a, the positions, the numbers (null: 0)."""
    chosen = ", ".join(
        [
            *(f"CAST({name} AS BIGINT) AS {name}" for name in ("a", *positions)),
            *(f"coalesce(CAST({name} AS BIGINT), 0) AS {name}" for name in numbers),
        ]
    )
    try:
        table = connection.sql(f"SELECT {chosen} FROM {relation}").to_arrow_table()
    except duckdb.ConversionException as e:
        raise BarographError(
            f"a sum of a measure is too large: {str(e).splitlines()[0]}", hint=SMALLER
        ) from e
    return {name: table[name].to_numpy() for name in table.column_names}


def _shifted(
    connection: duckdb.DuckDBPyConnection, table: WeeklyTable, board: Board
) -> Iterator[tuple[str, IntArray]]:
    """Every slot of a weekly table with its numbers: each column counts over the shifted window."""
    if not table.uses:
        return
    names = tuple(dict.fromkeys(use.column for use in table.uses))
    found = _fetch(connection, table.name, POSITIONS, names)
    row = board.rows(found["a"])
    for use in table.uses:
        begins, ends = use.window(found["pt"], found["pf"], found["pk"])
        counts = (begins < ends) & (found[use.column] != 0)
        yield use.slot, board.summed(row[counts], begins[counts], ends[counts], found[use.column][counts])
