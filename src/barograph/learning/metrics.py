"""Figures of merit for a score or a probability against outcomes.

Orientation: `health` is higher for healthier accounts and `p_lost` is a probability of loss; AUC is always
the chance that a kept account scores above a lost one, ties counting half. `weights` (revenue, for example)
make every figure a weighted one; they must be non-negative, NaN counts as 0. Nothing here resamples:
intervals are in `barograph.learning.intervals`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, xlogy

from barograph.learning.observations import BoolArray, FloatArray, TextArray

TINY = 1e-12


def auc(health: FloatArray, lost: BoolArray, weights: FloatArray | None = None) -> float:
    """P(kept scores above lost) + half of P(tie), in 0..1; NaN when a side is empty.

    With weights, the pair (kept, lost) counts by the product of its weights.
    """
    w = _weights(weights, len(lost))
    order = np.argsort(health, kind="stable")
    values, bad, good = health[order], w[order] * lost[order], w[order] * ~lost[order]
    total = bad.sum() * good.sum()
    if total <= 0:
        return float("nan")
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
    bad_here, good_here = np.add.reduceat(bad, starts), np.add.reduceat(good, starts)
    bad_below = np.cumsum(bad_here) - bad_here
    return float((good_here * (bad_below + 0.5 * bad_here)).sum() / total)


def log_loss(p_lost: FloatArray, lost: BoolArray, weights: FloatArray | None = None) -> float:
    """Mean negative log-likelihood in nats; probabilities are clipped 1e-12 away from 0 and 1."""
    return float(np.average(log_losses(p_lost, lost), weights=_weights(weights, len(lost))))


def log_losses(p_lost: FloatArray, lost: BoolArray) -> FloatArray:
    """The negative log-likelihood of every row."""
    p = np.clip(p_lost, TINY, 1 - TINY)
    return np.asarray(-(xlogy(lost.astype(float), p) + xlogy(1.0 - lost, 1 - p)), dtype=float)


def brier(p_lost: FloatArray, lost: BoolArray, weights: FloatArray | None = None) -> float:
    """Mean squared error of the probability, 0 (perfect) to 1."""
    return float(np.average((p_lost - lost) ** 2, weights=_weights(weights, len(lost))))


def calibration_error(
    p_lost: FloatArray, lost: BoolArray, bins: int = 10, weights: FloatArray | None = None
) -> float:
    """Expected calibration error over `bins` groups of equal count: mean |predicted - observed| rate, 0..1.

    Groups are cut at quantiles of the prediction, so equal predictions stay together. With few rows the
    figure is dominated by chance: about .8 * sqrt(bins * p * (1 - p) / n) for a perfect model.
    """
    w = _weights(weights, len(lost))
    edges = np.quantile(p_lost, np.linspace(0, 1, bins + 1)[1:-1])
    group = np.searchsorted(edges, p_lost, side="left")
    gap = np.bincount(group, weights=w * (p_lost - lost), minlength=bins)
    return float(np.abs(gap).sum() / w.sum()) if w.sum() > 0 else float("nan")


@dataclass(frozen=True, slots=True)
class Confusion:
    """Weighted counts at one threshold. Flagged accounts are those with p_lost >= threshold."""

    flagged_lost: float
    flagged_kept: float
    missed_lost: float
    clear_kept: float

    @property
    def precision(self) -> float:
        """Share of the flagged that were lost; NaN when nothing was flagged."""
        return _ratio(self.flagged_lost, self.flagged_lost + self.flagged_kept)

    @property
    def recall(self) -> float:
        """Share of the lost that were flagged; NaN when nothing was lost."""
        return _ratio(self.flagged_lost, self.flagged_lost + self.missed_lost)

    @property
    def specificity(self) -> float:
        """Share of the kept that were not flagged."""
        return _ratio(self.clear_kept, self.clear_kept + self.flagged_kept)

    @property
    def balanced_accuracy(self) -> float:
        """Mean of recall and specificity: .5 is chance, whatever the base rate."""
        return (self.recall + self.specificity) / 2


def confusion(flagged: BoolArray, lost: BoolArray, weights: FloatArray | None = None) -> Confusion:
    """Counts (or revenue, with weights) of the four cells of flagged against lost."""
    w = _weights(weights, len(lost))
    return Confusion(
        flagged_lost=float(w[flagged & lost].sum()),
        flagged_kept=float(w[flagged & ~lost].sum()),
        missed_lost=float(w[~flagged & lost].sum()),
        clear_kept=float(w[~flagged & ~lost].sum()),
    )


def lift(p_lost: FloatArray, lost: BoolArray, share: float = 0.1, weights: FloatArray | None = None) -> float:
    """Loss rate of the riskiest `share` of accounts over the overall rate; 1 is chance.

    Accounts tied at the cut enter in equal fractions, so the order of rows cannot matter.
    """
    w = _weights(weights, len(lost))
    take = share * len(lost)
    values, inverse = np.unique(-p_lost, return_inverse=True)
    counts = np.bincount(inverse, minlength=len(values)).astype(float)
    before = np.cumsum(counts) - counts
    part = np.clip((take - before) / counts, 0.0, 1.0)[inverse]
    return _ratio(
        _ratio(float((part * w * lost).sum()), float((part * w).sum())), _ratio((w * lost).sum(), w.sum())
    )


@dataclass(frozen=True, slots=True)
class TierRow:
    """How the accounts of one tier fared: counts, revenue and their loss rates (NaN for an empty tier)."""

    tier: str
    n: int
    lost: int
    arr: float
    arr_lost: float

    @property
    def rate(self) -> float:
        """lost / n."""
        return _ratio(self.lost, self.n)

    @property
    def arr_rate(self) -> float:
        """arr_lost / arr."""
        return _ratio(self.arr_lost, self.arr)


def by_tier(
    tier: TextArray, lost: BoolArray, arr: FloatArray, order: Sequence[str] = ()
) -> tuple[TierRow, ...]:
    """One row per tier, in `order` (empty tiers included), then any other tier by name."""
    money = np.nan_to_num(arr)
    names = [*order, *sorted(set(tier.tolist()) - set(order))]
    rows = []
    for name in names:
        here = tier == name
        rows.append(
            TierRow(
                tier=name,
                n=int(here.sum()),
                lost=int(lost[here].sum()),
                arr=float(money[here].sum()),
                arr_lost=float(money[here & lost].sum()),
            )
        )
    return tuple(rows)


def probability(log_odds: FloatArray) -> FloatArray:
    """The inverse logit, in 0..1."""
    return np.asarray(expit(log_odds), dtype=float)


def log_odds(p: FloatArray, clip: float = 1e-6) -> FloatArray:
    """The logit of probabilities clipped `clip` away from 0 and 1."""
    inside = np.clip(p, clip, 1 - clip)
    return np.asarray(np.log(inside) - np.log1p(-inside), dtype=float)


def _weights(weights: FloatArray | None, n: int) -> FloatArray:
    if weights is None:
        return np.ones(n)
    return np.asarray(np.nan_to_num(np.asarray(weights, dtype=float)), dtype=float)


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")
