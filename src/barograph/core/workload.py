"""What the cadences ask of each CSM: hours a week, overload, moves to tech-touch, revenue that nobody works (P10).

Hours a week are those of the duties that come again and again (hours x 7 / every_days) and of those that are due once
in the weeks looked at, spread over them. Accounts proposed for tech-touch are those that cost most hours for their
revenue, among accounts that are calm: Healthy or Growth, no notice given, the opt-out deadline not near, revenue under
the limit. They are taken until the rest fits; a proposal moves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from barograph.core.arrays import FloatArray, TextArray
from barograph.core.cadence import Duty
from barograph.core.cadence_facts import STATE_GROWTH, STATE_HEALTHY, STATES
from barograph.core.calendar import WEEK
from barograph.definitions.play_cadence import PlaySettings

CALM = (STATE_HEALTHY, STATE_GROWTH)
NO_HOURS = 999.0
"""Ratio of somebody who has work and no hours for it."""


@dataclass(frozen=True, slots=True)
class WorkloadFacts:
    """n accounts: owner (None: nobody), place in STATES (-1: nothing is due), touch model, revenue (NaN unknown), days
    to the opt-out deadline (NaN none)."""

    account_ids: TextArray
    owner: TextArray
    state: Sequence[int]
    touch_model: TextArray
    arr: FloatArray
    days_to_opt_out: FloatArray


@dataclass(frozen=True, slots=True)
class Load:
    """One owner. hours: a week. steady: of it, what comes again and again. ratio: hours / capacity (NO_HOURS without
    any). by_state: hours by row of the cadence. overloaded: ratio above the settings' line.
    """

    owner: str
    accounts: int
    arr: float
    hours: float
    steady: float
    capacity: float
    ratio: float
    overloaded: bool
    by_state: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Move:
    """An account proposed for tech-touch: hours a week that it would save, and its revenue (None unknown)."""

    account_id: str
    owner: str
    state: str
    touch_model: str | None
    arr: float | None
    saves: float


@dataclass(frozen=True, slots=True)
class Workload:
    """loads: by ratio, highest first. moves: what brings each overloaded owner under the line, as far as that goes.
    unowned, unowned_arr: accounts that have no owner. beyond: accounts of overloaded owners that the hours do not
    reach when the most urgent states are worked first, with their revenue; nobody works them. unworked_arr: both.
    """

    loads: tuple[Load, ...]
    moves: tuple[Move, ...]
    unowned: tuple[str, ...]
    unowned_arr: float
    beyond: tuple[str, ...]
    beyond_arr: float
    hours: float
    capacity: float

    @property
    def unworked_arr(self) -> float:
        """Revenue that nobody works."""
        return self.unowned_arr + self.beyond_arr


@dataclass(frozen=True, slots=True)
class Capacities:
    """Hours a week by owner; who is not named has `each`. extra: hours a week of other work, open plays for one."""

    each: float
    hours: Mapping[str, float] = field(default_factory=dict)
    extra: Mapping[str, float] = field(default_factory=dict)

    def of(self, owner: str) -> float:
        """Hours a week that an owner has for customers."""
        return self.hours.get(owner, self.each)


def workload(
    facts: WorkloadFacts,
    settings: PlaySettings,
    duties: Sequence[Duty] = (),
    *,
    weeks: int = 4,
    capacities: Capacities | None = None,
) -> Workload:
    """The load of every owner.

    duties: those due within the next `weeks` weeks (overdue ones too), from `core.cadence`; of them the ones that are
    done once are added to the steady hours. capacities: by default `hours_per_week` of the settings for everybody.
    """
    have = capacities or Capacities(settings.workload.hours_per_week)
    steady = np.array(
        [steady_hours(settings, s, t) for s, t in zip(facts.state, facts.touch_model.tolist(), strict=True)],
        dtype=np.float64,
    )
    hours = steady + _once(facts, settings, duties, weeks)
    arr = np.nan_to_num(facts.arr, nan=0.0)
    owned = np.array([owner is not None and owner != "" for owner in facts.owner.tolist()], dtype=bool)
    loads: list[Load] = []
    moves: list[Move] = []
    beyond: list[int] = []
    for owner in sorted({str(o) for o in facts.owner[owned].tolist()} | set(have.extra)):
        rows = np.flatnonzero(owned & (facts.owner == owner))
        load = _load(facts, owner, rows, hours, steady, arr, have, settings)
        loads.append(load)
        if load.overloaded:
            moves += _moves(facts, settings, owner, rows, steady, load)
            beyond += _beyond(facts, rows, hours, arr, load.capacity - have.extra.get(owner, 0.0))
    loads.sort(key=lambda load: (-load.ratio, load.owner))
    nobody = np.flatnonzero(~owned & (np.asarray(facts.state) >= 0))
    return Workload(
        loads=tuple(loads),
        moves=tuple(moves),
        unowned=tuple(str(facts.account_ids[row]) for row in nobody),
        unowned_arr=float(arr[nobody].sum()),
        beyond=tuple(str(facts.account_ids[row]) for row in beyond),
        beyond_arr=float(arr[beyond].sum()),
        hours=sum(load.hours for load in loads),
        capacity=sum(load.capacity for load in loads),
    )


def steady_hours(settings: PlaySettings, state: int, touch_model: str | None) -> float:
    """Hours a week of what comes again and again in a state; 0 for -1."""
    row = settings.row(STATES[state], touch_model) if state >= 0 else None
    if row is None:
        return 0.0
    return sum(duty.hours * WEEK / duty.every_days for duty in row.duties if duty.every_days is not None)


def _once(facts: WorkloadFacts, settings: PlaySettings, duties: Sequence[Duty], weeks: int) -> FloatArray:
    """Hours a week of duties that are done once, by account."""
    place = {account: row for row, account in enumerate(facts.account_ids.tolist())}
    out = np.zeros(len(facts.account_ids))
    recurring = {
        (row.state, model, duty.name)
        for row in settings.rows
        for duty in row.duties
        if duty.every_days is not None
        for model in (row.touch_models or ("",))
    }
    for duty in duties:
        again = {(duty.state, model, duty.name) for model in (duty.touch_model or "", "")}
        if duty.account_id in place and not again & recurring:
            out[place[duty.account_id]] += duty.hours / max(weeks, 1)
    return out


def _load(
    facts: WorkloadFacts,
    owner: str,
    rows: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    hours: FloatArray,
    steady: FloatArray,
    arr: FloatArray,
    have: Capacities,
    settings: PlaySettings,
) -> Load:
    by_state: dict[str, float] = {}
    for row in rows.tolist():
        if facts.state[row] >= 0 and hours[row] > 0:
            name = STATES[facts.state[row]]
            by_state[name] = by_state.get(name, 0.0) + float(hours[row])
    total = float(hours[rows].sum()) + have.extra.get(owner, 0.0)
    capacity = have.of(owner)
    ratio = total / capacity if capacity > 0 else NO_HOURS if total > 0 else 0.0
    return Load(
        owner=owner,
        accounts=len(rows),
        arr=float(arr[rows].sum()),
        hours=total,
        steady=float(steady[rows].sum()),
        capacity=capacity,
        ratio=ratio,
        overloaded=round(ratio, 9) > settings.workload.overloaded_at,
        by_state={name: by_state[name] for name in STATES if name in by_state},
    )


def _moves(
    facts: WorkloadFacts,
    settings: PlaySettings,
    owner: str,
    rows: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    steady: FloatArray,
    load: Load,
) -> list[Move]:
    rule = settings.workload
    found: list[Move] = []
    for row in rows.tolist():
        arr = float(facts.arr[row])
        near = facts.days_to_opt_out[row] < rule.move_opt_out_days
        large = rule.move_arr_below is not None and not arr < rule.move_arr_below
        saves = float(steady[row]) - steady_hours(settings, facts.state[row], rule.tech_touch)
        if facts.state[row] in CALM and not near and not large and saves > 0:
            known = None if np.isnan(arr) else arr
            model = facts.touch_model[row]
            found.append(
                Move(str(facts.account_ids[row]), owner, STATES[facts.state[row]], model, known, saves)
            )
    found.sort(key=lambda move: (-(move.saves / max(move.arr or 0.0, 1.0)), move.account_id))
    chosen: list[Move] = []
    left = load.hours - load.capacity * rule.overloaded_at
    for move in found:
        if left <= 1e-9:
            break
        chosen.append(move)
        left -= move.saves
    return chosen


def _beyond(
    facts: WorkloadFacts,
    rows: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    hours: FloatArray,
    arr: FloatArray,
    capacity: float,
) -> list[int]:
    """Rows that the hours do not reach: states in the order of STATES, the largest revenue first; small ones are not
    slipped in after the line."""
    working = [row for row in rows.tolist() if facts.state[row] >= 0 and hours[row] > 0]
    working.sort(key=lambda row: (facts.state[row], -arr[row], str(facts.account_ids[row])))
    used = np.cumsum(hours[working]) if working else np.empty(0)
    return [row for row, so_far in zip(working, used.tolist(), strict=True) if so_far > capacity + 1e-9]
