"""Intervals of the calibration slope and intercept when an account is seen more than once.

Values are those of `calibration.check_calibration` (Cox 1958). Errors are the sandwich over accounts (Liang &
Zeger 1986): rows of one account may go wrong together, which Wald's errors do not know.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from barograph.learning.calibration import CalibrationCheck
from barograph.learning.intervals import Z95, Estimate
from barograph.learning.metrics import log_odds, probability
from barograph.learning.observations import BoolArray, FloatArray, IntArray


def clustered(
    check: CalibrationCheck, p_lost: FloatArray, lost: BoolArray, clusters: IntArray
) -> CalibrationCheck:
    """The same check with intervals over accounts. p_lost, lost, clusters: the rows it was made on.

    Estimates that are NaN stay so, and with fewer than two accounts the intervals are NaN.
    """
    if not np.isfinite(check.intercept.value):
        return check
    x = log_odds(p_lost)
    level = check.intercept.value
    error = _errors(np.ones((len(x), 1)), probability(level + x), lost, clusters)[0]
    intercept = Estimate(level, level - Z95 * error, level + Z95 * error, "sandwich")
    if not np.isfinite(check.slope.value):
        return replace(check, intercept=intercept)
    slope = check.slope.value
    fitted = probability(_level(slope * x, lost) + slope * x)
    error = _errors(np.column_stack([np.ones(len(x)), x]), fitted, lost, clusters)[1]
    return replace(
        check,
        intercept=intercept,
        slope=Estimate(slope, slope - Z95 * error, slope + Z95 * error, "sandwich"),
    )


def _errors(design: FloatArray, fitted: FloatArray, lost: BoolArray, clusters: IntArray) -> FloatArray:
    """Standard errors of a logistic fit's coefficients, clusters independent."""
    used = len(np.unique(clusters))
    if used < 2:
        return np.full(design.shape[1], np.nan)
    bread = np.linalg.pinv(design.T @ (design * (fitted * (1 - fitted))[:, None]))
    scores = design * (lost - fitted)[:, None]
    sums = np.column_stack([np.bincount(clusters, weights=column) for column in scores.T])
    variance = bread @ (sums.T @ sums) @ bread * used / (used - 1)
    return np.asarray(np.sqrt(np.maximum(np.diag(variance), 0.0)))


def _level(offset: FloatArray, lost: BoolArray) -> float:
    """The intercept at which as many losses are expected as there were: Newton's method on one unknown."""
    level = 0.0
    for _ in range(50):
        p = probability(level + offset)
        step = float((lost - p).sum()) / (float((p * (1 - p)).sum()) + 1e-12)
        level += float(np.clip(step, -2.0, 2.0))
        if abs(step) < 1e-10:
            break
    return level
