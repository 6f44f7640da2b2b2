"""Validation of the models of a workspace, out of time, at every horizon, on the same rows (L5, L8, L9, L11)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from barograph.core.arrays import CodeArray
from barograph.core.thresholds import AT_RISK, GROWTH, HEALTHY, INSUFFICIENT, WATCH, tier_names
from barograph.learning.early_warning import EarlyWarning, early_warning
from barograph.learning.figures import Figures, judge
from barograph.learning.intervals import wilson
from barograph.learning.metrics import TierRow, auc, by_tier, confusion, probability
from barograph.learning.observations import BoolArray, FloatArray, IntArray, Observations
from barograph.learning.scorecard import FitRules
from barograph.learning.tiers_from_risk import AT_RISK_ODDS, TOP_ODDS, WATCH_ODDS
from barograph.pipeline.evidence import Evidence
from barograph.pipeline.evidence_screen import leak_audit
from barograph.pipeline.learn_contest import (
    Bout,
    Progress,
    hold_contest,
    learnable,
    testable,
    training_plan,
)
from barograph.pipeline.learn_figures import risk_of
from barograph.pipeline.learn_inputs import EXPERT_STAGES, Models
from barograph.pipeline.learn_record import Counts, add_counts, count_history

TIERS = ("at_risk", "watch", "healthy", "growth", "insufficient")
CURVE_BANDS = 5
CURVE_ROWS = 20


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One band of a calibration curve: mean predicted and observed loss rate with Wilson's interval."""

    n: int
    lost: int
    predicted: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SegmentFigures:
    """One segment: AUC is NaN below 10 lost or kept."""

    segment: str
    n: int
    lost: int
    auc: float


@dataclass(frozen=True, slots=True)
class Judged:
    """One model at one horizon.

    rows: positions judged, in the evidence; tier: code of each; tiers: how each fared. at_risk_precision,
    at_risk_recall: of the tier At Risk. curve: calibration. untreated_auc: without the rows that were worked (NaN
    when one side is empty). note: why there are no figures, or what to know about them.
    """

    figures: Figures | None
    kind: str
    rows: IntArray
    tier: CodeArray
    tiers: tuple[TierRow, ...]
    downsold: tuple[tuple[str, int], ...]
    at_risk_precision: float
    at_risk_recall: float
    at_risk_arr_recall: float
    curve: tuple[CurvePoint, ...]
    segments: tuple[SegmentFigures, ...]
    untreated_auc: float
    note: str


@dataclass(frozen=True, slots=True)
class HorizonValidation:
    """All models on the same rows of one horizon. rows: positions in the validated evidence."""

    days: int
    rows: IntArray
    observations: Observations
    models: tuple[Judged, ...]


@dataclass(frozen=True)
class Validation:
    """The validation of a workspace's models. tested: rows that were out of time for all fitted kinds; without any
    fold all rows, on which only what was fitted on nothing is judged. warning: lead times and surprises of the
    model in force, seen at the horizons only."""

    evidence: Evidence
    bout: Bout
    horizons: tuple[HorizonValidation, ...]
    warning: EarlyWarning
    out_of_time: bool

    def track_record(self, models: Models) -> Counts:
        """How the scores of the model in force fared out of sample: a heuristic's all; of a learnt model what it
        was approved on and what came after its own training data."""
        rows = out_of_sample(models, self.evidence)
        o, score = self.evidence.rows.take(rows), self.evidence.views["in_force"].score[rows]
        fresh = count_history(score, o.horizon, o.lost, o.segment)
        if models.in_force.stage in EXPERT_STAGES or models.version is None:
            return fresh
        return add_counts(models.version.figures.get("track_record", []), fresh)


def out_of_sample(models: Models, evidence: Evidence) -> BoolArray:
    """Rows that the weights of the model in force have not seen: all for expert weights, of a learnt model those
    looked from after its training data; none when nobody knows what it was trained on."""
    rows = evidence.rows
    if models.in_force.stage in EXPERT_STAGES:
        return np.ones(rows.n, dtype=bool)
    period = {} if models.version is None else models.version.figures.get("period", {})
    if "known_until_day" not in period:
        return np.zeros(rows.n, dtype=bool)
    return np.asarray(rows.as_of > int(period["known_until_day"]), dtype=bool)


