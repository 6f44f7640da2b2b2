"""Columns of stored weeks as arrays in the order of given accounts, without a Python object per row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from barograph.core.arrays import AnyArray, BoolArray, FloatArray, IntArray


def rows_of(ids: pa.Array, table: pa.Table) -> IntArray:
    """Row of each account in the table, -1 where it is not there."""
    found = pc.index_in(ids, value_set=table["account_id"].combine_chunks())
    return np.asarray(pc.fill_null(found, -1).to_numpy(zero_copy_only=False), dtype=np.int64)


def taken(values: AnyArray, rows: IntArray, absent: float) -> FloatArray:
    """The values of these rows, `absent` for -1."""
    if not len(values):
        return np.full(len(rows), absent)
    return np.asarray(np.where(rows >= 0, values[np.maximum(rows, 0)], absent))


def coded(column: pa.ChunkedArray, words: Sequence[str], codes: Sequence[int], other: int) -> IntArray:
    """Codes of words; `other` for null and for words that are not among them."""
    if not words:
        return np.full(len(column), other, dtype=np.int64)
    found = pc.fill_null(pc.index_in(column, value_set=pa.array(words, column.type)), len(words))
    table = np.array([*codes, other], dtype=np.int64)
    return np.asarray(table[found.to_numpy()])


def floats(column: pa.ChunkedArray) -> FloatArray:
    """Numbers, NaN for null."""
    return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)


def flagged(column: pa.ChunkedArray) -> BoolArray:
    """Flags, false for null."""
    return np.asarray(pc.fill_null(column, False).to_numpy(), dtype=bool)
