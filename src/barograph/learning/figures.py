"""The figures of one model on out-of-sample predictions, with intervals, for a report."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.learning.calibration import CalibrationCheck, check_calibration
from barograph.learning.calibration_interval import clustered
from barograph.learning.intervals import (
    Estimate,
    auc_interval,
    bootstrap,
    bootstrap_auc,
    cluster_draws,
    codes,
)
from barograph.learning.metrics import auc, brier, calibration_error, confusion, lift, log_loss
from barograph.learning.observations import BoolArray, FloatArray, Observations

CELLS_AT_ONCE = 4_000_000
"""Draws times rows that are held in memory together."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One model judged on n rows. Rates and AUC in 0..1; revenue-weighted ones weigh rows by arr_before.

    precision, recall, balanced_accuracy: at the flag given to `judge` (P(lost) at or above the base rate of
    the rows the model was trained on, unless told otherwise). kept: (AUC - .5) over the challenger's, NaN
    unset."""

    kind: str
    signals: int
    n: int
    lost: int
    auc: Estimate
    balanced_accuracy: Estimate
    precision: float
    recall: float
    log_loss: float
    brier: float
    ece: float
    lift_10: float
    calibration: CalibrationCheck
    arr_auc: float
    arr_balanced_accuracy: float
    arr_recall: float


def judge(
    kind: str,
    p_lost: FloatArray,
    observations: Observations,
    rng: np.random.Generator,
    *,
    flagged: BoolArray | None = None,
    signals: int = 0,
    draws: int = 200,
) -> Figures:
    """All figures on the rows where p_lost is known. Intervals resample accounts; draws = 0 leaves them NaN.

    flagged: (n,) who the model would call at risk; by default P(lost) >= the base rate of these rows.
    """
    rows = ~np.isnan(p_lost)
    o, p = observations.take(rows), p_lost[rows]
    flag = p >= o.base_rate if flagged is None else flagged[rows]
    clusters = codes(o.account)
    arr = np.nan_to_num(o.arr_before)
    cells = confusion(flag, o.lost)
    money = confusion(flag, o.lost, arr)
    if draws and o.n:
        balanced = bootstrap(
            lambda w: confusion(flag, o.lost, w).balanced_accuracy, o.lost, clusters, rng, draws
        )
    else:
        balanced = Estimate(cells.balanced_accuracy, float("nan"), float("nan"))
    return Figures(
        kind=kind,
        signals=signals,
        n=o.n,
        lost=int(o.lost.sum()),
        auc=auc_interval(-p, o.lost, clusters),
        balanced_accuracy=balanced,
        precision=cells.precision,
        recall=cells.recall,
        log_loss=log_loss(p, o.lost),
        brier=brier(p, o.lost),
        ece=calibration_error(p, o.lost),
        lift_10=lift(p, o.lost),
        calibration=clustered(check_calibration(p, o.lost), p, o.lost, clusters),
        arr_auc=auc(-p, o.lost, arr),
        arr_balanced_accuracy=money.balanced_accuracy,
        arr_recall=money.recall,
    )


def revenue_auc(
    p_lost: FloatArray, observations: Observations, rng: np.random.Generator, draws: int = 200
) -> Estimate:
    """AUC with accounts weighted by recurring revenue, and its interval over accounts.

    Few large accounts carry such a figure, so its interval is wider than that of the plain AUC. NaN when a side
    has no revenue.
    """
    rows = ~np.isnan(p_lost)
    o, health = observations.take(rows), -p_lost[rows]
    arr = np.nan_to_num(o.arr_before)
    value = auc(health, o.lost, arr)
    if not draws or not np.isfinite(value):
        return Estimate(value, float("nan"), float("nan"), "bootstrap")
    clusters, at_once = codes(o.account), max(1, CELLS_AT_ONCE // max(o.n, 1))
    parts = []
    for start in range(0, draws, at_once):
        times = cluster_draws(o.lost, clusters, min(at_once, draws - start), rng)
        parts.append(bootstrap_auc(health, o.lost, times * arr))
    found = np.concatenate(parts)
    found = found[np.isfinite(found)]
    if len(found) < draws / 2:
        return Estimate(value, float("nan"), float("nan"), "bootstrap")
    low, high = np.quantile(found, [0.025, 0.975])
    return Estimate(value, float(low), float(high), "bootstrap")


def kept_share(model: Figures, challenger: Figures) -> float:
    """(AUC - .5) of a model over the challenger's: what being explainable keeps. NaN without a real bound."""
    bound = challenger.auc.value - 0.5
    return (model.auc.value - 0.5) / bound if bound > 0 else float("nan")
