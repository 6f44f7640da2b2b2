"""Tier codes, the lines between tiers per account, and the plain tier of a score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import CodeArray, FloatArray, IntArray, TextArray, rounded
from barograph.core.scopes import Attributes, first_scope
from barograph.definitions.base import TIER_ORDER, DisplayedTier
from barograph.definitions.model import ScoreModel

AT_RISK, WATCH, HEALTHY, GROWTH = range(4)
INSUFFICIENT = -1
NONE = -2
"""No tier: not in the population, or (pending) nothing waits."""

TIER_CODES: dict[str, int] = {name: code for code, name in enumerate(TIER_ORDER)} | {
    "insufficient": INSUFFICIENT
}
_NAMES: dict[int, DisplayedTier] = {code: name for name, code in TIER_CODES.items()}  # type: ignore[misc]


def tier_name(code: int) -> DisplayedTier:
    """at_risk, watch, healthy, growth or insufficient. KeyError for NONE."""
    return _NAMES[int(code)]


def tier_names(codes: CodeArray) -> TextArray:
    """Names of many codes; NONE becomes None."""
    table = np.empty(len(TIER_ORDER) + 2, dtype=object)
    table[:] = [*TIER_ORDER, None, "insufficient"]
    return table[codes]


@dataclass(frozen=True, slots=True)
class TierLines:
    """Where each tier of a model begins, per account.

    codes: tier codes of the model's T tiers, worst first. lines: n x T scores from which each is reached. The
    worst tier has no line: everything below the second belongs to it.
    """

    codes: CodeArray
    lines: FloatArray

    def index(self, codes: CodeArray) -> IntArray:
        """Place of tier codes among the model's tiers, a tier it does not have falling to the next worse one.

        INSUFFICIENT and NONE give -1.
        """
        place = np.maximum(np.searchsorted(self.codes, codes, "right") - 1, 0)
        return np.where(codes < 0, -1, place).astype(np.int64)

    def reached(self, scores: FloatArray, margin: float = 0.0) -> IntArray:
        """Place of the best tier whose line, moved up by `margin`, the score reaches; -1 for a null score."""
        score = rounded(scores)[:, None]
        count = (score >= rounded(self.lines[:, 1:] + margin)).sum(axis=1)
        return np.where(np.isnan(score[:, 0]), -1, count).astype(np.int64)

    def line(self, place: IntArray) -> FloatArray:
        """The score from which the tier at `place` is reached, -inf for the worst tier, NaN for -1."""
        lines = self.lines[np.arange(len(place)), np.maximum(place, 0)]
        return np.where(place > 0, lines, np.where(place == 0, -np.inf, np.nan))

    def take(self, rows: IntArray) -> TierLines:
        return TierLines(self.codes, self.lines[rows])


def tier_lines(model: ScoreModel, attributes: Attributes, size: int) -> TierLines:
    """The lines that hold for each account: of the first threshold scope it is in, else the tiers' own.

    Lines that do not grow from tier to tier (the lint reports them) are raised to the line below.
    """
    codes = np.array([TIER_CODES[tier.name] for tier in model.tiers], dtype=np.int8)
    default = np.array([tier.from_score for tier in model.tiers], dtype=float)
    tables = [default]
    for thresholds in model.thresholds:
        tables.append(
            np.array([thresholds.from_score.get(t.name, t.from_score) for t in model.tiers], dtype=float)
        )
    chosen = first_scope(tuple(t.when for t in model.thresholds), attributes, size) + 1
    lines = np.maximum.accumulate(np.array(tables), axis=1)[chosen]
    return TierLines(codes, lines)
