"""Validation of the models of a workspace, out of time, at every horizon, on the same rows (L5, L8, L9, L11)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from barograph.core.arrays import CodeArray
from barograph.core.thresholds import AT_RISK, GROWTH, HEALTHY, INSUFFICIENT, TIER_CODES, WATCH, tier_names
from barograph.definitions.model import ScoreModel
from barograph.learning.early_warning import EarlyWarning, early_warning
from barograph.learning.metrics import probability
from barograph.learning.observations import BoolArray, FloatArray, IntArray, Observations
from barograph.learning.reclassified import Cell, reclassified
from barograph.learning.scorecard import FitRules
from barograph.learning.tiers_from_risk import AT_RISK_ODDS, TOP_ODDS, WATCH_ODDS
from barograph.pipeline.evidence import Evidence, not_learnable
from barograph.pipeline.evidence_screen import leak_audit
from barograph.pipeline.learn_contest import (
    Bout,
    Progress,
    hold_contest,
    learnable,
    testable,
    training_plan,
)
from barograph.pipeline.learn_figures import risk_of
from barograph.pipeline.learn_inputs import EXPERT_STAGES, Models
from barograph.pipeline.learn_kept import unseen
from barograph.pipeline.learn_record import Counts, add_counts, count_history
from barograph.pipeline.learn_validate_judged import TIERS, Judged, Risk, beside, judge_model
from barograph.pipeline.learn_validate_lines import LinesFromRisk, lines_from_risk
from barograph.pipeline.learn_validate_signals import SignalsValidation, validate_signals, weights_of
from barograph.pipeline.registry import Version

Proposed = tuple[ScoreModel, Mapping[str, Any]]
"""A proposed definition and the figures it is kept with."""


@dataclass(frozen=True, slots=True)
class HorizonValidation:
    """All models on the same rows of one horizon. rows: positions in the validated evidence."""

    days: int
    rows: IntArray
    observations: Observations
    models: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class Reclassified:
    """The rows of the longest horizon under two models: `before` and `after` are their kinds."""

    before: str
    after: str
    days: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Validation:
    """The validation of a workspace's models.

    horizons: on rows that were out of time for all fitted kinds; without any fold on all rows, and only what was
    fitted on nothing is judged (out_of_time False). warning: lead times and surprises of the model in force on all
    rows it has not seen, at the horizons only; warnings: of every kind on the rows of `horizons`. signals: what the
    weights stand on. lines: where the tiers of the model in force would begin by risk; approved_lines: those that a
    learnt one was approved with. reclassified: past accounts under the model in force and the one beside it.
    """

    evidence: Evidence
    bout: Bout
    horizons: tuple[HorizonValidation, ...]
    warning: EarlyWarning
    warnings: Mapping[str, EarlyWarning]
    signals: SignalsValidation
    lines: LinesFromRisk
    approved_lines: tuple[Mapping[str, Any], ...]
    reclassified: tuple[Reclassified, ...]
    out_of_time: bool

    def track_record(self, models: Models) -> Counts:
        """How the scores of the model in force fared out of sample: a heuristic's all; of a learnt model what it
        was approved on and what came after its own training data."""
        rows = unseen(models.in_force, models.version, self.evidence.rows)
        o, score = self.evidence.rows.take(rows), self.evidence.views["in_force"].score[rows]
        fresh = count_history(score, o.horizon, o.lost, o.segment)
        if models.in_force.stage in EXPERT_STAGES or models.version is None:
            return fresh
        return add_counts(models.version.figures.get("track_record", []), fresh)


def validate(
    models: Models,
    evidence: Evidence,
    *,
    train_at: int,
    proposed: str,
    seed: int,
    confirmed: Collection[str] = (),
    tried_before: int = 0,
    fit: FitRules | None = None,
    challenger: bool = True,
    proposal: Proposed | None = None,
    previous: tuple[ScoreModel, Version] | None = None,
    progress: Progress | None = None,
) -> Validation:
    """Judge the model in force, the proposed kind, heuristic, equal weights and the challenger.

    train_at: horizon on which the fitted kinds learn in each fold. proposed: `predictive` or `blended`; proposal:
    the definition on file, whose weights are shown. previous: the version before, which the evidence has seen as the
    view `previous`. Raises RefusedError when nothing can be looked back on.
    """
    every = learnable(evidence)
    base = train_at if train_at in every.horizons else max(every.horizons)
    trained = every.take(np.flatnonzero(every.rows.horizon == base))
    grace = models.in_force.outcome.grace_days
    plan = training_plan(trained.rows, seed=seed, grace=grace)
    _, dead = testable(trained, plan)
    leaks = leak_audit(trained, confirmed)
    bout = hold_contest(
        every,
        models,
        train_at=base,
        seed=seed,
        grace=grace,
        fit=fit,
        left_out=(*leaks.left_out, *dead),
        tried_before=tried_before,
        challenger=challenger,
        progress=progress,
    )
    tested = ~np.isnan(bout.run.base)
    out_of_time = bool(tested.any())
    rows = tested if out_of_time else np.ones(every.rows.n, dtype=bool)
    risks = _risks(models, every, bout, proposed, out_of_time)
    if previous is not None:
        risks["previous"] = _version(every, "previous", *previous)
    horizons = []
    for days in every.horizons:
        here = np.flatnonzero(rows & (every.rows.horizon == days))
        if len(here):
            judged = tuple(
                judge_model(kind, r, every, bout.run.base, here, seed) for kind, r in risks.items()
            )
            horizons.append(HorizonValidation(days, here, every.rows.take(here), beside(judged, every)))
    kept = np.flatnonzero(rows & (every.rows.horizon == base))
    figures = {} if models.version is None else models.version.figures
    signals = validate_signals(
        trained,
        models.in_force,
        weights_of(models.in_force, figures),
        {} if proposal is None else weights_of(*proposal),
        seed=seed,
        tried_before=tried_before,
        refused=(
            *leaks.reasons(),
            *((s.name, why) for s in models.in_force.signals if (why := not_learnable(s))),
        ),
    )
    seen = unseen(models.in_force, models.version, every.rows)
    return Validation(
        every,
        bout,
        tuple(horizons),
        _warning(every.take(seen), every.views["in_force"].tier[seen]),
        _warnings(every, rows, risks),
        signals,
        lines_from_risk(
            models.in_force,
            every.views["in_force"].score[kept],
            risks["in_force"].p[kept],
            every.rows.take(kept),
        ),
        tuple(figures.get("tiers") or ()),
        _reclassified(horizons[-1], every) if horizons else (),
        out_of_time,
    )


def _risks(models: Models, every: Evidence, bout: Bout, proposed: str, out_of_time: bool) -> dict[str, Risk]:
    """P(lost) and tiers of every kind on all rows, in the order of the document."""
    nothing = np.full(every.rows.n, np.nan)
    run, tiers = bout.run, [TIER_CODES[tier.name] for tier in models.in_force.tiers]
    out = {"in_force": _in_force(models, every, run.p.get("heuristic", nothing))}
    for kind, source in (
        ("proposed", proposed if proposed in run.p else "predictive"),
        ("heuristic", "heuristic"),
        ("equal_weights", "equal_weights"),
        ("challenger", "challenger"),
    ):
        if source not in run.p:
            continue
        p, note = run.p[source], "" if out_of_time else "too few outcomes to fit and test it out of time"
        if kind == "heuristic":
            view = every.views["heuristic"]
            out[kind] = Risk(p, view.score, view.tier, run.signals[source], by_score=True, note=note)
        else:
            out[kind] = Risk(p, nothing, by_risk(p, run.base, tiers), run.signals[source], note=note)
    return out


def _in_force(models: Models, every: Evidence, heuristic: FloatArray) -> Risk:
    """The model in force: a heuristic by its own score; a learnt one by its probability, on later rows only."""
    view = every.views["in_force"]
    if models.in_force.stage in EXPERT_STAGES:
        return Risk(heuristic, view.score, view.tier, len(view.signals), by_score=True)
    return _version(every, "in_force", models.in_force, models.version)


def _version(every: Evidence, key: str, model: ScoreModel, version: Version | None) -> Risk:
    """A version by its own scores, tiers and probability. A learnt one on the rows after its training data only."""
    view = every.views[key]
    count, figures = len(view.signals), {} if version is None else version.figures
    p = risk_of(figures, view.score, every.rows.segment, days=every.rows.horizon)
    later = unseen(model, version, every.rows)
    if p is None and model.stage in EXPERT_STAGES:
        return Risk(np.full(every.rows.n, np.nan), view.score, view.tier, count, by_score=True)
    if p is None:
        note = "it was brought in without evidence: nothing says what it was fitted on"
        nothing = np.full(every.rows.n, np.nan)
        return Risk(nothing, view.score, view.tier, count, by_score=True, fair=later, note=note)
    note = "" if later.all() else f"judged on the {int(later.sum())} rows after its own training data only"
    chance = np.where(later, p, np.nan)
    return Risk(chance, view.score, view.tier, count, by_score=True, fair=later, note=note)


def by_risk(p: FloatArray, base: FloatArray, tiers: Sequence[int]) -> CodeArray:
    """Tier codes by the odds of loss against the base odds known when each fold began (see tiers_from_risk).

    tiers: codes that the model has, ascending; one that it has not falls to the next worse.
    """
    inside = np.clip(base, 1e-4, 1 - 1e-4)
    odds = np.log(inside) - np.log1p(-inside)
    lines = [probability(odds + np.log(factor)) for factor in (AT_RISK_ODDS, WATCH_ODDS, TOP_ODDS)]
    tier = np.full(len(p), GROWTH, dtype=np.int8)
    tier[p >= lines[2]] = HEALTHY
    tier[p >= lines[1]] = WATCH
    tier[p >= lines[0]] = AT_RISK
    there = np.array(tiers, dtype=np.int8)
    tier = there[np.maximum(np.searchsorted(there, tier, "right") - 1, 0)]
    tier[np.isnan(p)] = INSUFFICIENT
    return tier


def _reclassified(last: HorizonValidation, every: Evidence) -> tuple[Reclassified, ...]:
    """From the expert weights and the version before to the model in force, from that to the proposed one, where
    they differ."""
    kinds = {m.kind: m for m in last.models}
    found = []
    for one, two in (("heuristic", "in_force"), ("previous", "in_force"), ("in_force", "proposed")):
        if one not in kinds or two not in kinds:
            continue
        both, first, second = np.intersect1d(kinds[one].rows, kinds[two].rows, return_indices=True)
        before, after = kinds[one].tier[first], kinds[two].tier[second]
        if len(both) and (before != after).any():
            o = every.rows.take(both)
            cells = reclassified(tier_names(before), tier_names(after), o.lost, o.arr_before, TIERS)
            found.append(Reclassified(one, two, last.days, cells))
    return tuple(found)


def _warnings(every: Evidence, rows: BoolArray, risks: Mapping[str, Risk]) -> dict[str, EarlyWarning]:
    """Lead times and surprises of every kind, on the rows that it may be judged on."""
    found = {}
    for kind, risk in risks.items():
        fair = rows if risk.fair is None else rows & risk.fair
        known = fair if risk.by_score else fair & ~np.isnan(risk.p)
        found[kind] = _warning(every.take(known), risk.tier[known])
    return found


def _warning(every: Evidence, tier: CodeArray) -> EarlyWarning:
    """First flag per decision among the horizons: the earliest day looked from on which it was At Risk."""
    red = tier == AT_RISK
    decisions = np.unique(every.decision)
    place = np.searchsorted(decisions, every.decision)
    first = np.full(len(decisions), np.inf)
    np.minimum.at(first, place[red], every.rows.as_of[red].astype(float))
    row = np.full(len(decisions), -1, dtype=np.int64)
    row[place] = np.arange(len(place))
    treated = np.zeros(len(decisions), dtype=bool)
    np.logical_or.at(treated, place, every.rows.treated)
    o = every.rows.take(row)
    flag = np.where(np.isinf(first), np.nan, first)
    return early_warning(flag, o.decision.astype(float), o.lost, o.arr_before, treated)
