"""The scorecard: at most 8 banded signals, whole-number weights that sum to 100, score 0..100, exactly
additive.

``score = sum_j weight_j * points_j(value) / 100`` with points 0..100 per band. Since points are log-odds of
health rescaled, score is affine in the log-odds of the fitted model up to rounding.

Fit: WoE bands per signal, forward selection on health learnt from other accounts (`columns`), then the levels of
all bands of the chosen signals together (increments held to the health direction, prior centred on the WoE
solution), then weights from the spans with a cap on what any declared signal may matter, whole numbers by largest
remainder, and the link from score to P(lost).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # ships without stubs

from barograph.errors import BarographError
from barograph.learning.binning import Bands
from barograph.learning.columns import Columns, columns_of
from barograph.learning.metrics import auc
from barograph.learning.observations import BoolArray, FloatArray, IntArray, Observations
from barograph.learning.selection import BETA_SD, allowed, forward
from barograph.learning.weights import DEFAULT_CAP, fit_logistic, largest_remainder

MIN_PERCENT = 3.0
LEVEL_SD = 0.3
FEW = 3
NOTHING_LOST = 0.002


@dataclass(frozen=True, slots=True)
class BandedSignal:
    """One signal as the model file stores it.

    A value v takes ``points[searchsorted(cuts, v, 'right')]`` (nominal: the band whose `levels` hold it);
    unknown values take `missing_points`. Points are whole numbers 0..100, higher is healthier; weight is a
    whole percentage.
    """

    name: str
    weight: int
    cuts: tuple[float, ...]
    levels: tuple[tuple[float, ...], ...]
    points: tuple[int, ...]
    missing_points: int
    bands: Bands

    def component(self, values: FloatArray) -> IntArray:
        """Points 0..100 of every value (n,)."""
        return np.array([*self.points, self.missing_points], dtype=np.int64)[self.bands.index(values)]


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A fitted scorecard. logit P(lost) = intercept - slope * score / 100.

    exact_weights: shares before rounding, summing to 1. weight_sd: their standard deviation, from the
    curvature of the likelihood at the chosen bands (the uncertainty of the search itself is in the selection
    share)."""

    signals: tuple[BandedSignal, ...]
    intercept: float
    slope: float
    exact_weights: FloatArray
    weight_sd: FloatArray
    log_likelihood: float

    @property
    def names(self) -> tuple[str, ...]:
        """Signals in order of weight, heaviest first."""
        return tuple(signal.name for signal in self.signals)

    @property
    def weights(self) -> IntArray:
        """Whole percentages summing to 100."""
        return np.array([signal.weight for signal in self.signals], dtype=np.int64)

    def components(self, observations: Observations) -> IntArray:
        """(n, k) points 0..100. Raises BarographError when a signal's column is absent."""
        names = observations.names
        if absent := [name for name in self.names if name not in names]:
            raise BarographError(
                f"the scorecard needs signals that are not there: {', '.join(absent)}.", where=absent[0]
            )
        columns = [
            signal.component(observations.signals[:, names.index(signal.name)]) for signal in self.signals
        ]
        return np.column_stack(columns) if columns else np.zeros((observations.n, 0), dtype=np.int64)

    def contributions(self, observations: Observations) -> FloatArray:
        """(n, k) weight * points / 100; rows sum to the score."""
        return np.asarray(self.components(observations) * self.weights / 100, dtype=float)

    def score(self, observations: Observations) -> FloatArray:
        """(n,) score in 0..100, higher is healthier."""
        return np.asarray(self.contributions(observations).sum(axis=1), dtype=float)

    def log_odds(self, observations: Observations) -> FloatArray:
        """(n,) logit P(lost) before recalibration."""
        return np.asarray(self.intercept - self.slope * self.score(observations) / 100, dtype=float)


@dataclass(frozen=True, slots=True)
class FitRules:
    """What bounds a scorecard: size, preference for few, the cap on one weight, refit of levels."""

    most: int = 8
    prefer_few: bool = True
    cap: float = DEFAULT_CAP
    refit_levels: bool = True


def fit_scorecard(
    observations: Observations, rules: FitRules | None = None, columns: Columns | None = None
) -> Scorecard | None:
    """Choose, fit and round. None when no candidate improves on the base rate or lost / 10 allows none.

    observations: all candidates that may be chosen. columns: the same candidates on the same rows, when they
    have been banded already.
    """
    rules = rules or FitRules()
    lost = observations.lost
    most = allowed(observations.evidence()[1], rules.most)
    if not most or not observations.candidates:
        return None
    # the matrices are tall and narrow: threads of the linear algebra wait for each other longer than they work
    with threadpool_limits(limits=1, user_api="blas"):
        columns = columns or columns_of(observations)
        chosen = list(forward(columns.health, lost, most).chosen)
        if not chosen:
            return None
        if rules.prefer_few and len(chosen) > FEW:
            chosen = chosen[: _fewest(columns.health[:, chosen], lost)]
        taken = columns.choose(chosen)
        return finish(lost, list(taken.bands), taken.index, rules)


