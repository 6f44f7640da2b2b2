"""The models that are compared, each fitted inside the fold on what was known there.

base_rate: the training loss rate for everybody. heuristic: the expert's weights, made a probability.
equal_weights: the expert's inputs, all alike (without an expert: the chosen bands, all alike). blended: the
expert's weights moved by the data. predictive: screened, searched, banded. challenger: boosting on
everything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from barograph.errors import BarographError
from barograph.learning.challenger import fit_challenger
from barograph.learning.derived import (
    DerivedFinding,
    add_derived,
    halves,
    propose_derived,
    worth_having,
)
from barograph.learning.metrics import probability
from barograph.learning.observations import FloatArray, IntArray, Observations
from barograph.learning.scorecard import FitRules, Scorecard, fit_scorecard
from barograph.learning.screening import ScreenRules, screen
from barograph.learning.shapes import ShapeFinding, accept_shapes, find_shapes
from barograph.learning.splits import deal
from barograph.learning.walkforward import Plan
from barograph.learning.weights import ExpertPrior, centre_on_expert, fit_logistic, heuristic_slope

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class SearchRules:
    """How the predictive model is searched: size and cap (`fit`), names left out, and which proposals a
    person has accepted in advance (`accept_shapes`, `accept_derived`)."""

    fit: FitRules = field(default_factory=FitRules)
    left_out: tuple[str, ...] = ()
    tried_before: int = 0
    accept_shapes: bool = False
    accept_derived: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Searched:
    """A scorecard, the rows (with accepted shapes and derived columns) it was fitted on, and what was
    accepted.
    """

    scorecard: Scorecard | None
    rows: Observations
    shapes: tuple[ShapeFinding, ...]
    derived: tuple[DerivedFinding, ...]

    def prepare(self, other: Observations) -> Observations:
        """Other rows with the same shapes and derived columns."""
        return add_derived(accept_shapes(other, self.shapes), self.derived)


@dataclass(frozen=True, slots=True)
class Contest:
    """Out-of-sample P(lost) (n,) per kind, NaN where never tested; the training base rate of each row's fold;
    how many signals each kind used in its last fold."""

    p: dict[str, FloatArray]
    base: FloatArray
    signals: dict[str, int]


def review(observations: Observations, rules: SearchRules, *, shapes: bool, derived: bool) -> Searched:
    """Rows without leaks, with the shapes and derived candidates that the data ask for; no scorecard yet."""
    rows = observations.choose([name for name in observations.names if name not in set(rules.left_out)])
    found_shapes = find_shapes(rows, deal(rows, 5)) if shapes else ()
    shaped = accept_shapes(rows, found_shapes)
    found: tuple[DerivedFinding, ...] = ()
    if derived:
        half = halves(shaped, np.random.default_rng(rules.seed))
        found = worth_having(shaped, propose_derived(shaped, half), half, rules.fit)
    return Searched(None, add_derived(shaped, found), found_shapes, found)


def search(observations: Observations, rules: SearchRules) -> Searched:
    """The predictive recipe on some rows: drop leaks, accept proposals, screen, choose, fit.

    Only candidates that screening finds real on these rows may be chosen. Raises TooFewOutcomesError below
    the evidence. The scorecard is None when nothing is real or nothing improves on the base rate."""
    seen = review(observations, rules, shapes=rules.accept_shapes, derived=rules.accept_derived)
    rng = np.random.default_rng(rules.seed)
    found = screen(seen.rows, rng, ScreenRules(draws=0, tried_before=rules.tried_before))
    usable = set(found.usable)
    chosen = seen.rows.choose([name for name in seen.rows.names if name in usable])
    return replace(seen, scorecard=fit_scorecard(chosen, rules.fit) if usable else None)


def contest(
    observations: Observations,
    plan: Plan,
    prior: ExpertPrior | None,
    rules: SearchRules,
    *,
    with_challenger: bool = True,
    progress: Progress | None = None,
) -> Contest:
    """Fit and predict every kind on every fold. A kind that cannot be fitted in a fold answers there with the
    kind below it (predictive -> blended -> base rate), which is what would have been in force."""
    n = observations.n
    kinds = ["base_rate", "equal_weights", "predictive", "challenger"]
    kinds += ["heuristic", "blended"] if prior is not None else []
    p = {kind: np.full(n, np.nan) for kind in kinds if with_challenger or kind != "challenger"}
    base, signals = np.full(n, np.nan), dict.fromkeys(p, 0)
    for number, fold in enumerate(plan.folds):
        if progress is not None:
            progress("walk-forward", number, len(plan.folds))
        train, test = observations.take(fold.train), observations.take(fold.test)
        base[fold.test] = train.base_rate
        p["base_rate"][fold.test] = train.base_rate
        if prior is not None:
            _expert_kinds(prior, fold.train, fold.test, train, p, rules, signals)
        card = _try_search(train, rules)
        below = p["blended" if prior is not None else "base_rate"][fold.test]
        if card is None or card.scorecard is None:
            p["predictive"][fold.test] = below
            if prior is None:
                p["equal_weights"][fold.test] = below
        else:
            there = card.prepare(test)
            p["predictive"][fold.test] = probability(card.scorecard.log_odds(there))
            signals["predictive"] = len(card.scorecard.signals)
            if prior is None:
                p["equal_weights"][fold.test] = _equal_bands(card, there, train)
                signals["equal_weights"] = len(card.scorecard.signals)
        if with_challenger:
            keep = [name for name in observations.names if name not in set(rules.left_out)]
            signals["challenger"] = len(keep)
            p["challenger"][fold.test] = (
                fit_challenger(train.choose(keep), test.choose(keep), rules.seed) if keep else train.base_rate
            )
    if progress is not None:
        progress("walk-forward", len(plan.folds), len(plan.folds))
    return Contest(p, base, signals)


def _expert_kinds(
    prior: ExpertPrior,
    train_rows: IntArray,
    test_rows: IntArray,
    train: Observations,
    p: dict[str, FloatArray],
    rules: SearchRules,
    signals: dict[str, int],
) -> None:
    mine, theirs = prior.take(train_rows), prior.take(test_rows)
    values = mine.filled_like(theirs)
    k = len(prior.names)
    for kind, shares in (("heuristic", prior.shares), ("equal_weights", np.full(k, 1 / k))):
        link = heuristic_slope(mine.filled() @ shares, train.lost)
        p[kind][test_rows] = probability(link.log_odds((values @ shares)[:, None]))
        signals[kind] = k
    weights = centre_on_expert(mine, train.lost, cap=rules.fit.cap, outcomes=train.evidence()[0])
    p["blended"][test_rows] = probability(weights.log_odds(values))
    signals["blended"] = int((weights.percent > 0).sum())


def _try_search(train: Observations, rules: SearchRules) -> Searched | None:
    try:
        return search(train, rules)
    except BarographError:
        return None


def _equal_bands(card: Searched, there: Observations, train: Observations) -> FloatArray:
    """The chosen bands with equal weights: what the weights themselves add."""
    assert card.scorecard is not None  # noqa: S101 - asked by the caller
    x = card.scorecard.components(card.prepare(train)).mean(axis=1, keepdims=True) / 100
    link = fit_logistic(x, train.lost, mean=4.0, sd=2.0)
    return probability(link.log_odds(card.scorecard.components(there).mean(axis=1, keepdims=True) / 100))
