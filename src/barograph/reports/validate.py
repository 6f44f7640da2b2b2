"""Out-of-time validation of the models beside each other, as a document (`barograph.validate/1`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from barograph.core.calendar import to_date
from barograph.core.thresholds import AT_RISK, GROWTH, HEALTHY
from barograph.learning.figures import Figures, kept_share
from barograph.learning.flags import FlagFigures, GroupFigures
from barograph.learning.intervals import AucComparison
from barograph.pipeline.learn_compare import Migration
from barograph.pipeline.learn_figures import estimate, figures_entry
from barograph.pipeline.learn_validate import HorizonValidation, Validation
from barograph.pipeline.learn_validate_judged import Judged
from barograph.reports.audit_score import warning_entry
from barograph.reports.models import migration_entry
from barograph.reports.numbers import number
from barograph.reports.screen import about_rows
from barograph.reports.validate_signals import lines_entry, signals_entry
from barograph.reports.validate_words import headline, refused, stands_on

SCHEMA = "barograph.validate/1"


def validate_document(
    found: Validation, proposed: dict[str, Any], head: dict[str, Any], moved: Migration | None = None
) -> dict[str, Any]:
    """The document. proposed: `kind` and `version` of what stands under `proposed`, and its `tiers` where a
    proposal on file has lines. moved: the accounts of the latest week under both definitions."""
    rows = found.evidence.rows
    longest = found.horizons[-1] if found.horizons else None
    document = {
        **head,
        "out_of_time": found.out_of_time,
        "plan": found.bout.plan.reason,
        "proposed": {"tiers": [], **proposed},
        "decisions": rows.evidence()[0],
        "lost": rows.evidence()[1],
        "accounts": len(set(rows.account.tolist())),
        "from": to_date(int(rows.decision.min())).isoformat(),
        "to": to_date(int(rows.decision.max())).isoformat(),
        "horizons": [_horizon(h) for h in found.horizons],
        "warning": warning_entry(found.warning),
        "warnings": [{"kind": kind, **warning_entry(w)} for kind, w in found.warnings.items()],
        **signals_entry(found.signals),
        "lines": {**lines_entry(found.lines), "approved": list(found.approved_lines)},
        "reclassified": [
            {
                "before": pair.before,
                "after": pair.after,
                "days": pair.days,
                "cells": [
                    {
                        "before": cell.before,
                        "after": cell.after,
                        "n": cell.n,
                        "lost": cell.lost,
                        "arr": number(cell.arr),
                        "arr_lost": number(cell.arr_lost),
                    }
                    for cell in pair.cells
                ],
            }
            for pair in found.reclassified
        ],
        "migration": None if moved is None else migration_entry(moved),
        **about_rows(found.evidence),
        "green_lost": _accounts(found, longest, lost=True),
        "red_kept": _accounts(found, longest, lost=False),
        "listed_days": longest.days if longest else None,
        "listed_kind": _listed(longest).kind if longest else None,
        "notices": [notice.text for notice in found.evidence.notices],
    }
    return document | {
        "headline": headline(document),
        "stands_on": stands_on(document),
        "refused": refused(document),
    }


def _horizon(found: HorizonValidation) -> dict[str, Any]:
    challenger = next((m.figures for m in found.models if m.kind == "challenger"), None)
    o = found.observations
    down = o.outcome == "downsold"
    return {
        "days": found.days,
        "n": o.n,
        "accounts": len(set(o.account.tolist())),
        "lost": int(o.lost.sum()),
        "downsold": int(down.sum()),
        "treated": int(o.treated.sum()),
        "treated_lost": int((o.treated & o.lost).sum()),
        "arr": number(float(np.nansum(o.arr_before))),
        "arr_lost": number(float(np.nansum(o.arr_before[o.lost]))),
        "models": [_model(m, challenger) for m in found.models],
    }


def _model(judged: Judged, challenger: Figures | None) -> dict[str, Any]:
    figures = judged.figures
    entry: dict[str, Any] = (
        _empty(judged.kind) if figures is None else {**figures_entry(figures), "kind": judged.kind}
    )
    kept = kept_share(figures, challenger) if figures is not None and challenger is not None else float("nan")
    return entry | {
        **estimate("arr_auc", judged.arr_auc),
        "kept_of_challenger": number(kept),
        **_difference("in_force_ahead", judged.less),
        **_difference("given_up", judged.given_up),
        **_flag("at_risk", judged.at_risk),
        **_flag("watch_or_worse", judged.watch_or_worse),
        "untreated_auc": number(judged.untreated.auc.value),
        "tiers": [
            {
                "tier": fate.row.tier,
                "n": fate.row.n,
                "lost": fate.row.lost,
                **estimate("rate", fate.rate),
                "downsold": fate.downsold,
                "arr": number(fate.row.arr),
                "arr_lost": number(fate.row.arr_lost),
            }
            for fate in judged.fates
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
        "gains": [
            {
                "share": number(g.share),
                "accounts": g.accounts,
                "caught": number(g.caught),
                "caught_low": number(g.low),
                "caught_high": number(g.high),
                "caught_arr": number(g.caught_arr),
                "lift": number(g.lift),
            }
            for g in judged.gains
        ],
        "segments": [{"segment": s.name, **_group(s)} for s in judged.segments],
        "untreated": _group(judged.untreated),
        "treated": _group(judged.treated),
        "downsell": {
            "n": judged.downsell.n,
            "stayed": judged.downsell.stayed,
            "arr_lost": number(judged.downsell.arr_lost),
            **estimate("warned", judged.downsell.warned),
            **estimate("auc", judged.downsell.auc),
            "note": judged.downsell.note or None,
        },
        "note": judged.note or None,
    }


def _difference(name: str, found: AucComparison | None) -> dict[str, Any]:
    if found is None:
        return dict.fromkeys((name, f"{name}_low", f"{name}_high"))
    return {
        name: number(found.difference),
        f"{name}_low": number(found.low),
        f"{name}_high": number(found.high),
    }


def _flag(name: str, flag: FlagFigures) -> dict[str, Any]:
    """A tier as a warning: who stood in it, what came of them, what share of the lost it held."""
    return {
        f"{name}_n": flag.n,
        f"{name}_lost": flag.lost,
        f"{name}_kept_treated": flag.kept_treated,
        **estimate(f"{name}_precision", flag.precision),
        **estimate(f"{name}_recall", flag.recall),
        **estimate(f"{name}_arr_precision", flag.arr_precision),
        **estimate(f"{name}_arr_recall", flag.arr_recall),
        f"{name}_arr_lost": number(flag.arr_lost),
    }


def _group(group: GroupFigures) -> dict[str, Any]:
    """A part of the rows."""
    return {
        "n": group.n,
        "lost": group.lost,
        **estimate("rate", group.rate),
        **estimate("auc", group.auc),
        "expected": number(group.expected),
        **_flag("at_risk", group.flag),
        "note": group.note or None,
    }


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


def _listed(horizon: HorizonValidation) -> Judged:
    """Whose mistakes are listed: those of the model in force where it could be judged, else of the proposed one."""
    kinds = {m.kind: m for m in horizon.models}
    present = kinds["in_force"]
    return present if len(present.rows) else kinds.get("proposed", present)


def _accounts(found: Validation, horizon: HorizonValidation | None, *, lost: bool) -> list[dict[str, Any]]:
    """Green that was lost, or red that was kept, largest revenue first."""
    if horizon is None:
        return []
    judged = _listed(horizon)
    o = found.evidence.rows.take(judged.rows)
    wanted = (judged.tier >= HEALTHY) & (judged.tier <= GROWTH) if lost else judged.tier == AT_RISK
    picked = np.flatnonzero(wanted & (o.lost == lost))
    order = picked[np.lexsort((picked, -np.nan_to_num(o.arr_before[picked])))]
    score = found.evidence.views["in_force"].score[judged.rows]
    if judged.kind != "in_force":
        score = np.full(len(judged.rows), np.nan)  # each fold has a scale of its own
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
