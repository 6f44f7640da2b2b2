"""The one state machine that carries every account's tier from week to week.

Three tiers are told apart. raw: what the score alone says against the plain lines. computed: numbers, growth
gate and caps, after damping. displayed: what people see; it is the computed tier unless an overlay (the
account manager's pulse) says otherwise. The overlay depends on the computed tier, so it is applied after it, by
`display` (or as an argument of `advance`), and never touches the computed state.

Rules, in the order of their force:
1. No score: `insufficient` at once. A return from it, and a first week, start unset: the plain tier, under
   caps.
2. A hard event caps at once.
3. A score `immediate_drop` points or more under the line of the current tier moves down to the plain tier
   at once.
4. Otherwise a tier is left downward when the score is under its line or a cap or the gate holds it lower, and
   upward when the score reaches a higher line + `hysteresis`, and only after `confirmations` weekly scores in
   a row agree in direction. Down goes to what the last of them says, up to the least that all of them say.
5. After a cap or the gate is lifted, the account returns to the tier its numbers still hold without
   hysteresis (it did not fall under that line), but with confirmation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from barograph.core.arrays import CodeArray, FloatArray, IntArray, TextArray, positions, texts
from barograph.core.calendar import WEEK
from barograph.core.caps import NO_CEILING
from barograph.core.score import WeekScores
from barograph.core.thresholds import GROWTH, INSUFFICIENT, NONE, TierLines
from barograph.core.tier_step import FIRST, RETURNED, STEP_REASONS, Limits, Places, step
from barograph.definitions.model import Damping
from barograph.errors import BarographError

GATE_NAME = "growth_gate"
TIER_REASONS = STEP_REASONS
"""Why the computed tier is what it is since its last move, by code; explained in `tier_step`."""


@dataclass(frozen=True, slots=True)
class TierStates:
    """Tier state of n accounts after the week `as_of`; one value per account, tier codes of `thresholds`.

    raw, computed, displayed: see the module. level: the best tier the numbers still hold on their own
    (equal to computed unless a cap or the gate holds the account down). computed_since, since: day on which
    the computed and the displayed tier began. pending: tier that waits for confirmation (NONE: nothing),
    pending_weeks: how many weekly scores have agreed so far. reason: code into TIER_REASONS, of
    the last move. held_by: name of the cap that keeps the account under its numbers this week,
    `growth_gate`, or "".
    """

    as_of: int
    account_ids: TextArray
    raw: CodeArray
    computed: CodeArray
    computed_since: IntArray
    displayed: CodeArray
    since: IntArray
    level: CodeArray
    pending: CodeArray
    pending_weeks: IntArray
    reason: CodeArray
    held_by: TextArray

    def take(self, account_ids: TextArray) -> TierStates:
        """The states of these accounts, in this order; accounts that are not here come unset."""
        rows = positions(account_ids, self.account_ids)
        found = rows >= 0

        def codes(column: CodeArray, unset: int) -> CodeArray:
            out = np.full(len(rows), unset, dtype=np.int8)
            out[found] = column[rows[found]]
            return out

        def days(column: IntArray) -> IntArray:
            out = np.zeros(len(rows), dtype=np.int64)
            out[found] = column[rows[found]]
            return out

        held = texts([""] * len(rows))
        held[found] = self.held_by[rows[found]]
        return TierStates(
            as_of=self.as_of,
            account_ids=account_ids,
            raw=codes(self.raw, NONE),
            computed=codes(self.computed, NONE),
            computed_since=days(self.computed_since),
            displayed=codes(self.displayed, NONE),
            since=days(self.since),
            level=codes(self.level, NONE),
            pending=codes(self.pending, NONE),
            pending_weeks=days(self.pending_weeks),
            reason=codes(self.reason, FIRST),
            held_by=held,
        )


@dataclass(frozen=True, slots=True)
class Ceilings:
    """Tier codes that nothing lets an account pass this week, and what sets the soft one ("" for nothing).

    soft: all caps and the growth gate. hard: those of hard events only, which take effect at once.
    """

    soft: CodeArray
    name: TextArray
    hard: CodeArray

    @classmethod
    def open(cls, size: int) -> Ceilings:
        """Ceilings that hold nothing."""
        best = np.full(size, NO_CEILING, dtype=np.int8)
        return cls(best, texts([""] * size), best)


def ceilings(scores: WeekScores) -> Ceilings:
    """Caps and the growth gate of a scored week. The gate holds at the tier below Growth."""
    caps, codes = scores.caps, scores.lines.codes
    soft = caps.ceiling.copy()
    name = texts([*caps.names, ""])[caps.ceiling_cap]
    if codes[-1] == GROWTH:
        closed = ~scores.gate.ok & (soft > codes[-2])
        soft[closed], name[closed] = codes[-2], GATE_NAME
    return Ceilings(soft, name, caps.hard_ceiling)


def advance(states: TierStates | None, scores: WeekScores, overlay: CodeArray | None = None) -> TierStates:
    """The tier state after one more week.

    states: after an earlier week, None for the first. Accounts that were not in it start unset; accounts that
    are no longer scored drop out. overlay: tier code to display per account, NONE where the overlay says
    nothing; the computed state is the same with and without it.

    A gap of more than a week breaks a run of confirmations. Less than a week (a date off the weekly grid)
    never adds a confirmation, so looking twice does not move a tier. Raises BarographError when the week is
    not after the state's.
    """
    return advance_arrays(
        states,
        scores.as_of,
        scores.account_ids,
        scores.score,
        scores.lines,
        ceilings(scores),
        scores.model.damping,
        overlay,
    )


def advance_arrays(
    states: TierStates | None,
    as_of: int,
    account_ids: TextArray,
    score: FloatArray,
    lines: TierLines,
    limits: Ceilings,
    damping: Damping,
    overlay: CodeArray | None = None,
) -> TierStates:
    """`advance` on plain arrays: n scores (NaN is null), n x T lines, n ceilings."""
    if states is not None and as_of <= states.as_of:
        raise BarographError(
            f"the tier state is of day {states.as_of}, the week to add is day {as_of}.",
            hint="Weeks are added in order; compute a past date from the last state before it.",
        )
    before = (states or _nobody(as_of)).take(account_ids)
    gap = WEEK if states is None else as_of - states.as_of
    places = Places(
        lines.index(before.computed),
        lines.index(before.level),
        lines.index(before.pending),
        before.pending_weeks,
    )
    done = step(
        places, score, lines, Limits(lines.index(limits.soft), lines.index(limits.hard)), damping, gap
    )
    null = np.isnan(score)
    computed = _codes(lines, done.after.place, INSUFFICIENT)
    changed = computed != before.computed
    returned = (before.computed == INSUFFICIENT) & ~null
    shown = computed if overlay is None else np.where(overlay == NONE, computed, overlay).astype(np.int8)
    return TierStates(
        as_of=as_of,
        account_ids=account_ids,
        raw=_codes(lines, lines.reached(score), INSUFFICIENT),
        computed=computed,
        computed_since=np.where(changed, as_of, before.computed_since),
        displayed=shown,
        since=np.where(shown != before.displayed, as_of, before.since),
        level=_codes(lines, done.after.level, NONE),
        pending=_codes(lines, done.after.pending, NONE),
        pending_weeks=done.after.weeks,
        reason=np.where(changed, np.where(returned, RETURNED, done.reason), before.reason).astype(np.int8),
        held_by=np.where(np.minimum(done.numbers, lines.index(limits.soft)) < done.numbers, limits.name, ""),
    )


def display(before: TierStates | None, after: TierStates, shown: CodeArray) -> TierStates:
    """The state `after` a week with the tiers of an overlay shown instead (NONE: the computed one stays).

    before: the state that `after` was advanced from. Only `displayed` and `since` differ.
    """
    tier = np.where(shown == NONE, after.computed, shown).astype(np.int8)
    earlier = (before or _nobody(after.as_of)).take(after.account_ids)
    since = np.where(tier != earlier.displayed, after.as_of, earlier.since)
    return replace(after, displayed=tier, since=since)


def _codes(lines: TierLines, place: IntArray, unset: int) -> CodeArray:
    return np.where(place >= 0, lines.codes[np.maximum(place, 0)], unset).astype(np.int8)


def _nobody(as_of: int) -> TierStates:
    codes, days = np.empty(0, dtype=np.int8), np.empty(0, dtype=np.int64)
    nobody = texts([])
    return TierStates(as_of, nobody, codes, codes, days, codes, days, codes, codes, days, codes, nobody)
