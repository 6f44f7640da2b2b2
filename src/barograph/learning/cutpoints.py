"""Where a signal's range may be cut: at short, readable numbers, never through the middle of a tie."""

from __future__ import annotations

import math

import numpy as np

from barograph.learning.observations import FloatArray


def simplest_between(low: float, high: float) -> float:
    """The shortest round number t with low < t <= high (steps 1, .5, .2 times a power of ten).

    Raises ValueError unless low < high. Falls back to `high` when the gap is below float resolution.
    """
    if not low < high:
        raise ValueError(f"low {low} must be below high {high}")
    top = math.floor(math.log10(max(abs(low), abs(high)))) + 1
    for exponent in range(top, top - 16, -1):
        for part in (1.0, 0.5, 0.2):
            step = part * 10.0**exponent
            steps = math.floor(high / step)
            for count in (steps + 1, steps):  # the quotient of two floats may fall just below a whole number
                found = round(count * step, max(0, 1 - exponent))
                if low < found <= high:
                    return found + 0.0
    return high


def candidate_cuts(values: FloatArray, pieces: int) -> FloatArray:
    """Rising cut points that split known values into at most about `pieces` pieces of similar count.

    A value v belongs to piece ``searchsorted(cuts, v, side="right")``, so v == cut goes right. A value that
    alone holds 1/pieces of the rows gets its own piece. Few distinct values get one piece each. Cuts look at
    no outcome. Empty for fewer than two distinct values.
    """
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) < 2:
        return np.zeros(0)
    if len(distinct) <= pieces:
        return _between(distinct, np.arange(1, len(distinct)))
    n = len(values)
    heavy = np.flatnonzero(counts >= n / pieces)
    edges = {int(i) for i in heavy if i > 0} | {int(i) + 1 for i in heavy if i + 1 < len(distinct)}
    cuts = set(_between(distinct, np.array(sorted(edges), dtype=int)).tolist())
    ends = np.cumsum(counts)
    width = n / pieces
    for target in np.arange(1, pieces) * width:
        left = int(np.searchsorted(ends, target - 0.3 * width))
        right = int(np.searchsorted(ends, target + 0.3 * width))
        right = min(right, len(distinct) - 1)
        if left < right and not np.any((heavy >= left) & (heavy <= right)):
            cuts.add(simplest_between(float(distinct[left]), float(distinct[right])))
    return np.array(sorted(cuts))


def _between(distinct: FloatArray, right: np.ndarray[tuple[int], np.dtype[np.int_]]) -> FloatArray:
    """A readable cut below each distinct value whose position is in `right`."""
    return np.array([simplest_between(float(distinct[i - 1]), float(distinct[i])) for i in right])
