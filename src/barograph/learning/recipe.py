"""The recipe: from observations to a proposed model, or to a refusal that says what is missing.

Order: what the rows are worth (checks), who could know the outcome (leaks), what says anything (screening),
what each kind of model is worth out of time (contest), which of them passes its gate (stages, acceptance),
and only then the fit on everything, its calibration, its tiers. Nothing is put in force here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from barograph.learning.contenders import Contest, Progress, contest
from barograph.learning.figures import Figures, judge
from barograph.learning.final_model import LearnOptions, with_scorecard, with_weights
from barograph.learning.intervals import auc_interval, codes
from barograph.learning.leaks import LeakAudit, audit
from barograph.learning.newest import gain_on_newest
from barograph.learning.observations import (
    BoolArray,
    FloatArray,
    Notice,
    Observations,
    OneSidedOutcomesError,
    check,
)
from barograph.learning.person_periods import Training
from barograph.learning.promotion import Acceptance, accept
from barograph.learning.proposal import Proposal
from barograph.learning.screening import Screening, ScreenRules, screen
from barograph.learning.search import SearchRules, review
from barograph.learning.splits import keep_share
from barograph.learning.stages import Stage, decide, may_try
from barograph.learning.walkforward import FOLD_BLENDED, FOLD_PREDICTIVE, Plan, plan_folds
from barograph.learning.weights import ExpertPrior

FEW_TO_HEAR = 20  # out-of-time outcomes from which a worse log-loss is heard though it decides nothing
REVIEW_ROWS = 10_000  # from more, a whole account's rows are in the sample or not (see _enough_to_review)
KINDS = {"blended": "expert weights moved by the data", "predictive": "a searched scorecard"}


def propose(
    observations: Observations,
    prior: ExpertPrior | None = None,
    options: LearnOptions | None = None,
    *,
    earlier: FloatArray | None = None,
    late_share: FloatArray | None = None,
    replay_differs: FloatArray | None = None,
    training: Training | None = None,
    progress: Progress | None = None,
) -> Proposal:
    """Learn from resolved observations; never raises for lack of evidence, the Proposal says so instead.

    prior: the heuristic model on the same rows (None: searched models compete with the base rate). earlier,
    late_share, replay_differs: see `leaks.audit`. training: rows to fit on where they are others than those that
    are judged and reported, over the same candidates. Raises BarographError for impossible or duplicate rows.
    """
    options = options or LearnOptions()
    rng = np.random.default_rng(options.seed)
    outcomes, lost = observations.evidence()
    try:
        notices = check(observations)
        if training is not None:
            check(training.rows)
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
    source = training or Training(observations, prior)
    least = FOLD_PREDICTIVE if may_try("predictive", outcomes, lost) else FOLD_BLENDED
    plan = plan_folds(
        observations,
        rng,
        training=None if training is None else training.rows,
        grace=options.grace,
        min_outcomes=least[0],
        min_lost=least[1],
        seed=options.seed,
    )
    run = contest(
        observations,
        plan,
        prior,
        rules,
        training=training,
        with_challenger=options.challenger,
        progress=progress,
    )
    stage, tests = _gates(observations, prior, run, rng, (outcomes, lost))
    some, sampled = _enough_to_review(source.rows, options)
    reviewed = review(some, rules, shapes=options.propose_shapes, derived=options.propose_derived)
    partial = replace(
        _refuse(stage, "", leaks, (*notices, *sampled)),
        screening=screening,
        plan=plan,
        contest=run,
        acceptance=tests,
        shapes=reviewed.shapes,
        derived=reviewed.derived,
        derived_accepted=options.accept_derived,
        figures=_figures(observations, run, rng),
        days=int(np.median(observations.horizon)),
        period=source.period,
    )
    if stage.label == "predictive":
        return with_scorecard(partial, observations, source, rules, options)
    if source.prior is not None and _weights_may_move(stage, tests, source.prior, source.rows, rules):
        return with_weights(partial, observations, source, source.prior, options)
    return replace(partial, refused_because=_why_nothing(stage, tests, screening, prior))


def _enough_to_review(rows: Observations, options: LearnOptions) -> tuple[Observations, tuple[Notice, ...]]:
    """The rows in which shapes and derived candidates are looked for: all, or those of accounts drawn by a hash.

    Nothing is fitted, tested or reported on the sample."""
    if rows.n <= REVIEW_ROWS or not (options.propose_shapes or options.propose_derived):
        return rows, ()
    some = rows.take(keep_share(rows.group, REVIEW_ROWS / rows.n, options.seed))
    text = (
        f"shapes and derived candidates were looked for in {some.n} of {rows.n} rows, those of accounts drawn by a "
        "hash of their id; everything else uses all of them."
    )
    return some, (Notice("sampled", text),)


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


def _weights_may_move(
    stage: Stage,
    tests: tuple[tuple[str, Acceptance], ...],
    prior: ExpertPrior,
    rows: Observations,
    rules: SearchRules,
) -> bool:
    """Promoted, or a validated heuristic on which the acceptance test could not decide for lack of outcomes while
    neither the few out-of-time outcomes there are nor the newest third of all speak against moving.
    """
    blended = dict(tests).get("blended")
    if stage.label == "blended":
        return True
    if stage.label != "validated_heuristic" or (blended is not None and blended.enough):
        return False
    if blended is not None and blended.outcomes >= FEW_TO_HEAR and blended.loss_gain.value < 0:
        return False
    newest = gain_on_newest(prior, rows, cap=rules.fit.cap)
    return newest is None or newest.speaks_for


def _figures(observations: Observations, run: Contest, rng: np.random.Generator) -> tuple[Figures, ...]:
    if not run.p or np.isnan(run.p["base_rate"]).all():
        return ()
    return tuple(
        judge(kind, p, observations, rng, flagged=p >= run.base, signals=run.signals[kind])
        for kind, p in run.p.items()
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
        return f"{KINDS[kind]}: {found.reason}"
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


__all__ = ["LearnOptions", "propose"]
