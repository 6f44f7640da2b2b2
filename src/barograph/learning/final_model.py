"""The final model of a proposal: fitted on everything, with its probability, its segments and its tiers.

What is said about it (calibration, segment levels, tier lines) comes from out-of-sample predictions of the same kind
of model, never from the rows it was fitted on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np

from barograph.learning.calibration import calibrate
from barograph.learning.columns import columns_of
from barograph.learning.intervals import codes
from barograph.learning.observations import FloatArray, Notice, Observations
from barograph.learning.person_periods import TenureTerms, Training, fit_tenure
from barograph.learning.proposal import Proposal, ProposedSignal
from barograph.learning.scorecard import FitRules, Scorecard
from barograph.learning.screening import Screening
from barograph.learning.search import SearchRules, search
from barograph.learning.segment_contest import choose_for_segments
from barograph.learning.segments import segment_shifts
from barograph.learning.selection import allowed, selection_share
from barograph.learning.tiers_from_risk import propose_tiers
from barograph.learning.weights import CentredWeights, ExpertPrior, centre_on_expert

STABLE_SHARE = 0.60
ACTIVITY_SHARE = 50


@dataclass(frozen=True, slots=True)
class LearnOptions:
    """Settings of one run; the defaults are the recipe. confirmed: leak suspicions a person has cleared.
    accept_shapes, accept_derived: take proposals of that sort as reviewed. tried_before: candidates tried in
    earlier runs and no longer listed. draws: bootstraps of the screening. stability: resamples of the
    choice."""

    fit: FitRules = field(default_factory=FitRules)
    seed: int = 0
    grace: int = 30
    tried_before: int = 0
    confirmed: Collection[str] = ()
    accept_shapes: bool = False
    accept_derived: bool = False
    draws: int = 500
    stability: int = 50
    challenger: bool = True
    propose_shapes: bool = True
    propose_derived: bool = True


def with_scorecard(
    partial: Proposal,
    observations: Observations,
    source: Training,
    rules: SearchRules,
    options: LearnOptions,
) -> Proposal:
    """The proposal with a scorecard searched on the rows to fit on; refused where nothing improves on them."""
    found = search(source.rows, rules)
    card = found.scorecard
    if card is None:
        return replace(
            partial, refused_because="no candidate improves on the base rate once all rows are used."
        )
    share = _selection_share(found.rows, card, options)
    signals = tuple(
        ProposedSignal(
            s.name,
            s.weight,
            max(0.0, 100 * float(card.exact_weights[j] - 1.96 * card.weight_sd[j])),
            min(100.0, 100 * float(card.exact_weights[j] + 1.96 * card.weight_sd[j])),
            1.0,
            share.get(s.name, float("nan")),
        )
        for j, s in enumerate(card.signals)
    )
    unstable = tuple(
        Notice("unstable_choice", f"{s.name} is chosen in {s.selection_share:.0%} of resamples.", s.name)
        for s in signals
        if s.selection_share < STABLE_SHARE
    )
    done = replace(
        partial,
        proposed=True,
        kind="scorecard",
        signals=signals,
        scorecard=card,
        candidates=tuple(s.bands.candidate for s in card.signals),
        shapes=found.shapes or partial.shapes,
        derived=found.derived or partial.derived,
        notices=(*partial.notices, *unstable, *_leaning(partial.screening, card)),
        tenure=_tenure(source, card.log_odds(found.rows)),
    )
    return _with_probability(done, observations, source, "predictive", found.rows, options)


def _tenure(source: Training, found: FloatArray) -> TenureTerms | None:
    """The tenure terms of the final model; none unless it was fitted on person-periods."""
    return None if source.period is None else fit_tenure(found, source.rows.lost, source.rows.tenure)


def with_weights(
    partial: Proposal,
    observations: Observations,
    source: Training,
    prior: ExpertPrior,
    options: LearnOptions,
) -> Proposal:
    """The proposal with the expert's weights moved by the rows to fit on; prior: the expert's inputs on those."""
    weights: CentredWeights = centre_on_expert(
        prior, source.rows.lost, cap=options.fit.cap, outcomes=partial.stage.outcomes
    )
    signals = tuple(
        ProposedSignal(
            name,
            int(weights.percent[j]),
            max(0.0, 100 * float(weights.share[j] - 1.96 * weights.sd[j])),
            min(100.0, 100 * float(weights.share[j] + 1.96 * weights.sd[j])),
            float(weights.data_share[j]),
            1.0,
        )
        for j, name in enumerate(weights.names)
    )
    notices = tuple(
        Notice("contradicts", f"{name} points the other way in the data: release its sign or drop it.", name)
        for name in weights.contradicts
    )
    done = replace(
        partial,
        proposed=True,
        kind="weights",
        signals=signals,
        weights=weights,
        notices=(*partial.notices, *notices),
        tenure=_tenure(source, weights.log_odds(prior.filled())),
    )
    return _with_probability(done, observations, source, "blended", source.rows, options)


def _with_probability(
    done: Proposal,
    observations: Observations,
    source: Training,
    kind: str,
    fitted: Observations,
    options: LearnOptions,
) -> Proposal:
    """Calibration, segments and tiers, all from out-of-sample predictions of the same kind of model. fitted: the
    rows the final model was fitted on, prepared."""
    assert done.contest is not None  # noqa: S101 - set by propose before any model is fitted
    p = done.contest.p[kind]
    rows = ~np.isnan(p)
    o = observations.take(rows)
    calibration = calibrate(p[rows], o.lost)
    pooled = np.full(observations.n, np.nan)
    pooled[rows] = calibration.apply(p[rows])
    shifts = segment_shifts(pooled[rows], o.lost, o.segment, o.account)
    segments, run = choose_for_segments(
        observations,
        source,
        done.plan,
        done.contest,
        pooled,
        shifts,
        done.scorecard,
        fitted,
        np.random.default_rng(options.seed),
        options.fit.cap,
    )
    done = replace(done, calibration=calibration, shifts=shifts, segments=segments, contest=run)
    if not o.n:
        return done
    score = done.score_of_log_odds(run.log_odds[kind][rows], o.segment)
    return replace(done, tiers=propose_tiers(score, calibration.apply(run.p[kind][rows]), o.lost, o.segment))


def _selection_share(rows: Observations, card: Scorecard, options: LearnOptions) -> dict[str, float]:
    """How often each chosen signal is chosen again when accounts are resampled, among all
    candidates.
    """
    share = selection_share(
        columns_of(rows).health,
        rows.lost,
        codes(rows.account),
        allowed(rows.evidence()[1], max(len(card.signals), 1)),
        np.random.default_rng(options.seed),
        options.stability,
    )
    return dict(zip(rows.names, share.tolist(), strict=True))


def _leaning(screening: Screening | None, card: Scorecard) -> tuple[Notice, ...]:
    """O3: the model leans on activity although an outcome measure predicts better."""
    activity = sum(s.weight for s in card.signals if s.bands.candidate.kind == "activity")
    if screening is None or activity <= ACTIVITY_SHARE:
        return ()
    notes = [s for s in screening.signals if s.note and s.name in card.names]
    return tuple(
        Notice("leans_on_activity", f"{activity} % of the weight is activity: {s.name} is {s.note}", s.name)
        for s in notes
    )
