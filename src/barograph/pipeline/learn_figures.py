"""Figures of models as plain data: what versions, proposals and documents keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from barograph.core.calendar import to_date
from barograph.learning.calibration import Calibration
from barograph.learning.figures import Figures
from barograph.learning.intervals import Estimate
from barograph.learning.observations import FloatArray, IntArray, Observations, TextArray
from barograph.learning.person_periods import TenureTerms, risk
from barograph.learning.promotion import Acceptance
from barograph.learning.proposal import Proposal
from barograph.learning.segments import SegmentShift, apply_shifts
from barograph.learning.tiers_from_risk import TierThresholds


def plain(value: float) -> float | None:
    """A figure for JSON: six places, None where there is none."""
    return round(float(value), 6) if np.isfinite(value) else None


def estimate(name: str, found: Estimate) -> dict[str, float | None]:
    """`name`, `name_low`, `name_high`."""
    return {name: plain(found.value), f"{name}_low": plain(found.low), f"{name}_high": plain(found.high)}


def figures_entry(figures: Figures) -> dict[str, Any]:
    """One model judged on some rows."""
    return {
        "kind": figures.kind,
        "signals": figures.signals,
        "n": figures.n,
        "lost": figures.lost,
        **estimate("auc", figures.auc),
        **estimate("balanced_accuracy", figures.balanced_accuracy),
        "precision": plain(figures.precision),
        "recall": plain(figures.recall),
        "log_loss": plain(figures.log_loss),
        "brier": plain(figures.brier),
        "ece": plain(figures.ece),
        "lift_10": plain(figures.lift_10),
        **estimate("calibration_slope", figures.calibration.slope),
        **estimate("calibration_intercept", figures.calibration.intercept),
        "observed_over_expected": plain(figures.calibration.in_the_large),
        "arr_auc": plain(figures.arr_auc),
        "arr_balanced_accuracy": plain(figures.arr_balanced_accuracy),
        "arr_recall": plain(figures.arr_recall),
    }


def acceptance_entry(kind: str, found: Acceptance) -> dict[str, Any]:
    """One acceptance test, with each condition and its figure."""
    return {
        "kind": kind,
        "promoted": found.promoted,
        "enough": found.enough,
        "outcomes": found.outcomes,
        "lost": found.lost,
        "reason": found.reason,
        **estimate("log_loss_gain", found.loss_gain),
        "auc_difference": plain(found.auc_gain.difference),
        "auc_difference_low": plain(found.auc_gain.low),
        "auc_difference_high": plain(found.auc_gain.high),
        "conditions": [{"name": c.name, "holds": c.holds, "text": c.text} for c in found.conditions],
    }


def tiers_entry(found: TierThresholds) -> dict[str, Any]:
    """Proposed lines of one segment (None: all) and what follows from them on past rows."""
    return {
        "segment": found.segment or None,
        "outcomes": found.outcomes,
        "lost": found.lost,
        "base_rate": plain(found.base_rate),
        "watch_from": plain(found.watch_from),
        "healthy_from": plain(found.healthy_from),
        "growth_from": plain(found.top_from),
        "risk_at_risk": plain(found.risk_at_risk),
        "risk_watch": plain(found.risk_watch),
        "risk_growth": plain(found.risk_top),
        "at_risk_precision": plain(found.at_risk.precision),
        "at_risk_recall": plain(found.at_risk.recall),
        "watch_or_worse_precision": plain(found.at_risk_or_watch.precision),
        "watch_or_worse_recall": plain(found.at_risk_or_watch.recall),
    }


def segments_entry(proposal: Proposal) -> list[dict[str, Any]]:
    """What each segment gets and why; empty where all accounts are in one segment, or nothing is proposed."""
    return [
        {
            "segment": choice.segment or None,
            "outcomes": choice.outcomes,
            "lost": choice.lost,
            "lost_expected": plain(choice.shift.expected),
            "gets": choice.gets,
            "shift": plain(choice.shift.shift),
            "shift_unpooled": plain(choice.shift.raw),
            "shift_low": plain(choice.shift.low),
            "shift_high": plain(choice.shift.high),
            "weights": None
            if choice.weights is None
            else [{"name": name, "weight": weight} for name, weight in choice.weights.weights],
            "test": None if choice.test is None else acceptance_entry("own_weights", choice.test),
            "reason": choice.reason,
        }
        for choice in proposal.segments
    ]


def probability_entry(proposal: Proposal) -> dict[str, Any] | None:
    """The link from a score to P(lost) and its calibration, so that a version can say it later (L7).

    days: over which the loss is said. period_days, tenure: of person-periods, null otherwise."""
    model = proposal.scorecard or proposal.weights
    if model is None or proposal.calibration is None:
        return None
    tenure = proposal.tenure
    own = {w.segment for w in proposal.own_weights}
    return {
        "days": proposal.days,
        "period_days": proposal.period,
        "tenure": None
        if tenure is None
        else {"edges": list(tenure.edges), "shifts": list(tenure.shifts), "usual": tenure.usual},
        "intercept": float(model.intercept),
        "slope": float(model.slope),
        "calibration": {
            "kind": proposal.calibration.kind,
            "intercept": proposal.calibration.intercept,
            "slope": proposal.calibration.slope,
            "knots": [list(knot) for knot in proposal.calibration.knots],
            "outcomes": proposal.calibration.outcomes,
            "reason": proposal.calibration.reason,
        },
        "shifts": [
            {"segment": s.segment, "shift": s.shift, "outcomes": s.outcomes, "lost": s.lost}
            for s in proposal.shifts
            if s.applied and s.segment not in own
        ],
        "segments": [
            {"segment": w.segment, "intercept": w.intercept, "slope": w.slope} for w in proposal.own_weights
        ],
    }


def risk_of(
    figures: Mapping[str, Any],
    score: FloatArray,
    segment: TextArray,
    *,
    tenure: FloatArray | None = None,
    days: FloatArray | IntArray | float | None = None,
) -> FloatArray | None:
    """Calibrated P(lost) of scores 0 to 100 under a version's figures; NaN stays NaN.

    tenure: days since each account began, the usual where it is not given. days: over which the loss is asked, by
    default those the version was calibrated on; only a version fitted on person-periods can say it for others.
    None when the version has no probability: below 30 outcomes, and for weights that nobody has checked.
    """
    link = figures.get("probability")
    if not isinstance(link, Mapping):
        return None
    calibration, period, terms = _calibration(link["calibration"]), link.get("period_days"), None
    if link.get("tenure"):
        kept = link["tenure"]
        terms = TenureTerms(tuple(kept["edges"]), tuple(kept["shifts"]), float(kept["usual"]))
    over = days if days is not None else link.get("days") or 1

    def said(intercept: float, slope: float) -> FloatArray:
        return calibration.apply(risk(intercept - slope * score / 100, over, period, terms, tenure))

    shifts = tuple(
        SegmentShift(s["segment"], s["outcomes"], s["lost"], float(s["shift"]), np.nan, np.nan, True, "")
        for s in link["shifts"]
    )
    out = apply_shifts(said(float(link["intercept"]), float(link["slope"])), segment, shifts)
    for own in link.get("segments", ()):
        inside = np.asarray(segment == own["segment"], dtype=bool)
        out = np.where(inside, said(float(own["intercept"]), float(own["slope"])), out)
    return out


def _calibration(kept: Mapping[str, Any]) -> Calibration:
    return Calibration(
        kept["kind"],
        float(kept["intercept"]),
        float(kept["slope"]),
        tuple((float(x), float(y)) for x, y in kept["knots"]),
        int(kept["outcomes"]),
        str(kept["reason"]),
    )


def period_entry(rows: Observations) -> dict[str, Any]:
    """The data a model stands on: decisions from and to, and the last day on which one became known."""
    return {
        "from": to_date(int(rows.decision.min())).isoformat(),
        "to": to_date(int(rows.decision.max())).isoformat(),
        "known_until": to_date(int(rows.known_day.max())).isoformat(),
        "known_until_day": int(rows.known_day.max()),
        "horizon_days": int(np.median(rows.horizon)),
    }
