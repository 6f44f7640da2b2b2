"""Runs an engine on raw rows and says where it differs from the oracle."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from barograph.definitions.model import Population
from barograph.definitions.signal import REASONS, Signal
from barograph.engines.base import SignalEngine, SignalRequest
from support.oracle import OracleRow
from support.signal_data import write_raw

TOLERANCE = 1e-9


def run(
    engine: SignalEngine,
    directory: Path,
    raw: Mapping[str, Sequence[Mapping[str, Any]]],
    signals: Sequence[Signal],
    days: Sequence[int],
    *,
    population: Population,
    timezone: str = "UTC",
    unit: str = "account",
    files: int = 1,
    shuffle: int | None = None,
) -> pa.Table:
    """Writes `raw` under `directory` and computes `signals` at `days`."""
    sources = write_raw(directory, raw, files=files, shuffle=shuffle)
    return engine.compute(SignalRequest(sources, tuple(signals), population, tuple(days), timezone, unit))


def disagreements(table: pa.Table, expected: Sequence[OracleRow], signals: Iterable[Signal]) -> list[str]:
    """One line per difference: rows of the population, state columns, values, counts and reasons."""
    got = {(row["account_id"], row["as_of"]): row for row in table.to_pylist()}
    wanted = {(row.state["account_id"], row.state["as_of"]): row for row in expected}
    lines = [f"{key}: not in the population" for key in got.keys() - wanted.keys()]
    lines += [f"{key}: missing from the population" for key in wanted.keys() - got.keys()]
    if len(got) != table.num_rows:
        lines.append(f"{table.num_rows} rows, {len(got)} of them different")
    names = [signal.name for signal in signals]
    for key in sorted(got.keys() & wanted.keys()):
        row, oracle = got[key], wanted[key]
        for column, value in oracle.state.items():
            if not agree(row[column], value):
                lines.append(f"{key} {column}: engine {row[column]!r}, oracle {value!r}")
        for name in names:
            answer = oracle.answers[name]
            engine = (row[name], row[f"{name}__n"], REASONS[row[f"{name}__why"]])
            same = agree(engine[0], answer.value) and engine[1:] == (answer.n, answer.why)
            if not same:
                value = None if answer.value is None else float(answer.value)
                lines.append(f"{key} {name}: engine {engine}, oracle {(value, answer.n, answer.why)}")
    return lines


def agree(got: Any, wanted: Any) -> bool:
    """Counts and days exactly; other numbers to 1e-9, relative beyond 1."""
    if got is None or wanted is None or isinstance(wanted, (str, int)):
        return got == wanted
    return math.isclose(got, float(wanted), rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def changed_cells(left: Sequence[Mapping[str, Any]], right: Sequence[Mapping[str, Any]]) -> list[str]:
    """Where two lists of rows are not the same to the last bit: row and column; short enough to print."""
    if len(left) != len(right):
        return [f"{len(left)} rows against {len(right)}"]
    return [
        f"{one.get('account_id')} at {one.get('as_of')}, {column}: {value!r} against {other.get(column)!r}"
        for one, other in zip(left, right, strict=True)
        for column, value in one.items()
        if value != other.get(column)
    ]
