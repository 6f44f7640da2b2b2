"""How kept and lost accounts are spread over one signal: the picture behind its AUC."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.learning.observations import BoolArray, FloatArray

PIECES = 8
FEW_VALUES = 8


@dataclass(frozen=True, slots=True)
class Piece:
    """Accounts whose value lies from low to high, both included (NaN: those whose value is unknown)."""

    low: float
    high: float
    kept: int
    lost: int


def spread(values: FloatArray, lost: BoolArray, pieces: int = PIECES) -> tuple[Piece, ...]:
    """Pieces of about equal count by value, ascending, then the unknown if there are any.

    A signal of few values has one piece per value. Equal values are never parted, so pieces may be uneven. The
    counts of all pieces are those of the rows.
    """
    known = ~np.isnan(values)
    x, gone = values[known], lost[known]
    found = []
    levels = np.unique(x)
    if len(levels) > FEW_VALUES:
        edges = np.unique(np.quantile(x, np.linspace(0, 1, pieces + 1)[1:-1], method="inverted_cdf"))
        place = np.searchsorted(edges, x, side="left")
    else:
        place = np.searchsorted(levels, x)
    for k in np.unique(place).tolist():
        here = place == k
        found.append(
            Piece(float(x[here].min()), float(x[here].max()), int((~gone[here]).sum()), int(gone[here].sum()))
        )
    if not known.all():
        nan = float("nan")
        found.append(Piece(nan, nan, int((~known & ~lost).sum()), int((~known & lost).sum())))
    return tuple(found)
