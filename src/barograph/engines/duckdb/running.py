"""Numbers along the as-of grid, added up on arrays: the one step that is faster there than in SQL."""

from __future__ import annotations

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from barograph.errors import BarographError
from barograph.signals.slots import SlotProgram, WeeklyQuery
from barograph.signals.weekly import Use

LIMIT = float(2**63)
SMALLER = "Sums reach 9.2e12 at six decimals; give the measure in a larger unit."
IntArray = npt.NDArray[np.int64]


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
        for slot, numbers in _weekly(connection, weekly, board).items():
            columns[slot] = pa.array(numbers)
    for query in program.stretches:
        found = _fetch(connection, f"({query.sql})", ("ks", "ke"), query.slots)
        row = board.rows(found["a"])
        for slot in query.slots:
            columns[slot] = pa.array(board.summed(row, found["ks"], found["ke"], found[slot]))
    return pa.table(columns)


class Board:
    """Where stretches are added up: entities low.. by positions, one position more for what ends after the last."""

    def __init__(self, low: int, size: int, weeks: int) -> None:
        self.low, self.size, self.weeks = low, size, weeks

    def rows(self, entity: IntArray) -> IntArray:
        """Where the positions of each entity begin, flat."""
        return (entity - self.low) * (self.weeks + 1)

    def summed(self, row: IntArray, begins: IntArray, ends: IntArray, number: IntArray | int) -> IntArray:
        """Each number counted at begins <= k < ends of its row; flat over entities and positions.

        Raises BarographError when the sum of an entity could leave 64 bits.
        """
        changes = np.zeros(self.size * (self.weeks + 1), dtype=np.int64)
        if isinstance(number, np.ndarray):
            entity = row // (self.weeks + 1)
            reached = np.bincount(entity, weights=np.abs(number.astype(np.float64)), minlength=1)
            if 2 * reached.max(initial=0) >= LIMIT:
                raise BarographError("a sum of a measure is too large.", hint=SMALLER)
        np.add.at(changes, row + begins, number)
        np.subtract.at(changes, row + ends, number)
        return np.cumsum(changes.reshape(self.size, self.weeks + 1)[:, : self.weeks], axis=1).ravel()


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


def _weekly(connection: duckdb.DuckDBPyConnection, query: WeeklyQuery, board: Board) -> dict[str, IntArray]:
    """Slot -> its numbers, flat, from weekly numbers."""
    if not query.uses:
        return {}
    columns = tuple(dict.fromkeys(use.column for use in query.uses))
    positions = ("pt", "pf", "pk")
    if not query.keyed:
        found = _fetch(connection, query.name, positions, columns)
        row = board.rows(found["a"])
        return {use.slot: _shifted(board, row, found, use) for use in query.uses}
    found = _fetch(connection, f"({query.sql}) ORDER BY a, h, pt, pf", ("h", *positions), columns)
    row = board.rows(found["a"])
    new = np.diff(found["a"], prepend=-1).astype(bool) | np.diff(found["h"], prepend=-1).astype(bool)
    key = np.cumsum(new)
    return {use.slot: _keys_present(board, row, key, found, use) for use in query.uses}


def _window(found: dict[str, IntArray], use: Use) -> tuple[IntArray, IntArray, npt.NDArray[np.bool_]]:
    """First position, position after the last, and whether the row counts at all."""
    begins = np.maximum(np.maximum(found["pt"] + use.lag, found["pf"]), 0)
    ends = found["pk"] if use.length is None else np.minimum(found["pt"] + use.reach, found["pk"])
    return begins, ends, (begins < ends) & (found[use.column] != 0)


def _shifted(board: Board, row: IntArray, found: dict[str, IntArray], use: Use) -> IntArray:
    begins, ends, counts = _window(found, use)
    return board.summed(row[counts], begins[counts], ends[counts], found[use.column][counts])


def _keys_present(
    board: Board, row: IntArray, key: IntArray, found: dict[str, IntArray], use: Use
) -> IntArray:
    """How many keys have at least `use.least` facts at each position."""
    begins, ends, counts = _window(found, use)
    row, place = row[counts], key[counts] * (board.weeks + 2)
    begins, ends = place + begins[counts], place + ends[counts]
    if use.least == 1:
        begins, ends, keep = _merged(begins, ends)
        row, place = row[keep], place[keep]
    else:
        begins, ends, keep = _reaching(begins, ends, found[use.column][counts], use.least)
        row, place = row[keep], place[keep]
    return board.summed(row, begins - place, ends - place, 1)


def _merged(begins: IntArray, ends: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Stretches without what earlier ones cover, and which rows they come from.

    Stretches of different keys lie apart. Their rows are nearly in order, so that sorting is one pass.
    """
    order = np.argsort(begins, kind="stable")
    begins, ends = begins[order], ends[order]
    covered = np.maximum.accumulate(ends)
    begins[1:] = np.maximum(begins[1:], covered[:-1])
    some = begins < ends
    return begins[some], ends[some], order[some]


def _reaching(
    begins: IntArray, ends: IntArray, facts: IntArray, least: int
) -> tuple[IntArray, IntArray, IntArray]:
    """The stretches on which the number of facts is `least` or more, and a row of the key of each."""
    at = np.concatenate([begins, ends])
    rows = np.concatenate([np.arange(len(begins)), np.arange(len(begins))])
    order = np.argsort(at, kind="stable")
    at, level = at[order], np.cumsum(np.concatenate([facts, -facts])[order])
    settled = np.append(at[1:] != at[:-1], True)[: len(at)]
    at, high, rows = at[settled], level[settled] >= least, rows[order][settled]
    turns = np.flatnonzero(np.diff(high, prepend=False))
    return at[turns[0::2]], at[turns[1::2]], rows[turns[0::2]]
