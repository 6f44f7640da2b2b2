"""Which candidates say the same thing twice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from barograph.learning.observations import FloatArray, Observations

SAME = 0.6


def rank_correlation(observations: Observations) -> FloatArray:
    """(p, p) Spearman correlation of the candidate columns.

    Unknown values take the middle rank, so a sparse candidate is never called a twin by its gaps. Constant
    columns correlate 0 with everything.
    """
    ranks = np.zeros_like(observations.signals)
    for j in range(ranks.shape[1]):
        column = observations.signals[:, j]
        known = ~np.isnan(column)
        if known.any():
            ranks[known, j] = stats.rankdata(column[known]) - (known.sum() + 1) / 2
    size = np.sqrt((ranks**2).sum(axis=0))
    scaled = ranks / np.where(size > 0, size, 1.0)
    out = scaled.T @ scaled
    np.fill_diagonal(out, 1.0)
    return np.asarray(out, dtype=float)


def twins_of(observations: Observations, strength: Sequence[float], same: float = SAME) -> dict[str, str]:
    """Name -> the stronger candidate that says the same (|Spearman| > .6); leaders are absent.

    Candidates are taken strongest first; each joins the first leader it is close to, so groups do not chain.
    Nominal candidates have no ranks and are never twins.
    """
    correlation = np.abs(rank_correlation(observations))
    names = observations.names
    order = np.argsort(-np.nan_to_num(np.asarray(strength, dtype=float)), kind="stable")
    leaders: list[int] = []
    out: dict[str, str] = {}
    for j in order:
        if observations.candidates[j].shape == "nominal":
            continue
        close = [k for k in leaders if correlation[j, k] > same]
        if close:
            out[names[j]] = names[close[0]]
        else:
            leaders.append(int(j))
    return out
