"""The score over arbitrary models and weeks: adds up, bounded, monotone, order-free (H2, decisions 7, 9)."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.core.inputs import KNOWN, WeekInputs
from barograph.core.score import ENOUGH, WeekScores, score_week
from barograph.core.weights import Standing, WeightTable, declared_weights, effective_weights
from barograph.definitions.normalise import BandedShape
from barograph.definitions.signal import Signal
from support.score_models import random_model, random_week

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=30, deadline=None)


def scored(seed: int) -> WeekScores:
    rng = np.random.default_rng(seed)
    model = random_model(rng)
    return score_week(random_week(rng, model), model)


@FEW
@given(SEEDS)
def test_contributions_add_up_to_components_and_to_the_score(seed: int) -> None:
    week = scored(seed)
    known = week.insufficient == ENOUGH
    assert np.array_equal(known, ~np.isnan(week.score))
    total = week.contributions.sum(axis=1) + week.cap_points
    assert np.abs(total - week.score)[known].max(initial=0) < 1e-9
    assert (
        np.abs(week.component_contribution.sum(axis=1) + week.cap_points - week.score)[known].max(initial=0)
        < 1e-9
    )
    by_component = np.nan_to_num(week.component_score) * week.component_weight / 100
    assert np.abs(by_component - week.component_contribution).max(initial=0) < 1e-9
    counted = np.nan_to_num(week.standing.points) * week.weights / 100
    assert np.abs(counted - week.contributions).max(initial=0) < 1e-12


@FEW
@given(SEEDS)
def test_everything_is_bounded(seed: int) -> None:
    week = scored(seed)
    for values in (week.score, week.uncapped, week.component_score, week.standing.points):
        inside = np.isnan(values) | ((values >= 0) & (values <= 100))
        assert inside.all()
    assert (week.cap_points <= 0).all()
    assert ((week.coverage >= 0) & (week.coverage <= 1 + 1e-12)).all()
    assert (week.contributions >= 0).all()


@FEW
@given(SEEDS)
def test_effective_weights_are_spread_exactly(seed: int) -> None:
    week = scored(seed)
    total = week.weights.sum(axis=1)
    counts = week.standing.counts.any(axis=1)
    assert np.abs(total[counts] - 100).max(initial=0) < 1e-9
    assert (total[~counts] == 0).all()
    assert (week.weights[~week.standing.counts] == 0).all()
    declared = declared_weights(week.table, week.standing)
    complete = (week.standing.counts == week.standing.applies).all(axis=1) & counts
    assert np.abs((week.weights - declared)[complete]).max(initial=0) < 1e-9
    # a stand-in never grows unless nothing else counts
    held_only = week.standing.held & (week.standing.counts & ~week.standing.held).any(axis=1, keepdims=True)
    assert np.abs((week.weights - declared)[held_only]).max(initial=0) < 1e-9


@FEW
@given(SEEDS)
def test_proportions_survive_spreading(seed: int) -> None:
    """Known signals of one component keep their declared proportions, and so do components without gaps."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 9))
    component = rng.integers(0, 3, count)
    component = np.unique(component, return_inverse=True)[1]
    weights = rng.uniform(1, 20, count)
    names = tuple(f"c{k}" for k in range(component.max() + 1))
    table = WeightTable(tuple(f"s{k}" for k in range(count)), names, weights * 100 / weights.sum(), component)
    points = np.where(rng.random((1, count)) < 0.4, np.nan, 50.0)
    standing = Standing(points, np.zeros((1, count), bool), np.ones((1, count), bool))
    spread = effective_weights(table, standing)[0]
    known = ~np.isnan(points[0])
    for i in range(count):
        for j in range(count):
            if known[i] and known[j] and component[i] == component[j]:
                assert spread[i] / spread[j] == pytest.approx(table.weights[i] / table.weights[j])
    whole = [k for k in range(len(names)) if known[component == k].any()]
    for a in whole:
        for b in whole:
            parts = [spread[component == k].sum() / table.weights[component == k].sum() for k in (a, b)]
            assert parts[0] == pytest.approx(parts[1])


@FEW
@given(SEEDS)
def test_the_order_of_accounts_is_irrelevant(seed: int) -> None:
    rng = np.random.default_rng(seed)
    model = random_model(rng)
    inputs = random_week(rng, model)
    order = rng.permutation(len(inputs.account_ids))
    straight, mixed = score_week(inputs, model), score_week(inputs.take(order), model)
    assert np.array_equal(straight.score[order], mixed.score, equal_nan=True)
    assert np.array_equal(straight.weights[order], mixed.weights)


@FEW
@given(SEEDS)
def test_improving_a_signal_never_lowers_the_score(seed: int) -> None:
    """In the direction in which its shape says healthier."""
    rng = np.random.default_rng(seed)
    model = random_model(rng, plain=True)
    inputs = random_week(rng, model)
    before = score_week(inputs, model)
    for j, signal in enumerate(model.scored):
        for variant in np.unique(before.normalised.variant[:, j]).tolist():
            way = healthier(signal, variant)
            rows = (before.normalised.variant[:, j] == variant) & (inputs.reasons[:, j] == KNOWN)
            if way == 0 or not rows.any():
                continue
            row = int(rng.choice(np.flatnonzero(rows)))
            values = inputs.values.copy()
            values[row, j] += way * float(rng.integers(1, 6))
            better = WeekInputs(
                inputs.as_of, inputs.account_ids, inputs.signals, values, inputs.reasons, inputs.attributes
            )
            after = score_week(better, model)
            if not np.isnan(before.score[row]):
                assert after.score[row] >= before.score[row] - 1e-9


def healthier(signal: Signal, variant: int) -> int:
    """+1 where more is healthier under the variant's shape, -1 where less is, 0 where neither can be said."""
    chosen = None if variant < 0 else signal.variants[variant]
    if chosen is not None and not chosen.applies:
        return 0
    shape = signal.normalise if chosen is None or chosen.normalise is None else chosen.normalise
    if isinstance(shape, BandedShape):
        points = [band.points for band in shape.bands]
        return 1 if points == sorted(points) else -1
    if shape.method == "decay":
        return -1
    if shape.method == "percentile":
        return -1 if signal.direction == "down" else 1
    return 1 if shape.full > shape.zero else -1


def test_time_grows_with_the_accounts() -> None:
    """Growth: ten times the accounts take at most twenty times the time, so nothing loops over pairs."""
    rng = np.random.default_rng(1)
    model = random_model(rng, signals=8)
    small, large = (random_week(rng, model, size) for size in (2_000, 20_000))
    score_week(small, model)

    def seconds(inputs: WeekInputs) -> float:
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            score_week(inputs, model)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(large) < 20 * seconds(small) + 0.05
