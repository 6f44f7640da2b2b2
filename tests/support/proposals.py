"""Proposals put on file without learning them, for tests of what becomes of a proposal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from barograph.definitions.fingerprint import behaviour_fingerprint
from barograph.definitions.model import ScoreModel
from barograph.pipeline.learn_inputs import models_of
from barograph.pipeline.learn_proposals import ModelProposal, Proposals
from barograph.workspace import Workspace
from support.small_workspace import NOW

RECORD = [
    {"score": low, "lead_days": lead, "segment": segment, "n": 30, "lost": lost}
    for segment in ("mid", "smb", "ent")
    for lead in (30, 90)
    for low, lost in ((30, 15), (50, 9), (60, 6), (70, 4), (80, 2), (90, 1))
]
"""Counts of a track record with enough in every band from 30 up."""


def calibrated(
    intercept: float = 1.0, slope: float = 5.0, *, known_until: int = 20_000, **more: Any
) -> dict[str, Any]:
    """Figures of a learnt version: logit P(lost) = intercept - slope * score / 100, approved on AUC .80."""
    calibration = {
        "kind": "platt",
        "intercept": 0.0,
        "slope": 1.0,
        "knots": [],
        "outcomes": 412,
        "reason": "",
    }
    link = {"intercept": intercept, "slope": slope, "calibration": calibration, "shifts": []}
    auc = {"kind": "predictive", "auc": 0.8, "auc_low": 0.74, "auc_high": 0.86}
    return {
        "stage": "predictive",
        "outcomes": 412,
        "lost": 96,
        "period": {"from": "2024-01-01", "to": "2025-01-01", "known_until": "2025-01-01",
                   "known_until_day": known_until, "horizon_days": 90},
        "models": [{**auc, "signals": 4, "n": 412, "lost": 96, "balanced_accuracy": 0.72, "log_loss": 0.45,
                    "ece": 0.03}],
        "probability": link,
        **more,
    }  # fmt: skip


def put_proposal(
    place: Workspace,
    model: ScoreModel,
    *,
    figures: dict[str, Any] | None = None,
    promoted: bool = True,
    now: datetime = NOW,
) -> ModelProposal:
    """Keep a definition as a proposal against the model in force, as `learn` does."""
    models = models_of(place)
    with place.lake.transaction("learn"):
        return Proposals(models.registry.folder).add(
            model,
            kind="scorecard",
            champion=models.key,
            champion_behaviour=behaviour_fingerprint(models.in_force),
            promoted=promoted,
            reason="The acceptance test passed." if promoted else "it does not hold out of time.",
            seed=0,
            now=now,
            figures=calibrated() if figures is None else figures,
            track_record=RECORD,
        )
