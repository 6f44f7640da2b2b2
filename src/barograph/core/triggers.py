"""Which plays a week sets off: transitions only, with keys that are the same however often one looks.

A trigger's state (see `trigger_states`) begins in the week in which it holds and did not hold in the published week
before. The play is set off by the beginning; while the state lasts nothing more happens, and a week without data
neither begins nor ends it. Whoever looks at several weeks at once (after a release, or because the worker was away)
is told of what began in any of them and still holds.

What is held back: a transition in a week whose model version nobody has released (P9), one of an account that the
play is not for, one of a score that is not known, one that is over by the week asked about. The fleet-wide guard is
in `play_guard`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import AnyArray, BoolArray, CodeArray, FloatArray, IntArray
from barograph.core.calendar import to_date
from barograph.core.firing import Fired, HeldBack, HeldBecause, transition_key
from barograph.core.scopes import Attributes, in_scope
from barograph.core.thresholds import INSUFFICIENT, NONE, TIER_CODES, tier_name
from barograph.core.trigger_facts import TriggerFacts, run_start
from barograph.core.trigger_states import holds, last_known_tier, milestone_at
from barograph.core.trigger_words import why
from barograph.definitions.model import ScoreModel
from barograph.definitions.play import Audience, Play
from barograph.definitions.play_match import trigger_components
from barograph.definitions.play_trigger import (
    WITHOUT_MODEL,
    BeforeDate,
    ComponentBelow,
    ScoreChange,
    TierEntered,
    TierLeft,
    TrajectoryIs,
)

SAME_DATE_DAYS = 31
"""A date that moved by less is the same one, corrected: its milestone is not passed again."""

OF_THE_SCORE = (ComponentBelow, ScoreChange, TrajectoryIs)
"""Triggers that say nothing while too little is known for a score."""


@dataclass(frozen=True, slots=True)
class Gates:
    """Per week (column of the facts) why transitions of that week are held back, None where they are not. model: of
    triggers that a change of the model can move; others: of contracts and pulses."""

    model: Sequence[HeldBecause | None]
    others: Sequence[HeldBecause | None]


@dataclass(frozen=True, slots=True)
class Beginnings:
    """Rows of the facts in which a state began, the column in which it did, and the milestone (0 without).

    over: it does not hold any more in the last week.
    """

    rows: IntArray
    columns: IntArray
    milestones: IntArray
    over: BoolArray


def fire(
    plays: Sequence[Play], facts: TriggerFacts, model: ScoreModel, first: int, gates: Gates
) -> tuple[list[Fired], list[HeldBack]]:
    """Everything that the weeks from column `first` to the last set off, and what of it is held back.

    model: of the last week, for names and words. Plays that are switched off are passed over. Fired is ordered by
    priority, then revenue (largest first, unknown last), then account and play.
    """
    fired: list[Fired] = []
    held: list[HeldBack] = []
    for play in plays:
        if not play.enabled:
            continue
        components = trigger_components(play.trigger, model)
        found = beginnings(play, facts, components, first)
        fits = in_audience(play.audience, facts.tier[:, -1], facts.arr, facts.attributes)
        gate = gates.others if isinstance(play.trigger, WITHOUT_MODEL) else gates.model
        for row, column, milestone, over in zip(
            found.rows.tolist(),
            found.columns.tolist(),
            found.milestones.tolist(),
            found.over.tolist(),
            strict=True,
        ):
            one = _fired(play, facts, model, components, row, column, milestone)
            because = _held_because(play, facts, row, over, bool(fits[row]), gate[column])
            if because is None:
                fired.append(one)
            else:
                held.append(HeldBack(one, because))
    fired.sort(key=urgency)
    held.sort(key=lambda item: (item.fired.play, *urgency(item.fired)))
    return fired, held


def urgency(fired: Fired) -> tuple[int, bool, float, str, str]:
    """Sort key: priority, revenue (largest first, unknown last), account, play."""
    return fired.priority, fired.arr is None, -(fired.arr or 0.0), fired.account_id, fired.play


def beginnings(play: Play, facts: TriggerFacts, components: Sequence[str], first: int) -> Beginnings:
    """What began in the columns from `first` on: the last beginning of each account."""
    trigger = play.trigger
    if isinstance(trigger, BeforeDate):
        return _passed(trigger, facts, first)
    state = holds(trigger, facts, components)
    rising = state.copy()
    rising[:, 1:] &= ~state[:, :-1]
    if isinstance(trigger, TierEntered) and trigger.from_tiers:
        rising &= _came_from(facts, trigger.from_tiers, trigger.tiers)
    if isinstance(trigger, TierLeft):
        rising &= _came_from(facts, trigger.tiers, ())
        if trigger.to_tiers:
            rising &= np.isin(facts.tier, [TIER_CODES[name] for name in trigger.to_tiers])
    width = state.shape[1]
    late = rising[:, max(first, 0) :]
    rows = np.flatnonzero(late.any(axis=1))
    columns = width - 1 - late[rows][:, ::-1].argmax(axis=1)
    over = run_start(state)[rows] != columns
    return Beginnings(
        rows.astype(np.int64), columns.astype(np.int64), np.zeros(len(rows), dtype=np.int64), over
    )


def in_audience(audience: Audience, tier: CodeArray, arr: FloatArray, attributes: Attributes) -> BoolArray:
    """Per account, whether a play is for it. tier: displayed codes; arr: NaN unknown, which fails any bound."""
    fits = in_scope(audience.where, attributes, len(tier))
    for name, value in audience.unless.items():
        fits &= ~in_scope({name: value}, attributes, len(tier))
    if audience.tiers:
        fits &= np.isin(tier, [TIER_CODES[name] for name in audience.tiers])
    if audience.arr_at_least is not None:
        fits &= arr >= audience.arr_at_least
    if audience.arr_below is not None:
        fits &= arr < audience.arr_below
    if audience.notice_given is not None:
        given = attributes.get("notice_given")
        flags = np.zeros(len(tier), dtype=bool) if given is None else _flags(given)
        fits &= flags == audience.notice_given
    return fits


def _flags(values: AnyArray) -> BoolArray:
    return np.fromiter((value is True or value == 1 for value in values.tolist()), bool, count=len(values))


def _came_from(facts: TriggerFacts, tiers: Sequence[str], entered: Sequence[str]) -> BoolArray:
    """n x w: the last tier known before each week is one of `tiers`."""
    last = last_known_tier(facts.tier, [*tiers, *entered])
    before = np.full(facts.shape, NONE, dtype=np.int8)
    before[:, 1:] = last[:, :-1]
    return np.asarray(np.isin(before, [TIER_CODES[name] for name in tiers]))


def _passed(trigger: BeforeDate, facts: TriggerFacts, first: int) -> Beginnings:
    """Milestones passed: the one that holds in the last week, where it was reached in `first` or later."""
    date, reached = milestone_at(trigger, facts)
    width = facts.shape[1]
    now = reached[:, -1]
    same = (reached == now[:, None]) & (np.abs(date - date[:, -1:]) < SAME_DATE_DAYS)
    # An account that was not there for a week, or whose date was, has not passed anything by that.
    same |= np.isnan(date)
    start = run_start(same)
    known = ~np.isnan(date)
    start = np.where(
        start >= 0,
        np.maximum(start, _first_known(known, start)),
        start,
    )
    rows = np.flatnonzero((now > 0) & (start >= max(first, 0)) & (start < width))
    return Beginnings(
        rows.astype(np.int64), start[rows].astype(np.int64), now[rows], np.zeros(len(rows), dtype=bool)
    )


def _first_known(known: BoolArray, start: IntArray) -> IntArray:
    """Per row the first known column at or after `start`."""
    columns = np.arange(known.shape[1])
    late = known & (columns[None, :] >= start[:, None])
    return np.where(late.any(axis=1), late.argmax(axis=1), start).astype(np.int64)


def _held_because(
    play: Play, facts: TriggerFacts, row: int, over: bool, fits: bool, gate: HeldBecause | None
) -> HeldBecause | None:
    if not fits:
        return "audience"
    if over:
        return "over"
    if isinstance(play.trigger, OF_THE_SCORE) and facts.tier[row, -1] == INSUFFICIENT:
        return "insufficient"
    return gate


def _fired(
    play: Play,
    facts: TriggerFacts,
    model: ScoreModel,
    components: Sequence[str],
    row: int,
    column: int,
    milestone: int,
) -> Fired:
    day, account = int(facts.days[column]), str(facts.account_ids[row])
    reason, evidence = why(play.trigger, facts, model, components, row, column)
    arr, code = float(facts.arr[row]), int(facts.tier[row, -1])
    deadline = None
    key = transition_key(play.name, account, day)
    if isinstance(play.trigger, BeforeDate):
        date = facts.opt_out if play.trigger.before == "opt_out" else facts.term_end
        deadline = int(date[row, -1])
        key = transition_key(play.name, account, deadline, str(milestone))
    return Fired(
        play=play.name,
        account_id=account,
        key=key,
        cause=str(milestone) if milestone else "",
        day=day,
        reason=reason,
        evidence=_with_week(evidence, day),
        tier=tier_name(code) if code != NONE else None,
        arr=None if np.isnan(arr) else arr,
        priority=play.priority,
        milestone=milestone or None,
        deadline=deadline,
    )


def _with_week(evidence: Mapping[str, object], day: int) -> dict[str, object]:
    return {"week": to_date(day).isoformat(), **evidence}
