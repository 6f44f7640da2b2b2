"""Play effect (G1). Truths: planted (worlds where every account is lived through with and without the play), reference
(published intervals), and properties: order, labels and merging of strata change nothing that they should not.

The study over 2,000 seeds is in benchmarks/plays; here are enough to fail when an estimator breaks.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from barograph.errors import BarographError
from barograph.learning.play_effect import LEAST_PER_ARM, detectable, play_effect, sample_needed
from barograph.learning.play_threshold import jump, threshold_effect
from barograph.synthetic.play_world import LINE, at_line, triggered

SEEDS = 200


def flags(n: int, good: int) -> np.ndarray:
    return np.arange(n) < good


def arms(good: tuple[int, int], n: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """(good, treated) of two arms, the treated first."""
    return (
        np.concatenate([flags(n[0], good[0]), flags(n[1], good[1])]),
        np.concatenate([np.ones(n[0], dtype=bool), np.zeros(n[1], dtype=bool)]),
    )


@pytest.mark.parametrize(
    ("good", "n", "low", "high"),
    [((56, 48), (70, 80), 0.0524, 0.3339), ((9, 3), (10, 10), 0.1705, 0.8090)],
)
def test_a_single_stratum_has_newcombes_interval(
    good: tuple[int, int], n: tuple[int, int], low: float, high: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Newcombe (1998), table II, method 10."""
    monkeypatch.setattr("barograph.learning.play_effect.LEAST_PER_ARM", 1)
    found = play_effect(*arms(good, n))
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))
    assert found.difference == pytest.approx(good[0] / n[0] - good[1] / n[1])


def test_the_permutation_test_is_fishers_in_one_stratum() -> None:
    found = play_effect(*arms((30, 14), (40, 40)), seed=3)
    exact = stats.fisher_exact([[30, 10], [14, 26]]).pvalue
    assert found.p_value == pytest.approx(exact, abs=0.002)
    assert found.verdict == "helps"


def covered(
    points: float, *, accounts: int, share: float, families: int = 1
) -> tuple[float, float, float, float]:
    """(truth, mean estimate, share of intervals that cover it, share that tell an effect)."""
    truth = triggered(200_000, points, 10**6, families=families).effect
    found = []
    for seed in range(SEEDS):
        world = triggered(accounts, points, seed, families=families)
        treated = np.random.default_rng(seed).random(len(world.score)) >= share
        found.append(
            play_effect(world.seen(treated), treated, strata=world.segment, families=world.family, seed=seed)
        )
    cover = float(np.mean([f.low <= truth <= f.high for f in found]))
    told = float(np.mean([f.verdict != "cannot_tell" for f in found]))
    return truth, float(np.mean([f.difference for f in found])), cover, told


LEAST_COVERED = 0.95 - 3 * (0.95 * 0.05 / SEEDS) ** 0.5
MOST_TOLD = 0.05 + 3 * (0.95 * 0.05 / SEEDS) ** 0.5


@pytest.mark.parametrize(("points", "families"), [(0.0, 1), (0.0, 4), (6.0, 1), (6.0, 4)])
def test_a_planted_effect_is_found_within_its_interval_and_none_where_there_is_none(
    points: float, families: int
) -> None:
    truth, mean, cover, told = covered(points, accounts=600, share=0.25, families=families)
    assert mean == pytest.approx(truth, abs=0.02)
    assert cover >= LEAST_COVERED
    assert told <= MOST_TOLD if points == 0 else told > 0.9


def test_a_play_that_does_harm_is_seen() -> None:
    truth, _, cover, told = covered(-5.0, accounts=900, share=0.25)
    assert truth < -0.1
    assert cover >= LEAST_COVERED and told > 0.7


def test_before_and_after_would_see_an_effect_where_there_is_none() -> None:
    """Why it is not offered: accounts are triggered when they are at their worst."""
    world = triggered(20_000, 0.0, 1)
    assert world.effect == 0
    assert (world.after - world.score).mean() > 5
    assert world.recovered_without.mean() > 0.2


def test_families_widen_the_interval() -> None:
    rng = np.random.default_rng(5)
    family = np.repeat(np.arange(100), 4)
    good = np.repeat(rng.random(100) < 0.5, 4)
    treated = np.repeat(rng.random(100) < 0.5, 4)
    alone, together = play_effect(good, treated), play_effect(good, treated, families=family)
    assert together.high - together.low > 1.8 * (alone.high - alone.low)
    assert together.p_value is None and together.difference == pytest.approx(alone.difference)


def test_small_strata_are_one() -> None:
    rng = np.random.default_rng(2)
    good, treated = rng.random(400) < 0.4, rng.random(400) < 0.5
    tiny = np.where(np.arange(400) < 12, np.arange(400), 100)
    assert play_effect(good, treated, strata=tiny).strata == 1
    halves = (np.arange(400) < 200).astype(np.int64)
    assert play_effect(good, treated, strata=halves).strata == 2


def test_a_stratum_without_an_arm_does_not_bias() -> None:
    """All of one segment treated: it joins the others, where chance decided."""
    good = np.r_[np.ones(60, dtype=bool), flags(60, 30), flags(60, 30)]
    treated = np.r_[np.ones(120, dtype=bool), np.zeros(60, dtype=bool)]
    found = play_effect(
        good, treated, strata=np.r_[np.zeros(60, dtype=np.int64), np.ones(120, dtype=np.int64)]
    )
    assert found.strata == 1 and not np.isnan(found.low)


