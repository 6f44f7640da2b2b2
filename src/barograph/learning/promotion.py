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
        reason = "not enough evidence: no outcome could be predicted out of time; the champion stays."
        return Acceptance(False, False, 0, 0, (), Estimate(unknown, unknown, unknown), nothing, reason)
    gain = log_losses(champion, lost) - log_losses(challenger, lost)
    mean, error = _cluster_mean(gain, clusters)
    loss_gain = Estimate(mean, mean - 1.96 * error, mean + 1.96 * error, "paired, clustered")
    shown = compare_auc(-challenger, -champion, lost, clusters, AUC_MARGIN)
    if outcomes < MIN_OUTCOMES or events < MIN_LOST or outcomes - events < MIN_LOST:
        reason = (
            f"not enough evidence: {outcomes} out-of-time outcomes with {events} lost, {MIN_OUTCOMES} with "
            f"{MIN_LOST} lost are needed; the champion stays."
        )
        return Acceptance(False, False, outcomes, events, (), loss_gain, shown, reason)
    p_loss = float(stats.norm.sf(mean / error)) if error > 0 else 1.0
    not_worse = _not_worse(challenger, champion, lost, clusters, rng, draws, shown)
    slope = check_calibration(challenger, lost).slope.value
    worst = _worst_segment(challenger, champion, lost, segment)
    conditions = (
        Condition(
            "log_loss", p_loss < LOSS_P, f"log-loss better by {mean:.4f}, p = {p_loss:.3f} (< {LOSS_P})"
        ),
        Condition(
            "auc",
            not_worse >= AUC_PROBABILITY,
            f"P(AUC not worse by {AUC_MARGIN}) = {not_worse:.2f} (>= {AUC_PROBABILITY})",
        ),
        Condition(
            "calibration",
            bool(SLOPE_LOW <= slope <= SLOPE_HIGH),
            f"calibration slope {slope:.2f} ({SLOPE_LOW} to {SLOPE_HIGH})",
        ),
        Condition(
            "segments",
            worst[1] >= -SEGMENT_DROP,
            f"largest fall in a segment {worst[1]:+.3f} AUC{f' ({worst[0]})' if worst[0] else ''}",
        ),
    )
    failed = [c.text for c in conditions if not c.holds]
    promoted = not failed
    reason = (
        "all conditions hold." if promoted else f"does not hold: {'; '.join(failed)}; the champion stays."
    )
    return Acceptance(promoted, True, outcomes, events, conditions, loss_gain, shown, reason)


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
