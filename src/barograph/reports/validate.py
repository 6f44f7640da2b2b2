"""Out-of-time validation of the models beside each other, as a document (`barograph.validate/1`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from barograph.core.calendar import to_date
from barograph.core.thresholds import AT_RISK, GROWTH, HEALTHY
from barograph.learning.figures import kept_share
from barograph.pipeline.learn_figures import figures_entry
from barograph.pipeline.learn_validate import HorizonValidation, Judged, Validation
from barograph.reports.audit_score import warning_entry
from barograph.reports.screen import about_rows, number

SCHEMA = "barograph.validate/1"


def validate_document(found: Validation, proposed: dict[str, Any], head: dict[str, Any]) -> dict[str, Any]:
    """The document. proposed: `kind` and `version` of what stands under `proposed`."""
    rows = found.evidence.rows
    longest = found.horizons[-1] if found.horizons else None
    return {
        **head,
        "out_of_time": found.out_of_time,
        "plan": found.bout.plan.reason,
        "proposed": proposed,
        "decisions": rows.evidence()[0],
        "lost": rows.evidence()[1],
        "from": to_date(int(rows.decision.min())).isoformat(),
        "to": to_date(int(rows.decision.max())).isoformat(),
        "horizons": [_horizon(h) for h in found.horizons],
        "warning": warning_entry(found.warning),
        **about_rows(found.evidence),
        "green_lost": _accounts(found, longest, lost=True),
        "red_kept": _accounts(found, longest, lost=False),
        "listed_days": longest.days if longest else None,
        "notices": [notice.text for notice in found.evidence.notices],
    }


def _horizon(found: HorizonValidation) -> dict[str, Any]:
    challenger = next((m.figures for m in found.models if m.kind == "challenger"), None)
    o = found.observations
    return {
        "days": found.days,
        "n": o.n,
        "lost": int(o.lost.sum()),
        "downsold": int((o.outcome == "downsold").sum()),
        "treated": int(o.treated.sum()),
        "treated_lost": int((o.treated & o.lost).sum()),
        "arr": number(float(np.nansum(o.arr_before))),
        "arr_lost": number(float(np.nansum(o.arr_before[o.lost]))),
        "models": [_model(m, challenger) for m in found.models],
    }


def _model(judged: Judged, challenger: Any) -> dict[str, Any]:
    figures = judged.figures
    entry: dict[str, Any] = (
        _empty(judged.kind) if figures is None else {**figures_entry(figures), "kind": judged.kind}
    )
    kept = kept_share(figures, challenger) if figures is not None and challenger is not None else float("nan")
    downsold = dict(judged.downsold)
    entry |= {
        "kept_of_challenger": number(kept),
        "at_risk_precision": number(judged.at_risk_precision),
        "at_risk_recall": number(judged.at_risk_recall),
        "at_risk_arr_recall": number(judged.at_risk_arr_recall),
        "untreated_auc": number(judged.untreated_auc),
        "tiers": [
            {
                "tier": t.tier,
                "n": t.n,
                "lost": t.lost,
                "rate": number(t.rate),
                "downsold": downsold[t.tier],
                "arr": number(t.arr),
                "arr_lost": number(t.arr_lost),
            }
            for t in judged.tiers
        ],
        "calibration": [
            {
                "n": c.n,
                "lost": c.lost,
                "predicted": number(c.predicted),
                "observed": number(c.observed),
                "low": number(c.low),
                "high": number(c.high),
            }
            for c in judged.curve
        ],
        "segments": [
            {"segment": s.segment, "n": s.n, "lost": s.lost, "auc": number(s.auc)} for s in judged.segments
        ],
        "note": judged.note or None,
    }
    return entry


def _empty(kind: str) -> dict[str, Any]:
    """A model that could not be judged here: every figure is there and null."""
    names = (
        "precision", "recall", "log_loss", "brier", "ece", "lift_10", "observed_over_expected", "arr_auc",
        "arr_balanced_accuracy", "arr_recall",
    )  # fmt: skip
    entry: dict[str, Any] = {"kind": kind, "signals": 0, "n": 0, "lost": 0}
    for name in ("auc", "balanced_accuracy", "calibration_slope", "calibration_intercept"):
        entry |= {name: None, f"{name}_low": None, f"{name}_high": None}
    return entry | dict.fromkeys(names)


def _accounts(found: Validation, horizon: HorizonValidation | None, *, lost: bool) -> list[dict[str, Any]]:
    """Green that was lost, or red that was kept, by the model in force, largest revenue first."""
    if horizon is None:
        return []
    judged = next(m for m in horizon.models if m.kind == "in_force")
    o = found.evidence.rows.take(judged.rows)
    wanted = (judged.tier >= HEALTHY) & (judged.tier <= GROWTH) if lost else judged.tier == AT_RISK
    picked = np.flatnonzero(wanted & (o.lost == lost))
    order = picked[np.lexsort((picked, -np.nan_to_num(o.arr_before[picked])))]
    score = found.evidence.views["in_force"].score[judged.rows]
    name = found.evidence.name[judged.rows]
    return [
        {
            "account_id": o.account[i],
            "name": name[i] or None,
            "segment": o.segment[i] or None,
            "arr": number(o.arr_before[i]),
            "score": number(score[i]),
            "as_of": to_date(int(o.as_of[i])).isoformat(),
            "decided": to_date(int(o.decision[i])).isoformat(),
            "outcome": o.outcome[i],
            "treated": bool(o.treated[i]),
        }
        for i in order.tolist()
    ]