def test_too_few_are_refused_with_the_sample_that_is_needed() -> None:
    found = play_effect(*arms((30, 5), (60, LEAST_PER_ARM - 1)))
    assert found.verdict == "cannot_tell" and "19 accounts held out" in found.refused
    assert np.isnan(found.low) and found.needed > 300
    empty = play_effect(np.zeros(0, dtype=bool), np.zeros(0, dtype=bool))
    assert empty.refused and empty.needed > 0


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(BarographError, match="assignments"):
        play_effect(np.ones(3, dtype=bool), np.ones(4, dtype=bool))


def test_the_sample_needed_shows_the_effect_as_often_as_it_says() -> None:
    rng = np.random.default_rng(8)
    total = sample_needed(0.3, 0.15, share=0.25)
    seen = 0
    for _ in range(300):
        treated = rng.random(total) >= 0.25
        seen += play_effect(rng.random(total) < np.where(treated, 0.45, 0.3), treated).verdict == "helps"
    assert 0.72 <= seen / 300 <= 0.9
    assert detectable(0.3, total * 0.75, total * 0.25) == pytest.approx(0.15, abs=0.005)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_the_order_of_accounts_and_the_names_of_strata_change_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(60, 300))
    good, treated, strata = rng.random(n) < 0.4, rng.random(n) < 0.6, rng.integers(0, 3, n)
    turned = rng.permutation(n)
    one = play_effect(good, treated, strata=strata)
    two = play_effect(good[turned], treated[turned], strata=np.array([7, 3, 90])[strata][turned])
    assert (one.difference, one.low, one.high) == pytest.approx(
        (two.difference, two.low, two.high), nan_ok=True
    )
    if not one.refused:
        assert -1 <= one.low <= one.difference <= one.high <= 1


class TestAtTheLine:
    """Regression discontinuity, where nobody was held out."""

    def effect(self, seed: int, points: float, accounts: int = 3000, **more: float) -> tuple[object, float]:
        world = at_line(accounts, points, seed, **more)
        found = threshold_effect(
            world.score, world.played, world.good, line=LINE, accounts=np.arange(accounts)
        )
        return found, world.effect

    @pytest.mark.parametrize("points", [0.0, 6.0])
    def test_a_planted_effect_is_covered(self, points: float) -> None:
        truth = at_line(200_000, points, 10**6).effect
        found = [self.effect(seed, points)[0] for seed in range(SEEDS)]
        told = [f for f in found if not f.refused]  # type: ignore[attr-defined]
        assert len(told) > 0.9 * SEEDS
        assert np.mean([f.low <= truth <= f.high for f in told]) >= LEAST_COVERED  # type: ignore[attr-defined]
        assert np.mean([f.difference for f in told]) == pytest.approx(truth, abs=0.02)  # type: ignore[attr-defined]
        share = np.mean([f.verdict != "cannot_tell" for f in told])  # type: ignore[attr-defined]
        assert share <= MOST_TOLD if points == 0 else share > 0.9

    def test_too_few(self) -> None:
        found, _ = self.effect(1, 6.0, accounts=300)
        assert found.refused == "too_few" and np.isnan(found.low)  # type: ignore[attr-defined]

    def test_people_decide_beside_the_line(self) -> None:
        found, _ = self.effect(1, 6.0, skill=0.5)
        assert found.refused == "not_sharp"  # type: ignore[attr-defined]

    def test_accounts_pile_up_over_the_line(self) -> None:
        """Somebody nudges scores over it: those left under it are not like those over it."""
        rng = np.random.default_rng(4)
        score = rng.normal(60, 12, 4000)
        score = np.where((score < LINE) & (score > LINE - 4) & (rng.random(4000) < 0.6), score + 4, score)
        found = threshold_effect(
            score, score < LINE, rng.random(4000) < 0.4, line=LINE, accounts=np.arange(4000)
        )
        assert found.refused == "density"

    def test_something_known_before_jumps_too(self) -> None:
        world = at_line(4000, 0.0, 3)
        revenue = np.where(world.score < LINE, 9.0, 11.0) + np.random.default_rng(1).normal(0, 1, 4000)
        found = threshold_effect(
            world.score,
            world.played,
            world.good,
            line=LINE,
            accounts=np.arange(4000),
            before=revenue[:, None],
        )
        assert found.refused == "balance"

    def test_the_outcome_jumps_where_no_line_is(self) -> None:
        rng = np.random.default_rng(6)
        score = rng.normal(60, 12, 8000)
        good = rng.random(8000) < np.where(score < LINE + 7.5, 0.2, 0.7)
        found = threshold_effect(score, score < LINE, good, line=LINE, accounts=np.arange(8000))
        assert found.refused == "placebo"

    def test_the_same_account_many_times_is_one_witness(self) -> None:
        rng = np.random.default_rng(7)
        x, luck = rng.uniform(-10, 10, 500), rng.random(500) < 0.5
        many = jump(np.tile(x, 4), np.tile(luck * 1.0, 4), np.tile(np.arange(500), 4), 10.0)
        rows = jump(np.tile(x, 4), np.tile(luck * 1.0, 4), np.arange(2000), 10.0)
        once = jump(x, luck * 1.0, np.arange(500), 10.0)
        assert many.value == pytest.approx(once.value)
        assert many.error > 1.8 * rows.error


def test_a_share_that_changed_on_the_way_does_not_bias() -> None:
    """Half held out while times were good, a tenth later when they were bad: pooled, doing nothing would look bad."""
    rng = np.random.default_rng(11)
    found = []
    for _ in range(40):
        late = np.arange(1200) >= 600
        treated = rng.random(1200) >= np.where(late, 0.1, 0.5)
        good = rng.random(1200) < np.where(late, 0.2, 0.7)
        told = play_effect(good, treated, shares=late.astype(np.int64))
        found.append((told.difference, play_effect(good, treated).difference))
    apart, pooled = np.mean(found, axis=0)
    assert abs(apart) < 0.03 and pooled < -0.1
