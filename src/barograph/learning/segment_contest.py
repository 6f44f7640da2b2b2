"""What each segment gets: the pooled model, its own level, or its own weights, and why, with the counts.

Own weights are fitted inside every fold on the segment's training rows, drawn to the fold's pooled scorecard, and
have to pass the acceptance test on the segment's out-of-time rows against the pooled model at the segment's level.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from barograph.learning.contenders import Contest
from barograph.learning.observations import FloatArray, Observations
from barograph.learning.person_periods import Training
from barograph.learning.promotion import Acceptance, accept
from barograph.learning.scorecard import Scorecard
from barograph.learning.segments import SegmentShift, SegmentWeights, apply_shifts, partial_pool
from barograph.learning.stages import SEGMENT_GATE
from barograph.learning.walkforward import FOLD_PREDICTIVE, Plan
from barograph.learning.weights import DEFAULT_CAP


@dataclass(frozen=True, slots=True)
class SegmentChoice:
    """What one segment gets. outcomes, lost: out of time. weights: its own, when they won; test: how they did,
    None where they could not be tried. reason: a sentence that begins with what it gets."""

    segment: str
    outcomes: int
    lost: int
    gets: Literal["pooled", "own_level", "own_weights"]
    shift: SegmentShift
    weights: SegmentWeights | None
    test: Acceptance | None
    reason: str


def choose_for_segments(
    rows: Observations,
    training: Training,
    plan: Plan,
    run: Contest,
    p_lost: FloatArray,
    shifts: tuple[SegmentShift, ...],
    card: Scorecard | None,
    fitted: Observations,
    rng: np.random.Generator,
    cap: float = DEFAULT_CAP,
) -> tuple[tuple[SegmentChoice, ...], Contest]:
    """One choice per segment (none where all accounts are in one), and the contest with the own weights that won.

    rows: the judged rows; p_lost: calibrated pooled predictions of them, NaN where never tested. card: the final
    scorecard, None for a model that is not searched. fitted: the rows it was fitted on, prepared."""
    if len(shifts) < 2:
        return (), run
    pooled = apply_shifts(p_lost, rows.segment, shifts)
    out = []
    for shift in shifts:
        weights, test = None, None
        if card is None:
            why = "own weights need a searched scorecard"
        elif _gate(shift):
            trial = _with_own(rows, training, plan, run, shift.segment, cap)
            test = _compare(trial, pooled, rows, shift.segment, rng)
            if test.promoted:
                weights = partial_pool(fitted, card, shift.segment, cap=cap)
                run = trial if weights is not None else run
            why = f"own weights were tried: {test.reason}"
        else:
            why = f"own weights need {SEGMENT_GATE[0]} outcomes with {SEGMENT_GATE[1]} lost"
        out.append(_choice(shift, weights, test, why))
    return tuple(out), run


def _gate(shift: SegmentShift) -> bool:
    need, need_lost = SEGMENT_GATE
    return shift.outcomes >= need and min(shift.lost, shift.outcomes - shift.lost) >= need_lost


def _choice(
    shift: SegmentShift, weights: SegmentWeights | None, test: Acceptance | None, why: str
) -> SegmentChoice:
    gets: Literal["pooled", "own_level", "own_weights"] = "own_level" if shift.applied else "pooled"
    if weights is not None:
        gets = "own_weights"
        reason = (
            f"own weights, because they did better on {test.outcomes if test else 0} outcomes out of time"
        )
    elif shift.applied:
        reason = f"own level, pooled weights, because {shift.reason}; {why}"
    else:
        reason = f"pooled, because {shift.reason}; {why}"
    return SegmentChoice(
        shift.segment, shift.outcomes, shift.lost, gets, shift, weights, test, reason.rstrip(".") + "."
    )


def _with_own(
    rows: Observations, training: Training, plan: Plan, run: Contest, segment: str, cap: float
) -> Contest:
    """The contest with own weights of the segment in every fold that can fit them."""
    p, found, models = run.p["predictive"].copy(), run.log_odds["predictive"].copy(), []
    mine = np.asarray(rows.segment == segment, dtype=bool)
    for fold, before in zip(plan.folds, run.models, strict=True):
        fitted = before
        if before.searched is not None and before.searched.scorecard is not None:
            train = before.searched.prepare(training.rows.take(fold.train))
            own = partial_pool(train, before.searched.scorecard, segment, cap=cap, least=FOLD_PREDICTIVE)
            if own is not None:
                fitted = replace(before, own=(*before.own, own))
                test = fold.test[mine[fold.test]]
                there = rows.take(test)
                found[test] = fitted.log_odds("predictive", there, None)
                p[test] = fitted.p_lost("predictive", there, found[test])
        models.append(fitted)
    return replace(
        run,
        p={**run.p, "predictive": p},
        log_odds={**run.log_odds, "predictive": found},
        models=tuple(models),
    )


def _compare(
    trial: Contest, pooled: FloatArray, rows: Observations, segment: str, rng: np.random.Generator
) -> Acceptance:
    """Own weights against the pooled model on the segment's rows that a fold with own weights was asked about."""
    own = np.zeros(rows.n, dtype=bool)
    own[np.asarray(rows.segment == segment, dtype=bool) & ~np.isnan(pooled)] = True
    o, p = rows.take(own), trial.p["predictive"][own]
    return accept(p, pooled[own], o.lost, o.account, o.segment, rng, evidence=o.evidence())
