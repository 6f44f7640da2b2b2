"""The signals and the tier lines of a validation as entries of its document."""

from __future__ import annotations

from typing import Any

import numpy as np

from barograph.learning.flags import FlagFigures
from barograph.pipeline.learn_figures import estimate, tiers_entry
from barograph.pipeline.learn_validate_lines import LinesFromRisk
from barograph.pipeline.learn_validate_signals import SignalsValidation, SignalValidation, Weight
from barograph.reports.numbers import number


def signals_entry(found: SignalsValidation) -> dict[str, Any]:
    """What each signal of a model says by itself, and which validated candidates no model uses."""
    return {
        "signals_days": found.days,
        "signals": [_signal(s) for s in found.signals],
        "signals_refused": found.refused or None,
        "signals_unused": list(found.unused),
        "tried": found.tried,
    }


def _signal(s: SignalValidation) -> dict[str, Any]:
    found = s.found
    return {
        "name": s.name,
        "label": s.label,
        "direction": s.direction,
        **_weight("weight", s.in_force),
        **_weight("proposed_weight", s.proposed),
        "n": None if found is None else found.n,
        "lost": None if found is None else found.lost,
        "coverage": None if found is None else number(found.coverage),
        "auc": None if found is None else number(found.auc.value),
        "auc_low": None if found is None else number(found.auc.low),
        "auc_high": None if found is None else number(found.auc.high),
        "q_value": None if found is None else number(found.q),
        "verdict": None if found is None else found.verdict,
        "reason": None if found is None else found.reason,
        "pieces": [
            {"low": number(p.low), "high": number(p.high), "kept": p.kept, "lost": p.lost} for p in s.pieces
        ],
    }


def _weight(name: str, weight: Weight | None) -> dict[str, float | None]:
    if weight is None:
        return dict.fromkeys((name, f"{name}_low", f"{name}_high", f"{name}_data_share"))
    return {
        name: number(weight.points),
        f"{name}_low": weight.low,
        f"{name}_high": weight.high,
        f"{name}_data_share": weight.data_share,
    }


def lines_entry(found: LinesFromRisk) -> dict[str, Any]:
    """Where tiers would begin by risk, what follows on past rows, and where they begin today."""
    lines = []
    for line in found.lines:
        entry = tiers_entry(line.found)
        lines.append(
            entry
            | _flag("at_risk", line.at_risk)
            | _flag("watch_or_worse", line.watch_or_worse)
            | {f"{name}_from_now": number(at) for name, at in line.now.items() if np.isfinite(at)}
        )
    return {
        "proposed": lines,
        "refused": [{"segment": segment or None, "text": text} for segment, text in found.refused],
    }


def _flag(name: str, flag: FlagFigures) -> dict[str, Any]:
    return {
        f"{name}_n": flag.n,
        f"{name}_lost": flag.lost,
        **estimate(f"{name}_precision", flag.precision),
        **estimate(f"{name}_recall", flag.recall),
    }
