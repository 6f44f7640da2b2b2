"""Dealing accounts into folds: whole groups, both outcomes spread evenly, no randomness unless asked for."""

from __future__ import annotations

import numpy as np

from barograph.learning.intervals import codes
from barograph.learning.observations import IntArray, Observations


def deal(observations: Observations, folds: int, rng: np.random.Generator | None = None) -> IntArray:
    """(n,) fold numbers 0..folds-1; rows of one group share a fold.

    Groups that ever lost and groups that never did are dealt in turn, so every fold has its share of both. In
    order of the group's name without `rng`, in random order with it.
    """
    group = codes(observations.group)
    ever = np.zeros(int(group.max()) + 1 if len(group) else 0, dtype=bool)
    ever[group[observations.lost]] = True
    seat = np.zeros(len(ever), dtype=np.int64)
    for side in (ever, ~ever):
        members = np.flatnonzero(side)
        if rng is not None:
            members = rng.permutation(members)
        seat[members] = np.arange(len(members)) % folds
    return seat[group]
