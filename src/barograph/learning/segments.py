"""Segments: pooled weights by default, an own base rate when the data ask for it, own weights much later.

Measured: separate weights below about 200 outcomes per segment are worse than pooled ones on every figure,
and partial pooling gains nothing in rank. So a segment first gets its own level, only where a test rejects the
pooled one and then drawn to it; own weights, drawn to the pooled ones, only from 200 outcomes with 50 lost and
only where they do better out of time (`segment_contest`). Accounts are the unit of every interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from barograph.learning.calibration import MIN_LOST, MIN_OUTCOMES, REJECT_P
from barograph.learning.estimates import Z95
from barograph.learning.intervals import codes
from barograph.learning.metrics import log_odds, probability
from barograph.learning.observations import BoolArray, FloatArray, IntArray, Observations, TextArray
from barograph.learning.scorecard import Scorecard
from barograph.learning.stages import SEGMENT_GATE
from barograph.learning.weights import DEFAULT_CAP, fit_logistic, largest_remainder

LEVEL_SD = 0.5
SEGMENT_SD = 0.5
STEPS = 50


@dataclass(frozen=True, slots=True)
class SegmentShift:
    """What one segment adds to the pooled log-odds of loss; 0 unless `applied`. low, high: 95 % interval of
    the shift before it was drawn to 0 (`raw`); NaN where there is too little. expected: losses that the
    pooled model expects."""

    segment: str
    outcomes: int
    lost: int
    shift: float
    low: float
    high: float
    applied: bool
    reason: str
    raw: float = float("nan")
    expected: float = float("nan")


def segment_shifts(
    p_lost: FloatArray, lost: BoolArray, segment: TextArray, account: TextArray | None = None
) -> tuple[SegmentShift, ...]:
    """Per segment the intercept that calibrates it in the large, drawn to 0 by N(0, .5^2).

    Applied from 60 outcomes with 15 lost (and 15 kept) on, when its 95 % interval (Bonferroni over the segments)
    excludes 0. p_lost: calibrated out-of-sample predictions. account: rows of one account are one witness; each
    row its own by default."""
    names = sorted(set(segment.tolist()))
    out = []
    for name in names:
        rows = np.asarray(segment == name, dtype=bool)
        n, events, expected = int(rows.sum()), int(lost[rows].sum()), float(p_lost[rows].sum())
        if n < MIN_OUTCOMES or min(events, n - events) < MIN_LOST:
            reason = f"{n} outcomes with {events} lost; {MIN_OUTCOMES} with {MIN_LOST} are needed"
            nan = float("nan")
            out.append(SegmentShift(str(name), n, events, 0.0, nan, nan, False, reason, nan, expected))
            continue
        clusters = None if account is None else codes(account[rows])
        raw, error = _level(log_odds(p_lost[rows]), lost[rows], clusters)
        p_value = float(2 * stats.norm.sf(abs(raw) / error)) if error > 0 else 1.0
        applied = p_value < REJECT_P / len(names)
        verdict = "the pooled level is rejected" if applied else "the pooled level is not rejected"
        reason = f"{verdict} ({events / n:.0%} lost, {expected / n:.0%} expected, p = {p_value:.3f})"
        shift = raw * LEVEL_SD**2 / (LEVEL_SD**2 + error**2) if applied else 0.0
        low, high = raw - Z95 * error, raw + Z95 * error
        out.append(SegmentShift(str(name), n, events, shift, low, high, applied, reason, raw, expected))
    return tuple(out)


def apply_shifts(p_lost: FloatArray, segment: TextArray, shifts: tuple[SegmentShift, ...]) -> FloatArray:
    """P(lost) with each segment's shift added to its log-odds."""
    by_name = {s.segment: s.shift for s in shifts}
    added = np.array([by_name.get(str(name), 0.0) for name in segment])
    return np.where(added == 0, p_lost, probability(log_odds(p_lost) + added))


