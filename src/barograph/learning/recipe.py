"""The recipe: from observations to a proposed model, or to a refusal that says what is missing.

Order: what the rows are worth (checks), who could know the outcome (leaks), what says anything (screening),
what each kind of model is worth out of time (contest), which of them passes its gate (stages, acceptance),
and only then the fit on everything, its calibration, its tiers. Nothing is put in force here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np

from barograph.learning.binning import band
from barograph.learning.calibration import calibrate
from barograph.learning.contenders import Contest, Progress, SearchRules, contest, review, search
from barograph.learning.figures import Figures, judge
from barograph.learning.intervals import auc_interval, codes
from barograph.learning.leaks import LeakAudit, audit
from barograph.learning.observations import (
    BoolArray,
    FloatArray,
    Notice,
    Observations,
    OneSidedOutcomesError,
    check,
)
from barograph.learning.promotion import Acceptance, accept
from barograph.learning.proposal import Proposal, ProposedSignal
from barograph.learning.scorecard import FitRules, Scorecard
from barograph.learning.screening import Screening, ScreenRules, screen
from barograph.learning.segments import segment_shifts
from barograph.learning.selection import allowed, selection_share
from barograph.learning.stages import Stage, decide, may_try
from barograph.learning.tiers_from_risk import propose_tiers
from barograph.learning.walkforward import Plan, plan_folds
from barograph.learning.weights import CentredWeights, ExpertPrior, centre_on_expert

STABLE_SHARE = 0.60
FEW_TO_HEAR = 20  # out-of-time outcomes from which a worse log-loss is heard though it decides nothing
ACTIVITY_SHARE = 50
FOLD_PREDICTIVE, FOLD_BLENDED = (100, 25), (30, 10)  # the fewest (outcomes, lost) a fold may train on


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


def propose(
    observations: Observations,
    prior: ExpertPrior | None = None,
    options: LearnOptions | None = None,
    *,
    earlier: FloatArray | None = None,
    late_share: FloatArray | None = None,
    replay_differs: FloatArray | None = None,
    progress: Progress | None = None,
) -> Proposal:
    """Learn from resolved observations; never raises for lack of evidence, the Proposal says so instead.

    prior: the heuristic model on the same rows (None: searched models compete with the base rate). earlier,
    late_share, replay_differs: see `leaks.audit`. Raises BarographError for impossible or duplicate rows.
    """
    options = options or LearnOptions()
    rng = np.random.default_rng(options.seed)
    outcomes, lost = observations.evidence()
    try:
        notices = check(observations)
    except OneSidedOutcomesError as reason:
        return _refuse(decide(outcomes, lost), str(reason), LeakAudit((), ()), ())
    leaks = audit(
        observations,
        earlier=earlier,
        late_share=late_share,
        replay_differs=replay_differs,
        confirmed=options.confirmed,
    )
    if not may_try("validated_heuristic", outcomes, lost):
        stage = decide(outcomes, lost)
        return _refuse(stage, f"too little evidence: {stage.missing[0].text}", leaks, notices)
    screening = screen(observations, rng, ScreenRules(options.draws, options.tried_before, leaks.reasons()))
    rules = SearchRules(
        fit=options.fit,
        left_out=leaks.left_out,
        tried_before=options.tried_before,
        accept_shapes=options.accept_shapes,
        accept_derived=options.accept_derived,
        seed=options.seed,
    )
    least = FOLD_PREDICTIVE if may_try("predictive", outcomes, lost) else FOLD_BLENDED
    plan = plan_folds(observations, rng, grace=options.grace, min_outcomes=least[0], min_lost=least[1])
    run = contest(observations, plan, prior, rules, with_challenger=options.challenger, progress=progress)
    stage, tests = _gates(observations, prior, run, rng, (outcomes, lost))
    reviewed = review(observations, rules, shapes=options.propose_shapes, derived=options.propose_derived)
    partial = replace(
        _refuse(stage, "", leaks, notices),
        screening=screening,
        plan=plan,
        contest=run,
        acceptance=tests,
        shapes=reviewed.shapes,
        derived=reviewed.derived,
        derived_accepted=options.accept_derived,
        figures=_figures(observations, run, rng),
    )
    if stage.label == "predictive":
        return _scorecard(partial, observations, rules, options)
    if prior is not None and _weights_may_move(stage, tests):
        return _weights(partial, observations, prior, options)
    return replace(partial, refused_because=_why_nothing(stage, tests, screening, prior))


def _gates(
    observations: Observations,
    prior: ExpertPrior | None,
    run: Contest,
    rng: np.random.Generator,
    evidence: tuple[int, int],
) -> tuple[Stage, tuple[tuple[str, Acceptance], ...]]:
    """Run the acceptance tests the counts allow and decide the stage. The heuristic is fitted on nothing, so
    its AUC is judged on every row."""
    tests: dict[str, Acceptance] = {}
    low = float("nan")
    champion = "base_rate"
    if prior is not None:
        low = auc_interval(prior.score(), observations.lost, codes(observations.account)).low
        champion = "heuristic"
        if may_try("blended", *evidence):
            tests["blended"] = _accept(observations, run, "blended", champion, rng)
            champion = "blended" if tests["blended"].promoted else champion
    if may_try("predictive", *evidence):
        tests["predictive"] = _accept(observations, run, "predictive", champion, rng)
    stage = decide(
        *evidence,
        heuristic_auc_low=low,
        blended=tests.get("blended"),
        predictive=tests.get("predictive"),
    )
    return stage, tuple(tests.items())


def _accept(
    observations: Observations, run: Contest, challenger: str, champion: str, rng: np.random.Generator
) -> Acceptance:
    rows: BoolArray = ~np.isnan(run.p[challenger])
    o = observations.take(rows)
    return accept(
        run.p[challenger][rows],
        run.p[champion][rows],
        o.lost,
        o.account,
        o.segment,
        rng,
        evidence=o.evidence(),
    )


def _weights_may_move(stage: Stage, tests: tuple[tuple[str, Acceptance], ...]) -> bool:
    """Promoted, or a validated heuristic on which the acceptance test could not decide for lack of outcomes while
    the few out-of-time outcomes there are do not speak against moving.
    """
    blended = dict(tests).get("blended")
    if stage.label == "blended":
        return True
    if stage.label != "validated_heuristic" or (blended is not None and blended.enough):
        return False
    return blended is None or blended.outcomes < FEW_TO_HEAR or blended.loss_gain.value >= 0


def _scorecard(
    partial: Proposal, observations: Observations, rules: SearchRules, options: LearnOptions
) -> Proposal:
    found = search(observations, rules)
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
    )
    return _with_probability(done, observations, "predictive")


def _weights(
    partial: Proposal, observations: Observations, prior: ExpertPrior, options: LearnOptions
) -> Proposal:
    weights: CentredWeights = centre_on_expert(
        prior, observations.lost, cap=options.fit.cap, outcomes=partial.stage.outcomes
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
    )
    return _with_probability(done, observations, "blended")


def _with_probability(done: Proposal, observations: Observations, kind: str) -> Proposal:
    """Calibration, segment shifts and tiers, all from out-of-sample predictions of the same kind of model."""
    assert done.contest is not None  # noqa: S101 - set by propose before any model is fitted
    p = done.contest.p[kind]
    rows = ~np.isnan(p)
    o = observations.take(rows)
    calibration = calibrate(p[rows], o.lost)
    calibrated = calibration.apply(p[rows])
    done = replace(done, calibration=calibration, shifts=segment_shifts(calibrated, o.lost, o.segment))
    if not o.n:
        return done
    return replace(done, tiers=propose_tiers(done.score_of_risk(p[rows]), calibrated, o.lost, o.segment))


def _figures(observations: Observations, run: Contest, rng: np.random.Generator) -> tuple[Figures, ...]:
    if not run.p or np.isnan(run.p["base_rate"]).all():
        return ()
    return tuple(
        judge(kind, p, observations, rng, flagged=p >= run.base, signals=run.signals[kind])
        for kind, p in run.p.items()
    )


def _selection_share(rows: Observations, card: Scorecard, options: LearnOptions) -> dict[str, float]:
    """How often each chosen signal is chosen again when accounts are resampled, among all
    candidates.
    """
    cut = [band(rows.signals[:, j], rows.lost, c) for j, c in enumerate(rows.candidates)]
    woe = np.column_stack([b.health(rows.signals[:, j]) for j, b in enumerate(cut)])
    share = selection_share(
        woe,
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


def _why_nothing(
    stage: Stage,
    tests: tuple[tuple[str, Acceptance], ...],
    screening: Screening,
    prior: ExpertPrior | None,
) -> str:
    """The reason in words, the strongest first: no signal at all, a failed test, or missing outcomes."""
    if not screening.usable and not (prior is not None and stage.label != "heuristic"):
        return (
            f"none of {screening.tried} candidates can be told from chance on {stage.outcomes} outcomes with "
            f"{stage.lost} lost; nothing is proposed."
        )
    if tests:
        kind, found = tests[-1]
        return f"the {kind} model: {found.reason}"
    return "; ".join(m.text for m in stage.missing) or "nothing improves on the model in force."


def _refuse(stage: Stage, reason: str, leaks: LeakAudit, notices: tuple[Notice, ...]) -> Proposal:
    """A proposal that proposes nothing yet."""
    return Proposal(
        proposed=False,
        kind="none",
        stage=stage,
        refused_because=reason,
        signals=(),
        scorecard=None,
        weights=None,
        candidates=(),
        calibration=None,
        shifts=(),
        tiers=(),
        screening=None,
        leaks=leaks,
        shapes=(),
        derived=(),
        derived_accepted=False,
        figures=(),
        acceptance=(),
        plan=Plan((), "none", ""),
        contest=None,
        notices=notices,
    )
