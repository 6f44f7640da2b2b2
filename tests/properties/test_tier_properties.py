"""Invariants of the tier machine over arbitrary histories, and the machine against a slow one (H3, H4)."""

from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.core.arrays import texts
from barograph.core.calendar import WEEK
from barograph.core.thresholds import INSUFFICIENT, NONE, TierLines
from barograph.core.tiers import Ceilings, TierStates, advance_arrays
from barograph.definitions.model import Damping
from support.score_models import MONDAY

LINES = (40.0, 60.0, 80.0)
SCORE = st.one_of(
    st.just(math.nan), st.integers(0, 100).map(float), st.sampled_from([39.0, 41, 45, 59, 61, 65, 79, 81, 85])
)
WEEKS = st.lists(st.tuples(SCORE, st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=14)
DAMPING = st.builds(
    Damping,
    hysteresis=st.sampled_from([0, 5, 12]),
    confirmations=st.integers(1, 3),
    immediate_drop=st.sampled_from([8, 15, 100]),
)


def history(weeks: list[tuple[float, int, int]], damping: Damping, copies: int = 1) -> list[TierStates]:
    """Several copies of one account through the weeks (score, soft ceiling, hard ceiling)."""
    states: TierStates | None = None
    found = []
    lines = TierLines(np.arange(4, dtype=np.int8), np.tile([0.0, *LINES], (copies, 1)))
    for i, (score, soft, hard) in enumerate(weeks):
        limits = Ceilings(
            np.full(copies, min(soft, hard), dtype=np.int8),
            texts(["cap"] * copies),
            np.full(copies, hard, dtype=np.int8),
        )
        ids = texts([f"a{k}" for k in range(copies)])
        states = advance_arrays(
            states, MONDAY + WEEK * i, ids, np.full(copies, score), lines, limits, damping
        )
        found.append(states)
    return found


def plain(score: float) -> int:
    return sum(round(score, 6) >= line for line in LINES)


class SlowMachine:
    """The same rules for one account, written as one would tell them, without arrays."""

    def __init__(self, damping: Damping) -> None:
        self.damping = damping
        self.tier: int | None = None
        self.level = 0
        self.run: list[int] = []  # targets of the weeks that agree in direction

    def add(self, score: float, soft: int, hard: int) -> int:
        if math.isnan(score):
            self.tier, self.run = None, []
            return INSUFFICIENT
        d, ceiling = self.damping, min(soft, hard)
        if self.tier is None:
            self.tier, self.level, self.run = min(plain(score), ceiling), plain(score), []
            return self.tier
        line = LINES[self.level - 1] if self.level else -math.inf
        if score < line:
            numbers = plain(score)
        else:
            numbers = max(self.level, sum(score >= line + d.hysteresis for line in LINES))
        target, was = min(numbers, ceiling), self.tier
        if target == was:
            self.run = []
        elif self.run and (self.run[-1] < was) == (target < was):
            self.run.append(target)
        else:
            self.run = [target]
        new = was
        if len(self.run) >= d.confirmations:
            new = min(self.run) if target > was else target
            self.run = [target] if new != target else []
        elif was and score <= LINES[was - 1] - d.immediate_drop:
            new = min(was, plain(score))
        new = min(new, hard)
        if new == target:
            self.run = []
        self.tier, self.level = new, max(new, min(numbers, self.level))
        return new


@settings(max_examples=150, deadline=None)
@given(WEEKS, DAMPING)
def test_against_the_slow_machine(weeks: list[tuple[float, int, int]], damping: Damping) -> None:
    slow = SlowMachine(damping)
    expected = [slow.add(*w) for w in weeks]
    assert [int(s.computed[0]) for s in history(weeks, damping)] == expected


@settings(max_examples=50, deadline=None)
@given(WEEKS)
def test_disabled_is_the_plain_tier_under_caps(weeks: list[tuple[float, int, int]]) -> None:
    for (score, soft, hard), state in zip(weeks, history(weeks, Damping(enabled=False)), strict=True):
        expected = INSUFFICIENT if math.isnan(score) else min(plain(score), soft, hard)
        assert state.computed[0] == expected
        assert state.pending[0] == NONE


@settings(max_examples=50, deadline=None)
@given(WEEKS, DAMPING)
def test_invariants(weeks: list[tuple[float, int, int]], damping: Damping) -> None:
    past: list[TierStates] = []
    for (score, _soft, hard), state in zip(weeks, history(weeks, damping), strict=True):
        tier, level, pending = int(state.computed[0]), int(state.level[0]), int(state.pending[0])
        assert (tier == INSUFFICIENT) == math.isnan(score)  # insufficient takes effect and ends at once
        assert tier <= hard  # a hard event holds at once
        assert state.displayed[0] == tier
        if not math.isnan(score):
            assert level >= tier  # the numbers alone never hold less than what is shown
            assert (pending == NONE) == (state.pending_weeks[0] == 0)
            assert pending in (NONE, *range(4))
            assert pending != tier
            assert state.pending_weeks[0] < max(damping.confirmations, 2)
        if past and past[-1].computed[0] == tier:
            assert state.computed_since[0] == past[-1].computed_since[0]
        else:
            assert state.computed_since[0] == state.as_of
        past.append(state)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 100).map(float), min_size=2, max_size=14), st.integers(2, 3))
def test_dwell_is_kept(scores: list[float], confirmations: int) -> None:
    """Without caps: `confirmations` agreeing scores are behind every move but an immediate drop."""
    damping = Damping(confirmations=confirmations)
    states = history([(s, 3, 3) for s in scores], damping)
    tiers = [int(s.computed[0]) for s in states]
    for i in range(1, len(tiers)):
        recent = scores[max(0, i - confirmations + 1) : i + 1]
        if tiers[i] > tiers[i - 1]:
            assert len(recent) == confirmations
            assert all(s >= LINES[tiers[i] - 1] + damping.hysteresis for s in recent)
        elif tiers[i] < tiers[i - 1]:
            line = LINES[tiers[i - 1] - 1]
            assert scores[i] <= line - damping.immediate_drop or all(s < line for s in recent)


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 100), st.lists(st.floats(-2.4, 2.4), min_size=3, max_size=20))
def test_noise_smaller_than_half_the_hysteresis_never_flips(level: float, noise: list[float]) -> None:
    states = history([(min(100.0, max(0.0, level + e)), 3, 3) for e in noise], Damping())
    tiers = [int(s.computed[0]) for s in states]
    changes = sum(a != b for a, b in itertools.pairwise(tiers))
    assert changes <= 1


@settings(max_examples=50, deadline=None)
@given(WEEKS, DAMPING, st.integers(1, 13))
def test_going_on_from_a_stored_state_is_the_same(
    weeks: list[tuple[float, int, int]], damping: Damping, cut: int
) -> None:
    """H4: a state is all the past there is; taking it up again gives the same weeks."""
    whole = history(weeks, damping, copies=2)
    states = None
    for i, (score, soft, hard) in enumerate(weeks):
        if i == cut and states is not None:
            states = states.take(texts(["a1", "a0"])).take(texts(["a0", "a1"]))
        limits = Ceilings(np.full(2, min(soft, hard), np.int8), texts(["cap"] * 2), np.full(2, hard, np.int8))
        lines = TierLines(np.arange(4, dtype=np.int8), np.tile([0.0, *LINES], (2, 1)))
        states = advance_arrays(
            states, MONDAY + WEEK * i, texts(["a0", "a1"]), np.full(2, score), lines, limits, damping
        )
        assert states.computed.tolist() == whole[i].computed.tolist()
        assert states.pending_weeks.tolist() == whole[i].pending_weeks.tolist()
