"""The same past accounts under two models: who stood where, and what became of them (a reclassification table)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from barograph.learning.observations import BoolArray, FloatArray, TextArray


@dataclass(frozen=True, slots=True)
class Cell:
    """Accounts that stood in `before` under one model and in `after` under the other. arr: their revenue."""

    before: str
    after: str
    n: int
    lost: int
    arr: float
    arr_lost: float


def reclassified(
    before: TextArray, after: TextArray, lost: BoolArray, arr: FloatArray, order: Sequence[str]
) -> tuple[Cell, ...]:
    """Every pair of tiers that occurs, by `order` of before, then after. Rows are the same accounts.

    A model that sorts better moves those who were lost down and those who were kept up.
    """
    money = np.nan_to_num(arr)
    cells = []
    for one in order:
        for two in order:
            here = (before == one) & (after == two)
            if here.any():
                cells.append(
                    Cell(
                        one,
                        two,
                        int(here.sum()),
                        int(lost[here].sum()),
                        float(money[here].sum()),
                        float(money[here & lost].sum()),
                    )
                )
    return tuple(cells)
