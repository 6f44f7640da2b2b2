"""The board of entities by positions on which numbers are added up."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import IntArray
from barograph.errors import BarographError

LIMIT = float(2**63)
SMALLER = "Sums reach 9.2e12 at six decimals; give the measure in a larger unit."


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
        cells = self.size * (self.weeks + 1)
        if isinstance(number, int):
            changes = number * (
                np.bincount(row + begins, minlength=cells) - np.bincount(row + ends, minlength=cells)
            )
        else:
            entity = row // (self.weeks + 1)
            reached = np.bincount(entity, weights=np.abs(number.astype(np.float64)), minlength=1)
            if 2 * reached.max(initial=0) >= LIMIT:
                raise BarographError("a sum of a measure is too large.", hint=SMALLER)
            changes = np.zeros(cells, dtype=np.int64)
            np.add.at(changes, row + begins, number)
            np.subtract.at(changes, row + ends, number)
        return np.cumsum(changes.reshape(self.size, self.weeks + 1)[:, : self.weeks], axis=1).ravel()
