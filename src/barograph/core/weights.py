"""Effective weights: where the weight of a signal that is missing or does not apply goes.

1. Signals that do not apply to an account leave its weights; the rest are scaled to 100 points.
2. A signal that is missing and stands in (`neutral`) keeps its own weight and takes none of others.
3. The weight of a signal that is missing otherwise goes to the known signals of its component in proportion,
   and, when the component has none, to the known signals of the other components in proportion to those.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray, IntArray
from barograph.definitions.model import ScoreModel


@dataclass(frozen=True, slots=True)
class WeightTable:
    """Declared weights of the s scored signals, scaled to 100, and the component each belongs to."""

    signals: tuple[str, ...]
    components: tuple[str, ...]
    weights: FloatArray
    component: IntArray

    @property
    def indicator(self) -> FloatArray:
        """s x c matrix with a 1 where the signal belongs to the component."""
        table = np.zeros((len(self.signals), len(self.components)))
        table[np.arange(len(self.signals)), self.component] = 1.0
        return table


def weight_table(model: ScoreModel) -> WeightTable:
    """The weights of the model. Components without a scored signal are left out.

    A scored signal that names no component makes one of its category. Weights that do not add up to 100 are
    scaled; the lint reports them.
    """
    scored = model.scored
    names = [signal.component or signal.category for signal in scored]
    order = [c.name for c in model.components if c.name in names]
    order += [name for name in dict.fromkeys(names) if name not in order]
    weights = np.array([signal.weight for signal in scored], dtype=float)
    total = weights.sum()
    return WeightTable(
        tuple(signal.name for signal in scored),
        tuple(order),
        weights if total in (0.0, 100.0) else weights * (100.0 / total),
        np.array([order.index(name) for name in names], dtype=np.int64),
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """How n accounts stand on s signals when the weights are spread.

    points: what counts, 0 to 100; NaN does not count. held: counts without a known value, at its own weight
    only. applies: False takes the signal out of the account's model.
    """

    points: FloatArray
    held: BoolArray
    applies: BoolArray

    @property
    def counts(self) -> BoolArray:
        return ~np.isnan(self.points) & self.applies

    def with_rows(self, mask: BoolArray, other: Standing) -> Standing:
        """This standing with the cells of `mask` taken from `other`."""
        return Standing(
            np.where(mask, other.points, self.points),
            np.where(mask, other.held, self.held),
            np.where(mask, other.applies, self.applies),
        )


def declared_weights(table: WeightTable, standing: Standing) -> FloatArray:
    """n x s: the weights of the signals that apply, scaled to 100 per account (0 when none applies)."""
    weights = table.weights * standing.applies
    total = weights.sum(axis=1, keepdims=True)
    scale = np.where(total == 100.0, 1.0, 100.0 / np.where(total > 0, total, 1.0))
    return np.asarray(weights * scale)


def effective_weights(table: WeightTable, standing: Standing) -> FloatArray:
    """n x s: weights after spreading. Each row sums to 100, or to 0 when nothing counts for the account."""
    declared = declared_weights(table, standing)
    held = declared * (standing.counts & standing.held)
    known = declared * (standing.counts & ~standing.held)
    gone = declared * ~standing.counts
    members = table.indicator
    known_c, gone_c = known @ members, gone @ members
    reachable = known_c > 0
    within = np.where(reachable, (known_c + gone_c) / np.where(reachable, known_c, 1.0), 0.0)
    stay = ((known_c + gone_c) * reachable).sum(axis=1)
    orphaned = (gone_c * ~reachable).sum(axis=1)
    across = np.where(stay > 0, (stay + orphaned) / np.where(stay > 0, stay, 1.0), 0.0)
    spread = known * (within @ members.T) * across[:, None] + held
    only_held = (stay == 0) & (held.sum(axis=1) > 0)
    if only_held.any():
        total = held.sum(axis=1)
        spread[only_held] = (held / np.where(total > 0, total, 1.0)[:, None] * 100.0)[only_held]
    return np.asarray(spread)


def contributions(table: WeightTable, standing: Standing) -> tuple[FloatArray, FloatArray]:
    """(effective weights, points of the score per signal), both n x s; 0 where nothing counts."""
    weights = effective_weights(table, standing)
    return weights, weights * np.nan_to_num(standing.points, nan=0.0) / 100.0
