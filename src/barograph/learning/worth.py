"""Which derived candidates are worth a place on a scorecard, judged on accounts kept apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from barograph.learning.columns import columns_of
from barograph.learning.derived import DerivedFinding, Recipe, with_recipe
from barograph.learning.metrics import auc, log_losses, probability
from barograph.learning.observations import BoolArray, FloatArray, Observations
from barograph.learning.scorecard import FitRules, fit_scorecard
from barograph.learning.splits import deal

MIN_AUC = 0.001
SURE = 3.0
FOLDS = 5


def worth_having(
    observations: Observations, findings: Sequence[DerivedFinding], rules: FitRules | None = None
) -> tuple[DerivedFinding, ...]:
    """The findings, taken one after the other, with which a scorecard does better on accounts kept apart.

    A candidate can explain something left over and still not be worth a place among eight. It is taken when,
    over five folds of whole groups, AUC rises by MIN_AUC and log-loss does not rise, or when log-loss falls by
    more than SURE standard errors. A finding whose parents were not taken is skipped.
    """
    taken: tuple[DerivedFinding, ...] = ()
    if not findings:
        return taken
    trials = _Trials(observations, rules)
    p = trials.predict()
    for finding in findings:
        if not set(finding.recipe.parents) <= set(trials.names):
            continue
        trials.try_on(finding.recipe)
        candidate = trials.predict()
        if _better(candidate, p, observations.lost):
            p, taken = candidate, (*taken, finding)
        else:
            trials.take_off()
    return taken


def _better(new: FloatArray, old: FloatArray, lost: BoolArray) -> bool:
    """Whether P(lost) `new` is worth more than `old` on the same rows."""
    gain = log_losses(old, lost) - log_losses(new, lost)
    mean, error = float(gain.mean()), float(gain.std() / np.sqrt(len(gain)))
    separates = auc(-new, lost) - auc(-old, lost) >= MIN_AUC
    return mean > 0 and (separates or mean > SURE * error)


class _Trials:
    """Scorecards on five folds with one more column at a time; what is banded already is kept."""

    def __init__(self, observations: Observations, rules: FitRules | None) -> None:
        fold = deal(observations, FOLDS)
        self.rules, self.fold = rules, fold
        self.rows = [(observations.take(fold != k), observations.take(fold == k)) for k in range(FOLDS)]
        self.columns = [columns_of(train) for train, _ in self.rows]
        self.before = (self.rows, self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """The candidates there are now."""
        return tuple(self.rows[0][0].names)

    def try_on(self, recipe: Recipe) -> None:
        """Add a column to every fold."""
        self.before = (self.rows, self.columns)
        self.rows = [(with_recipe(train, recipe), with_recipe(test, recipe)) for train, test in self.rows]
        self.columns = [
            old.beside(columns_of(train.choose([recipe.name])))
            for old, (train, _) in zip(self.columns, self.rows, strict=True)
        ]

    def take_off(self) -> None:
        """Undo the last `try_on`."""
        self.rows, self.columns = self.before

    def predict(self) -> FloatArray:
        """(n,) P(lost) of every row by a scorecard fitted on the other folds."""
        out = np.zeros(len(self.fold))
        for part, ((train, test), columns) in enumerate(zip(self.rows, self.columns, strict=True)):
            card = fit_scorecard(train, self.rules, columns)
            p = np.full(test.n, train.base_rate) if card is None else probability(card.log_odds(test))
            out[self.fold == part] = p
        return out