def finish(lost: BoolArray, bands: list[Bands], index: IntArray, rules: FitRules) -> Scorecard:
    """From chosen bands and band indices (n, k) to the rounded scorecard; drops weights under 3 %."""
    while True:
        levels = _levels(lost, bands, index, rules)
        points = [_points(level) for level in levels]
        spans = np.array([float(np.ptp(level)) for level in levels])
        x = np.column_stack([p[index[:, j]] / 100 for j, p in enumerate(points)])
        fit = fit_logistic(x, lost, mean=spans, sd=BETA_SD, cap=rules.cap, parts=_parts(bands))
        share = fit.beta / fit.beta.sum() if fit.beta.sum() > 0 else np.full(len(bands), 1 / len(bands))
        weak = int(np.argmin(share))
        if len(bands) > 1 and 100 * share[weak] < MIN_PERCENT:
            keep = [j for j in range(len(bands)) if j != weak]
            bands, index = [bands[j] for j in keep], index[:, keep]
            continue
        break
    percent = largest_remainder(share)
    spread = fit.sd / max(float(fit.beta.sum()), 1e-9)
    link = fit_logistic((x @ percent / 100)[:, None], lost, mean=float(fit.beta.sum()), sd=2.0)
    order = np.argsort(-percent, kind="stable")
    signals = tuple(
        BandedSignal(
            name=bands[j].candidate.name,
            weight=int(percent[j]),
            cuts=bands[j].cuts,
            levels=bands[j].levels,
            points=tuple(int(v) for v in points[j][:-1]),
            missing_points=int(points[j][-1]),
            bands=bands[j],
        )
        for j in order
    )
    return Scorecard(
        signals, link.intercept, float(link.beta[0]), share[order], spread[order], link.log_likelihood
    )


def _parts(bands: list[Bands]) -> FloatArray:
    """(signals, bands): how much of each band column's weight counts towards each declared signal.

    A combination counts in equal parts towards the signals it is made of, so that the cap says how much any
    declared signal may matter, alone or in company."""
    members = [b.candidate.derived_from or (b.candidate.name,) for b in bands]
    names = list(dict.fromkeys(name for own in members for name in own))
    return np.array([[float(name in own) / len(own) for own in members] for name in names])


def _levels(lost: BoolArray, bands: list[Bands], index: IntArray, rules: FitRules) -> list[FloatArray]:
    """Health in log-odds per band and signal: beta_j * woe, or all levels together around it."""
    woe = np.column_stack([b.woe[index[:, j]] for j, b in enumerate(bands)])
    start = fit_logistic(woe, lost, mean=0.0, sd=BETA_SD)
    centre = [beta * b.woe for beta, b in zip(start.beta, bands, strict=True)]
    if not rules.refit_levels:
        return centre
    blocks, means, floors, sizes = [], [], [], []
    for j, b in enumerate(bands):
        design, mean, floor = _steps(b, centre[j], index[:, j])
        blocks.append(design)
        means.append(mean)
        floors.append(floor)
        sizes.append(len(mean))
    fit = fit_logistic(
        np.hstack(blocks), lost, mean=np.concatenate(means), sd=LEVEL_SD, low=np.concatenate(floors)
    )
    out = []
    for j, part in enumerate(np.split(fit.beta, np.cumsum(sizes)[:-1])):
        out.append(_unfold(bands[j], part))
    return out


def _rises(b: Bands) -> bool:
    """Whether health rises along the bands of a monotone signal."""
    return bool(b.woe[b.count - 1] >= b.woe[0])


def _steps(b: Bands, centre: FloatArray, index: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Design, prior mean and lower bound of one signal: increments from the worst band, or levels when free.

    The worst end of a monotone signal is the zero; missing has its own free level.
    """
    k = b.count
    if b.candidate.shape == "monotone":
        position = index if _rises(b) else k - 1 - index
        known = index < k
        design = np.column_stack([known & (position >= step) for step in range(1, k)] + [~known]).astype(
            float
        )
        ordered = centre[:k] if _rises(b) else centre[:k][::-1]
        mean = np.r_[np.diff(ordered), centre[k] - ordered[0]]
        floor = np.r_[np.zeros(k - 1), -np.inf]
        return design, mean, floor
    design = np.column_stack([index == step for step in range(k + 1)]).astype(float)
    return design, centre.copy(), np.full(k + 1, -np.inf)


def _unfold(b: Bands, beta: FloatArray) -> FloatArray:
    """Levels per band (missing last) from the fitted increments; an unseen missing band gets the mean
    level.
    """
    k = b.count
    if b.candidate.shape == "monotone":
        rising = np.r_[0.0, np.cumsum(beta[: k - 1])]
        level = np.r_[rising if _rises(b) else rising[::-1], beta[k - 1]]
    else:
        level = np.array(beta, dtype=float)
    seen = b.n[:k]
    if b.n[k] == 0:
        level[k] = float(np.average(level[:k], weights=seen)) if seen.sum() else 0.0
    return np.asarray(level, dtype=float)


def _points(level: FloatArray) -> IntArray:
    """Whole points 0..100; all 50 for a flat signal."""
    span = float(np.ptp(level))
    if span <= 0:
        return np.full(len(level), 50, dtype=np.int64)
    return np.asarray(np.rint(100 * (level - level.min()) / span), dtype=np.int64)


def _fewest(woe: FloatArray, lost: BoolArray) -> int:
    """The smallest size >= 3 along the path (columns in the order chosen, cross-fitted) that loses at most
    .002 AUC.
    """
    found = {}
    for k in range(FEW, woe.shape[1] + 1):
        fit = fit_logistic(woe[:, :k], lost, sd=BETA_SD)
        found[k] = auc(-fit.log_odds(woe[:, :k]), lost)
    best = max(found.values())
    return min(k for k, value in found.items() if value >= best - NOTHING_LOST)
