"""Milestones: planted ones are found near their day, none are found in noise, nobody dead is compared
(planted truth over seeds, property, refusal). L4, S5.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from barograph.learning.milestones import MilestoneData, find_milestone, find_milestones, there_on


def _data(
    seed: int, n: int = 500, day: int = 45, effect: float = 1.6, churn_early: bool = False
) -> MilestoneData:
    """A milestone reached at random times; reaching it within `day` days lowers the log-odds of loss."""
    rng = np.random.default_rng(seed)
    reached = rng.exponential(60, n)
    lost = rng.random(n) < 1 / (1 + np.exp(0.8 + effect * (reached <= day)))
    ended = np.where(lost, rng.uniform(150, 360, n), np.nan)
    if churn_early:
        ended = np.where(lost, rng.uniform(1, 120, n), np.nan)
        reached = np.where(~np.isnan(ended) & (reached > ended), np.nan, reached)
    segment = np.array(["smb", "ent"], dtype=object)[rng.integers(0, 2, n)]
    return MilestoneData(
        "first_workflow_live", reached, ended, np.full(n, 400.0), lost, np.arange(n), segment
    )


def _find(data: MilestoneData, seed: int = 0, permutations: int = 200):
    return find_milestone(data, np.random.default_rng(seed), permutations=permutations)


def test_a_planted_milestone_is_published_near_its_day_with_its_gap() -> None:
    found = [_find(_data(seed)) for seed in range(12)]
    published = [f for f in found if f.published]
    assert len(published) >= 10
    assert all(28 <= f.days <= 70 for f in published)
    true_gap = 1 / (1 + np.exp(-2.4)) - 1 / (1 + np.exp(-0.8))
    assert abs(np.mean([f.gap.value for f in published]) - true_gap) < 0.07
    assert all("associated with" in f.text and "cause" not in f.text for f in published)


def test_false_milestones_stay_rare() -> None:
    false = sum(_find(_data(1_000 + seed, n=300, effect=0.0)).published for seed in range(60))
    assert false <= 4


def test_accounts_that_left_before_day_n_are_not_compared() -> None:
    data = _data(3, churn_early=True, effect=0.0)
    present = there_on(data, 60)
    assert not present[data.ended <= 60].any()
    everybody = replace(data, ended=np.full(len(data.lost), np.nan))
    naive, honest = _find(everybody), _find(data)
    assert naive.published  # the immortal time alone looks like a strong milestone
    assert not honest.published


def test_accounts_not_yet_observed_for_n_days_are_not_compared() -> None:
    data = _data(4)
    young = replace(data, observed=np.where(np.arange(500) % 2 == 0, 20.0, 400.0))
    assert there_on(young, 21).sum() <= 250


def test_the_published_rates_come_from_the_newer_accounts_only() -> None:
    data = _data(5)
    found = _find(data)
    newer = np.arange(500) >= 300
    present = newer & there_on(data, found.days)
    reached = data.reached <= found.days
    assert found.n_reached == (present & reached).sum()
    assert found.n_not == (present & ~reached).sum()
    assert found.renewed_reached.value == (~data.lost)[present & reached].mean()


def test_too_little_is_refused_with_counts_and_small_samples_are_warned() -> None:
    assert "90 accounts" in _find(_data(6, n=90)).text
    few_lost = _data(7, n=200)
    few_lost = replace(few_lost, lost=np.arange(200) < 9)
    assert "9 lost" in _find(few_lost).text
    assert "10 points too large" in _find(_data(8, n=200)).text


def test_trying_many_milestones_costs() -> None:
    data = [replace(_data(2_000 + k, n=300, effect=0.0), name=f"m{k}") for k in range(8)]
    found = find_milestones(data, np.random.default_rng(1), permutations=100)
    assert len(found) == 8
    assert sum(f.published for f in found) == 0
