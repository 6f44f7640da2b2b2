"""The candidates as the choice of signals sees them: banded on all rows, judged by what other accounts taught.

Levels learnt on the very rows they are judged on flatter a candidate, and the more bands it has the more. So
the health that the choice compares is cross-fitted: each fold's levels come from the other folds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.learning.binning import Bands, band
from barograph.learning.observations import FloatArray, IntArray, Observations
from barograph.learning.shapes import cross_fitted_health
from barograph.learning.splits import deal

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Columns:
    """p candidates on n rows. bands: cut on all rows. index: (n, p) band of every value, the last one for unknown.
    health: (n, p) weight of evidence in log-odds, learnt on the other folds, higher is healthier."""

    bands: tuple[Bands, ...]
    index: IntArray
    health: FloatArray

    def choose(self, which: list[int]) -> Columns:
        """The columns at these positions, in that order."""
        return Columns(tuple(self.bands[j] for j in which), self.index[:, which], self.health[:, which])

    def beside(self, other: Columns) -> Columns:
        """These columns and then those of `other`, on the same rows."""
        return Columns(
            (*self.bands, *other.bands),
            np.hstack([self.index, other.index]),
            np.hstack([self.health, other.health]),
        )


def columns_of(observations: Observations) -> Columns:
    """Band every candidate; folds hold whole groups and are the same for the same groups and outcomes."""
    fold = deal(observations, FOLDS)
    n, p = observations.signals.shape
    bands = []
    index, health = np.zeros((n, p), dtype=np.int64), np.zeros((n, p))
    for j, candidate in enumerate(observations.candidates):
        values = observations.signals[:, j]
        bands.append(band(values, observations.lost, candidate))
        index[:, j] = bands[-1].index(values)
        health[:, j] = cross_fitted_health(values, observations.lost, candidate, fold)
    return Columns(tuple(bands), index, health)
