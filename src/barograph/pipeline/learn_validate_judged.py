"""One model on the rows of one horizon: everything a validation says about it (L5, L8, L9)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from barograph.core.arrays import CodeArray, TextArray
from barograph.core.thresholds import AT_RISK, WATCH, tier_names
from barograph.learning.figures import Figures, judge, revenue_auc
from barograph.learning.flags import (
    DownsellFigures,
    FlagFigures,
    GroupFigures,
    downsell_figures,
    flag_figures,
    group_figures,
)
from barograph.learning.gains import Gain, gains
from barograph.learning.intervals import AucComparison, Estimate, codes, compare_auc
from barograph.learning.metrics import TierRow, by_tier, probability
from barograph.learning.observations import BoolArray, FloatArray, IntArray, Observations
from barograph.learning.rates import clustered_rate
from barograph.pipeline.evidence import Evidence

TIERS = ("at_risk", "watch", "healthy", "growth", "insufficient")
CURVE_BANDS = 5
CURVE_ROWS = 20
UNKNOWN = Estimate(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True, slots=True)
class Risk:
    """How one model sees n rows. p: P(lost), NaN unknown; score: its order where it has no probability (higher
    healthier, NaN unknown); tier: codes. fair: rows it may be judged on, all by default. note: for the reader."""

    p: FloatArray
    score: FloatArray
    tier: CodeArray
    signals: int
    by_score: bool = False
    fair: BoolArray | None = None
    note: str = ""

    @property
    def health(self) -> FloatArray:
        """The order of the rows, higher healthier; unknown ones stand in the middle: they say neither."""
        order = self.score if self.by_score and np.isnan(self.p).all() else -self.p
        known = order[~np.isnan(order)]
        return np.where(np.isnan(order), np.median(known) if len(known) else 0.0, order)


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One band of a calibration curve: mean predicted and observed loss rate with its interval over accounts."""

    n: int
    lost: int
    predicted: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class TierFate:
    """How one tier fared: counts and revenue, loss rate with its interval over accounts, downsells."""

    row: TierRow
    rate: Estimate
    downsold: int


@dataclass(frozen=True, slots=True)
class Judged:
    """One model at one horizon.

    rows: positions judged, in the evidence; tier, health: code and order of each. figures: None when nothing
    can be said. at_risk, watch_or_worse: those tiers as a warning. arr_auc: with accounts weighted by revenue.
    curve: calibration; gains: working the riskiest first. segments; untreated, treated: without and of the rows that
    were worked. less, given_up: AUC of the model in force, and of the challenger, less its own on the rows both know;
    None for itself and where they share no such rows. note: why there are no figures, or what to know about them.
    """

    figures: Figures | None
    kind: str
    rows: IntArray
    tier: CodeArray
    health: FloatArray
    fates: tuple[TierFate, ...]
    at_risk: FlagFigures
    watch_or_worse: FlagFigures
    arr_auc: Estimate
    curve: tuple[CurvePoint, ...]
    gains: tuple[Gain, ...]
    segments: tuple[GroupFigures, ...]
    untreated: GroupFigures
    treated: GroupFigures
    downsell: DownsellFigures
    less: AucComparison | None
    given_up: AucComparison | None
    note: str

    @property
    def tiers(self) -> tuple[TierRow, ...]:
        """Counts and revenue by tier."""
        return tuple(fate.row for fate in self.fates)


