"""What starts a play, as data: one class per kind, told apart by `on` in the file.

All but `manual` are transitions. A trigger fires in the week in which it begins to hold and not again while it
goes on holding; what is unknown (a missing signal, a week without a score) neither begins nor ends anything.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from barograph.definitions.base import Category, Definition, DisplayedTier, Name, SignalTest

Weeks = Annotated[int, Field(ge=1, le=53)]
Days = Annotated[int, Field(ge=1, le=730)]
Tiers = Annotated[tuple[DisplayedTier, ...], Field(min_length=1)]


class TierEntered(Definition):
    """The displayed tier became one of `tiers`; with `from_tiers` only out of one of those.

    Too little data in between is no change: At Risk, then nothing known, then At Risk was never left. An account
    that was not there before has entered its first tier, unless `from_tiers` is given.
    """

    on: Literal["tier_entered"]
    tiers: Tiers
    from_tiers: tuple[DisplayedTier, ...] = ()


class TierLeft(Definition):
    """The displayed tier was one of `tiers` and is not any more; with `to_tiers` only for one of those."""

    on: Literal["tier_left"]
    tiers: Tiers
    to_tiers: tuple[DisplayedTier, ...] = ()


class TierHeld(Definition):
    """On one of `tiers`, counted together, for `for_days` days without leaving them; with `of_days`, for so many of
    the last `of_days` days and still on one of them."""

    on: Literal["tier_held"]
    tiers: Tiers
    for_days: Days
    of_days: Days | None = None

    @model_validator(mode="after")
    def _fits(self) -> TierHeld:
        if self.of_days is not None and self.of_days < self.for_days:
            raise ValueError(f"of_days = {self.of_days} is less than for_days = {self.for_days}")
        return self


class ComponentBelow(Definition):
    """The score of a component fell under `below` (0 to 100) and stayed there for `for_weeks` weekly scores.

    components: their names in the model. categories: every component whose scored signals weigh most in one of these
    categories, so that a play fits models that name their components otherwise. Any one of them is enough.
    """

    on: Literal["component_below"]
    components: tuple[Name, ...] = ()
    categories: tuple[Category, ...] = ()
    below: Annotated[float, Field(gt=0, le=100)]
    for_weeks: Weeks = 1

    @model_validator(mode="after")
    def _names_some(self) -> ComponentBelow:
        if not self.components and not self.categories:
            raise ValueError("name components or categories")
        return self


class ScoreChange(Definition):
    """The score moved by `points` or more within `over_weeks` weeks, down by default.

    Scores of two versions of the model are not compared: such a window is unknown.
    """

    on: Literal["score_change"]
    points: Annotated[float, Field(gt=0, le=100)]
    over_weeks: Weeks = 4
    direction: Literal["down", "up"] = "down"


class SignalChange(Definition):
    """A signal's value moved by `by` or more within `over_weeks` weeks.

    measure: `share` compares with the value before (0.3 is 30 %; unknown where that was 0), `value` takes the
    difference in the signal's own unit.
    """

    on: Literal["signal_change"]
    signal: Name
    by: Annotated[float, Field(gt=0)]
    measure: Literal["share", "value"] = "share"
    over_weeks: Weeks = 4
    direction: Literal["down", "up"] = "down"


class SignalsMeet(Definition):
    """Several signals at once: every test of `all_of`, and one of `any_of` where there are any, for `for_weeks` weeks.

    A test on a missing value is unknown, unless it asks whether the value is missing.
    """

    on: Literal["signals"]
    all_of: tuple[SignalTest, ...] = ()
    any_of: tuple[SignalTest, ...] = ()
    for_weeks: Weeks = 1

    @model_validator(mode="after")
    def _tests_something(self) -> SignalsMeet:
        if not self.all_of and not self.any_of:
            raise ValueError("give a test in all_of or any_of")
        return self


class BeforeDate(Definition):
    """So many days before a date of the contract: each of `days_before` is a milestone that fires once per date.

    An account that comes in between two milestones starts at the last one it has passed; a milestone whose date
    has gone by does not fire. opt_out: the last day to give notice (term end less notice); renewal: term end.
    """

    on: Literal["date"]
    before: Literal["opt_out", "renewal"] = "opt_out"
    days_before: Annotated[tuple[Days, ...], Field(min_length=1, max_length=12)] = (180, 120, 90, 60, 30)

    @model_validator(mode="after")
    def _descend(self) -> BeforeDate:
        if list(self.days_before) != sorted(set(self.days_before), reverse=True):
            raise ValueError("days_before go from far to near, each once: [180, 120, 90, 60, 30]")
        return self


class LifecycleStage(Definition):
    """The account came into one of these stages of its life (population settings of the model say when)."""

    on: Literal["lifecycle"]
    stages: Annotated[tuple[str, ...], Field(min_length=1)]


class PulseSays(Definition):
    """A pulse answered so, and the one before it did not: every question that is given must have one of the answers.

    within_days: an older pulse says nothing.
    """

    on: Literal["pulse"]
    sponsor_status: tuple[Literal["active", "at_risk", "missing"], ...] = ()
    executive_engagement: tuple[Literal["active", "lapsed", "none"], ...] = ()
    outcome_narrative: tuple[Literal["defensible", "in_development", "missing"], ...] = ()
    within_days: Days = 45

    @model_validator(mode="after")
    def _asks_something(self) -> PulseSays:
        if not (self.sponsor_status or self.executive_engagement or self.outcome_narrative):
            raise ValueError("give sponsor_status, executive_engagement or outcome_narrative")
        return self


class TrajectoryIs(Definition):
    """Where the account is heading (H6). about_to_turn: Healthy or Growth and soon under the line; long_on_watch: on
    Watch for 60 of the last 90 days; declining, improving: the told heading."""

    on: Literal["trajectory"]
    heading: Literal["about_to_turn", "long_on_watch", "declining", "improving"]


class Manual(Definition):
    """Nothing starts it but a person."""

    on: Literal["manual"]


Trigger = Annotated[
    TierEntered
    | TierLeft
    | TierHeld
    | ComponentBelow
    | ScoreChange
    | SignalChange
    | SignalsMeet
    | BeforeDate
    | LifecycleStage
    | PulseSays
    | TrajectoryIs
    | Manual,
    Field(discriminator="on"),
]

WITHOUT_MODEL = (BeforeDate, PulseSays)
"""Triggers that no change of the model can move: they read contracts and pulses."""
