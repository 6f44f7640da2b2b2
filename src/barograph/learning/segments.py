"""Segments: pooled weights by default, an own base rate when the data ask for it, own weights much later.

Measured: separate weights below about 200 outcomes per segment are worse than pooled ones on every figure,
and partial pooling gains nothing in rank. So a segment first gets its own intercept, only where a test
rejects the pooled one, and own weights (drawn to the pooled ones) only from 200 outcomes with 50 lost and
after promotion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from barograph.learning.calibration import MIN_LOST, MIN_OUTCOMES, REJECT_P, check_calibration
from barograph.learning.intervals import Z95
from barograph.learning.metrics import log_odds, probability
from barograph.learning.observations import BoolArray, FloatArray, Observations, TextArray
from barograph.learning.scorecard import Scorecard
from barograph.learning.stages import SEGMENT_GATE
from barograph.learning.weights import fit_logistic, largest_remainder

SEGMENT_SD = 0.5


@dataclass(frozen=True, slots=True)
class SegmentShift:
    """What one segment adds to the pooled log-odds of loss; 0 unless `applied`. low, high: 95 % interval."""

    segment: str
    outcomes: int
    lost: int
    shift: float
    low: float
    high: float
    applied: bool
    reason: str


def segment_shifts(p_lost: FloatArray, lost: BoolArray, segment: TextArray) -> tuple[SegmentShift, ...]:
    """Per segment the intercept that calibrates it in the large, applied from 60 outcomes with 15 lost when
    its 95 % interval (Bonferroni over the segments) excludes 0. p_lost: calibrated out-of-sample
    predictions."""
    names = sorted(set(segment.tolist()))
    out = []
    for name in names:
        rows = segment == name
        n, events = int(rows.sum()), int(lost[rows].sum())
        if n < MIN_OUTCOMES or min(events, n - events) < MIN_LOST:
            reason = f"{n} outcomes with {events} lost; {MIN_OUTCOMES} with {MIN_LOST} are needed"
            out.append(SegmentShift(str(name), n, events, 0.0, float("nan"), float("nan"), False, reason))
            continue
        found = check_calibration(p_lost[rows], lost[rows]).intercept
        error = (found.high - found.low) / (2 * Z95)
        limit = _quantile(REJECT_P / len(names)) * error
        applied = abs(found.value) > limit
        reason = "the pooled level is rejected" if applied else "the pooled level is not rejected"
        shift = found.value if applied else 0.0
        out.append(SegmentShift(str(name), n, events, shift, found.low, found.high, applied, reason))
    return tuple(out)


def apply_shifts(p_lost: FloatArray, segment: TextArray, shifts: tuple[SegmentShift, ...]) -> FloatArray:
    """P(lost) with each segment's shift added to its log-odds."""
    by_name = {s.segment: s.shift for s in shifts}
    added = np.array([by_name.get(str(name), 0.0) for name in segment])
    return np.where(added == 0, p_lost, probability(log_odds(p_lost) + added))


@dataclass(frozen=True, slots=True)
class SegmentWeights:
    """Own whole-number weights of a segment over the pooled scorecard's bands, and its link to P(lost)."""

    segment: str
    outcomes: int
    lost: int
    weights: tuple[tuple[str, int], ...]
    intercept: float
    slope: float

    def log_odds(self, observations: Observations, pooled: Scorecard) -> FloatArray:
        """logit P(lost) of rows of this segment."""
        score = pooled.components(observations) @ np.array([w for _, w in self.weights]) / 100
        return np.asarray(self.intercept - self.slope * score / 100, dtype=float)


def partial_pool(
    observations: Observations, pooled: Scorecard, segment: str, *, cap: float = 0.4
) -> SegmentWeights | None:
    """Weights of one segment with prior N(pooled, .5^2); None below 200 outcomes with 50 lost in it."""
    own = observations.take(observations.segment == segment)
    outcomes, lost = own.evidence()
    if outcomes < SEGMENT_GATE[0] or min(lost, outcomes - lost) < SEGMENT_GATE[1]:
        return None
    x = pooled.components(own) / 100
    fit = fit_logistic(x, own.lost, mean=pooled.slope * pooled.exact_weights, sd=SEGMENT_SD, cap=cap)
    percent = largest_remainder(fit.beta)
    link = fit_logistic((x @ percent / 100)[:, None], own.lost, mean=float(fit.beta.sum()), sd=2.0)
    weights = tuple((name, int(w)) for name, w in zip(pooled.names, percent, strict=True))
    return SegmentWeights(segment, outcomes, lost, weights, link.intercept, float(link.beta[0]))


def _quantile(p: float) -> float:
    """Two-sided normal quantile of a p-value."""
    return float(stats.norm.isf(p / 2))