def _level(x: FloatArray, lost: BoolArray, clusters: IntArray | None) -> tuple[float, float]:
    """The shift of log-odds x that fits (maximum likelihood) and its standard error, robust to clusters.

    The error is the sandwich with the accounts' sums of scores (Liang & Zeger 1986), c / (c - 1) of them.
    """
    a = 0.0
    for _ in range(STEPS):
        p = probability(a + x)
        step = float((lost - p).sum()) / (float((p * (1 - p)).sum()) + 1e-12)
        a += float(np.clip(step, -2, 2))
        if abs(step) < 1e-10:
            break
    p = probability(a + x)
    information = float((p * (1 - p)).sum()) + 1e-12
    who = np.arange(len(x)) if clusters is None else clusters
    sums = np.bincount(who, weights=lost - p)
    used = len(sums)
    robust = used / max(used - 1, 1) * float((sums**2).sum())
    return a, float(np.sqrt(robust)) / information


@dataclass(frozen=True, slots=True)
class SegmentWeights:
    """Own weights of a segment over the pooled scorecard's bands, written as points under the pooled weights.

    weights: the segment's whole percentages, in the pooled order of signals. points: per signal the points of
    its bands (missing last), 0 to 100, which under the pooled weights give a score in the order of the own
    ones: a model file has one set of weights, and a variant of the shape for a segment. intercept, slope: the
    link from that score to the log-odds of loss."""

    segment: str
    outcomes: int
    lost: int
    weights: tuple[tuple[str, int], ...]
    points: tuple[tuple[int, ...], ...]
    intercept: float
    slope: float

    def score(self, observations: Observations, pooled: Scorecard) -> FloatArray:
        """(n,) score 0..100 of rows of this segment."""
        return np.asarray(_components(observations, pooled, self.points) @ pooled.weights / 100, dtype=float)

    def log_odds(self, observations: Observations, pooled: Scorecard) -> FloatArray:
        """(n,) logit P(lost) of rows of this segment."""
        return np.asarray(self.intercept - self.slope * self.score(observations, pooled) / 100, dtype=float)


def partial_pool(
    observations: Observations,
    pooled: Scorecard,
    segment: str,
    *,
    cap: float = DEFAULT_CAP,
    least: tuple[int, int] = SEGMENT_GATE,
) -> SegmentWeights | None:
    """Weights of one segment with prior N(pooled, .5^2); None below `least` (outcomes, lost and kept) in it.

    The own weights w' become points under the pooled weights w as 50 + k (w'_j / w_j) (c_j - 50), with k the largest
    factor that keeps all within 0..100; the order of accounts is that of w', up to whole points."""
    own = observations.take(np.asarray(observations.segment == segment, dtype=bool))
    outcomes, lost = own.evidence()
    if outcomes < least[0] or min(lost, outcomes - lost) < least[1]:
        return None
    x = pooled.components(own) / 100
    fit = fit_logistic(x, own.lost, mean=pooled.slope * pooled.exact_weights, sd=SEGMENT_SD, cap=cap)
    percent = largest_remainder(fit.beta)
    ratio = percent / pooled.weights
    squeeze = 1.0 / max(float(ratio.max()), 1.0)
    points = tuple(
        tuple(int(v) for v in np.rint(50 + squeeze * r * (np.array([*s.points, s.missing_points]) - 50.0)))
        for r, s in zip(ratio, pooled.signals, strict=True)
    )
    score = _components(own, pooled, points) @ pooled.weights / 100
    link = fit_logistic((score / 100)[:, None], own.lost, mean=float(fit.beta.sum()) / squeeze, sd=2.0)
    weights = tuple((name, int(w)) for name, w in zip(pooled.names, percent, strict=True))
    return SegmentWeights(segment, outcomes, lost, weights, points, link.intercept, float(link.beta[0]))


def _components(
    observations: Observations, pooled: Scorecard, points: tuple[tuple[int, ...], ...]
) -> FloatArray:
    names = observations.names
    columns = [
        np.array(own, dtype=float)[s.bands.index(observations.signals[:, names.index(s.name)])]
        for own, s in zip(points, pooled.signals, strict=True)
    ]
    return np.column_stack(columns)
