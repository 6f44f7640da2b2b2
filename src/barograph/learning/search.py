"""The predictive recipe on some rows: drop leaks, accept reviewed proposals, screen, choose, fit."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from barograph.learning.derived import (
    DerivedFinding,
    add_derived,
    halves,
    propose_derived,
)
from barograph.learning.observations import Observations
from barograph.learning.scorecard import FitRules, Scorecard, fit_scorecard
from barograph.learning.screening import ScreenRules, screen
from barograph.learning.shapes import ShapeFinding, accept_shapes, find_shapes
from barograph.learning.splits import deal
from barograph.learning.worth import worth_having


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

    def without_rows(self) -> Searched:
        """The same, holding no rows: what a fold keeps."""
        return replace(self, rows=self.rows.take(np.zeros(0, dtype=np.int64)))


def review(observations: Observations, rules: SearchRules, *, shapes: bool, derived: bool) -> Searched:
    """Rows without leaks, with the shapes and derived candidates that the data ask for; no scorecard yet."""
    rows = observations.choose([name for name in observations.names if name not in set(rules.left_out)])
    found_shapes = find_shapes(rows, deal(rows, 5)) if shapes else ()
    shaped = accept_shapes(rows, found_shapes)
    found: tuple[DerivedFinding, ...] = ()
    if derived:
        half = halves(shaped, np.random.default_rng(rules.seed))
        found = worth_having(shaped, propose_derived(shaped, half), rules.fit)
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
