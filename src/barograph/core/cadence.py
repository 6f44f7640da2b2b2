"""What is due for each account by the cadence of its state and touch model (P3): what, by when, and why.

Three rhythms (`DutyRule`): again and again, once after the state began, and once a clock has counted so many days (60
of the last 90). Every duty has a key that stays the same until it is done, so that asking every day makes one task.
An accepted loss stops everything; an investment puts the next decision on the day that it names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.cadence_facts import (
    STATES,
    TIER_OF_STATE,
    CadenceFacts,
    Clock,
    clock,
    settled,
    spell_start,
    states,
)
from barograph.core.calendar import add_working_days, to_date
from barograph.core.words import day_words
from barograph.definitions.play import OwnerRule
from barograph.definitions.play_cadence import CadenceRow, DutyRule, PlaySettings

STATE_WORDS = {
    "lost": "lost",
    "notice_given": "notice given",
    "at_risk": "At Risk",
    "watch": "on Watch",
    "onboarding": "in onboarding",
    "insufficient": "too little known",
    "growth": "in Growth",
    "healthy": "Healthy",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about an account at risk. on: day number. next_on: for invest, when it is decided again."""

    kind: Literal["invest", "accept"]
    on: int
    next_on: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What people did, as the application knows it: day numbers, the last of each.

    tasks: (account, duty name, or name of the play that the duty runs). touches, plans: account. decisions: account ->
    the one that stands.
    """

    tasks: Mapping[tuple[str, str], int] = field(default_factory=dict)
    touches: Mapping[str, int] = field(default_factory=dict)
    plans: Mapping[str, int] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing that is due for one account. since: day on which what it counts from began; clock_days: of a counting
    duty, None otherwise. key: the same until it is done."""

    key: str
    account_id: str
    name: str
    title: str
    detail: str
    kind: str
    state: str
    touch_model: str | None
    due_on: int
    since: int
    why: str
    owner: OwnerRule
    hours: float
    customer_facing: bool
    done_by: str
    play: str | None
    clock_days: int | None

    def is_overdue(self, today: int) -> bool:
        """Whether its day has gone by."""
        return self.due_on < today


@dataclass(frozen=True, slots=True)
class CadenceReport:
    """Duties by due day, account and name; accounts without any because their loss was accepted."""

    today: int
    duties: tuple[Duty, ...]
    stopped: tuple[str, ...]


def cadence(
    facts: CadenceFacts,
    settings: PlaySettings,
    *,
    today: int,
    done: Done | None = None,
    live_since: int | None = None,
    until: int | None = None,
    holidays: frozenset[date] = frozenset(),
) -> CadenceReport:
    """Everything that is due by the end of day `until` (by default 30 days from today), and what is overdue.

    live_since: the day from which the cadence is kept; what began earlier counts from there, so that going live makes
    nothing overdue (P9). Clocks count the days before it all the same, and are due on it at the earliest.
    """
    known = done or Done()
    horizon = today + 30 if until is None else until
    days_off = frozenset((day - date(1970, 1, 1)).days for day in holidays)
    state = settled(states(facts), settings.improve_refreshes)
    spells = spell_start(facts, state)
    found: list[Duty] = []
    stopped: list[str] = []
    accepted = {account for account, one in known.decisions.items() if one.kind == "accept"}
    for code, name in enumerate(STATES):
        rows = np.flatnonzero(state[:, -1] == code) if state.shape[1] else np.empty(0, dtype=np.int64)
        if not len(rows):
            continue
        plan = _Plan(facts, settings, known, code, spells, today, live_since, days_off)
        for row in rows.tolist():
            account = str(facts.account_ids[row])
            if account in accepted and name != "lost":
                stopped.append(account)
                continue
            found += [duty for duty in plan.duties(row) if duty.due_on <= horizon]
    found.sort(key=lambda duty: (duty.due_on, duty.account_id, duty.name))
    return CadenceReport(today, tuple(found), tuple(sorted(stopped)))


