"""Derived candidates: sums, ratios and crosses of declared ones that the data ask for.

A score that adds signals up cannot see that two charges make one bill, that seats matter only per seat, or
that a signal means something else on another plan. The search looks for such a candidate where the additive
model leaves something over: it is found on half of the accounts, by a score test against all single signals
together, and must show the same gain on the other half. It proposes; a person declares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from scipy import stats

from barograph.learning.binning import Bands, band
from barograph.learning.cutpoints import candidate_cuts
from barograph.learning.metrics import probability
from barograph.learning.observations import BoolArray, Candidate, FloatArray, Observations
from barograph.learning.splits import deal
from barograph.learning.weights import LogisticFit, fit_logistic

MOST_PARENTS = 24
MIN_ROWS, MIN_LOST = 400, 80
FINALISTS = 12
ALPHA = 0.01
GROW = 4.0
CROSS_PIECES = 4
MOST_CROSSED = 3
UNSAID = 0.01  # share of a column's variance that the model must leave over for a test to mean anything


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a derived candidate is computed from its parents; unknown when any parent is unknown.

    sum: parents added (one unit). ratio: first over second, unknown where the second is 0. cross: the cells
    of a grid, coded row-major, of at most three declared signals; `edges` holds the cuts of each parent, taken from
    the values alone."""

    kind: Literal["sum", "ratio", "cross"]
    parents: tuple[str, ...]
    edges: tuple[tuple[float, ...], ...] = ()

    @property
    def name(self) -> str:
        """A name a model file can hold, such as 'day_charge + eve_charge'."""
        return {"sum": " + ", "ratio": " / ", "cross": " x "}[self.kind].join(self.parents)

    def values(self, observations: Observations) -> FloatArray:
        """(n,) values of the derived candidate."""
        names = observations.names
        columns = [observations.signals[:, names.index(parent)] for parent in self.parents]
        if self.kind == "sum":
            return np.asarray(np.sum(columns, axis=0), dtype=float)
        if self.kind == "ratio":
            top, bottom = columns
            return np.where(bottom == 0, np.nan, top / np.where(bottom == 0, np.nan, bottom))
        code = np.zeros(len(columns[0]))
        for column, edge in zip(columns, self.edges, strict=True):
            cell = np.searchsorted(np.array(edge), column, side="right").astype(float)
            code = code * (len(edge) + 1) + np.where(np.isnan(column), np.nan, cell)
        return code

    def declared(self, observations: Observations) -> tuple[str, ...]:
        """The declared candidates it is made of, each once; a derived parent stands for its own parents."""
        parents = [observations.candidates[observations.names.index(name)] for name in self.parents]
        return tuple(dict.fromkeys(name for p in parents for name in p.derived_from or (p.name,)))

    def candidate(self, observations: Observations) -> Candidate:
        """The metadata of the new column: category and kind of the first parent."""
        parent = observations.candidates[observations.names.index(self.parents[0])]
        return Candidate(
            self.name,
            category=parent.category,
            kind=parent.kind,
            shape="nominal" if self.kind == "cross" else "monotone",
            unit=parent.unit if self.kind == "sum" else "",
            derived_from=self.declared(observations),
        )


@dataclass(frozen=True, slots=True)
class DerivedFinding:
    """A confirmed proposal. p: on the half kept apart, after correcting for the finalists."""

    recipe: Recipe
    found_gain: float
    kept_gain: float
    p: float
    reason: str


def propose_derived(
    observations: Observations, half: BoolArray, *, most: int = 3, crosses: int = 2
) -> tuple[DerivedFinding, ...]:
    """At most `most` sums and ratios, then `crosses` crosses, each searched given those before it.

    half: True for rows that search, False for rows that confirm; rows of one account are on one side. Nothing
    below 400 decisions or 80 lost.
    """
    found = _search(observations, half, ("sum", "ratio"), most)
    for _ in range(crosses):
        more = _search(add_derived(observations, found), half, ("cross",), 1)
        if not more:
            break
        found = (*found, *more)
    return found


def _search(
    observations: Observations, half: BoolArray, kinds: tuple[str, ...], most: int
) -> tuple[DerivedFinding, ...]:
    search, confirm = observations.take(half), observations.take(~half)
    (rows, lost), (rows_kept, lost_kept) = search.evidence(), confirm.evidence()
    if most < 1 or min(rows, rows_kept) < MIN_ROWS / 2 or min(lost, lost_kept) < MIN_LOST / 2:
        return ()
    model = _Additive(search)
    here, there = model.state(search), model.state(confirm)
    recipes = [r for r in _recipes(search) if r.kind in kinds]
    ranked = sorted(((_gain(search, recipe, here), recipe) for recipe in recipes), key=lambda r: -r[0])
    finalists = _finalists(_grow(search, ranked, here))
    effective = rows_kept / confirm.n
    found = []
    for gain, recipe in finalists:
        bands = band(recipe.values(search), search.lost, recipe.candidate(search))
        kept = there.test(bands.health(recipe.values(confirm))) * effective
        p = min(1.0, float(stats.norm.sf(np.sqrt(kept)) * len(finalists))) if kept > 0 else 1.0
        if p < ALPHA:
            reason = (
                f"{recipe.name} explains what the single signals leave over: chi-square {gain:.0f} where "
                f"it was found, {kept:.0f} on accounts kept apart (p < {max(p, 1e-9):.1g})."
            )
            found.append(DerivedFinding(recipe, gain, kept, p, reason))
    return tuple(sorted(found, key=lambda f: -f.kept_gain)[:most])


def add_derived(observations: Observations, findings: Iterable[DerivedFinding]) -> Observations:
    """The observations with the proposed columns added."""
    out = observations
    for finding in findings:
        recipe = finding.recipe
        if recipe.name not in out.names:
            out = with_recipe(out, recipe)
    return out


