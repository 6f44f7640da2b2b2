"""Learning on a workspace: from its evidence to a kept proposal, or to a refusal with the counts that are missing.

Nothing in force changes here. The recipe is `learning.recipe`; this module gives it the rows, the expert's view
and the leak facts, and turns what it says into a definition.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from barograph.definitions.fingerprint import behaviour_fingerprint
from barograph.definitions.model import ScoreModel
from barograph.lake.journal import Record
from barograph.lake.store import user_name
from barograph.learning.observations import Observations
from barograph.learning.proposal import Proposal
from barograph.learning.recipe import LearnOptions, propose
from barograph.learning.scorecard import FitRules
from barograph.learning.stages import GATES
from barograph.pipeline.evidence import Evidence
from barograph.pipeline.evidence_horizon import at_horizon
from barograph.pipeline.evidence_screen import remember_tried, tried_before
from barograph.pipeline.learn_contest import (
    all_horizons,
    expert_prior,
    learnable,
    testable,
    training_plan,
    training_rows,
)
from barograph.pipeline.learn_definition import learnt_definition, relabelled
from barograph.pipeline.learn_figures import (
    acceptance_entry,
    figures_entry,
    period_entry,
    probability_entry,
    segments_entry,
    tiers_entry,
)
from barograph.pipeline.learn_inputs import Models
from barograph.pipeline.learn_proposals import ModelProposal, Proposals
from barograph.pipeline.learn_record import Counts, count_history

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class LearnSettings:
    """What a person asked for. horizon: days before the decision to learn from. name: of the model, the one
    in force by default. confirmed: signals whose leak suspicion was cleared. accept_shapes: take proposed
    shapes with more than one direction as reviewed."""

    max_signals: int = 8
    horizon: int = 90
    name: str | None = None
    seed: int = 0
    confirmed: Collection[str] = ()
    accept_shapes: bool = False


@dataclass(frozen=True)
class Learnt:
    """What came out. kept: the proposal on file, None when nothing is proposed. kind: as in ModelProposal, or
    `none`. reason: why this and not more, in words. untestable: candidates whose source begins too late."""

    proposal: Proposal
    rows: Evidence
    kept: ModelProposal | None
    definition: ScoreModel | None
    kind: str
    reason: str
    untestable: tuple[str, ...]

    @property
    def too_few(self) -> bool:
        """Nothing is proposed because outcomes are missing."""
        stage = self.proposal.stage
        need, need_lost = GATES["validated_heuristic"]
        return self.kept is None and (stage.outcomes < need or stage.lost < need_lost)


def learn(
    models: Models,
    evidence: Evidence,
    settings: LearnSettings,
    *,
    now: datetime,
    progress: Progress | None = None,
) -> Learnt:
    """Learn from all that the evidence holds and keep what is worth proposing.

    evidence: rows of all horizons of the model. Raises RefusedError when no row is at the horizon asked for,
    BarographError for rows that cannot be (an account twice, an outcome before its decision).
    """
    base = models.in_force
    every = learnable(evidence)
    rows, untestable = _testable(at_horizon(every, settings.horizon), settings.seed, base)
    tried = tried_before(models.workspace.lake.manifest(), base)
    cleared = {s.name for s in base.signals if s.confirmed} | set(settings.confirmed)
    fit = FitRules(most=settings.max_signals)
    options = LearnOptions(
        fit=fit,
        seed=settings.seed,
        grace=base.outcome.grace_days,
        tried_before=tried,
        confirmed=cleared,
        accept_shapes=settings.accept_shapes,
    )
    found = propose(
        rows.rows,
        expert_prior(rows, models),
        options,
        earlier=rows.earlier,
        late_share=rows.late_share,
        replay_differs=rows.replay,
        training=training_rows(rows, models),
        progress=progress,
    )
    remember_tried(models.workspace, base, now)
    kind, reason = _kind(found, models)
    if kind == "none":
        return Learnt(found, rows, None, None, kind, reason, untestable)
    if kind == "label":
        definition = relabelled(base, found.stage.label, found.stage.outcomes)
        counts = _own_record(every)
    else:
        name = settings.name or base.name
        definition = learnt_definition(found, base, models.expert, rows.rows, name)
        counts = _record(found, every, rows.rows, models)
    figures = _figures(found, rows, kind)
    with models.workspace.lake.transaction("learn") as txn:
        kept = Proposals(models.registry.folder).add(
            definition,
            kind=kind,
            champion=models.key,
            champion_behaviour=behaviour_fingerprint(base),
            promoted=_promoted(found, kind),
            reason=reason,
            seed=settings.seed,
            now=now,
            figures=figures,
            track_record=counts,
        )
        told = {"proposal": kept.key, "outcomes": found.stage.outcomes, "lost": found.stage.lost}
        txn.record(Record.of(now, user_name(), "learn", reason=reason, counts=told))
    return Learnt(found, rows, kept, definition, kind, reason, untestable)


def _testable(rows: Evidence, seed: int, model: ScoreModel) -> tuple[Evidence, tuple[str, ...]]:
    """The rows over the candidates that can be tested out of time, and the names of the others."""
    plan = training_plan(rows.rows, seed=seed, grace=model.outcome.grace_days)
    return testable(rows, plan)


def _kind(found: Proposal, models: Models) -> tuple[str, str]:
    """What to put forward, and why.

    Weights that were worse out of time than the expert's are not put forward, whatever their number of
    outcomes; a heuristic that separates may carry its better label.
    """
    label = found.stage.label == "validated_heuristic" and models.in_force.stage == "heuristic"
    if not found.proposed:
        if label:
            return "label", _label_reason(found, found.refused_because)
        return "none", found.refused_because
    if found.kind == "weights" and not _promoted(found, "weights"):
        moved, opinion = found.figure("blended"), found.figure("heuristic")
        if moved is not None and opinion is not None and moved.log_loss >= opinion.log_loss:
            why = (
                f"weights moved by the data did not do better out of time (log-loss {moved.log_loss:.3f} against "
                f"{opinion.log_loss:.3f} on {moved.n} outcomes); the expert weights stay."
            )
            return ("label", _label_reason(found, why)) if label else ("none", why)
    tests = dict(found.acceptance)
    test = tests.get("predictive" if found.kind == "scorecard" else "blended")
    if test is None:
        return found.kind, found.stage.headline
    passed = f"The acceptance test passed on {test.outcomes} outcomes out of time, {test.lost} of them lost."
    return found.kind, passed if test.promoted else test.reason[:1].upper() + test.reason[1:]


def _label_reason(found: Proposal, why: str) -> str:
    stage = found.stage
    earned = (
        f"On {stage.outcomes} outcomes with {stage.lost} lost the expert weights rank better than chance."
    )
    return f"{earned} {why[:1].upper()}{why[1:]}".strip()


def _promoted(found: Proposal, kind: str) -> bool:
    """Whether the acceptance test allows it: a label by its own gate, weights and scorecards by promotion."""
    if kind == "label":
        return True
    test = dict(found.acceptance).get("predictive" if kind == "scorecard" else "blended")
    return test is not None and test.promoted


def _record(found: Proposal, every: Evidence, judged: Observations, models: Models) -> Counts:
    """Out-of-sample scores of this kind of model at all horizons, on the scale of the proposed one.

    judged: the rows that the contest was held on; the model of the fold that tested a decision is asked about its
    rows at the other horizons too."""
    assert found.contest is not None  # noqa: S101 - something is proposed
    o = every.rows
    base = np.flatnonzero(o.horizon == judged.horizon[0])
    tests = all_horizons(found.plan, base, o)
    kind = "predictive" if found.kind == "scorecard" else "blended"
    log_odds = found.contest.ask(kind, tests, o, expert_prior(every, models))
    return count_history(found.score_of_log_odds(log_odds, o.segment), o.horizon, o.lost, o.segment)


def _own_record(every: Evidence) -> Counts:
    """Scores of a model that was fitted on nothing are out of sample as they are."""
    o = every.rows
    return count_history(every.views["in_force"].score, o.horizon, o.lost, o.segment)


def _figures(found: Proposal, rows: Evidence, kind: str) -> dict[str, Any]:
    """What the version will be said to stand on."""
    stage = found.stage
    return {
        "stage": stage.label,
        "outcomes": stage.outcomes,
        "lost": stage.lost,
        "period": period_entry(rows.rows),
        "plan": {"kind": found.plan.kind, "folds": len(found.plan.folds), "reason": found.plan.reason},
        "models": [figures_entry(f) for f in found.figures],
        "acceptance": [acceptance_entry(name, test) for name, test in found.acceptance],
        "tiers": [tiers_entry(t) for t in found.tiers] if kind != "label" else [],
        "probability": probability_entry(found) if kind != "label" else None,
        "segments": segments_entry(found) if kind != "label" else [],
        "signals": [
            {
                "name": s.name,
                "weight": s.weight,
                "low": round(s.low, 2),
                "high": round(s.high, 2),
                "data_share": round(s.data_share, 4),
                "selection_share": round(s.selection_share, 4) if np.isfinite(s.selection_share) else None,
            }
            for s in found.signals
        ]
        if kind != "label"
        else [],
        "left_out": list(found.leaks.left_out),
        "treated": int(rows.rows.treated.sum()),
    }
