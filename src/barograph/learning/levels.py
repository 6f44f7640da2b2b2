"""The health of each band, shrunk by how much its count can bear (empirical Bayes).

Ordered bands are a straight trend over normal scores of their ranks plus a deviation of each band; bands
without order are the base rate plus a deviation. The spread of the deviations is estimated from the bands
themselves (method of moments, DerSimonian & Laird 1986), so few outcomes give nearly the trend, which has one
parameter, and many give the observed rates."""

from __future__ import annotations

import numpy as np
from scipy import stats
from scipy.optimize import isotonic_regression

from barograph.learning.observations import FloatArray

TREND_SD = 2.0
LEAST_SPREAD, MOST_SPREAD = 0.05, 2.0


def band_levels(n: FloatArray, lost: FloatArray, base: float, *, ordered: bool, sign: int) -> FloatArray:
    """Health per band, ``logit(base) - logit P(lost | band)``; higher is healthier, 0 for an empty band.

    n, lost: counts per band in order. sign: +1 health rises along ordered bands, -1 falls, 0 either way. With
    a sign (or for ordered bands whichever sign the trend has) the levels are made monotone at the end."""
    used = n > 0
    out = np.zeros(len(n))
    if not used.any():
        return out
    size, bad = n[used], lost[used]
    score = _normal_scores(size) if ordered else np.zeros(len(size))
    fit = _fit(size, bad, score, base, 0.0)
    spread = _spread(size, bad, base, fit, trend=ordered)
    fit = _fit(size, bad, score, base, spread)
    if ordered and len(size) > 1:
        way = sign if sign else int(np.sign(np.cov(score, fit, aweights=size)[0, 1])) or 1
        fit = np.asarray(isotonic_regression(fit, weights=size, increasing=way > 0).x, dtype=float)
    out[used] = fit
    return out


def _normal_scores(n: FloatArray) -> FloatArray:
    """Standard normal quantiles of the bands' mid-ranks (van der Waerden)."""
    middle = (np.cumsum(n) - n / 2) / n.sum()
    return np.asarray(stats.norm.ppf(middle), dtype=float)


def _fit(n: FloatArray, bad: FloatArray, score: FloatArray, base: float, spread: float) -> FloatArray:
    """Health per band: intercept + trend + deviations ~ N(0, spread^2), by penalised Newton steps."""
    k = len(n)
    start = float(np.log(base) - np.log1p(-base))
    deviating = spread > 0
    design = np.column_stack([np.ones(k), -score, *([-np.eye(k)] if deviating else [])])
    penalty = np.r_[
        1e-6, 1 / TREND_SD**2 if score.any() else 1e6, np.full(k, spread**-2) if deviating else []
    ]
    theta = np.zeros(design.shape[1])
    theta[0] = start
    for _ in range(30):
        eta = np.clip(design @ theta, -12, 12)
        p = 1 / (1 + np.exp(-eta))
        centred = theta.copy()
        centred[0] = 0.0
        slope = design.T @ (n * p - bad) + penalty * centred
        curve = (design * (n * p * (1 - p))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        theta -= np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    return np.asarray(start - design @ theta, dtype=float)


def _spread(n: FloatArray, bad: FloatArray, base: float, health: FloatArray, *, trend: bool) -> float:
    """Standard deviation of true deviations around the fit, from the excess of Pearson's chi-square."""
    eta = np.log(base) - np.log1p(-base) - health
    p = 1 / (1 + np.exp(-eta))
    w = np.maximum(n * p * (1 - p), 1e-9)
    z = (bad - n * p) / w
    free = len(n) - (2 if trend else 1)
    if free < 1:
        return LEAST_SPREAD
    excess = float((w * z**2).sum()) - free
    scale = float(w.sum() - (w**2).sum() / w.sum())
    found = np.sqrt(max(excess, 0.0) / scale) if scale > 0 else 0.0
    return float(np.clip(found, LEAST_SPREAD, MOST_SPREAD))
