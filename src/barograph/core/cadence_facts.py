"""What cadences look at, and the clocks that they count by (P3).

A clock counts days on a displayed tier, adds them up over interruptions, and starts anew only after an improvement: a
better tier held for two refreshes, by the numbers and not by a pulse alone, and not begun by a new version of the
model. The row of the cadence that is worked follows the displayed tier as well: down at once, up once it has held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import AnyArray, BoolArray, CodeArray, FloatArray, IntArray, TextArray
from barograph.core.calendar import WEEK
from barograph.core.thresholds import AT_RISK, GROWTH, HEALTHY, NONE, WATCH
from barograph.core.trigger_facts import run_start

STATES = ("lost", "notice_given", "at_risk", "watch", "onboarding", "insufficient", "growth", "healthy")
"""Rows of the cadence, the first that holds; codes are places. -1: not there."""
LOST, NOTICE, STATE_AT_RISK, STATE_WATCH, ONBOARDING, STATE_INSUFFICIENT, STATE_GROWTH, STATE_HEALTHY = range(
    8
)
STATE_OF_TIER = {
    AT_RISK: STATE_AT_RISK,
    WATCH: STATE_WATCH,
    HEALTHY: STATE_HEALTHY,
    GROWTH: STATE_GROWTH,
}
TIER_OF_STATE = {state: tier for tier, state in STATE_OF_TIER.items()}


@dataclass(frozen=True, slots=True)
class CadenceFacts:
    """n accounts by w published weeks, oldest first.

    days, versions: of the weeks. tier, computed: displayed and computed tier codes, NONE where the account was not
    there. tier_since: day on which the displayed tier of its last week began. notice, onboarding: n x w flags.
    lost_on: day number from which the account is gone, NaN while it is there; its last weeks are then NONE.
    touch_model: None unknown. arr: NaN unknown. touched_on: day of the last customer touch that is known, NaN none.
    """

    days: IntArray
    versions: Sequence[str]
    account_ids: TextArray
    tier: CodeArray
    computed: CodeArray
    tier_since: FloatArray
    notice: BoolArray
    onboarding: BoolArray
    lost_on: FloatArray
    touch_model: TextArray
    arr: FloatArray
    touched_on: FloatArray

    @property
    def shape(self) -> tuple[int, int]:
        """(accounts, weeks)"""
        return self.tier.shape[0], self.tier.shape[1]


def states(facts: CadenceFacts) -> CodeArray:
    """n x w: the row of the cadence in each week; -1 where the account was not there (before it came)."""
    tier = facts.tier
    found = np.full(facts.shape, -1, dtype=np.int8)
    found[tier == GROWTH] = STATE_GROWTH
    found[tier == HEALTHY] = STATE_HEALTHY
    found[(tier < 0) & (tier != NONE)] = STATE_INSUFFICIENT
    found[facts.onboarding & (tier != NONE)] = ONBOARDING
    found[tier == WATCH] = STATE_WATCH
    found[tier == AT_RISK] = STATE_AT_RISK
    found[facts.notice & (tier != NONE)] = NOTICE
    gone = facts.lost_on[:, None] <= facts.days[None, :]
    found[gone] = LOST
    return found


def improved(facts: CadenceFacts, tier: int, refreshes: int) -> BoolArray:
    """n x w: the weeks in which an improvement over `tier` counts as held.

    That is: for `refreshes` weeks in a row the displayed and the computed tier were better, and the run did not begin
    within `refreshes` weeks of a change of model version.
    """
    better = (facts.tier > tier) & (facts.computed > tier)
    changed = _near_change(facts.versions, refreshes)
    run = np.zeros(len(facts.tier), dtype=np.int64)
    by_model = np.zeros(len(facts.tier), dtype=bool)
    found = np.zeros(facts.shape, dtype=bool)
    for j in range(facts.shape[1]):
        begins = better[:, j] & (run == 0)
        by_model = np.where(begins, changed[j], by_model)
        run = np.where(better[:, j], run + 1, np.where(facts.tier[:, j] < 0, run, 0))
        found[:, j] = better[:, j] & (run >= refreshes) & ~by_model
    return found


@dataclass(frozen=True, slots=True)
class Clock:
    """days: counted so far. reached: day on which they came to the limit and from which on they stayed there, NaN
    while they have not. since: day of the last improvement that held, NaN for none."""

    days: IntArray
    reached: FloatArray
    since: FloatArray


def clock(
    facts: CadenceFacts, counted: Sequence[int], today: int, limit: int, of_days: int, refreshes: int
) -> Clock:
    """Days of the last `of_days` before `today` on one of the tiers `counted`, since the last improvement over the best
    of them that held; and since when they are `limit` or more."""
    held = improved(facts, max(counted), refreshes)
    last = _last(held)
    columns = np.arange(facts.shape[1])[None, :]
    inside = np.isin(facts.tier, list(counted)) & (columns > last[:, None])
    sums = _Sums(inside, facts.days)
    moments = np.unique(np.append(facts.days[1:], today))
    value = np.stack([sums.until(int(t)) - sums.until(int(t) - of_days) for t in moments], axis=1)
    start = run_start(value >= limit)
    at = np.maximum(start, 0)
    rows = np.arange(len(at))
    reached = np.where(start >= 0, moments[at] - (value[rows, at] - limit), np.nan)
    since = np.where(last >= 0, facts.days[np.maximum(last, 0)], np.nan)
    return Clock(value[:, -1].astype(np.int64), reached, since)


class _Sums:
    """Days counted from the first week up to any day. A week lasts to the next published one, seven days at most."""

    def __init__(self, inside: BoolArray, days: IntArray) -> None:
        self.inside, self.days = inside, days
        self.length = np.append(np.minimum(np.diff(days), WEEK), WEEK)
        whole = np.cumsum(inside * self.length[None, :], axis=1)
        self.before = np.concatenate([np.zeros((len(inside), 1), dtype=np.int64), whole], axis=1)

    def until(self, day: int) -> IntArray:
        """Days counted before `day`."""
        week = int(np.searchsorted(self.days, day, side="right")) - 1
        if week < 0:
            return np.zeros(len(self.inside), dtype=np.int64)
        part = min(day - int(self.days[week]), int(self.length[week]))
        return np.asarray(self.before[:, week] + self.inside[:, week] * part, dtype=np.int64)


def settled(state: CodeArray, refreshes: int) -> CodeArray:
    """n x w: the row of the cadence that is worked, from what was shown.

    A move down, and one into or out of lost, notice given or onboarding, counts at once. A better tier, and too little
    data, count once they were shown for `refreshes` weeks in a row: one good week ends no work.
    """
    out = np.full(state.shape, -1, dtype=np.int8)
    now = np.full(len(state), -1, dtype=np.int8)
    run = np.zeros(len(state), dtype=np.int64)
    table = np.full(len(STATES) + 1, -1, dtype=np.int8)
    for place, tier in TIER_OF_STATE.items():
        table[place] = tier
    for j in range(state.shape[1]):
        shown = state[:, j]
        before, after = table[now], table[shown]
        slow = (before >= 0) & ((after > before) | (shown == STATE_INSUFFICIENT) | (shown == -1))
        run = np.where(slow, run + 1, 0)
        moves = ~slow | (run >= refreshes)
        now = np.where(moves, shown, now).astype(np.int8)
        run = np.where(moves, 0, run)
        out[:, j] = now
    return out


def spell_start(facts: CadenceFacts, state: CodeArray) -> FloatArray:
    """Day on which the present stay in each account's settled state began; NaN for -1. state: of `settled`."""
    start = run_start(state == state[:, -1:])
    begun = facts.days[np.maximum(start, 0)].astype(np.float64)
    # The history that was read may begin in the middle of the stay.
    begun = np.where((start == 0) & (facts.tier_since < begun), facts.tier_since, begun)
    begun = np.where(state[:, -1] == LOST, facts.lost_on, begun)
    return np.where(state[:, -1] < 0, np.nan, begun)


def _near_change(versions: Sequence[str], refreshes: int) -> list[bool]:
    changes = [j for j in range(1, len(versions)) if versions[j] != versions[j - 1]]
    return [any(change <= j < change + refreshes for change in changes) for j in range(len(versions))]


def _last(flags: BoolArray) -> IntArray:
    """Per row the last true column, -1 without."""
    width = flags.shape[1]
    if not width:
        return np.full(len(flags), -1, dtype=np.int64)
    return np.where(flags.any(axis=1), width - 1 - flags[:, ::-1].argmax(axis=1), -1).astype(np.int64)


def known_since(values: AnyArray) -> FloatArray:
    """Day numbers as floats, None and NaN as NaN."""
    return np.array([np.nan if v is None else float(v) for v in values.tolist()], dtype=np.float64)
