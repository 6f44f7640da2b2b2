"""Every model out of time at every horizon: fitted at one horizon inside each fold, asked at all of them.

The folds are planned on the rows of the training horizon. A decision belongs to the fold whose test block holds it,
with all its rows; the model of that fold, which knew nothing of it, judges them all. So one model is validated at
30, 60 and 90 days, as it would have been used, and a track record has a rate for each lead time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np

from barograph.definitions.lint.overlay import no_weight
from barograph.learning.contenders import Contest, SearchRules, contest
from barograph.learning.observations import IntArray, Observations, decision_codes
from barograph.learning.person_periods import Training
from barograph.learning.scorecard import FitRules
from barograph.learning.stages import may_try
from barograph.learning.walkforward import FOLD_BLENDED, FOLD_PREDICTIVE, Fold, Plan, plan_folds
from barograph.learning.weights import ExpertPrior
from barograph.pipeline.evidence import Evidence, not_learnable
from barograph.pipeline.learn_inputs import Models

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Bout:
    """The rows of all horizons (learnable candidates only), the expert's view of them, the folds, and every
    kind's out-of-sample P(lost); NaN where a row was never tested."""

    rows: Observations
    prior: ExpertPrior | None
    plan: Plan
    run: Contest


def learnable(evidence: Evidence) -> Evidence:
    """The evidence over the candidates that may be learnt from. A pulse that is overlay is none: it would count
    twice for the same account (H5)."""
    barred = no_weight(evidence.model)
    names = [s.name for s in evidence.model.signals if not not_learnable(s) and s.name not in barred]
    return _choose(evidence, names)


def testable(evidence: Evidence, plan: Plan) -> tuple[Evidence, tuple[str, ...]]:
    """The evidence over the candidates that every fold's training rows know, and the names of the others.

    A source that began later than the folds do cannot be tested out of time yet, so nothing is learnt from it.
    plan: of rows of this evidence.
    """
    alive = np.ones(len(evidence.rows.names), dtype=bool)
    for j in range(len(alive)):
        known = ~np.isnan(evidence.rows.signals[:, j])
        alive[j] = all(known[fold.train].any() for fold in plan.folds)
    names = evidence.rows.names
    kept = [name for name, ok in zip(names, alive, strict=True) if ok]
    dead = tuple(name for name, ok in zip(names, alive, strict=True) if not ok)
    return (_choose(evidence, kept), dead) if dead else (evidence, dead)


def _choose(evidence: Evidence, names: list[str]) -> Evidence:
    columns = np.array([evidence.rows.names.index(name) for name in names], dtype=np.int64)
    periods = evidence.periods
    return replace(
        evidence,
        rows=evidence.rows.choose(names),
        periods=None if periods is None else replace(periods, rows=periods.rows.choose(names)),
        earlier=evidence.earlier[:, columns],
        late_share=evidence.late_share[columns],
        replay=evidence.replay[columns],
    )


def training_plan(rows: Observations, *, seed: int, grace: int, training: Observations | None = None) -> Plan:
    """The folds on the rows of one horizon, as the recipe plans them. training: rows to fit on, if others."""
    least = FOLD_PREDICTIVE if may_try("predictive", *rows.evidence()) else FOLD_BLENDED
    return plan_folds(
        rows,
        np.random.default_rng(seed),
        training=training,
        grace=grace,
        min_outcomes=least[0],
        min_lost=least[1],
        seed=seed,
    )


def expert_prior(evidence: Evidence, models: Models) -> ExpertPrior | None:
    """The expert model's inputs on the rows; None when there is no expert model."""
    return None if models.expert is None else evidence.prior("heuristic", models.expert)


def training_rows(evidence: Evidence, models: Models) -> Training | None:
    """The person-periods to fit on, with the expert's inputs on them; None where the rows themselves are."""
    return evidence.training("heuristic" if models.expert is not None else "in_force", models.expert)


def hold_contest(
    evidence: Evidence,
    models: Models,
    *,
    train_at: int,
    seed: int,
    grace: int,
    fit: FitRules | None = None,
    left_out: Collection[str] = (),
    tried_before: int = 0,
    accept_shapes: bool = False,
    challenger: bool = True,
    progress: Progress | None = None,
) -> Bout:
    """Fit every kind on the rows `train_at` days before the decision, fold by fold, and ask it at all horizons.

    evidence: learnable rows of all horizons. left_out: names that the leak audit leaves out.
    """
    rows = evidence.rows
    prior = expert_prior(evidence, models)
    base = np.flatnonzero(rows.horizon == train_at)
    training = training_rows(evidence, models)
    others = None if training is None else training.rows
    plan = training_plan(rows.take(base), seed=seed, grace=grace, training=others)
    tests = all_horizons(plan, base, rows)
    folds = tuple(
        Fold(base[fold.train] if training is None else fold.train, test, fold.start)
        for fold, test in zip(plan.folds, tests, strict=True)
    )
    wide = replace(plan, folds=folds)
    rules = SearchRules(
        fit=fit or FitRules(),
        left_out=tuple(left_out),
        tried_before=tried_before,
        accept_shapes=accept_shapes,
        seed=seed,
    )
    run = contest(rows, wide, prior, rules, training=training, with_challenger=challenger, progress=progress)
    return Bout(rows, prior, wide, run)


def all_horizons(plan: Plan, base: IntArray, rows: Observations) -> tuple[IntArray, ...]:
    """For each fold the rows, of all horizons, of the decisions that it tests. base: the rows it was planned on."""
    code = decision_codes(rows)
    order = np.argsort(code, kind="stable")
    sorted_codes = code[order]
    out = []
    for fold in plan.folds:
        tested = np.unique(code[base[fold.test]])
        first = np.searchsorted(sorted_codes, tested, "left")
        last = np.searchsorted(sorted_codes, tested, "right")
        parts = [order[a:b] for a, b in zip(first.tolist(), last.tolist(), strict=True)]
        out.append(np.sort(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64))
    return tuple(out)
