"""Choosing few signals: greedy forward selection on the likelihood of a sign-constrained scorecard.

Every step scores all remaining candidates at once by Rao's score test against the model so far (one pass over
the data), fits the few best, and keeps the one with the highest penalised likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.learning.intervals import cluster_draws
from barograph.learning.metrics import probability
from barograph.learning.observations import BoolArray, FloatArray, IntArray
from barograph.learning.weights import LogisticFit, fit_logistic

MIN_GAIN = 1.0  # a unit of log-likelihood per parameter (Akaike 1974); honest because health is cross-fitted
EVENTS_PER_SIGNAL = 10
TRY = 3
BETA_SD = 1.0
RESAMPLED_GAIN = 2 * MIN_GAIN  # resampling adds chance as large as that of the sample itself
UNSAID = 1e-3  # share of a column's variance that must be left over for the test to mean anything
STABILITY_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Path:
    """Columns in the order chosen, and the log-likelihood gained by each step."""

    chosen: tuple[int, ...]
    gains: tuple[float, ...]


def allowed(lost: int, most: int) -> int:
    """How many signals the evidence carries: lost / 10, at most `most` (events rule)."""
    return max(0, min(most, lost // EVENTS_PER_SIGNAL))


def forward(
    woe: FloatArray,
    lost: BoolArray,
    most: int,
    *,
    row_weight: FloatArray | None = None,
    min_gain: float = MIN_GAIN,
    blocked: dict[int, set[int]] | None = None,
) -> Path:
    """Add WoE columns (n, p) one at a time while the penalised log-likelihood rises by at least `min_gain`.

    row_weight: how often each row counts. blocked: column -> columns that may not join it (a derived
    candidate and a redundant twin). Ties go to the earlier column, so the result does not depend on chance.
    """
    w = np.ones(len(lost)) if row_weight is None else row_weight
    chosen: list[int] = []
    gains: list[float] = []
    out: set[int] = set(np.flatnonzero(np.ptp(woe, axis=0) == 0).tolist()) if woe.shape[1] else set()
    fit = fit_logistic(np.zeros((len(lost), 0)), lost, row_weight=w)
    value = fit.log_likelihood
    while len(chosen) < most:
        free = np.array([j for j in range(woe.shape[1]) if j not in chosen and j not in out], dtype=int)
        if not len(free):
            break
        score = _score_test(woe, free, chosen, fit, lost, w)
        best: tuple[float, int, LogisticFit] | None = None
        for j in free[np.argsort(-score, kind="stable")[:TRY]]:
            trial = fit_logistic(woe[:, [*chosen, int(j)]], lost, mean=0.0, sd=BETA_SD, row_weight=w)
            penalised = _penalised(trial)
            if best is None or penalised > best[0] + 1e-9:
                best = (penalised, int(j), trial)
        if best is None or best[0] - value < min_gain:
            break
        gains.append(best[0] - value)
        value, fit = best[0], best[2]
        chosen.append(best[1])
        out |= (blocked or {}).get(best[1], set())
    return Path(tuple(chosen), tuple(gains))


def _penalised(fit: LogisticFit) -> float:
    return fit.log_likelihood - 0.5 * float((fit.beta**2).sum()) / BETA_SD**2


def _score_test(
    woe: FloatArray, free: IntArray, chosen: list[int], fit: LogisticFit, lost: BoolArray, w: FloatArray
) -> FloatArray:
    """Rao's statistic of each free column given the fitted ones; 0 where it would enter with the wrong
    sign.
    """
    x = woe[:, chosen]
    p = probability(fit.log_odds(x))
    slope = (w * (p - lost)) @ woe[:, free]
    v = w * p * (1 - p)
    design = np.column_stack([np.ones(len(lost)), x])
    cross = (design * v[:, None]).T @ woe[:, free]
    inner = np.linalg.pinv((design * v[:, None]).T @ design)
    mean = v @ woe[:, free] / v.sum()
    plain = v @ (woe[:, free] - mean) ** 2
    own = v @ woe[:, free] ** 2 - np.einsum("ij,ik,kj->j", cross, inner, cross)
    real = (slope > 0) & (own > UNSAID * plain) & (plain > 0)
    return np.where(real, slope**2 / np.where(real, own, 1.0), 0.0)


def selection_share(
    woe: FloatArray,
    lost: BoolArray,
    clusters: IntArray,
    most: int,
    rng: np.random.Generator,
    draws: int = 50,
    blocked: dict[int, set[int]] | None = None,
) -> FloatArray:
    """How often each column (p,) is chosen when accounts are resampled; bands are held fixed.

    Above 20,000 rows a random 20,000 are used: stability is what is measured, not precision.
    """
    if len(lost) > STABILITY_ROWS:
        keep = rng.choice(len(lost), STABILITY_ROWS, replace=False)
        woe, lost = woe[keep], lost[keep]
        clusters = np.unique(clusters[keep], return_inverse=True)[1].astype(np.int64)
    counts = np.zeros(woe.shape[1])
    if not draws:
        return counts
    for w in cluster_draws(lost, clusters, draws, rng):
        seen = w > 0
        path = forward(
            woe[seen], lost[seen], most, row_weight=w[seen], min_gain=RESAMPLED_GAIN, blocked=blocked
        )
        counts[list(path.chosen)] += 1
    return counts / draws
