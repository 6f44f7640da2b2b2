"""From NumPy arrays to Arrow tables in the shape of the data contract, with both clocks.

Inside this package a text column is an object array or `Coded`, a number is float64 with NaN for unknown, an
instant and a day are int64 with `NEVER` for unknown, and a flag is bool or, where it can be unknown, an
object array of True, False and None. `NEVER` is NumPy's NaT, so such a column becomes null without a mask.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from barograph.definitions.tables import TABLES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]

NEVER: int = np.iinfo(np.int64).min
SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR

ATTRIBUTES: dict[str, dict[str, str]] = {
    "accounts": {"founded_year": "number", "lead_source": "text"},
    "events": {"product": "text"},
    "opportunities": {"product": "text"},
}
"""Columns that the contract does not name: importers keep them as attributes."""

ARROW: dict[str, Any] = {
    "text": pa.string(),
    "list": pa.string(),
    "number": pa.float64(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "instant": pa.timestamp("us", tz="UTC"),
    "day": pa.date32(),
}


@dataclass(frozen=True, slots=True)
class Coded:
    """Text as positions in a list of words; -1 is unknown."""

    codes: npt.NDArray[Any]
    words: Sequence[str]

    def __getitem__(self, rows: Any) -> Coded:
        return Coded(self.codes[rows], self.words)

    def __len__(self) -> int:
        return len(self.codes)


Values = npt.NDArray[Any] | Coded
Columns = dict[str, Values]


def schema(table: str) -> pa.Schema:
    """The Arrow schema of a table: the contract's columns in its order, then the attributes.

    A list is text joined with `;`, as the contract says, so that CSV and Parquet carry the same values.
    """
    named = [(column.name, column.type) for column in TABLES[table].columns]
    more = list(ATTRIBUTES.get(table, {}).items())
    return pa.schema([pa.field(name, ARROW[kind]) for name, kind in [*named, *more]])


def build(table: str, columns: Mapping[str, Values]) -> pa.Table:
    """Turn columns into an Arrow table; a column that is not given is null throughout."""
    shape = schema(table)
    unknown = set(columns) - set(shape.names)
    if unknown:
        raise KeyError(f"{table} has no column {sorted(unknown)}")
    rows = len(next(iter(columns.values())))
    arrays = [
        arrow(columns[item.name], item.type) if item.name in columns else pa.nulls(rows, item.type)
        for item in shape
    ]
    return pa.Table.from_arrays(arrays, schema=shape)


def arrow(values: Values, kind: Any) -> Any:
    """One column as an Arrow array of the given type, unknown as null."""
    if isinstance(values, Coded):
        codes = values.codes.astype(np.int32, copy=False)
        picked = pa.array(codes, mask=codes < 0)
        return pc.take(pa.array(values.words, pa.string()), picked)
    if pa.types.is_timestamp(kind):
        return pa.array(values.astype(np.int64, copy=False).view("datetime64[us]"), kind)
    if pa.types.is_date(kind):
        return pa.array(values.astype(np.int64).view("datetime64[D]"), kind)
    if pa.types.is_floating(kind):
        numbers = values.astype(np.float64, copy=False)
        return pa.array(numbers, mask=np.isnan(numbers))
    return pa.array(values, kind)


def plain(columns: Mapping[str, Values], name: str) -> npt.NDArray[Any]:
    """A column that is known to be an array and not `Coded`."""
    values = columns[name]
    if isinstance(values, Coded):
        raise TypeError(f"{name} is coded")
    return values


def coded(columns: Mapping[str, Values], name: str) -> Coded:
    """A column that is known to be `Coded`."""
    values = columns[name]
    if not isinstance(values, Coded):
        raise TypeError(f"{name} is not coded")
    return values


def ordinals(owner: Ints) -> Ints:
    """For each row its number, from 0, among the rows of the same owner."""
    order = np.argsort(owner, kind="stable")
    numbers = np.empty(len(owner), dtype=np.int64)
    numbers[order] = np.arange(len(owner)) - np.searchsorted(owner[order], owner[order])
    return numbers


def take(columns: Mapping[str, Values], rows: Any) -> Columns:
    """The rows picked by a mask or by positions, of every column."""
    return {name: values[rows] for name, values in columns.items()}


def known(columns: Columns, end_day: int) -> Columns:
    """Drop what was recorded on or after the day of the export."""
    return take(columns, plain(columns, "recorded_at") < end_day * DAY)


def delays(rng: np.random.Generator, rows: int, late_share: float = 0.0) -> Ints:
    """How long after it happened a fact became known, in microseconds: minutes, or 1 to 21 days when late."""
    seconds = rng.integers(5, 1_800, rows)
    late = rng.random(rows) < late_share
    seconds[late] = rng.integers(86_400, 21 * 86_400, int(late.sum()))
    return seconds * SECOND


def office_hours(rng: np.random.Generator, days: Ints) -> Ints:
    """A moment between 08:00 and 18:00 UTC on each day."""
    return days * DAY + rng.integers(8 * 3_600, 18 * 3_600, len(days)) * SECOND


@dataclass(frozen=True, slots=True)
class Step:
    """A later step of a fact: from `clock` on (`NEVER`: it did not happen) `reveals` are known."""

    clock: Ints
    reveals: tuple[str, ...]


def versions(columns: Columns, opened: Ints, steps: Sequence[Step], recorded_after: Ints) -> Columns:
    """One row per version of each fact, with the `recorded_at` of the version.

    `opened` is the clock of the first version; `recorded_after` (facts x 1 + steps, microseconds) is the
    delay of each. A version shows the columns of the steps that had happened by its clock, the others
    as unknown. Versions of one fact are recorded in the order of their clocks, at least a second apart.
    """
    clocks = np.column_stack([opened, *[step.clock for step in steps]])
    happened = clocks != NEVER
    recorded = np.where(happened, clocks + recorded_after, np.iinfo(np.int64).max - DAY)
    order = np.argsort(np.where(happened, clocks, np.iinfo(np.int64).max), axis=1, kind="stable")
    ranked = np.maximum.accumulate(np.take_along_axis(recorded, order, 1), axis=1)
    ranked += np.arange(clocks.shape[1]) * SECOND
    np.put_along_axis(recorded, order, ranked, 1)
    parts: list[Columns] = []
    for turn in range(clocks.shape[1]):
        rows = np.flatnonzero(happened[:, turn])
        part = take(columns, rows)
        for number, step in enumerate(steps, start=1):
            hidden = ~(happened[rows, number] & (clocks[rows, number] <= clocks[rows, turn]))
            for name in step.reveals:
                part[name] = blank(part[name], hidden)
        part["recorded_at"] = recorded[rows, turn]
        parts.append(part)
    return stack(parts)


def blank(values: Values, hidden: Bools) -> Values:
    """The same column with the hidden rows unknown."""
    if isinstance(values, Coded):
        return Coded(np.where(hidden, -1, values.codes), values.words)
    if values.dtype == np.int64:
        return np.where(hidden, NEVER, values)
    if values.dtype == np.float64:
        return np.where(hidden, np.nan, values)
    shown = values.astype(object)
    shown[hidden] = None
    return shown


def stack(parts: Sequence[Mapping[str, Values]]) -> Columns:
    """Put column sets with the same names, and the same words in coded columns, below each other."""
    joined: Columns = {}
    for name, first in parts[0].items():
        if isinstance(first, Coded):
            joined[name] = Coded(np.concatenate([coded(part, name).codes for part in parts]), first.words)
        else:
            joined[name] = np.concatenate([plain(part, name) for part in parts])
    return joined


def texts(values: Sequence[str | None]) -> Texts:
    """An object array of text; None is unknown."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def add_months(days: Ints, months: Ints | int) -> Ints:
    """The same day of the month so many months later. Days of the month must be 28 or less."""
    dates = days.view("datetime64[D]")
    firsts = dates.astype("datetime64[M]")
    shifted = (firsts + np.asarray(months).astype("timedelta64[M]")).astype("datetime64[D]")
    return np.asarray((shifted + (dates - firsts.astype("datetime64[D]"))).astype(np.int64), dtype=np.int64)


def sigmoid(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.asarray(1.0 / (1.0 + np.exp(-values)))
