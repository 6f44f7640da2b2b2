"""Stored signal values as the arrays the core works on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from barograph.core.arrays import AnyArray, texts
from barograph.core.inputs import WeekInputs
from barograph.signals.accounts import STATE_COLUMNS

ATTRIBUTE = "attr_"


def week_inputs(table: pa.Table, day: int, signals: Sequence[str]) -> WeekInputs:
    """One week of an engine's table (see SignalEngine.compute) for the named signals.

    Account attributes beyond the contract's keep their own name; where it is also one of the state's, only
    `attr_<name>` means the user's column.
    """
    size = table.num_rows
    values = np.full((size, len(signals)), np.nan)
    reasons = np.zeros((size, len(signals)), dtype=np.int8)
    for j, name in enumerate(signals):
        values[:, j] = _numbers(table[name])
        reasons[:, j] = table[f"{name}__why"].to_numpy()
    return WeekInputs(
        day, texts(table["account_id"].to_pylist()), tuple(signals), values, reasons, account_state(table)
    )


def account_state(table: pa.Table) -> dict[str, AnyArray]:
    """The account's state and attributes by the names that scopes use."""
    state = {name: _column(table[name]) for name in STATE_COLUMNS if name in table.column_names}
    for name in table.column_names:
        if name.startswith(ATTRIBUTE):
            column = _column(table[name])
            state[name] = column
            state.setdefault(name.removeprefix(ATTRIBUTE), column)
    return state


def _numbers(column: pa.ChunkedArray) -> AnyArray:
    return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)


def _column(column: pa.ChunkedArray) -> AnyArray:
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _numbers(column)
    return texts(column.to_pylist())
