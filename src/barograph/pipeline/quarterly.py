"""The model in force against the decisions of one quarter: small figures, the same every time (L8, L11).

A quarter is the 90 days before a date. A decision belongs to the quarter in which its outcome became known, so
that every decision is in exactly one. Nothing is fitted here: the scores are judged as they stood.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from barograph.core.thresholds import AT_RISK, tier_names
from barograph.learning.early_warning import EarlyWarning, early_warning
from barograph.learning.intervals import Estimate, auc_interval, codes
from barograph.learning.metrics import Confusion, TierRow, by_tier, confusion
from barograph.learning.observations import BoolArray
from barograph.pipeline.evidence import Evidence
from barograph.pipeline.learn_compare import TIERS
from barograph.pipeline.learn_inputs import EXPERT_STAGES, Models
from barograph.pipeline.learn_kept import QUARTER_DAYS, unseen
from barograph.pipeline.learn_record import Counts, add_counts, count_history


@dataclass(frozen=True, slots=True)
class QuarterHorizon:
    """The decisions of a quarter, seen `days` before. n: with a score; without: the others. auc, expert_auc: of
    the model in force and of the expert weights, NaN while only one side is there. cells: At Risk against
    lost."""

    days: int
    n: int
    without: int
    lost: int
    downsold: int
    treated: int
    arr: float
    arr_lost: float
    auc: Estimate
    expert_auc: float
    cells: Confusion
    tiers: tuple[TierRow, ...]


@dataclass(frozen=True, slots=True)
class Quarter:
    """One quarter. first, last: days on which its outcomes became known. track_record: counts of all decisions so
    far that the version had not seen when it was made."""

    first: int
    last: int
    decisions: int
    lost: int
    downsold: int
    horizons: tuple[QuarterHorizon, ...]
    warning: EarlyWarning
    track_record: Counts


def judge_quarter(models: Models, evidence: Evidence, day: int) -> Quarter | None:
    """Judge the quarter that ends before `day`; None when no decision in it can be judged."""
    fresh = unseen(models.in_force, models.version, evidence.rows)
    first, last = day - QUARTER_DAYS, day - 1
    known = evidence.rows.known_day
    inside = np.flatnonzero(fresh & (known >= first) & (known <= last))
    if not len(inside):
        return None
    quarter = evidence.take(inside)
    decisions = np.unique(quarter.decision, return_index=True)[1]
    o = quarter.rows.take(decisions)
    return Quarter(
        first=first,
        last=last,
        decisions=o.n,
        lost=int(o.lost.sum()),
        downsold=int((o.outcome == "downsold").sum()),
        horizons=tuple(_horizon(quarter.at(days)) for days in quarter.horizons),
        warning=_warning(quarter),
        track_record=_track_record(models, evidence.take(np.flatnonzero(fresh))),
    )


def _horizon(quarter: Evidence) -> QuarterHorizon:
    o, view = quarter.rows, quarter.views["in_force"]
    known = ~np.isnan(view.score)
    red = view.tier == AT_RISK
    expert = quarter.views.get("heuristic")
    return QuarterHorizon(
        days=int(o.horizon[0]),
        n=int(known.sum()),
        without=int((~known).sum()),
        lost=int(o.lost[known].sum()),
        downsold=int((o.outcome == "downsold").sum()),
        treated=int(o.treated.sum()),
        arr=float(np.nansum(o.arr_before)),
        arr_lost=float(np.nansum(o.arr_before[o.lost])),
        auc=_auc(view.score, quarter, known),
        expert_auc=float("nan") if expert is None else _auc(expert.score, quarter, known).value,
        cells=confusion(red, o.lost),
        tiers=by_tier(tier_names(view.tier), o.lost, o.arr_before, TIERS),
    )


def _auc(score: Any, quarter: Evidence, rows: BoolArray) -> Estimate:
    """AUC with its interval by account, on rows that both scores know; NaN while one side is empty."""
    both = rows & ~np.isnan(score)
    lost = quarter.rows.lost[both]
    if not lost.any() or lost.all():
        return Estimate(float("nan"), float("nan"), float("nan"))
    return auc_interval(score[both], lost, codes(quarter.rows.account[both]))


def _warning(quarter: Evidence) -> EarlyWarning:
    """One row per decision: the earliest horizon at which it was At Risk is its first flag."""
    rows = quarter.rows
    decisions, first_row, place = np.unique(quarter.decision, return_index=True, return_inverse=True)
    red = quarter.views["in_force"].tier == AT_RISK
    flag = np.full(len(decisions), np.inf)
    np.minimum.at(flag, place[red], rows.as_of[red].astype(float))
    treated = np.zeros(len(decisions), dtype=bool)
    np.logical_or.at(treated, place, rows.treated)
    o = rows.take(first_row)
    warned = np.where(np.isinf(flag), np.nan, flag)
    return early_warning(warned, o.decision.astype(float), o.lost, o.arr_before, treated)


def _track_record(models: Models, fresh: Evidence) -> Counts:
    """What a learnt version was approved on, and every decision it had not seen."""
    o = fresh.rows
    counts = count_history(fresh.views["in_force"].score, o.horizon, o.lost, o.segment)
    if models.version is None or models.in_force.stage in EXPERT_STAGES:
        return counts
    return add_counts(list(models.version.figures.get("track_record", [])), counts)