def with_recipe(rows: Observations, recipe: Recipe) -> Observations:
    """The rows with the column of one recipe added; its parents must be there."""
    return rows.add(recipe.values(rows), [recipe.candidate(rows)])


class _State:
    """The additive model on some rows: what a new column would add to it (Rao's score test)."""

    def __init__(self, woe: FloatArray, lost: BoolArray, fit: LogisticFit) -> None:
        p = probability(fit.log_odds(woe))
        self.residual = p - lost
        self.v = p * (1 - p)
        self.design = np.column_stack([np.ones(len(lost)), woe])
        self.inner = np.linalg.pinv((self.design * self.v[:, None]).T @ self.design)

    def test(self, health: FloatArray) -> float:
        """Chi-square with one degree of freedom; 0 when the column points the wrong way or is constant."""
        slope = float(self.residual @ health)
        cross = self.design.T @ (self.v * health)
        own = float(self.v @ health**2 - cross @ self.inner @ cross)
        mean = float(self.v @ health) / float(self.v.sum())
        plain = float(self.v @ (health - mean) ** 2)
        return slope**2 / own if slope > 0 and own > UNSAID * plain > 0 else 0.0


class _Additive:
    """All single signals together, on WoE bands."""

    def __init__(self, rows: Observations) -> None:
        self.bands: list[Bands] = [
            band(rows.signals[:, j], rows.lost, c) for j, c in enumerate(rows.candidates)
        ]
        self.fit = fit_logistic(self._woe(rows), rows.lost, sd=1.0)

    def _woe(self, rows: Observations) -> FloatArray:
        return np.column_stack([b.health(rows.signals[:, j]) for j, b in enumerate(self.bands)])

    def state(self, rows: Observations) -> _State:
        woe = self._woe(rows)
        fit = fit_logistic(woe, rows.lost, mean=self.fit.beta, sd=0.5)
        return _State(woe, rows.lost, fit)


def _gain(rows: Observations, recipe: Recipe, state: _State) -> float:
    values = recipe.values(rows)
    if np.isnan(values).mean() > 0.5:
        return 0.0
    return state.test(band(values, rows.lost, recipe.candidate(rows)).health(values))


def _recipes(rows: Observations) -> list[Recipe]:
    """Every pair worth asking about: sums of one unit, ratios of non-negative ones, crosses of any two."""
    varied = [j for j in range(len(rows.candidates)) if len(np.unique(_known(rows.signals[:, j]))) > 1]
    value = [-band(rows.signals[:, j], rows.lost, rows.candidates[j]).information_value() for j in varied]
    chosen = [varied[i] for i in np.argsort(value, kind="stable")[:MOST_PARENTS]]
    out = []
    for i, j in combinations(sorted(chosen), 2):
        a, b = rows.candidates[i], rows.candidates[j]
        pair = (a.name, b.name)
        if "nominal" not in (a.shape, b.shape):
            if a.unit and a.unit == b.unit:
                out.append(Recipe("sum", pair))
            if _many(rows.signals[:, i]) and _many(rows.signals[:, j]):
                out.append(Recipe("ratio", pair))
        cross = Recipe("cross", pair, (_edges(rows, i), _edges(rows, j)))
        if len(cross.declared(rows)) <= MOST_CROSSED and cross.name not in rows.names:
            out.append(cross)
    return out


def _grow(
    rows: Observations, ranked: list[tuple[float, Recipe]], state: _State
) -> list[tuple[float, Recipe]]:
    """Extend the best sums by further members of the unit while the gain rises by GROW."""
    grown = []
    for gain, recipe in [r for r in ranked if r[1].kind == "sum"][:3]:
        unit = recipe.candidate(rows).unit
        best, value = recipe, gain
        others = [c.name for c in rows.candidates if c.unit == unit]
        while True:
            tries = [Recipe("sum", (*best.parents, name)) for name in others if name not in best.parents]
            scored = [(_gain(rows, trial, state), trial) for trial in tries]
            top = max(scored, key=lambda s: s[0], default=(0.0, best))
            if top[0] < value + GROW:
                break
            value, best = top
        if best is not recipe:
            grown.append((value, Recipe("sum", tuple(sorted(best.parents, key=rows.names.index)))))
    return sorted([*grown, *ranked], key=lambda r: -r[0])


def _finalists(ranked: list[tuple[float, Recipe]]) -> list[tuple[float, Recipe]]:
    """The best few that are not the same thing said twice."""
    out: list[tuple[float, Recipe]] = []
    seen: set[frozenset[str]] = set()
    for gain, recipe in ranked:
        key = frozenset((*recipe.parents, recipe.kind))
        if gain < GROW or len(out) >= FINALISTS:
            break
        if key not in seen:
            seen.add(key)
            out.append((gain, recipe))
    return out


def _edges(rows: Observations, j: int) -> tuple[float, ...]:
    values = _known(rows.signals[:, j])
    distinct = np.unique(values)
    if len(distinct) <= CROSS_PIECES or rows.candidates[j].shape == "nominal":
        return tuple(float(v) for v in (distinct[1:] + distinct[:-1]) / 2)
    return tuple(float(c) for c in candidate_cuts(values, CROSS_PIECES))


def _known(values: FloatArray) -> FloatArray:
    return np.asarray(values[~np.isnan(values)], dtype=float)


def _many(values: FloatArray) -> bool:
    known = _known(values)
    return len(known) > 0 and len(np.unique(known)) > 6 and bool(known.min() >= 0)


def halves(observations: Observations, rng: np.random.Generator) -> BoolArray:
    """A random half of the accounts (whole groups), balanced over lost and kept ones: True searches."""
    return np.asarray(deal(observations, 2, rng) == 0)
