"""AUC of many candidates in the same bootstrap resamples of accounts.

Every candidate is sorted once; a chunk of resamples is one pass over its rows, all draws side by side in memory.
Multiplicities are small whole numbers, so single precision keeps AUC to about 1e-7."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from barograph.learning.intervals import cluster_draws
from barograph.learning.observations import BoolArray, FloatArray, IntArray

CHUNK = 100


def replicate_aucs(
    health: Sequence[FloatArray], lost: BoolArray, clusters: IntArray, draws: int, rng: np.random.Generator
) -> FloatArray:
    """(candidates, draws) AUC, higher health meaning kept; the same resamples for all candidates.

    health: one (n,) array per candidate, NaN unknown (such rows are left out for that candidate). clusters: dense
    codes of the accounts that are resampled, stratified by 'ever lost'. NaN where a side is empty in a draw.
    """
    sorted_rows = [_sorted(values) for values in health]
    out = np.full((len(health), draws), np.nan)
    for start in range(0, draws, CHUNK):
        stop = min(start + CHUNK, draws)
        times = cluster_draws(lost, clusters, stop - start, rng)
        rows = np.ascontiguousarray(times.T, dtype=np.float32)
        for j, (order, starts) in enumerate(sorted_rows):
            if len(order) > 1:
                out[j, start:stop] = _aucs(rows[order], lost[order], starts)
    return out


def _sorted(values: FloatArray) -> tuple[IntArray, IntArray]:
    """Known rows from the lowest value up, and where each run of equal values starts."""
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.argsort(values[known], kind="stable")]
    ranked = values[order]
    starts = np.flatnonzero(np.r_[len(ranked) > 0, ranked[1:] != ranked[:-1]])
    return order.astype(np.int64), starts.astype(np.int64)


def _aucs(weight: NDArray[np.float32], lost: BoolArray, starts: IntArray) -> FloatArray:
    """(draws,) weighted AUC; weight (rows, draws) in order of health, starts of the ties."""
    bad = weight * lost[:, None].astype(np.float32)
    good = weight - bad
    if len(starts) < len(lost):
        bad, good = np.add.reduceat(bad, starts, axis=0), np.add.reduceat(good, starts, axis=0)
    below = np.cumsum(bad, axis=0)
    pairs = below[-1].astype(np.float64) * good.sum(axis=0, dtype=np.float64)
    below -= 0.5 * bad
    won = np.einsum("ij,ij->j", good, below, dtype=np.float64, casting="safe")
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(won / pairs)
