"""The score of a week: contributions per signal and component that add up, coverage, caps in points.

For account i: score = sum over signals of (effective weight x points / 100) + cap points. The base of a
weighted model is 0. Everything is kept in full floats; only comparisons with lines round, to six places.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, CodeArray, FloatArray, IntArray, TextArray
from barograph.core.caps import CapEffects, GateResult, evaluate_caps, evaluate_gate
from barograph.core.inputs import KNOWN, WeekInputs
from barograph.core.normalise import Normalised, normalise
from barograph.core.thresholds import TierLines, tier_lines
from barograph.core.weights import Standing, WeightTable, contributions, declared_weights, weight_table
from barograph.definitions.model import ScoreModel
from barograph.definitions.signal import Signal

BASE = 0.0

INSUFFICIENT_BECAUSE = ("enough", "low_coverage", "required_missing", "nothing_known", "nothing_applies")
"""Why a score is null, by code; 0 is a score."""
ENOUGH, LOW_COVERAGE, REQUIRED_MISSING, NOTHING_KNOWN, NOTHING_APPLIES = range(5)


@dataclass(frozen=True, slots=True)
class WeekScores:
    """Scores of n accounts at `inputs.as_of` under `model`, with s scored signals and c components.

    score: 0 to 100, NaN when insufficient. uncapped: the sum of contributions, NaN likewise. cap_points: <=
    0. coverage: share of the applicable weight that counts, 0 to 1. insufficient: code into
    INSUFFICIENT_BECAUSE; required: index of the missing required signal, -1 for none. weights,
    contributions: n x s, effective weight and points of the score (the contributions of an insufficient
    account are what its known signals would give; they are not a score). component_score: n x c, 0 to 100,
    NaN where nothing in it counts.
    """

    inputs: WeekInputs
    model: ScoreModel
    table: WeightTable
    normalised: Normalised
    standing: Standing
    weights: FloatArray
    contributions: FloatArray
    component_score: FloatArray
    component_weight: FloatArray
    component_contribution: FloatArray
    coverage: FloatArray
    insufficient: CodeArray
    required: IntArray
    uncapped: FloatArray
    cap_points: FloatArray
    score: FloatArray
    caps: CapEffects
    gate: GateResult
    lines: TierLines

    @property
    def as_of(self) -> int:
        return self.inputs.as_of

    @property
    def account_ids(self) -> TextArray:
        return self.inputs.account_ids

    @property
    def signals(self) -> tuple[str, ...]:
        """Names of the scored signals, in the order of the columns."""
        return self.table.signals

    @property
    def components(self) -> tuple[str, ...]:
        """Names of the components, in the order of the columns."""
        return self.table.components

    def values(self) -> FloatArray:
        """n x s raw values of the scored signals."""
        return self.inputs.values[:, [self.inputs.column(name) for name in self.signals]]


def score_week(inputs: WeekInputs, model: ScoreModel) -> WeekScores:
    """Scores of every account of the week.

    Raises BarographError naming the signal when one that the model scores, caps or gates on is not in the
    inputs. A model without scored signals gives every account an insufficient score.
    """
    scored = model.scored
    table = weight_table(model)
    points = normalise(inputs, scored)
    standing = standing_of(points, model)
    weights, parts = contributions(table, standing)
    members = table.indicator
    component_weight, component_contribution = weights @ members, parts @ members
    coverage = (declared_weights(table, standing) * standing.counts).sum(axis=1) / 100.0
    insufficient, required = _insufficient(scored, points, standing, coverage, model.min_coverage)
    null = insufficient != ENOUGH
    uncapped = np.where(null, np.nan, np.clip(BASE + parts.sum(axis=1), 0.0, 100.0))
    caps = evaluate_caps(inputs, model)
    over = np.nan_to_num(uncapped - caps.score_at_most, nan=0.0)
    cap_points = -np.maximum(over, 0.0)
    return WeekScores(
        inputs=inputs,
        model=model,
        table=table,
        normalised=points,
        standing=standing,
        weights=weights,
        contributions=parts,
        component_score=_mean_of(component_contribution, component_weight),
        component_weight=component_weight,
        component_contribution=component_contribution,
        coverage=coverage,
        insufficient=insufficient,
        required=required,
        uncapped=uncapped,
        cap_points=cap_points,
        score=uncapped + cap_points,
        caps=caps,
        gate=evaluate_gate(inputs, model.growth_gate),
        lines=tier_lines(model, inputs.attributes, len(inputs.account_ids)),
    )


def standing_of(normalised: Normalised, model: ScoreModel) -> Standing:
    """What counts, after the declared rule for missing values (`neutral`, or the shape's own band)."""
    points = np.where(np.isnan(normalised.points), normalised.stand_in, normalised.points)
    neutral = np.array([signal.missing == "neutral" for signal in normalised.signals], dtype=bool)
    held = np.isnan(points) & neutral & normalised.applies
    return Standing(np.where(held, model.neutral_points, points), held, normalised.applies)


def _insufficient(
    scored: tuple[Signal, ...],
    normalised: Normalised,
    standing: Standing,
    coverage: FloatArray,
    min_coverage: float,
) -> tuple[CodeArray, IntArray]:
    size = len(coverage)
    code = np.zeros(size, dtype=np.int8)
    code[np.round(coverage, 9) < min_coverage] = LOW_COVERAGE
    required = np.full(size, -1, dtype=np.int64)
    for j, signal in enumerate(scored):
        if signal.missing == "insufficient":
            gone = standing.applies[:, j] & ~standing.counts[:, j]
            required[(required < 0) & gone] = j
    code[required >= 0] = REQUIRED_MISSING
    known: BoolArray = ((normalised.reasons == KNOWN) & normalised.applies).any(axis=1)
    code[~known] = NOTHING_KNOWN
    code[~standing.applies.any(axis=1)] = NOTHING_APPLIES
    return code, required


def _mean_of(contribution: FloatArray, weight: FloatArray) -> FloatArray:
    counts = weight > 0
    mean = contribution / np.where(counts, weight, 1.0) * 100.0
    return np.where(counts, np.clip(mean, 0.0, 100.0), np.nan)