def validate(
    models: Models,
    evidence: Evidence,
    *,
    train_at: int,
    proposed: str,
    seed: int,
    confirmed: Collection[str] = (),
    tried_before: int = 0,
    fit: FitRules | None = None,
    challenger: bool = True,
    progress: Progress | None = None,
) -> Validation:
    """Judge the model in force, the proposed kind, heuristic, equal weights and the challenger.

    train_at: horizon on which the fitted kinds learn in each fold. proposed: `predictive` or `blended`. Raises
    RefusedError when nothing can be looked back on.
    """
    every = learnable(evidence)
    base = train_at if train_at in every.horizons else max(every.horizons)
    rows_at = np.flatnonzero(every.rows.horizon == base)
    grace = models.in_force.outcome.grace_days
    plan = training_plan(every.rows.take(rows_at), seed=seed, grace=grace)
    _, dead = testable(every.take(rows_at), plan)
    leaks = leak_audit(every.at(base), confirmed)
    bout = hold_contest(
        every,
        models,
        train_at=base,
        seed=seed,
        grace=grace,
        fit=fit,
        left_out=(*leaks.left_out, *dead),
        tried_before=tried_before,
        challenger=challenger,
        progress=progress,
    )
    tested = ~np.isnan(bout.run.base)
    out_of_time = bool(tested.any())
    rows = tested if out_of_time else np.ones(every.rows.n, dtype=bool)
    risks = _risks(models, every, bout, proposed, out_of_time)
    horizons = []
    for days in every.horizons:
        here = np.flatnonzero(rows & (every.rows.horizon == days))
        if len(here):
            judged = tuple(_judge(kind, p, every, bout, here, seed) for kind, p in risks.items())
            horizons.append(HorizonValidation(days, here, every.rows.take(here), judged))
    return Validation(
        every, bout, tuple(horizons), _warning(every.take(out_of_sample(models, every))), out_of_time
    )


@dataclass(frozen=True, slots=True)
class _Risk:
    p: FloatArray
    signals: int
    tier: CodeArray
    fair: BoolArray | None = None
    note: str = ""


def _risks(models: Models, every: Evidence, bout: Bout, proposed: str, out_of_time: bool) -> dict[str, _Risk]:
    """P(lost) and tiers of every kind on all rows, in the order of the document."""
    nothing = np.full(every.rows.n, np.nan)
    run = bout.run
    out = {"in_force": _in_force(models, every, run.p.get("heuristic", nothing))}
    for kind, source in (
        ("proposed", proposed if proposed in run.p else "predictive"),
        ("heuristic", "heuristic"),
        ("equal_weights", "equal_weights"),
        ("challenger", "challenger"),
    ):
        if source not in run.p:
            continue
        p = run.p[source]
        tier = by_risk(p, run.base)
        if kind == "heuristic":
            tier = every.views["heuristic"].tier
        note = "" if out_of_time else "too few outcomes to fit and test it out of time"
        out[kind] = _Risk(p, run.signals[source], tier, note=note)
    return out


def _in_force(models: Models, every: Evidence, heuristic: FloatArray) -> _Risk:
    """The model in force: a heuristic by its own score; a learnt one by its probability, on later rows only."""
    view = every.views["in_force"]
    count = len(view.signals)
    if models.in_force.stage in EXPERT_STAGES:
        return _Risk(heuristic, count, view.tier)
    figures = {} if models.version is None else models.version.figures
    p = risk_of(figures, view.score, every.rows.segment)
    if p is None:
        note = "it was brought in without evidence: nothing says what it was fitted on"
        return _Risk(np.full(every.rows.n, np.nan), count, view.tier, out_of_sample(models, every), note)
    later = out_of_sample(models, every)
    note = "" if later.all() else f"judged on the {int(later.sum())} rows after its own training data only"
    return _Risk(np.where(later, p, np.nan), count, view.tier, later, note)


def by_risk(p: FloatArray, base: FloatArray) -> CodeArray:
    """Tier codes by the odds of loss against the base odds known when each fold began (see tiers_from_risk)."""
    inside = np.clip(base, 1e-4, 1 - 1e-4)
    odds = np.log(inside) - np.log1p(-inside)
    lines = [probability(odds + np.log(factor)) for factor in (AT_RISK_ODDS, WATCH_ODDS, TOP_ODDS)]
    tier = np.full(len(p), GROWTH, dtype=np.int8)
    tier[p >= lines[2]] = HEALTHY
    tier[p >= lines[1]] = WATCH
    tier[p >= lines[0]] = AT_RISK
    tier[np.isnan(p)] = INSUFFICIENT
    return tier


