"""Expansion and downsell: a calibrated probability of its own each, once there are 50 of it (L7).

Asked of the decisions of accounts that stayed, with signals of its own from the same candidates. It is kept beside
the model's versions (`registry/<name>/targets/expansion-0001.json`) and never enters the health score.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np

from barograph.definitions.fingerprint import behaviour_fingerprint
from barograph.lake.journal import Record
from barograph.lake.store import user_name
from barograph.learning.contenders import Progress
from barograph.learning.observations import Observations
from barograph.learning.proposal import Proposal
from barograph.learning.recipe import LearnOptions, propose
from barograph.learning.scorecard import FitRules
from barograph.learning.targets import MIN_EVENTS, Target, retarget
from barograph.pipeline.evidence import Evidence
from barograph.pipeline.evidence_horizon import at_horizon
from barograph.pipeline.evidence_screen import remember_tried, tried_before
from barograph.pipeline.learn_contest import learnable, testable, training_plan
from barograph.pipeline.learn_figures import (
    acceptance_entry,
    figures_entry,
    period_entry,
    probability_entry,
    segments_entry,
)
from barograph.pipeline.learn_inputs import Models
from barograph.pipeline.registry import write_once
from barograph.pipeline.target_chances import definitions_behind

Question = Literal["expansion", "downsell"]
QUESTIONS: dict[Question, Target] = {"expansion": "expanded", "downsell": "downsold"}
WORDS: dict[Question, str] = {"expansion": "expanded", "downsell": "reduced"}


@dataclass(frozen=True)
class TargetLearnt:
    """What came out for one question. rows: decisions of accounts that stayed, `lost` being the bad answer.
    events: how many of them it happened to. path: where it is kept, None when nothing is proposed."""

    question: Question
    proposal: Proposal
    rows: Observations
    events: int
    untestable: tuple[str, ...]
    record: dict[str, Any] | None
    path: Path | None

    @property
    def reason(self) -> str:
        """Why this and not more, in words."""
        screening = self.proposal.screening
        if self.path is None and screening is not None and not screening.usable:
            return (
                f"none of {screening.tried} candidates tells beyond chance which of the {self.rows.n} accounts that "
                f"stayed were {WORDS[self.question]} ({self.events} were)."
            )
        if self.path is None:
            return self.proposal.refused_because
        return dict(self.proposal.acceptance)["predictive"].reason


def learn_target(
    models: Models,
    evidence: Evidence,
    question: Question,
    *,
    horizon: int,
    most: int = 8,
    seed: int = 0,
    confirmed: tuple[str, ...] = (),
    now: datetime,
    progress: Progress | None = None,
) -> TargetLearnt:
    """Learn who expands (or is reduced) among those who stay, and keep it when it passes its acceptance test.

    The recipe is that of the health score, against the base rate. No direction is taken from the declaration: what
    is healthy may point either way for growth. Raises TooFewOutcomesError with the counts below 50 decisions with
    the event or 50 without it.
    """
    base = models.in_force
    rows = at_horizon(learnable(evidence), horizon)
    rows = rows.take(rows.rows.outcome != "churned")
    asked = _free(retarget(rows.rows, QUESTIONS[question], MIN_EVENTS))
    grace = base.outcome.grace_days
    rows, untestable = testable(replace(rows, rows=asked), training_plan(asked, seed=seed, grace=grace))
    asked = rows.rows
    options = LearnOptions(
        fit=FitRules(most=most),
        seed=seed,
        grace=grace,
        tried_before=tried_before(models.workspace.lake.manifest(), base),
        confirmed={s.name for s in base.signals if s.confirmed} | set(confirmed),
    )
    found = propose(
        asked,
        None,
        options,
        earlier=rows.earlier,
        late_share=rows.late_share,
        replay_differs=rows.replay,
        progress=progress,
    )
    remember_tried(models.workspace, base, now)
    bad = int(asked.lost.sum())
    events = bad if question == "downsell" else asked.n - bad
    if not found.proposed:
        return TargetLearnt(question, found, asked, events, untestable, None, None)
    record = _record(question, found, asked, events, models, seed)
    with models.workspace.lake.transaction("learn") as txn:
        path = _keep(models, question, record, now)
        told = {"target": question, "events": events, "decisions": asked.evidence()[0]}
        txn.record(Record.of(now, user_name(), "learn", reason=f"{question}: {path.name}", counts=told))
    return TargetLearnt(question, found, asked, events, untestable, record, path)


def kept_targets(models: Models, question: Question) -> list[dict[str, Any]]:
    """What was kept for a question, oldest first."""
    folder = _folder(models)
    return [json.loads(p.read_text(encoding="utf-8")) for p in sorted(folder.glob(f"{question}-[0-9]*.json"))]


def _free(rows: Observations) -> Observations:
    """The same rows without declared directions."""
    return replace(rows, candidates=tuple(replace(c, direction="free") for c in rows.candidates))


def _record(
    question: Question, found: Proposal, rows: Observations, events: int, models: Models, seed: int
) -> dict[str, Any]:
    """All that is needed to say the probability later, and what it stands on.

    The link gives P(bad answer): reduced, or not expanded."""
    assert found.scorecard is not None  # noqa: S101 - without an expert only a scorecard is proposed
    return {
        "target": question,
        "behind": {
            "model": models.key,
            "behaviour": behaviour_fingerprint(models.in_force),
            "signals": definitions_behind(found.scorecard.names, models.in_force),
        },
        "seed": seed,
        "stage": found.stage.label,
        "decisions": found.stage.outcomes,
        "events": events,
        "probability_is_of": "no expansion" if question == "expansion" else "downsell",
        "signals": [
            {
                "name": s.name,
                "weight": s.weight,
                "cuts": list(s.cuts),
                "levels": [list(level) for level in s.levels],
                "points": list(s.points),
                "missing_points": s.missing_points,
                "selection_share": round(p.selection_share, 4) if np.isfinite(p.selection_share) else None,
            }
            for s, p in zip(found.scorecard.signals, found.signals, strict=True)
        ],
        "probability": probability_entry(found),
        "segments": segments_entry(found),
        "models": [figures_entry(f) for f in found.figures],
        "acceptance": [acceptance_entry(kind, test) for kind, test in found.acceptance],
        "plan": found.plan.reason,
        "period": period_entry(rows),
        "left_out": list(found.leaks.left_out),
    }


def _keep(models: Models, question: Question, record: dict[str, Any], now: datetime) -> Path:
    """Write it once; the same figures as the newest kept are that one."""
    folder = _folder(models)
    kept = sorted(folder.glob(f"{question}-[0-9]*.json"))
    if kept:
        newest = json.loads(kept[-1].read_text(encoding="utf-8"))
        if {k: v for k, v in newest.items() if k not in ("created_at", "created_by")} == json.loads(
            json.dumps(record)
        ):
            return kept[-1]
    number = int(kept[-1].stem.rpartition("-")[2]) + 1 if kept else 1
    path = folder / f"{question}-{number:04d}.json"
    whole = record | {
        "created_at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "created_by": user_name(),
    }
    write_once(path, json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    return path


def _folder(models: Models) -> Path:
    return models.registry.folder / models.in_force.name / "targets"
