"""Rates with intervals where rows are not independent: an account that decided twice counts as one witness.

The rate is a ratio of weighted sums. Its variance is the linearised one over accounts, turned into an effective
number of rows (the design effect of Rao & Scott 1992), and Wilson's interval (1927) is taken at that number, as
recommended for rates from clustered samples (Franco et al. 2019). With one row per account and equal weights it is
Wilson's own interval to within one row.
"""

from __future__ import annotations

import numpy as np

from barograph.learning.intervals import Z95, Estimate
from barograph.learning.observations import BoolArray, FloatArray, IntArray


def clustered_rate(
    events: BoolArray | FloatArray, clusters: IntArray, weights: FloatArray | None = None
) -> Estimate:
    """The share of `events` (n,) in 0..1 with a 95 % interval over clusters (n dense codes).

    events: flags, or shares in 0..1. weights: revenue, for example; NaN counts as 0, none negative. The value is
    NaN and the interval (0, 1) without any weight. The interval never assumes more rows than the weights are
    worth (Kish 1965), and where all events are alike (no variance to see) more than the accounts are worth.
    """
    w = np.ones(len(events)) if weights is None else np.nan_to_num(np.asarray(weights, dtype=float))
    total = float(w.sum())
    if total <= 0:
        return Estimate(float("nan"), 0.0, 1.0, "wilson, clustered")
    y = np.asarray(events, dtype=float)
    rate = float(np.clip((w * y).sum() / total, 0.0, 1.0))
    n = min(_effective(rate, w * (y - rate) / total, w, clusters), total**2 / float((w**2).sum()))
    return Estimate(rate, *wilson_at(rate, n), "wilson, clustered")


def wilson_at(rate: float, n: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a rate seen on n rows; n need not be whole."""
    z = Z95**2 / n
    middle = (rate + z / 2) / (1 + z)
    half = np.sqrt(rate * (1 - rate) * z + z**2 / 4) / (1 + z)
    return float(max(0.0, middle - half)), float(min(1.0, middle + half))


def _effective(rate: float, residual: FloatArray, w: FloatArray, clusters: IntArray) -> float:
    """How many independent rows would give the variance that the clusters show."""
    mass = np.bincount(clusters, weights=w)
    there = mass > 0
    count = int(there.sum())
    worth = float(mass.sum()) ** 2 / float((mass**2).sum())
    sums = np.bincount(clusters, weights=residual)[there]
    variance = count / (count - 1) * float((sums**2).sum()) if count > 1 else 0.0
    # One cluster, or every event alike: nothing can be seen of the variance.
    return rate * (1 - rate) / variance if variance > 1e-15 else worth
