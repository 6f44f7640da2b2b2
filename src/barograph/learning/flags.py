"""What a warning was worth: of the accounts that stood in a tier, who was lost, and how much of what was lost.

A kept account that had been worked after the warning may have been rescued. Such accounts stay among the flagged,
and are counted apart, so that nobody calls them false alarms without saying so (L9).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.learning.intervals import Estimate, auc_interval, codes
from barograph.learning.observations import BoolArray, FloatArray, Observations
from barograph.learning.rates import clustered_rate

LEAST = 10
"""Lost and kept rows that an AUC needs."""
LEAST_RATE = 5
"""Accounts that a rate of a part of the rows needs."""


@dataclass(frozen=True, slots=True)
class FlagFigures:
    """Of the rows called: how many (n) and how many of them were lost; kept_treated: kept and worked since.

    precision: lost / called. recall: called / lost. arr_*: the same with accounts weighted by revenue. Intervals
    are over accounts; values are NaN where nobody was called or lost. arr_lost: revenue of the lost among them.
    """

    n: int
    lost: int
    kept_treated: int
    precision: Estimate
    recall: Estimate
    arr_precision: Estimate
    arr_recall: Estimate
    arr_lost: float


def flag_figures(called: BoolArray, o: Observations) -> FlagFigures:
    """Judge a warning that was given to some rows (n,)."""
    clusters, arr = codes(o.account), np.nan_to_num(o.arr_before)
    hit = called & o.lost
    return FlagFigures(
        n=int(called.sum()),
        lost=int(hit.sum()),
        kept_treated=int((called & ~o.lost & o.treated).sum()),
        precision=clustered_rate(o.lost[called], clusters[called]),
        recall=clustered_rate(called[o.lost], clusters[o.lost]),
        arr_precision=clustered_rate(o.lost[called], clusters[called], arr[called]),
        arr_recall=clustered_rate(called[o.lost], clusters[o.lost], arr[o.lost]),
        arr_lost=float(arr[hit].sum()),
    )


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """A part of the rows (a segment, the accounts nobody worked) under one model.

    rate: lost / n. auc: NaN below 10 lost or 10 kept. flag: of At Risk, its rates NaN below 5 called or lost.
    expected: losses that the probabilities promised, NaN without them. note: what is refused, with the count
    that is missing; "" when nothing is.
    """

    name: str
    n: int
    lost: int
    rate: Estimate
    auc: Estimate
    flag: FlagFigures
    expected: float
    note: str


def group_figures(
    name: str, rows: BoolArray, health: FloatArray, p_lost: FloatArray, called: BoolArray, o: Observations
) -> GroupFigures:
    """Judge a model on some rows. health: its order over all rows, higher healthier; p_lost: NaN unknown."""
    part = o.take(rows)
    lost, kept = int(part.lost.sum()), int((~part.lost).sum())
    clusters = codes(part.account)
    unknown = Estimate(float("nan"), float("nan"), float("nan"))
    flag = flag_figures(called[rows], part)
    missing = []
    auc = unknown
    if min(lost, kept) >= LEAST:
        auc = auc_interval(health[rows], part.lost, clusters)
    else:
        missing.append(f"{lost} lost and {kept} kept, {LEAST} of each are needed to judge the order")
    if flag.n < LEAST_RATE:
        missing.append(f"{flag.n} At Risk, {LEAST_RATE} are needed for a precision")
    if lost < LEAST_RATE:
        missing.append(f"{lost} lost, {LEAST_RATE} are needed for a recall")
    p = p_lost[rows]
    return GroupFigures(
        name=name,
        n=part.n,
        lost=lost,
        rate=clustered_rate(part.lost, clusters),
        auc=auc,
        flag=_refused(flag, flag.n >= LEAST_RATE, lost >= LEAST_RATE),
        expected=float(p.sum()) if part.n and not np.isnan(p).any() else float("nan"),
        note="; ".join(missing),
    )


def _refused(flag: FlagFigures, precision: bool, recall: bool) -> FlagFigures:
    nothing = Estimate(float("nan"), float("nan"), float("nan"))
    return FlagFigures(
        flag.n,
        flag.lost,
        flag.kept_treated,
        flag.precision if precision else nothing,
        flag.recall if recall else nothing,
        flag.arr_precision if precision else nothing,
        flag.arr_recall if recall else nothing,
        flag.arr_lost,
    )


@dataclass(frozen=True, slots=True)
class DownsellFigures:
    """Downsells beside churn (L8): of the accounts that stayed, n paid 15 % or more less.

    arr_lost: the revenue that went with it. warned: share of them that were At Risk or Watch. auc: does the
    order tell them from the others that stayed; NaN below 10 on a side. note: what is refused, with the count.
    """

    n: int
    stayed: int
    arr_lost: float
    warned: Estimate
    auc: Estimate
    note: str


def downsell_figures(health: FloatArray, warned: BoolArray, o: Observations) -> DownsellFigures:
    """Judge how a score for losses sees downsells. health: higher healthier, NaN unknown counts as nothing."""
    down = np.asarray(o.outcome == "downsold", dtype=bool)
    stayed = ~o.lost
    clusters = codes(o.account)
    fell = np.nan_to_num(o.arr_before[down]) - np.nan_to_num(o.arr_after[down])
    known = stayed & ~np.isnan(health)
    count, others = int((down & known).sum()), int((~down & known).sum())
    auc, note = Estimate(float("nan"), float("nan"), float("nan")), ""
    if min(count, others) >= LEAST:
        auc = auc_interval(health[known], down[known], codes(o.account[known]))
    else:
        note = f"{count} downsold, {LEAST} are needed to judge the order"
    return DownsellFigures(
        n=int(down.sum()),
        stayed=int(stayed.sum()),
        arr_lost=float(np.maximum(fell, 0.0).sum()),
        warned=clustered_rate(warned[down], clusters[down]),
        auc=auc,
        note=note,
    )
