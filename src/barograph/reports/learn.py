"""What learning proposes and what that stands on, as a document (`barograph.learn/1`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from barograph.definitions.lint.registry import lint
from barograph.definitions.lint.schema import KnownColumns
from barograph.definitions.model import ScoreModel
from barograph.pipeline.learn import Learnt
from barograph.pipeline.learn_figures import acceptance_entry, figures_entry, segments_entry, tiers_entry
from barograph.reports.screen import about_rows

SCHEMA = "barograph.learn/1"


def learn_document(
    learnt: Learnt, in_force: ScoreModel, columns: KnownColumns | None, head: dict[str, Any]
) -> dict[str, Any]:
    """The document; see docs/reference/json-learning.md. columns: of the workspace's tables, for the lint."""
    found, kept = learnt.proposal, learnt.kept
    stage = found.stage
    proposed = kept is not None
    return {
        **head,
        "proposed": proposed,
        "kind": learnt.kind,
        "stage": stage.label,
        "headline": stage.headline,
        "refused_because": None if proposed else learnt.reason,
        "reason": learnt.reason,
        "missing": [
            {"label": m.label, "outcomes": m.outcomes, "lost": m.lost, "text": m.text} for m in stage.missing
        ],
        "version": None if kept is None else kept.key,
        "may_be_approved": bool(kept and kept.promoted),
        "horizon_days": int(np.median(learnt.rows.rows.horizon)),
        "decisions": stage.outcomes,
        "lost": stage.lost,
        "signals": _signals(learnt, in_force),
        "tiers": [tiers_entry(t) for t in found.tiers] if learnt.kind in ("scorecard", "weights") else [],
        "segments": segments_entry(found) if learnt.kind in ("scorecard", "weights") else [],
        "models": [figures_entry(f) for f in found.figures],
        "acceptance": [acceptance_entry(kind, test) for kind, test in found.acceptance],
        "plan": found.plan.reason,
        "left_out_signals": [
            {"name": flag.name, "code": flag.code, "text": flag.text}
            for flag in found.leaks.flags
            if flag.name in found.leaks.left_out
        ],
        "untestable_signals": list(learnt.untestable),
        "shapes": [{"name": s.name, "proposed": s.proposed, "reason": s.reason} for s in found.shapes],
        "derived": [
            {
                "name": d.recipe.name,
                "kind": d.recipe.kind,
                "parents": list(d.recipe.parents),
                "accepted": found.derived_accepted,
                "reason": d.reason,
            }
            for d in found.derived
        ],
        **about_rows(learnt.rows),
        "notices": [
            *(n.text for n in found.notices),
            *(n.text for n in learnt.rows.notices),
            *_lint(learnt.definition, columns),
        ],
    }


def _signals(learnt: Learnt, in_force: ScoreModel) -> list[dict[str, Any]]:
    """The proposed weights beside those in force, heaviest first."""
    if learnt.kind == "label":
        return [
            {
                "name": s.name,
                "label": s.label,
                "weight": s.weight,
                "data_share": 0.0,
                "weight_in_force": s.weight,
            }
            for s in in_force.scored
        ]
    if learnt.kind == "none":
        return []
    before = {s.name: s for s in in_force.signals}
    return [
        {
            "name": s.name,
            "label": before[s.name].label if s.name in before else s.name,
            "weight": s.weight,
            "weight_low": round(s.low, 2),
            "weight_high": round(s.high, 2),
            "data_share": round(s.data_share, 4),
            "selection_share": round(s.selection_share, 4) if np.isfinite(s.selection_share) else None,
            "weight_in_force": before[s.name].weight if s.name in before else 0.0,
        }
        for s in sorted(learnt.proposal.signals, key=lambda s: (-s.weight, s.name))
    ]


def _lint(definition: ScoreModel | None, columns: KnownColumns | None) -> list[str]:
    """What the model lint says about the proposed definition: errors, and warnings on its weights and tiers."""
    if definition is None:
        return []
    found = lint(definition, columns)
    return [str(f) for f in found if f.severity == "error" or f.rule in ("BG-W001", "BG-W003")]
