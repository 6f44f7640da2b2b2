"""Tier thresholds from calibrated risk.

At Risk begins where the odds of loss are twice the base odds (or where a play pays: cost / (revenue * assumed
effect), when both are given), Watch at the base odds, and the top band below half of them. Fewer people never
make fewer accounts red: capacity is a line across the ranked list (`core.capacity`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.learning.metrics import Confusion, confusion
from barograph.learning.observations import BoolArray, FloatArray, TextArray

AT_RISK_ODDS, WATCH_ODDS, TOP_ODDS = 2.0, 1.0, 0.5
SEGMENT_OUTCOMES = 100
SEGMENT_LOST = 10


@dataclass(frozen=True, slots=True)
class TierThresholds:
    """Scores at which tiers begin, for one segment ('' all).

    score < watch_from is At Risk, < healthy_from Watch, < top_from Healthy, else the top band. risk_*: the
    P(lost) each stands for. at_risk, at_risk_or_watch: what follows on past out-of-sample rows (precision,
    recall)."""

    segment: str
    outcomes: int
    lost: int
    base_rate: float
    watch_from: float
    healthy_from: float
    top_from: float
    risk_at_risk: float
    risk_watch: float
    risk_top: float
    at_risk: Confusion
    at_risk_or_watch: Confusion


def propose_tiers(
    score: FloatArray,
    p_lost: FloatArray,
    lost: BoolArray,
    segment: TextArray,
    *,
    play_cost_share: float | None = None,
) -> tuple[TierThresholds, ...]:
    """Thresholds over all accounts, then per segment with at least 100 outcomes and 10 lost.

    score, p_lost: out-of-sample, p_lost calibrated and falling in score. play_cost_share: cost of a play over
    (revenue at stake * the share of it that the play is assumed to save), in 0..1; replaces the odds rule.
    """
    everyone = np.ones(len(lost), dtype=bool)
    out = [_thresholds("", everyone, score, p_lost, lost, play_cost_share)]
    for name in sorted(set(segment.tolist())):
        rows = segment == name
        if name and rows.sum() >= SEGMENT_OUTCOMES and lost[rows].sum() >= SEGMENT_LOST and not rows.all():
            out.append(_thresholds(str(name), rows, score, p_lost, lost, play_cost_share))
    return tuple(out)


def _thresholds(
    name: str,
    rows: BoolArray,
    score: FloatArray,
    p_lost: FloatArray,
    lost: BoolArray,
    cost: float | None,
) -> TierThresholds:
    base = float(np.clip(lost[rows].mean(), 1e-4, 1 - 1e-4))
    odds = base / (1 - base)
    at_risk = cost if cost is not None else _risk(AT_RISK_ODDS * odds)
    watch = min(_risk(WATCH_ODDS * odds), at_risk)
    top = min(_risk(TOP_ODDS * odds), watch)
    watch_from, healthy_from, top_from = (_score_at(score, p_lost, risk) for risk in (at_risk, watch, top))
    return TierThresholds(
        segment=name,
        outcomes=int(rows.sum()),
        lost=int(lost[rows].sum()),
        base_rate=base,
        watch_from=watch_from,
        healthy_from=max(healthy_from, watch_from),
        top_from=max(top_from, healthy_from, watch_from),
        risk_at_risk=at_risk,
        risk_watch=watch,
        risk_top=top,
        at_risk=confusion(score[rows] < watch_from, lost[rows]),
        at_risk_or_watch=confusion(score[rows] < max(healthy_from, watch_from), lost[rows]),
    )


def _risk(odds: float) -> float:
    return odds / (1 + odds)


def _score_at(score: FloatArray, p_lost: FloatArray, risk: float) -> float:
    """The whole score below which P(lost) reaches `risk`: 0 when nobody does, 101 when everybody does.

    The boundary lies between the highest score at or above the risk and the lowest below it, so predictions
    of several folds, whose risk for one score differs a little, are cut where they misplace the fewest
    accounts."""
    grid = np.arange(0, 102)
    above = np.sort(score[p_lost >= risk])
    below = np.sort(score[p_lost < risk])
    wrong = (len(above) - np.searchsorted(above, grid, side="left")) + np.searchsorted(
        below, grid, side="left"
    )
    best = np.flatnonzero(wrong == wrong.min())
    return float(grid[best[len(best) // 2]])
