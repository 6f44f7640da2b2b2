"""Cadences as data (P3): what is due for an account in a state, by touch model; and what the team's capacity is (P10).

Shipped in starters/plays/settings.toml; a workspace's `plays/settings.toml` replaces what it names.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from barograph.definitions.base import Definition, Name, PositiveDays
from barograph.definitions.play import OwnerRule, Text
from barograph.definitions.play_settings import GuardRule

State = Literal["lost", "notice_given", "at_risk", "watch", "onboarding", "insufficient", "growth", "healthy"]
"""What an account is in, the first that holds: gone from the portfolio, notice given, At Risk, Watch, in onboarding,
too little known, Growth, Healthy."""
TouchModel = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class DutyRule(Definition):
    """One thing that is due. Exactly one of three rhythms is given:

    every_days: again and again, counted from the last time, or from the day the state began. within_days: once, so
    long after the state began (`days`: calendar or working days). after_days: once the account was in the state for so
    many of the last `of_days` days without an improvement that held, and again `again_days` after it was done.
    counting: other states whose days count as well. kind: escalation and call_out tell somebody, decision asks for
    invest or accept, audit looks at what seems fine; task is anything else. done_by: what fulfils it: a task of this
    name, a logged customer touch, a written plan, or a decision. play: run this play for it.
    """

    name: Name
    title: Text
    detail: str = ""
    every_days: PositiveDays | None = None
    within_days: PositiveDays | None = None
    days: Literal["calendar", "working"] = "calendar"
    after_days: PositiveDays | None = None
    of_days: PositiveDays | None = None
    again_days: PositiveDays | None = None
    counting: tuple[State, ...] = ()
    kind: Literal["task", "escalation", "decision", "call_out", "audit"] = "task"
    done_by: Literal["task", "touch", "plan", "decision"] = "task"
    owner: OwnerRule = OwnerRule(rule="csm")
    hours: Annotated[float, Field(ge=0, le=100)] = 1.0
    customer_facing: bool = False
    play: Name | None = None

    @model_validator(mode="after")
    def _one_rhythm(self) -> DutyRule:
        given = [key for key in ("every_days", "within_days", "after_days") if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError("give one of every_days, within_days and after_days")
        if self.after_days is not None and self.of_days is not None and self.of_days < self.after_days:
            raise ValueError(f"of_days = {self.of_days} is less than after_days = {self.after_days}")
        return self


class CadenceRow(Definition):
    """What is due in a state for accounts of these touch models; none named: for all. The first row that fits holds.
    Without duties nothing is due there."""

    state: State
    touch_models: tuple[TouchModel, ...] = ()
    duties: tuple[DutyRule, ...] = ()

    @model_validator(mode="after")
    def _names_differ(self) -> CadenceRow:
        names = [duty.name for duty in self.duties]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"duty names must differ: {', '.join(twice)} is there twice")
        return self


class WorkloadRule(Definition):
    """Capacity of one CSM. hours_per_week: for customers. overloaded_at: share of those hours from which on somebody is
    overloaded. move_arr_below: accounts with more revenue are never proposed for tech-touch; empty: no limit.
    move_opt_out_days: nor those whose last day to give notice is nearer."""

    hours_per_week: Annotated[float, Field(gt=0, le=100)] = 28
    overloaded_at: Annotated[float, Field(gt=0, le=3)] = 1.0
    tech_touch: TouchModel = "tech_touch"
    move_arr_below: Annotated[float, Field(ge=0)] | None = None
    move_opt_out_days: Annotated[int, Field(ge=0, le=730)] = 120


class PlaySettings(Definition):
    """`plays/settings.toml`. improve_refreshes: weekly refreshes that a better tier must hold to be an improvement.

    rows: `[[row]]`; a workspace that names a state replaces all rows of that state, and keeps the shipped ones of the
    others.
    """

    improve_refreshes: Annotated[int, Field(ge=1, le=8)] = 2
    rows: tuple[CadenceRow, ...] = ()
    guard: GuardRule = GuardRule()
    workload: WorkloadRule = WorkloadRule()

    def row(self, state: str, touch_model: str | None) -> CadenceRow | None:
        """The first row for a state and a touch model; None where nothing is due."""
        for row in self.rows:
            if row.state == state and (not row.touch_models or touch_model in row.touch_models):
                return row
        return None

    def over(self, shipped: PlaySettings) -> PlaySettings:
        """These settings with the shipped rows for the states that they do not name."""
        named = {row.state for row in self.rows}
        kept = tuple(row for row in shipped.rows if row.state not in named)
        return self.model_copy(update={"rows": (*self.rows, *kept)})