def _judge(kind: str, risk: _Risk, every: Evidence, bout: Bout, rows: IntArray, seed: int) -> Judged:
    if risk.fair is not None:
        rows = rows[risk.fair[rows]]
    known = rows[~np.isnan(risk.p[rows])]
    judged_by_score = kind in ("in_force", "heuristic")
    shown = rows if judged_by_score else known
    o, tier = every.rows.take(shown), risk.tier[shown]
    red = tier == AT_RISK
    cells, money = confusion(red, o.lost), confusion(red, o.lost, np.nan_to_num(o.arr_before))
    names = tier_names(tier)
    gone_down = o.outcome == "downsold"
    figures: Figures | None = None
    curve: tuple[CurvePoint, ...] = ()
    if len(known):
        sub, p = every.rows.take(known), risk.p[known]
        flagged = p >= bout.run.base[known]
        figures = judge(kind, p, sub, np.random.default_rng(seed), flagged=flagged, signals=risk.signals)
        curve = calibration_curve(p, sub.lost)
    elif judged_by_score:
        figures = _by_score_only(kind, every, rows, risk.signals, seed)
    free = ~o.treated
    order = risk.p[shown] if len(known) == len(shown) else -_score(kind, every, shown)
    both = bool(o.lost[free].any() and not o.lost[free].all())
    return Judged(
        figures=figures,
        kind=kind,
        rows=shown,
        tier=tier,
        tiers=by_tier(names, o.lost, o.arr_before, TIERS),
        downsold=tuple((name, int((gone_down & (names == name)).sum())) for name in TIERS),
        at_risk_precision=cells.precision,
        at_risk_recall=cells.recall,
        at_risk_arr_recall=money.recall,
        curve=curve,
        segments=_segments(order, o),
        untreated_auc=auc(-_filled(order[free]), o.lost[free]) if both else float("nan"),
        note=risk.note,
    )


def _by_score_only(kind: str, every: Evidence, rows: IntArray, signals: int, seed: int) -> Figures | None:
    """Before anything can be fitted, the score still has an order; probabilities stay out (NaN)."""
    score = _score(kind, every, rows)
    known = rows[~np.isnan(score)]
    o = every.rows.take(known)
    if not o.n or not o.lost.any() or o.lost.all():
        return None
    red = every.views[kind].tier[known] <= WATCH
    pseudo = probability(2.0 - 4.0 * _score(kind, every, known) / 100)
    found = judge(kind, pseudo, o, np.random.default_rng(seed), flagged=red, signals=signals)
    nan = float("nan")
    return replace(found, log_loss=nan, brier=nan, ece=nan)


def _score(kind: str, every: Evidence, rows: IntArray) -> FloatArray:
    view = every.views.get(kind, every.views["in_force"])
    return view.score[rows]


def _filled(risk: FloatArray) -> FloatArray:
    """Unknown risk stands at the middle of the known: it says neither."""
    known = risk[~np.isnan(risk)]
    return np.where(np.isnan(risk), np.median(known) if len(known) else 0.0, risk)


def _segments(risk: FloatArray, o: Observations) -> tuple[SegmentFigures, ...]:
    out = []
    filled = _filled(risk)
    for name in sorted(set(o.segment.tolist())):
        rows: BoolArray = np.asarray(o.segment == name, dtype=bool)
        lost = o.lost[rows]
        enough = lost.sum() >= 10 and (~lost).sum() >= 10
        value = auc(-filled[rows], lost) if enough else float("nan")
        out.append(SegmentFigures(str(name), int(rows.sum()), int(lost.sum()), value))
    return tuple(out)


def calibration_curve(p: FloatArray, lost: BoolArray) -> tuple[CurvePoint, ...]:
    """Bands of equal count by predicted loss, at least CURVE_ROWS rows each, at most CURVE_BANDS."""
    bands = int(np.clip(len(p) // CURVE_ROWS, 1, CURVE_BANDS))
    order = np.argsort(p, kind="stable")
    points = []
    for part in np.array_split(order, bands):
        if len(part):
            gone = int(lost[part].sum())
            rate = wilson(gone, len(part))
            points.append(CurvePoint(len(part), gone, float(p[part].mean()), rate.value, rate.low, rate.high))
    return tuple(points)


def _warning(every: Evidence) -> EarlyWarning:
    """First flag per decision among the horizons: the earliest day looked from on which it was At Risk."""
    red = every.views["in_force"].tier == AT_RISK
    decisions = np.unique(every.decision)
    place = np.searchsorted(decisions, every.decision)
    first = np.full(len(decisions), np.inf)
    np.minimum.at(first, place[red], every.rows.as_of[red].astype(float))
    row = np.full(len(decisions), -1, dtype=np.int64)
    row[place] = np.arange(len(place))
    treated = np.zeros(len(decisions), dtype=bool)
    np.logical_or.at(treated, place, every.rows.treated)
    o = every.rows.take(row)
    flag = np.where(np.isinf(first), np.nan, first)
    return early_warning(flag, o.decision.astype(float), o.lost, o.arr_before, treated)
