"""Every model out of time at every horizon: fitted at one horizon inside each fold, asked at all of them.

The folds are planned on the rows of the training horizon. A decision belongs to the fold whose test block holds it,
with all its rows; the model of that fold, which knew nothing of it, judges them all. So one model is validated at
30, 60 and 90 days, as it would have been used, and a track record has a rate for each lead time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np

from barograph.learning.contenders import Contest, SearchRules, contest
from barograph.learning.observations import IntArray, Observations
from barograph.learning.recipe import FOLD_BLENDED, FOLD_PREDICTIVE
from barograph.learning.scorecard import FitRules
from barograph.learning.stages import may_try
from barograph.learning.walkforward import Fold, Plan, plan_folds
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
    """The evidence over the candidates that may be learnt from."""
    return _choose(evidence, [s.name for s in evidence.model.signals if not not_learnable(s)])


def testable(evidence: Evidence, plan: Plan) -> tuple[Evidence, tuple[str, ...]]:
    """The evidence over the candidates that every fold's training rows know, and the names of the others.

    A source that began later than the folds do cannot be tested out of time yet, so nothing is learnt from it.
    plan: of rows of this evidence.
    """
    known = ~np.isnan(evidence.rows.signals)
    alive = np.ones(len(evidence.rows.names), dtype=bool)
    for fold in plan.folds:
        alive &= known[fold.train].any(axis=0)
    names = evidence.rows.names
    kept = [name for name, ok in zip(names, alive, strict=True) if ok]
    dead = tuple(name for name, ok in zip(names, alive, strict=True) if not ok)
    return (_choose(evidence, kept), dead) if dead else (evidence, dead)


def _choose(evidence: Evidence, names: list[str]) -> Evidence:
    columns = np.array([evidence.rows.names.index(name) for name in names], dtype=np.int64)
    return replace(
        evidence,
        rows=evidence.rows.choose(names),
        earlier=evidence.earlier[:, columns],
        late_share=evidence.late_share[columns],
        replay=evidence.replay[columns],
    )


def training_plan(rows: Observations, *, seed: int, grace: int) -> Plan:
    """The folds on the rows of one horizon, as the recipe plans them."""
    least = FOLD_PREDICTIVE if may_try("predictive", *rows.evidence()) else FOLD_BLENDED
    rng = np.random.default_rng(seed)
    return plan_folds(rows, rng, grace=grace, min_outcomes=least[0], min_lost=least[1])


def expert_prior(evidence: Evidence, models: Models) -> ExpertPrior | None:
    """The expert model's inputs on the rows; None when there is no expert model."""
    return None if models.expert is None else evidence.prior("heuristic", models.expert)


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
    plan = training_plan(rows.take(base), seed=seed, grace=grace)
    wide = replace(plan, folds=tuple(_widen(fold, base, rows) for fold in plan.folds))
    rules = SearchRules(
        fit=fit or FitRules(),
        left_out=tuple(left_out),
        tried_before=tried_before,
        accept_shapes=accept_shapes,
        seed=seed,
    )
    run = contest(rows, wide, prior, rules, with_challenger=challenger, progress=progress)
    return Bout(rows, prior, wide, run)


def _widen(fold: Fold, base: IntArray, rows: Observations) -> Fold:
    """A fold over the rows of one horizon as a fold over all: same training rows, all rows of tested decisions."""
    tested = {(rows.account[row], int(rows.decision[row])) for row in base[fold.test].tolist()}
    keys = zip(rows.account.tolist(), rows.decision.tolist(), strict=True)
    test = np.array([row for row, key in enumerate(keys) if key in tested], dtype=np.int64)
    return Fold(base[fold.train], test, fold.start)
