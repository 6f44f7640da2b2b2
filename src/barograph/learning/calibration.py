"""Probabilities that mean what they say: recalibrate only when the evidence rejects what is there.

Platt (1999) on the logit with the slope prior N(1, .5^2) is the default: it can only move as far as the
outcomes push it. Isotonic regression needs thousands of outcomes (measured worse than Platt at every size up
to 2,000), so it is not offered below that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import stats
from scipy.optimize import isotonic_regression

from barograph.learning.intervals import Z95, Estimate
from barograph.learning.metrics import log_loss, log_odds, probability
from barograph.learning.observations import BoolArray, FloatArray
from barograph.learning.weights import fit_logistic

SLOPE_SD = 0.5
MIN_OUTCOMES, MIN_LOST = 60, 15
ISOTONIC_OUTCOMES = 2_000
REJECT_P = 0.05
CURVE_OUTCOMES, CURVE_LOST, BEND_P = 200, 50, 0.01
PIECES, PIECE_SD, GRID = 4, 1.0, 41


@dataclass(frozen=True, slots=True)
class CalibrationCheck:
    """How well log-odds fit: logit P(lost) = intercept + slope * predicted logit, ideally 0 and 1.

    p: likelihood-ratio test of (0, 1) with two degrees of freedom. in_the_large: observed over expected loss.
    """

    slope: Estimate
    intercept: Estimate
    in_the_large: float
    p: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """A map from predicted to calibrated P(lost); `kind` none leaves it alone. `reason` says why."""

    kind: Literal["none", "platt", "curved", "isotonic"]
    intercept: float
    slope: float
    knots: tuple[tuple[float, float], ...]
    outcomes: int
    reason: str

    def apply(self, p_lost: FloatArray) -> FloatArray:
        """Calibrated P(lost) in 0..1; never changes the order of two accounts (isotonic may tie them)."""
        if self.kind == "none":
            return p_lost
        if self.kind == "platt":
            return probability(self.intercept + self.slope * log_odds(p_lost))
        x, y = np.array(self.knots).T
        return np.asarray(np.interp(p_lost, x, y), dtype=float)


def check_calibration(p_lost: FloatArray, lost: BoolArray) -> CalibrationCheck:
    """Slope and intercept with Wald intervals, and the test that they are 1 and 0 (Cox 1958).

    The intercept is taken at slope 1 (calibration in the large). NaN where outcomes are one-sided.
    """
    unknown = Estimate(float("nan"), float("nan"), float("nan"), "wald")
    if lost.all() or not lost.any():
        return CalibrationCheck(unknown, unknown, float("nan"), 1.0)
    x = log_odds(p_lost)
    expected = float(p_lost.sum())
    ratio = float(lost.sum() / expected) if expected > 0 else float("nan")
    shift, shift_sd = _offset(x, lost)
    intercept = Estimate(shift, shift - Z95 * shift_sd, shift + Z95 * shift_sd, "wald")
    if np.ptp(x) < 1e-9:
        p = float(2 * stats.norm.sf(abs(shift) / shift_sd))
        return CalibrationCheck(unknown, intercept, ratio, p)
    free = fit_logistic(-x[:, None], lost, low=-np.inf, start=np.array([0.0, 1.0]))
    slope, sd = float(free.beta[0]), float(free.sd[0])
    gain = 2 * (free.log_likelihood + len(lost) * log_loss(probability(x), lost))
    return CalibrationCheck(
        Estimate(slope, slope - Z95 * sd, slope + Z95 * sd, "wald"),
        intercept,
        ratio,
        float(stats.chi2.sf(max(gain, 0.0), 2)),
    )


def platt(p_lost: FloatArray, lost: BoolArray, slope_sd: float = SLOPE_SD) -> Calibration:
    """logit P = intercept + slope * logit p with slope ~ N(1, slope_sd^2), slope >= .05 so the order
    holds.
    """
    fit = fit_logistic(-log_odds(p_lost)[:, None], lost, mean=1.0, sd=slope_sd, low=0.05)
    return Calibration("platt", fit.intercept, float(fit.beta[0]), (), len(lost), "")


def isotonic(p_lost: FloatArray, lost: BoolArray) -> Calibration:
    """A rising map fitted by pool-adjacent-violators, interpolated between its steps, kept off 0 and 1."""
    at, where, counts = np.unique(p_lost, return_inverse=True, return_counts=True)
    rate = np.bincount(where, weights=lost) / counts
    found = isotonic_regression(rate, weights=counts)
    first, last = found.blocks[:-1], found.blocks[1:] - 1
    steps = np.unique(np.r_[first, last])
    values = np.clip(found.x[steps], 1e-4, 1 - 1e-4)
    knots = tuple((float(x), float(y)) for x, y in zip(at[steps], values, strict=True))
    return Calibration("isotonic", 0.0, 1.0, knots, len(lost), "")


def curvature_p(p_lost: FloatArray, lost: BoolArray) -> float:
    """p of 'a straight line on the logit is enough' against a quadratic and cubic term (likelihood ratio)."""
    x = log_odds(p_lost)
    if float(x.std()) < 1e-9 or lost.all() or not lost.any():
        return 1.0
    z = (x - x.mean()) / x.std()
    straight = fit_logistic(z[:, None], lost, low=-np.inf)
    bent = fit_logistic(np.column_stack([z, z**2, z**3]), lost, low=-np.inf)
    return float(stats.chi2.sf(max(2 * (bent.log_likelihood - straight.log_likelihood), 0.0), 2))


def curved(p_lost: FloatArray, lost: BoolArray) -> Calibration:
    """A rising broken line on the logit, constant beyond what was seen.

    The range is cut at quantiles into PIECES of equal count; each piece has its own slope, drawn to 1 by
    N(1, 1) and never below 0, so the order of two accounts is kept.
    """
    x = log_odds(p_lost)
    ends = np.unique(np.quantile(x, np.linspace(0, 1, PIECES + 1)))

    def rises(values: FloatArray) -> FloatArray:
        inside = np.clip(values, ends[0], ends[-1])[:, None]
        return np.asarray(np.clip(inside - ends[:-1], 0, np.diff(ends)), dtype=float)

    fit = fit_logistic(-rises(x), lost, mean=1.0, sd=PIECE_SD, low=0.0)
    line = probability(fit.log_odds(-rises(ends)))
    grid = probability(np.linspace(ends[0], ends[-1], GRID))
    values = probability(fit.log_odds(-rises(log_odds(grid))))
    knots = np.unique(np.column_stack([np.r_[probability(ends), grid], np.r_[line, values]]), axis=0)
    return Calibration("curved", 0.0, 1.0, tuple((float(a), float(b)) for a, b in knots), len(lost), "")


def calibrate(p_lost: FloatArray, lost: BoolArray) -> Calibration:
    """Choose by rule: leave alone, Platt with a slope prior, a curve, or isotonic.

    p_lost must be out-of-sample predictions. Recalibrates only with at least 60 outcomes and 15 lost (and 15
    kept), and only when slope and intercept are rejected at p < .05. Where a straight line on the logit is
    itself rejected (p < .01): a curve from 200 outcomes with 50 lost, isotonic from 2,000.
    """
    n, events = len(lost), int(lost.sum())
    least = min(events, n - events)
    if n < MIN_OUTCOMES or least < MIN_LOST:
        reason = (
            f"{n} outcomes with {events} lost; {MIN_OUTCOMES} with {MIN_LOST} lost are needed to recalibrate"
        )
        return Calibration("none", 0.0, 1.0, (), n, reason)
    if n >= CURVE_OUTCOMES and least >= CURVE_LOST and (bend := curvature_p(p_lost, lost)) < BEND_P:
        chosen = isotonic(p_lost, lost) if n >= ISOTONIC_OUTCOMES else curved(p_lost, lost)
        reason = f"a straight line on the logit is rejected (p = {bend:.3f}) on {n} outcomes"
        return replace(chosen, reason=reason)
    found = check_calibration(p_lost, lost)
    if found.p >= REJECT_P:
        return Calibration("none", 0.0, 1.0, (), n, f"calibration is not rejected (p = {found.p:.2f})")
    reason = f"calibration is rejected (p = {found.p:.3f}, slope {found.slope.value:.2f})"
    return replace(platt(p_lost, lost), reason=reason)


def _offset(x: FloatArray, lost: BoolArray) -> tuple[float, float]:
    """The intercept at slope 1 and its standard error, by Newton's method on one unknown."""
    a = 0.0
    for _ in range(50):
        p = probability(a + x)
        information = float((p * (1 - p)).sum()) + 1e-12
        step = float((lost - p).sum()) / information
        a += float(np.clip(step, -2, 2))
        if abs(step) < 1e-10:
            break
    return a, 1 / float(np.sqrt(information))
