"""Trajectory: references (scipy's Theil-Sen), planted lines and noise, and the clocks on Watch (H6, P3)."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import theilslopes

from barograph.core.arrays import CodeArray, FloatArray
from barograph.core.thresholds import GROWTH, HEALTHY, NONE, WATCH, TierLines
from barograph.core.trajectory import HEADINGS, LEAST_AGREEMENT, Trajectory, row_median, theil_sen, trajectory
from barograph.errors import BarographError
from support.score_models import MONDAY

NAN = float("nan")


def path(scores: FloatArray, tiers: CodeArray | int = HEALTHY, since: int = MONDAY) -> Trajectory:
    codes = np.full(scores.shape, tiers, dtype=np.int8) if isinstance(tiers, int) else tiers
    lines = TierLines(np.arange(4, dtype=np.int8), np.tile([0.0, 40, 60, 80], (len(scores), 1)))
    return trajectory(scores, codes, np.full(len(scores), since), MONDAY, lines)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=4, max_size=8))
def test_slope_is_theil_sens(values: list[float]) -> None:
    y = np.array([values])
    x = np.arange(len(values), dtype=float)[None, :]
    line = theil_sen(x, y)
    assert line.slope[0] == pytest.approx(theilslopes(values, x[0]).slope, abs=1e-9)
    pairs = [np.sign(b - a) for i, a in enumerate(values) for b in values[i + 1 :]]
    assert line.agreement[0] == sum(pairs)


@pytest.mark.parametrize("weeks", sorted(LEAST_AGREEMENT))
def test_agreement_beyond_chance_is_kendalls(weeks: int) -> None:
    """Reference: the exact distribution over all orders of so many weeks."""
    surplus = [
        sum(1 if b > a else -1 for i, a in enumerate(order) for b in order[i + 1 :])
        for order in permutations(range(weeks))
    ]
    share = np.mean(np.array(surplus) >= LEAST_AGREEMENT[weeks])
    looser = np.mean(np.array(surplus) >= LEAST_AGREEMENT[weeks] - 2)
    assert share <= 0.05 < looser


@given(st.lists(st.one_of(st.just(NAN), st.floats(-5, 5)), min_size=1, max_size=9))
def test_row_median(values: list[float]) -> None:
    known = [v for v in values if not np.isnan(v)]
    expected = np.median(known) if known else NAN
    assert row_median(np.array([values]))[0] == pytest.approx(expected, nan_ok=True)


def test_a_straight_fall_is_declining_and_turns_when_the_line_is_near() -> None:
    falling = np.array(
        [[100.0 - 2 * k for k in range(8)], [77.0 - 2 * k for k in range(8)]]
    )  # end at 86 and 63
    found = path(falling)
    assert found.slope.tolist() == [-2, -2]
    assert found.noise.tolist() == [0, 0]
    assert [HEADINGS[h] for h in found.heading] == ["declining", "declining"]
    assert found.weeks_to_line.tolist() == [13, 1.5]  # to 60
    assert found.about_to_turn.tolist() == [False, True]


def test_only_good_tiers_turn() -> None:
    falling = np.array([[55.0 - 2 * k for k in range(8)]])
    assert not path(falling, WATCH).about_to_turn[0]
    assert path(falling + 40, GROWTH).about_to_turn[0]


def test_one_odd_week_does_not_turn_the_line() -> None:
    scores = np.full((1, 8), 70.0)
    scores[0, 6] = 20
    found = path(scores)
    assert found.slope[0] == 0
    assert HEADINGS[found.heading[0]] == "steady"


def test_a_line_that_moves_less_than_its_noise_is_no_heading() -> None:
    """Most pairs fall, but the line drops 30 points through weeks that lie 56 off it."""
    found = path(np.array([[99, 95, 90, 4, 2, 2, 1, 74.5]]))
    assert found.noise[0] > -7 * found.slope[0] > 0
    assert HEADINGS[found.heading[0]] == "steady"


def test_few_weeks_are_unknown_and_old_ones_do_not_count() -> None:
    scores = np.full((2, 24), NAN)
    scores[0, -3:] = [70, 65, 60]
    scores[1, :8] = [90, 85, 80, 75, 70, 65, 60, 55]  # all before the weeks looked at
    found = path(scores)
    assert [HEADINGS[h] for h in found.heading] == ["unknown", "unknown"]
    assert np.isnan(found.slope).all()
    assert not found.about_to_turn.any()


def test_gaps_keep_their_length() -> None:
    """Five known weeks two apart, 4 points lower each: 2 points a week."""
    scores = np.full((1, 9), NAN)
    scores[0, ::2] = [80, 76, 72, 68, 64]
    assert path(scores).slope[0] == -2


def test_pure_noise_rarely_has_a_heading() -> None:
    """Planted truth: no trend. At most 5 % of accounts are told to be declining, and as many improving."""
    rng = np.random.default_rng(5)
    found = path(70 + rng.normal(0, 3, (3000, 8)))
    for heading in ("declining", "improving"):
        assert (found.heading == HEADINGS.index(heading)).mean() < 0.05


def test_a_planted_decline_under_noise_is_found() -> None:
    rng = np.random.default_rng(6)
    found = path(90 - 3 * np.arange(8) + rng.normal(0, 2, (1000, 8)))
    assert (found.heading == HEADINGS.index("declining")).mean() > 0.95
    assert np.median(found.slope) == pytest.approx(-3, abs=0.1)


def test_weeks_in_tier_and_days_on_watch() -> None:
    tiers = np.full((3, 13), HEALTHY, dtype=np.int8)
    tiers[0, -9:] = WATCH  # eight weeks before this Monday: 56 days
    tiers[1, -10:] = WATCH  # nine: 63
    tiers[2, [0, 1, 2, 3, 4, 6, 8, 10, 11]] = WATCH  # nine with gaps, but Healthy today
    found = path(np.full((3, 13), 50.0), tiers, since=MONDAY - 21)
    assert found.weeks_in_tier.tolist() == [3, 3, 3]
    assert found.watch_days.tolist() == [56, 63, 63]
    assert found.long_on_watch.tolist() == [False, True, False]


def test_accounts_that_are_not_there() -> None:
    found = path(np.full((1, 1), NAN), np.full((1, 1), NONE, dtype=np.int8))
    assert found.weeks_in_tier.tolist() == [0]
    assert found.watch_days.tolist() == [0]


def test_histories_must_fit() -> None:
    with pytest.raises(BarographError, match="do not fit"):
        path(np.zeros((2, 3)), np.zeros((2, 4), dtype=np.int8))


def test_order_of_accounts_is_irrelevant() -> None:
    rng = np.random.default_rng(7)
    scores = np.where(rng.random((50, 16)) < 0.2, NAN, rng.uniform(0, 100, (50, 16)))
    order = rng.permutation(50)
    assert np.array_equal(path(scores).slope[order], path(scores[order]).slope, equal_nan=True)
