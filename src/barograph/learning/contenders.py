"""The models that are compared, each fitted inside the fold on what was known there and asked about its rows.

The kinds are those of `fold_models`, and the challenger: boosting on everything, never put in force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from barograph.learning.challenger import fit_challenger
from barograph.learning.fold_models import FoldModels, fit_fold
from barograph.learning.observations import FloatArray, IntArray, Observations
from barograph.learning.person_periods import Training, compound
from barograph.learning.search import Searched, SearchRules, review, search
from barograph.learning.walkforward import Plan
from barograph.learning.weights import ExpertPrior

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Contest:
    """Out-of-sample P(lost) (n,) per kind, NaN where never tested; the training base rate of each row's fold;
    how many signals each kind used in its last fold. log_odds: what the kind's own score says, before tenure
    and before it is carried over the horizon (not of the challenger, which has no score). models: one per
    fold."""

    p: dict[str, FloatArray]
    base: FloatArray
    signals: dict[str, int]
    log_odds: dict[str, FloatArray]
    models: tuple[FoldModels, ...]

    def ask(
        self, kind: str, tests: tuple[IntArray, ...], rows: Observations, prior: ExpertPrior | None
    ) -> FloatArray:
        """(n,) log-odds of `kind` for other rows: those that `tests` gives each fold, NaN for the rest."""
        out = np.full(rows.n, np.nan)
        for models, test in zip(self.models, tests, strict=True):
            if len(test):
                theirs = None if prior is None else prior.take(test)
                out[test] = models.log_odds(kind, rows.take(test), theirs)
        return out


def contest(
    observations: Observations,
    plan: Plan,
    prior: ExpertPrior | None,
    rules: SearchRules,
    *,
    training: Training | None = None,
    with_challenger: bool = True,
    progress: Progress | None = None,
) -> Contest:
    """Fit and predict every kind on every fold of `plan`, which was made with the same training rows."""
    n = observations.n
    source = training or Training(observations, prior)
    kinds = ["base_rate", "equal_weights", "predictive", "challenger"]
    kinds += ["heuristic", "blended"] if prior is not None else []
    p = {kind: np.full(n, np.nan) for kind in kinds if with_challenger or kind != "challenger"}
    found = {kind: np.full(n, np.nan) for kind in p if kind != "challenger"}
    base, signals, models = np.full(n, np.nan), dict.fromkeys(p, 0), []
    for number, fold in enumerate(plan.folds):
        if progress is not None:
            progress("walk-forward", number, len(plan.folds))
        train, test = source.rows.take(fold.train), observations.take(fold.test)
        mine = None if source.prior is None else source.prior.take(fold.train)
        theirs = None if prior is None else prior.take(fold.test)
        fitted = fit_fold(train, mine, rules, source.period)
        models.append(fitted)
        base[fold.test] = fitted.base(test)
        for kind, said in found.items():
            said[fold.test] = fitted.log_odds(kind, test, theirs)
            p[kind][fold.test] = fitted.p_lost(kind, test, said[fold.test])
        signals |= fitted.signals
        if with_challenger:
            keep = [name for name in observations.names if name not in set(rules.left_out)]
            signals["challenger"] = len(keep)
            p["challenger"][fold.test] = _challenge(train.choose(keep), test.choose(keep), rules, source)
    if progress is not None:
        progress("walk-forward", len(plan.folds), len(plan.folds))
    return Contest(p, base, signals, found, tuple(models))


def _challenge(train: Observations, test: Observations, rules: SearchRules, source: Training) -> FloatArray:
    """The challenger's P(lost) over each row's horizon; the base rate without candidates."""
    hazard = fit_challenger(train, test, rules.seed) if train.names else np.full(test.n, train.base_rate)
    return compound(hazard, test.horizon, source.period)


__all__ = ["Contest", "Progress", "SearchRules", "Searched", "contest", "review", "search"]
