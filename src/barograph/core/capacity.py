"""Where the team's capacity ends in the ranked list: a line across the list, which never moves a tier (H1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class CapacityLine:
    """The list in two. worked, beyond: rows above and below the line, in the order of the list. arr_worked,
    arr_beyond: their recurring revenue, unknown counting as 0. expected_loss_beyond: sum of P(lost) * revenue over
    the rows below of which both are known, NaN where that is none."""

    worked: IntArray
    beyond: IntArray
    arr_worked: float
    arr_beyond: float
    expected_loss_beyond: float


def capacity_line(
    order: IntArray, effort: FloatArray, capacity: float, arr: FloatArray, p_lost: FloatArray | None = None
) -> CapacityLine:
    """Take accounts from the top of the list until their effort exceeds the capacity.

    order: rows to work, most urgent first. effort, arr, p_lost: per row of everything; effort in the unit of the
    capacity (accounts or hours), none negative. The line is drawn at the first account that no longer fits: nobody
    below it is worked, however small, since the list says in which order people go through it.
    """
    fits = np.cumsum(effort[order]) <= capacity + 1e-9
    count = len(order) if fits.all() else int(np.argmin(fits))
    worked, beyond = order[:count], order[count:]
    risk = np.full(len(arr), np.nan) if p_lost is None else p_lost
    expected = (risk * arr)[beyond]
    known = expected[~np.isnan(expected)]
    return CapacityLine(
        worked=worked,
        beyond=beyond,
        arr_worked=float(np.nansum(arr[worked])),
        arr_beyond=float(np.nansum(arr[beyond])),
        expected_loss_beyond=float(known.sum()) if len(known) else float("nan"),
    )
