"""Array types of the core, and the one way rows of two weeks are brought together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
CodeArray = NDArray[np.int8]
BoolArray = NDArray[np.bool_]
TextArray = NDArray[np.object_]
AnyArray = NDArray[Any]

SCORE_PLACES = 6
"""Scores are rounded to this many places before they meet any line, so that engines agree on tiers."""


def texts(values: Any) -> TextArray:
    """A one-dimensional object array of the given values, kept as they are (None stays None)."""
    out = np.empty(len(values), dtype=object)
    out[:] = list(values)
    return out


def positions(wanted: TextArray, among: TextArray) -> IntArray:
    """For each wanted id its row in `among`, -1 where it is not there. Ids in `among` are unique."""
    if len(wanted) == len(among) and bool(np.all(wanted == among)):
        return np.arange(len(wanted), dtype=np.int64)
    rows = {key: row for row, key in enumerate(among.tolist())}
    return np.fromiter((rows.get(key, -1) for key in wanted.tolist()), dtype=np.int64, count=len(wanted))


def ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """above / below, NaN where `below` is 0 or either is NaN; never warns."""
    out = np.full(np.broadcast(above, below).shape, np.nan)
    np.divide(above, below, out=out, where=below != 0)
    return out


def rounded(scores: FloatArray) -> FloatArray:
    """Scores as they are compared with lines: six places, NaN stays NaN."""
    return np.round(scores, SCORE_PLACES)


def group_sum(group: IntArray, values: FloatArray, size: int) -> FloatArray:
    """Sum of the values per group number 0..size-1; NaN in a group makes its sum NaN."""
    return np.bincount(group, weights=values, minlength=size).astype(np.float64)
