"""Named limits and the growth gate: what holds a tier below what the numbers alone would give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, CodeArray, FloatArray, IntArray
from barograph.core.inputs import WeekInputs
from barograph.core.scopes import in_scope
from barograph.definitions.base import TIER_ORDER, SignalTest
from barograph.definitions.model import ScoreModel

NO_CEILING = len(TIER_ORDER) - 1
"""The best tier: a ceiling that holds nothing."""


@dataclass(frozen=True, slots=True)
class CapEffects:
    """What the caps of a model do to n accounts in a week.

    active: n x k. ceiling: tier code that no cap lets an account pass (NO_CEILING: none); ceiling_cap:
    index of the cap that sets it, -1 for none. hard_ceiling, hard_cap: the same over hard events only.
    score_at_most: the lowest score that an active cap allows, NaN for none; score_cap: its index, -1 for
    none.
    """

    names: tuple[str, ...]
    active: BoolArray
    ceiling: CodeArray
    ceiling_cap: IntArray
    hard_ceiling: CodeArray
    hard_cap: IntArray
    score_at_most: FloatArray
    score_cap: IntArray


@dataclass(frozen=True, slots=True)
class GateResult:
    """The growth gate per account: ok, and the index of the first test that fails (-1 when it holds)."""

    ok: BoolArray
    failed: IntArray


def passes(test: SignalTest, values: FloatArray) -> BoolArray:
    """One flag per value: every bound given holds. A missing value passes only `missing = true`."""
    known = ~np.isnan(values)
    mask = np.ones(len(values), dtype=bool)
    bounded = False
    for bound, holds in (
        (test.at_least, np.greater_equal),
        (test.at_most, np.less_equal),
        (test.above, np.greater),
        (test.below, np.less),
    ):
        if bound is not None:
            bounded = True
            mask &= holds(np.where(known, values, bound), bound) & known
    if test.missing is not None:
        mask &= ~known if test.missing else known
    elif not bounded:
        mask &= known
    return mask


def evaluate_caps(inputs: WeekInputs, model: ScoreModel) -> CapEffects:
    """Which caps hold for which accounts, on raw values. Raises BarographError when a signal is not there."""
    size, caps = len(inputs.account_ids), model.caps
    active = np.zeros((size, len(caps)), dtype=bool)
    for k, cap in enumerate(caps):
        active[:, k] = in_scope(cap.scope, inputs.attributes, size)
        for test in cap.when:
            active[:, k] &= passes(test, inputs.value(test.signal))
    tiers = np.array([TIER_ORDER.index(cap.tier_at_most) for cap in caps], dtype=float)
    hard = np.array([cap.hard_event for cap in caps], dtype=bool)
    scores = np.array([np.nan if c.score_at_most is None else c.score_at_most for c in caps], dtype=float)
    ceiling, ceiling_cap = _lowest(active, tiers, NO_CEILING)
    hard_ceiling, hard_cap = _lowest(active & hard, tiers, NO_CEILING)
    lowest, score_cap = _lowest(active & ~np.isnan(scores), np.nan_to_num(scores), np.inf)
    return CapEffects(
        tuple(cap.name for cap in caps),
        active,
        ceiling.astype(np.int8),
        np.where(ceiling < NO_CEILING, ceiling_cap, -1),
        hard_ceiling.astype(np.int8),
        np.where(hard_ceiling < NO_CEILING, hard_cap, -1),
        np.where(np.isinf(lowest), np.nan, lowest),
        score_cap,
    )


def evaluate_gate(inputs: WeekInputs, tests: tuple[SignalTest, ...]) -> GateResult:
    """All tests must hold. An empty gate is open to everybody; an unknown value closes it."""
    size = len(inputs.account_ids)
    failed = np.full(size, -1, dtype=np.int64)
    for index, test in enumerate(tests):
        failed[(failed < 0) & ~passes(test, inputs.value(test.signal))] = index
    return GateResult(failed < 0, failed)


def _lowest(active: BoolArray, limits: FloatArray, none: float) -> tuple[FloatArray, IntArray]:
    """Per account the lowest limit among its active caps and its index; ties go to the first cap named."""
    size = active.shape[0]
    if active.shape[1] == 0:
        return np.full(size, float(none)), np.full(size, -1, dtype=np.int64)
    table = np.where(active, limits, np.inf)
    index = table.argmin(axis=1)
    lowest = table[np.arange(size), index]
    found = np.isfinite(lowest)
    return np.where(found, lowest, none), np.where(found, index, -1)