class _Plan:
    """The duties of the accounts in one state."""

    def __init__(
        self,
        facts: CadenceFacts,
        settings: PlaySettings,
        done: Done,
        state: int,
        spells: FloatArray,
        today: int,
        live_since: int | None,
        holidays: frozenset[int],
    ) -> None:
        self.facts, self.settings, self.done = facts, settings, done
        self.state, self.spells, self.today = state, spells, today
        self.live_since = today - 10**6 if live_since is None else live_since
        self.holidays = holidays
        self._rows: dict[str | None, CadenceRow | None] = {}
        self._clocks: dict[tuple[tuple[int, ...], int, int], Clock] = {}

    def duties(self, row: int) -> Iterator[Duty]:
        touch_model = self.facts.touch_model[row]
        if touch_model not in self._rows:
            self._rows[touch_model] = self.settings.row(STATES[self.state], touch_model)
        chosen = self._rows[touch_model]
        if chosen is None or np.isnan(self.spells[row]):
            return
        for rule in chosen.duties:
            duty = self._duty(rule, row)
            if duty is not None:
                yield duty

    def _duty(self, rule: DutyRule, row: int) -> Duty | None:
        account = str(self.facts.account_ids[row])
        begun = int(self.spells[row])
        start = max(begun, self.live_since)
        last = self._last(rule, account, row)
        if rule.every_days is not None:
            since = start if last is None else max(start, last)
            due, told = since + rule.every_days, f"every {rule.every_days} days while {self._words}"
            return self._made(rule, row, due, since, told, None)
        if rule.within_days is not None:
            if last is not None and last >= begun:
                return None
            due = (
                add_working_days(start, rule.within_days, self.holidays)
                if rule.days == "working"
                else start + rule.within_days
            )
            kind = "working days" if rule.days == "working" else "days"
            told = f"within {rule.within_days} {kind}; {self._words} since {day_words(begun, self.today)}"
            return self._made(rule, row, due, start, told, None)
        return self._counted(rule, row, account, begun, last)

    def _counted(self, rule: DutyRule, row: int, account: str, begun: int, last: int | None) -> Duty | None:
        """A duty that a clock sets off. It is known only once the clock has come so far."""
        after, span = int(rule.after_days or 0), int(rule.of_days or rule.after_days or 0)
        found = self._clock(rule, after, span)
        days, reached = int(found.days[row]), float(found.reached[row])
        decided = self.done.decisions.get(account) if rule.done_by == "decision" else None
        if decided is not None and decided.kind == "invest":
            return self._after_investing(rule, row, min(days, self.today - decided.on), decided)
        if np.isnan(reached):
            return None
        due = max(int(reached), self.live_since)
        improved = found.since[row]
        if last is not None and last >= max(
            int(reached) - span, -(10**9) if np.isnan(improved) else improved
        ):
            if rule.again_days is None or last + rule.again_days > self.today:
                return None
            due = last + rule.again_days
        told = f"{self._words} for {days} of the last {span} days"
        if rule.kind in ("escalation", "decision", "call_out"):
            told += f", without a better tier held for {self.settings.improve_refreshes} refreshes"
        return self._made(rule, row, due, max(begun, self.live_since), told, days)

    def _after_investing(self, rule: DutyRule, row: int, days: int, decided: Decision) -> Duty | None:
        """An investment stands until the day it names; from then on the decision is due again. Called out is one that
        nobody looked at again for as long as the rule says. days: counted since the decision."""
        on = day_words(decided.on, self.today)
        if rule.kind == "call_out":
            limit = int(rule.after_days or 0)
            overdue = decided.next_on is not None and decided.next_on < self.today
            if days < limit or not overdue:
                return None
            told = f"invested on {on} and not decided again"
            return self._made(rule, row, decided.on + limit, decided.on, told, days)
        if decided.next_on is None:
            return None
        return self._made(
            rule, row, decided.next_on, decided.on, f"invested on {on}, to be decided again", days
        )

    def _clock(self, rule: DutyRule, after: int, span: int) -> Clock:
        names = {STATES[self.state], *rule.counting}
        counted = tuple(sorted(tier for state, tier in TIER_OF_STATE.items() if STATES[state] in names))
        key = (counted, after, span)
        if key not in self._clocks:
            self._clocks[key] = (
                clock(self.facts, counted, self.today, after, span, self.settings.improve_refreshes)
                if counted
                else self._since_begun(after)
            )
        return self._clocks[key]

    def _since_begun(self, after: int) -> Clock:
        """The clock of a state that is no tier: days since it began."""
        days = self.today - np.nan_to_num(self.spells, nan=float(self.today))
        reached = np.where(days >= after, self.spells + after, np.nan)
        return Clock(days.astype(np.int64), reached, np.full(len(days), np.nan))

    def _last(self, rule: DutyRule, account: str, row: int) -> int | None:
        """The last time the duty was fulfilled."""
        days = [self.done.tasks.get((account, name)) for name in (rule.name, rule.play) if name is not None]
        if rule.done_by == "touch":
            touched = self.facts.touched_on[row]
            days += [self.done.touches.get(account), None if np.isnan(touched) else int(touched)]
        elif rule.done_by == "plan":
            days.append(self.done.plans.get(account))
        elif rule.done_by == "decision" and account in self.done.decisions:
            days.append(self.done.decisions[account].on)
        known = [day for day in days if day is not None]
        return max(known) if known else None

    @property
    def _words(self) -> str:
        return STATE_WORDS[STATES[self.state]]

    def _made(self, rule: DutyRule, row: int, due: int, since: int, why: str, clock_days: int | None) -> Duty:
        account = str(self.facts.account_ids[row])
        return Duty(
            key=f"cadence/{account}/{rule.name}/{to_date(since).isoformat()}",
            account_id=account,
            name=rule.name,
            title=rule.title,
            detail=rule.detail,
            kind=rule.kind,
            state=STATES[self.state],
            touch_model=self.facts.touch_model[row],
            due_on=due,
            since=since,
            why=why,
            owner=rule.owner,
            hours=rule.hours,
            customer_facing=rule.customer_facing,
            done_by=rule.done_by,
            play=rule.play,
            clock_days=clock_days,
        )
