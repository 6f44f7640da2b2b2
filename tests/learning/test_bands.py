"""Cut points, levels and bands: readable, monotone, shrunk, complete (property, planted truth). L2, H2."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from barograph.learning.binning import band
from barograph.learning.cutpoints import candidate_cuts, simplest_between
from barograph.learning.levels import band_levels
from barograph.learning.observations import Candidate


@settings(max_examples=200, deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
@example(1.0, 0.001)
def test_the_simplest_number_lies_in_its_gap(low: float, width: float) -> None:
    high = float(f"{low + width:.12g}")
    if low < high:
        found = simplest_between(low, high)
        assert low < found <= high
        assert len(f"{found:.12g}") <= max(len(f"{high:.12g}"), 3)


def test_cuts_are_short_and_leave_heavy_values_alone() -> None:
    rng = np.random.default_rng(0)
    values = np.r_[np.zeros(400), rng.lognormal(3, 1, 600)]
    cuts = candidate_cuts(values, 8)
    assert (np.diff(cuts) > 0).all()
    assert 3 <= len(cuts) <= 10
    piece = np.searchsorted(cuts, values, side="right")
    assert set(piece[:400]) == {0}
    assert (piece[400:] > 0).all()
    assert all(len(f"{cut:g}") <= 4 for cut in cuts)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["up", "down", "free"]), st.integers(60, 400))
def test_every_value_has_a_band_counts_add_up_and_health_has_one_direction(
    seed: int, direction: str, n: int
) -> None:
    rng = np.random.default_rng(seed)
    values = np.round(rng.normal(size=n), 1)
    values[rng.random(n) < 0.1] = np.nan
    lost = rng.random(n) < 0.3
    found = band(values, lost, Candidate("x", direction=direction))
    assert found.n.sum() == n
    assert found.lost.sum() == lost.sum()
    index = found.index(values)
    assert ((index == found.count) == np.isnan(values)).all()
    steps = np.diff(found.woe[: found.count])
    if direction == "up":
        assert (steps >= -1e-9).all()
    elif direction == "down":
        assert (steps <= 1e-9).all()
    else:
        assert (steps >= -1e-9).all() or (steps <= 1e-9).all()


def test_a_declared_direction_against_the_data_says_nothing() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=2_000)
    lost = rng.random(2_000) < 1 / (1 + np.exp(1 - x))
    wrong = band(x, lost, Candidate("x", direction="up"))
    assert np.ptp(wrong.woe[: wrong.count]) < 0.05
    right = band(x, lost, Candidate("x", direction="down"))
    assert np.ptp(right.woe[: right.count]) > 1.5


def test_free_shape_finds_both_ends_and_nominal_groups_codes() -> None:
    rng = np.random.default_rng(2)
    x = rng.uniform(-2, 2, 4_000)
    lost = rng.random(4_000) < 0.1 + 0.15 * x**2
    free = band(x, lost, Candidate("x", shape="free"))
    level = free.health(np.array([-1.9, 0.0, 1.9]))
    assert level[1] > level[0] + 0.8
    assert level[1] > level[2] + 0.8
    code = rng.integers(0, 6, 4_000).astype(float)
    hit = rng.random(4_000) < np.where(np.isin(code, [1, 4]), 0.5, 0.1)
    nominal = band(code, hit, Candidate("c", shape="nominal"))
    assert nominal.levels[-1] == (1.0, 4.0)
    assert nominal.health(np.array([99.0]))[0] == nominal.woe[-1]


def test_few_outcomes_give_the_trend_and_many_the_rates() -> None:
    bent = np.array([0.5, 0.2, 0.2, 0.2, 0.05])
    small, large = np.full(5, 12.0), np.full(5, 4_000.0)
    few = band_levels(small, small * bent, 0.23, ordered=True, sign=1)
    many = band_levels(large, large * bent, 0.23, ordered=True, sign=1)
    exact = np.log(0.23 / 0.77) - np.log(bent / (1 - bent))
    assert np.abs(many - exact).max() < 0.05
    assert np.ptp(few) < np.ptp(exact)
    assert few[3] > few[1] + 0.1  # twelve rows a band cannot prove a plateau


def test_constant_and_missing_columns_make_one_flat_band() -> None:
    lost = np.arange(100) < 30
    for values in (np.full(100, 7.0), np.full(100, np.nan)):
        found = band(values, lost, Candidate("x"))
        assert found.count == 1
        assert found.health(values) == pytest.approx(0.0, abs=0.05)
