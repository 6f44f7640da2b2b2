"""The figures of an older score: separation, what its colours caught, how early, and what came as a surprise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import texts
from barograph.core.outcomes.record import DOWNSOLD
from barograph.learning.early_warning import EarlyWarning, early_warning
from barograph.learning.intervals import Estimate, auc_interval, bootstrap, codes, wilson
from barograph.learning.metrics import Confusion, TierRow, auc, by_tier, confusion
from barograph.learning.observations import BoolArray, FloatArray, IntArray, TextArray
from barograph.pipeline.audit_scores import AuditedScores, Lines

COLOURS = ("red", "amber", "green")
DRAWS = 500


@dataclass(frozen=True, slots=True)
class HorizonAudit:
    """One horizon. rows: positions in the audited rows that have a score; missing: rows without one.

    cells, money: red against lost, by count and by revenue. colours: how each fared. caught: share of the
    lost that were red, with Wilson's interval; caught_arr: of their revenue. green_lost: rows that were green
    and lost. downsold, downsold_green: downsells, which stand beside churn and are in no other figure.
    """

    days: int
    rows: IntArray
    missing: int
    missing_lost: int
    lost: int
    auc: Estimate
    arr_auc: float
    balanced_accuracy: Estimate
    cells: Confusion
    money: Confusion
    colours: tuple[TierRow, ...]
    caught: Estimate
    caught_arr: float
    green_lost: IntArray
    downsold: int
    downsold_green: int


def audit_horizon(audited: AuditedScores, days: int, lines: Lines, seed: int) -> HorizonAudit:
    """Judge the scores seen `days` before the decision. Rows without a score are counted, not judged."""
    here = np.flatnonzero(audited.look.horizon == days)
    known = ~np.isnan(audited.health[here])
    rows = here[known]
    decision = audited.look.decision[rows]
    lost = audited.outcomes.lost[decision]
    health, arr = audited.health[rows], np.nan_to_num(audited.outcomes.arr_before[decision])
    clusters = codes(audited.outcomes.account_ids[decision])
    colour = colours(health, lines)
    red: BoolArray = np.asarray(colour == "red", dtype=bool)
    cells, money = confusion(red, lost), confusion(red, lost, arr)
    flagged_lost = int((red & lost).sum())
    downsold = audited.outcomes.outcome[decision] == DOWNSOLD
    gone = audited.outcomes.lost[audited.look.decision[here[~known]]]
    return HorizonAudit(
        days=days,
        rows=rows,
        missing=int((~known).sum()),
        missing_lost=int(gone.sum()),
        lost=int(lost.sum()),
        auc=auc_interval(health, lost, clusters),
        arr_auc=auc(health, lost, arr),
        balanced_accuracy=_balanced(red, lost, clusters, seed),
        cells=cells,
        money=money,
        colours=by_tier(colour, lost, arr, COLOURS),
        caught=wilson(flagged_lost, int(lost.sum())),
        caught_arr=money.recall,
        green_lost=rows[(colour == "green") & lost],
        downsold=int(downsold.sum()),
        downsold_green=int((downsold & (colour == "green")).sum()),
    )


def _balanced(red: BoolArray, lost: BoolArray, clusters: IntArray, seed: int) -> Estimate:
    if not lost.any() or lost.all():
        return Estimate(float("nan"), float("nan"), float("nan"))
    rng = np.random.default_rng(seed)
    return bootstrap(lambda w: confusion(red, lost, w).balanced_accuracy, lost, clusters, rng, DRAWS)


def colours(health: FloatArray, lines: Lines) -> TextArray:
    """red, amber or green of each health 0 to 100, compared at six places."""
    value = np.round(health, 6)
    place = (value >= lines.red).astype(int) + (value >= lines.green)
    return np.asarray(texts(COLOURS)[place], dtype=object)


def audit_warning(audited: AuditedScores) -> EarlyWarning:
    """Lead time and surprises over the decisions that the older system ever scored in their term (L11)."""
    rows = audited.scored
    outcomes = audited.outcomes.take(rows)
    return early_warning(
        audited.first_flag[rows],
        outcomes.anchor.astype(float),
        outcomes.lost,
        outcomes.arr_before,
        audited.treated[rows] & ~np.isnan(audited.first_flag[rows]),
    )
