"""Person-periods: loss without a decision date, asked every 28 days of everybody who is still there.

A row is an account at the beginning of a period of `PERIOD_DAYS`, the event is that it is lost within it; an
account that is not lost contributes a row for each period and then simply ends (Singer & Willett 1993). The model
of that hazard is the same scorecard with an intercept per tenure period. From it the chance of loss over a longer
time follows as if the signals stood still, `1 - (1 - h)^(days / 28)`; that is an approximation, so it is
calibrated on outcomes afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.learning.metrics import log_odds, probability
from barograph.learning.observations import BoolArray, FloatArray, IntArray, Observations
from barograph.learning.weights import ExpertPrior

PERIOD_DAYS = 28
TENURE_EDGES = (91.0, 182.0, 365.0, 730.0)
"""Ends of the tenure periods in days: a quarter, half a year, one year, two years."""
TENURE_SD = 0.5
STEPS = 50


@dataclass(frozen=True, slots=True)
class Training:
    """Rows to fit on where they are not the rows that are judged.

    prior: the expert's inputs on them. period: days within which their event falls, so that a longer time has
    to be compounded; None when they ask the same question as the rows judged (a lapse, seen more often).
    """

    rows: Observations
    prior: ExpertPrior | None
    period: int | None = None


@dataclass(frozen=True, slots=True)
class TenureTerms:
    """What each tenure period adds to the log-odds of a period's loss: k edges (days), k + 1 shifts.

    usual: the mean shift over the rows that were fitted on, for accounts whose tenure is not known.
    """

    edges: tuple[float, ...]
    shifts: tuple[float, ...]
    usual: float

    def of(self, tenure: FloatArray | None, n: int) -> FloatArray:
        """(n,) shifts by tenure in days; unknown tenure, or none given, takes the usual one."""
        if tenure is None:
            return np.full(n, self.usual)
        place = np.searchsorted(np.array(self.edges), tenure, side="right")
        return np.where(np.isnan(tenure), self.usual, np.array(self.shifts)[place])


def compound(hazard: FloatArray, days: IntArray | FloatArray | float, period: int | None) -> FloatArray:
    """P(lost within `days`) from the chance per `period`, signals standing still; period None: unchanged."""
    if period is None:
        return np.asarray(hazard, dtype=float)
    return np.asarray(-np.expm1(np.log1p(-hazard) * np.asarray(days, dtype=float) / period), dtype=float)


def per_period(p_lost: FloatArray, days: IntArray | FloatArray | float, period: int | None) -> FloatArray:
    """The chance per `period` that compounds to `p_lost` over `days`: the inverse of `compound`."""
    if period is None:
        return np.asarray(p_lost, dtype=float)
    return np.asarray(-np.expm1(np.log1p(-p_lost) * period / np.asarray(days, dtype=float)), dtype=float)


def fit_tenure(found: FloatArray, lost: BoolArray, tenure: FloatArray | None) -> TenureTerms | None:
    """The shift of each tenure period beside log-odds `found` (n,), drawn to 0 by N(0, .5^2).

    lost: the event of each person-period. None without any known tenure. A period that no row is in gets 0.
    """
    if tenure is None or np.isnan(tenure).all():
        return None
    known = ~np.isnan(tenure)
    place = np.searchsorted(np.array(TENURE_EDGES), tenure[known], side="right")
    x, y = found[known], lost[known].astype(float)
    shifts = np.zeros(len(TENURE_EDGES) + 1)
    for k in range(len(shifts)):
        rows = place == k
        if rows.any():
            shifts[k] = _shift(x[rows], y[rows])
    usual = float(shifts[place].mean())
    return TenureTerms(TENURE_EDGES, tuple(float(s) for s in shifts), usual)


def risk(
    found: FloatArray,
    days: IntArray | FloatArray | float,
    period: int | None,
    terms: TenureTerms | None = None,
    tenure: FloatArray | None = None,
) -> FloatArray:
    """P(lost within `days`) of n rows from the log-odds of a model, with tenure terms where there are any."""
    shift = terms.of(tenure, len(found)) if terms is not None else 0.0
    return compound(probability(found + shift), days, period)


def base_log_odds(rate: float) -> float:
    """The log-odds of a rate, kept off 0 and 1."""
    return float(log_odds(np.array([rate]))[0])


def _shift(x: FloatArray, y: FloatArray) -> float:
    """The penalised maximum-likelihood shift of log-odds x, by Newton's method on one unknown."""
    a = 0.0
    for _ in range(STEPS):
        p = probability(x + a)
        slope = float((y - p).sum()) - a / TENURE_SD**2
        step = slope / (float((p * (1 - p)).sum()) + 1 / TENURE_SD**2)
        a += float(np.clip(step, -1, 1))
        if abs(step) < 1e-10:
            break
    return a
