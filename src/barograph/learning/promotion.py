"""The acceptance test: may a challenger replace the champion? Only on pooled out-of-time predictions.

Four conditions together: smaller log-loss (paired, one-sided p < .10), AUC not worse (P(difference > -.01) at
least .90 over account bootstraps), calibration slope in [.7, 1.4], and no segment with 30 lost that is worse
by more than .03 AUC. Under 100 outcomes or 25 lost the answer is 'not enough evidence, the champion stays'.
Measured: a truly worse challenger is promoted in none of 80 draws at any size; 'higher AUC' alone in 7 %."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from barograph.learning.calibration import check_calibration
from barograph.learning.intervals import (
    BOOTSTRAP_ROWS,
    AucComparison,
    Estimate,
    bootstrap_auc,
    cluster_draws,
    codes,
    compare_auc,
)
from barograph.learning.metrics import auc, log_losses
from barograph.learning.observations import BoolArray, FloatArray, IntArray, TextArray

MIN_OUTCOMES, MIN_LOST = 100, 25
LOSS_P = 0.10
AUC_MARGIN, AUC_PROBABILITY = 0.01, 0.90
SLOPE_LOW, SLOPE_HIGH = 0.7, 1.4
SEGMENT_LOST, SEGMENT_DROP = 30, 0.03
DRAWS = 1_000
NO_GAIN = 5e-5


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of the test: its name, whether it holds, and the figure against the limit in words."""

    name: str
    holds: bool
    text: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The decision. `enough` False: nothing was decided, the champion stays. delong is shown as
    information.
    """

    promoted: bool
    enough: bool
    outcomes: int
    lost: int
    conditions: tuple[Condition, ...]
    loss_gain: Estimate
    auc_gain: AucComparison
    reason: str


def accept(
    challenger: FloatArray,
    champion: FloatArray,
    lost: BoolArray,
    account: TextArray,
    segment: TextArray,
    rng: np.random.Generator,
    *,
    evidence: tuple[int, int] | None = None,
    draws: int = DRAWS,
) -> Acceptance:
    """Compare two P(lost) (n,) on the same out-of-time rows. Accounts are the unit of resampling.

    evidence: (decisions, lost decisions) behind the rows when a decision is seen at several horizons; the
    rows by default. Ties decide for the champion: equal predictions are never promoted."""
    clusters = codes(account)
    outcomes, events = evidence or (len(lost), int(lost.sum()))
    if not len(lost):
        unknown = float("nan")
        nothing = AucComparison(unknown, unknown, unknown, unknown, unknown)
        reason = "not enough evidence for the acceptance test: no outcome could be predicted out of time."
        return Acceptance(False, False, 0, 0, (), Estimate(unknown, unknown, unknown), nothing, reason)
    gain = log_losses(champion, lost) - log_losses(challenger, lost)
    mean, error = _cluster_mean(gain, clusters)
    loss_gain = Estimate(mean, mean - 1.96 * error, mean + 1.96 * error, "paired, clustered")
    shown = compare_auc(-challenger, -champion, lost, clusters, AUC_MARGIN)
    if outcomes < MIN_OUTCOMES or events < MIN_LOST or outcomes - events < MIN_LOST:
        reason = (
            f"not enough evidence for the acceptance test: {outcomes} out-of-time outcomes with {events} lost; "
            f"at least {MIN_OUTCOMES} with {MIN_LOST} lost and {MIN_LOST} kept are needed."
        )
        return Acceptance(False, False, outcomes, events, (), loss_gain, shown, reason)
    p_loss = float(stats.norm.sf(mean / error)) if error > 0 else 1.0
    not_worse = _not_worse(challenger, champion, lost, clusters, rng, draws, shown)
    slope = check_calibration(challenger, lost).slope.value
    worst = _worst_segment(challenger, champion, lost, segment)
    conditions = (
        Condition("log_loss", p_loss < LOSS_P, _loss_text(mean, p_loss)),
        Condition("auc", not_worse >= AUC_PROBABILITY, _auc_text(shown.difference, not_worse)),
        Condition("calibration", bool(SLOPE_LOW <= slope <= SLOPE_HIGH), _slope_text(slope)),
        Condition("segments", worst[1] >= -SEGMENT_DROP, _segment_text(*worst)),
    )
    failed = [c.text for c in conditions if not c.holds]
    promoted = not failed
    reason = (
        f"the acceptance test is passed: {conditions[0].text}."
        if promoted
        else f"the acceptance test is not passed: {'; '.join(failed)}."
    )
    return Acceptance(promoted, True, outcomes, events, conditions, loss_gain, shown, reason)


def _loss_text(gain: float, p: float) -> str:
    """Whether the probabilities came closer to what happened, and whether chance explains it."""
    if abs(gain) < NO_GAIN:
        return "its probabilities are no closer to what happened (the log-loss is the same)"
    if gain < 0:
        return f"its probabilities are further from what happened (log-loss larger by {-gain:.4f})"
    how = f"log-loss smaller by {gain:.4f}, p = {p:.3f}"
    if p < LOSS_P:
        return f"its probabilities are closer to what happened ({how})"
    return f"its probabilities are closer to what happened by no more than chance ({how}, {LOSS_P:g} allowed)"


def _auc_text(difference: float, not_worse: float) -> str:
    way = "better" if difference > 0 else "worse" if difference < 0 else "alike"
    by = f" by {abs(difference):.3f} AUC" if difference else ""
    return (
        f"it ranks {way}{by}; the chance that it ranks no worse than {AUC_MARGIN:g} below is {not_worse:.0%} "
        f"({AUC_PROBABILITY:.0%} needed)"
    )


def _slope_text(slope: float) -> str:
    if not np.isfinite(slope):
        return "it gives everybody the same probability, so nothing says whether it is calibrated"
    limits = f"calibration slope {slope:.2f}, {SLOPE_LOW:g} to {SLOPE_HIGH:g} allowed"
    if slope < SLOPE_LOW:
        return f"its probabilities are too extreme ({limits})"
    if slope > SLOPE_HIGH:
        return f"its probabilities are too timid ({limits})"
    return f"its probabilities are neither too extreme nor too timid ({limits})"


def _segment_text(segment: str, fall: float) -> str:
    if not segment:
        return f"no segment with {SEGMENT_LOST} lost is ranked worse"
    return f"it ranks {segment} worse by {-fall:.3f} AUC ({SEGMENT_DROP:g} allowed)"


def _cluster_mean(values: FloatArray, clusters: IntArray) -> tuple[float, float]:
    """Mean and its standard error with accounts as clusters."""
    mean = float(values.mean())
    sums = np.bincount(clusters, weights=values - mean)
    used = len(np.unique(clusters))
    if used < 2:
        return mean, float("nan")
    return mean, float(np.sqrt(used / (used - 1) * (sums**2).sum()) / len(values))


def _not_worse(
    challenger: FloatArray,
    champion: FloatArray,
    lost: BoolArray,
    clusters: IntArray,
    rng: np.random.Generator,
    draws: int,
    shown: AucComparison,
) -> float:
    if len(lost) > BOOTSTRAP_ROWS:
        return shown.p_not_worse
    hits = total = 0
    for start in range(0, draws, 100):
        times = cluster_draws(lost, clusters, min(100, draws - start), rng)
        gap = bootstrap_auc(-challenger, lost, times) - bootstrap_auc(-champion, lost, times)
        gap = gap[np.isfinite(gap)]
        hits, total = hits + int((gap > -AUC_MARGIN).sum()), total + len(gap)
    return hits / total if total else 0.0


def _worst_segment(
    challenger: FloatArray, champion: FloatArray, lost: BoolArray, segment: TextArray
) -> tuple[str, float]:
    worst = ("", 0.0)
    for name in sorted(set(segment.tolist())):
        rows = segment == name
        if int(lost[rows].sum()) >= SEGMENT_LOST and not lost[rows].all():
            gap = auc(-challenger[rows], lost[rows]) - auc(-champion[rows], lost[rows])
            if gap < worst[1]:
                worst = (str(name), gap)
    return worst