def judge_model(
    kind: str, risk: Risk, every: Evidence, base: FloatArray, rows: IntArray, seed: int
) -> Judged:
    """Judge one model on some rows of the evidence. base: (n,) the training base rate of each row's fold."""
    if risk.fair is not None:
        rows = rows[risk.fair[rows]]
    known = rows[~np.isnan(risk.p[rows])]
    shown = rows if risk.by_score else known
    o, tier, p = every.rows.take(shown), risk.tier[shown], risk.p[shown]
    figures: Figures | None = None
    arr_auc = UNKNOWN
    curve: tuple[CurvePoint, ...] = ()
    reached: tuple[Gain, ...] = ()
    if len(known):
        sub, chance = every.rows.take(known), risk.p[known]
        # Rows after the last fold have no base rate of their own: that of these rows stands in.
        flagged = chance >= np.where(np.isnan(base[known]), sub.base_rate, base[known])
        figures = judge(kind, chance, sub, np.random.default_rng(seed), flagged=flagged, signals=risk.signals)
        arr_auc = revenue_auc(chance, sub, np.random.default_rng(seed))
        curve = calibration_curve(chance, sub.lost, sub.account)
        reached = gains(chance, sub.lost, sub.arr_before, sub.account)
    elif risk.by_score:
        figures = _by_score_only(kind, risk, every, rows, seed)
    health, red, warned = risk.health[shown], tier == AT_RISK, (tier == AT_RISK) | (tier == WATCH)

    def part(name: str, here: BoolArray) -> GroupFigures:
        return group_figures(name, here, health, p, red, o)

    return Judged(
        figures=figures,
        kind=kind,
        rows=shown,
        tier=tier,
        health=health,
        fates=_fates(tier, o),
        at_risk=flag_figures(red, o),
        watch_or_worse=flag_figures(warned, o),
        arr_auc=arr_auc,
        curve=curve,
        gains=reached,
        segments=tuple(part(str(name), o.segment == name) for name in sorted(set(o.segment.tolist()))),
        untreated=part("untreated", ~o.treated),
        treated=part("treated", o.treated),
        downsell=downsell_figures(health, warned, o),
        less=None,
        given_up=None,
        note=risk.note,
    )


def beside(judged: tuple[Judged, ...], every: Evidence) -> tuple[Judged, ...]:
    """The same with the paired differences in AUC from the model in force and from the challenger, on the rows that
    both know."""
    kinds = {m.kind: m for m in judged}
    first, bound = kinds.get("in_force"), kinds.get("challenger")
    return tuple(
        replace(m, less=_difference(first, m, every), given_up=_difference(bound, m, every)) for m in judged
    )


def _difference(one: Judged | None, two: Judged, every: Evidence) -> AucComparison | None:
    if one is None or one.kind == two.kind or one.figures is None or two.figures is None:
        return None
    both, first, second = np.intersect1d(one.rows, two.rows, return_indices=True)
    o = every.rows.take(both)
    if not o.lost.any() or o.lost.all():
        return None
    return compare_auc(one.health[first], two.health[second], o.lost, codes(o.account))


def _fates(tier: CodeArray, o: Observations) -> tuple[TierFate, ...]:
    names, clusters = tier_names(tier), codes(o.account)
    down = o.outcome == "downsold"
    return tuple(
        TierFate(row, clustered_rate(o.lost[here], clusters[here]), int((down & here).sum()))
        for row in by_tier(names, o.lost, o.arr_before, TIERS)
        for here in (names == row.tier,)
    )


def _by_score_only(kind: str, risk: Risk, every: Evidence, rows: IntArray, seed: int) -> Figures | None:
    """Before anything can be fitted, the score still has an order; probabilities stay out (NaN)."""
    known = rows[~np.isnan(risk.score[rows])]
    o = every.rows.take(known)
    if not o.n or not o.lost.any() or o.lost.all():
        return None
    red = risk.tier[known] <= WATCH
    pseudo = probability(2.0 - 4.0 * risk.score[known] / 100)
    found = judge(kind, pseudo, o, np.random.default_rng(seed), flagged=red, signals=risk.signals)
    nan = float("nan")
    level = replace(found.calibration, slope=UNKNOWN, intercept=UNKNOWN, in_the_large=nan)
    return replace(found, log_loss=nan, brier=nan, ece=nan, calibration=level)


def calibration_curve(p: FloatArray, lost: BoolArray, account: TextArray) -> tuple[CurvePoint, ...]:
    """Bands of equal count by predicted loss, at least CURVE_ROWS rows each, at most CURVE_BANDS."""
    bands = int(np.clip(len(p) // CURVE_ROWS, 1, CURVE_BANDS))
    order, clusters = np.argsort(p, kind="stable"), codes(account)
    points = []
    for part in np.array_split(order, bands):
        if len(part):
            rate = clustered_rate(lost[part], clusters[part])
            gone = int(lost[part].sum())
            points.append(CurvePoint(len(part), gone, float(p[part].mean()), rate.value, rate.low, rate.high))
    return tuple(points)
