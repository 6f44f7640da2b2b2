"""What was learnt about expansion or downsell, as a document (`barograph.learn_target/1`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from barograph.pipeline.learn_figures import acceptance_entry, figures_entry, segments_entry
from barograph.pipeline.learn_target import WORDS, TargetLearnt

SCHEMA = "barograph.learn_target/1"


def target_document(learnt: TargetLearnt, head: dict[str, Any]) -> dict[str, Any]:
    """The document; see docs/reference/json-learning.md."""
    found, rows = learnt.proposal, learnt.rows
    decisions = found.stage.outcomes
    return {
        **head,
        "target": learnt.question,
        "kept": learnt.path is not None,
        "file": None if learnt.path is None else learnt.path.name,
        "reason": learnt.reason,
        "headline": f"{learnt.events} of {decisions} accounts that stayed were {WORDS[learnt.question]}",
        "horizon_days": int(np.median(rows.horizon)),
        "decisions": decisions,
        "events": learnt.events,
        "signals": [
            {
                "name": s.name,
                "weight": s.weight,
                "weight_low": round(s.low, 2),
                "weight_high": round(s.high, 2),
                "selection_share": round(s.selection_share, 4) if np.isfinite(s.selection_share) else None,
            }
            for s in found.signals
        ],
        "models": [figures_entry(f) for f in found.figures],
        "acceptance": [acceptance_entry(kind, test) for kind, test in found.acceptance],
        "segments": segments_entry(found),
        "plan": found.plan.reason,
        "left_out_signals": [
            {"name": flag.name, "code": flag.code, "text": flag.text}
            for flag in found.leaks.flags
            if flag.name in found.leaks.left_out
        ],
        "untestable_signals": list(learnt.untestable),
        "notices": [n.text for n in found.notices],
    }
