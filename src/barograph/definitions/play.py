"""Plays as data: what starts one, for whom, the steps with owner and date, and how its success is told.

A play is a file under plays/ of the workspace (docs/reference/plays.md); without that folder the shipped ones hold.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from barograph.definitions.base import Definition, DisplayedTier, Name, Scope, SignalTest, TierName
from barograph.definitions.play_trigger import BeforeDate, Days, Trigger

Kind = Literal[
    "rescue",
    "adoption",
    "re_engagement",
    "onboarding",
    "renewal",
    "executive_alignment",
    "expansion",
    "advocacy",
    "complacency",
    "enablement",
    "recovery",
    "other",
]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
WorkingDays = Annotated[float, Field(gt=0, le=260)]
Money = Annotated[float, Field(ge=0)]


class OwnerRule(Definition):
    """Who gets the work.

    rule: csm and am are the account's own; lead, the lead of the account's CSM; person, the one named in `person`
    (an e-mail address); pool, a member of `pool`, chosen in turn (`round_robin`) or by open work (`least_loaded`);
    starter, whoever started the play by hand (the CSM when it started by itself).
    """

    rule: Literal["csm", "am", "lead", "person", "pool", "starter"]
    person: str = ""
    pool: str = ""
    choose: Literal["round_robin", "least_loaded"] = "least_loaded"

    @model_validator(mode="after")
    def _names_whom(self) -> OwnerRule:
        if self.rule == "person" and "@" not in self.person:
            raise ValueError('rule = "person" needs person, an e-mail address')
        if self.rule == "pool" and not self.pool.strip():
            raise ValueError('rule = "pool" needs pool, its name')
        return self


class Audience(Definition):
    """The accounts that a play is for; all that is given must hold. An unknown revenue fails a bound on it.

    where: account attributes (segment, plan, touch_model, lifecycle, region, your own); an unknown one matches nothing.
    unless: attributes of which any one that matches leaves an account out. tiers: the displayed tier. notice_given:
    true only accounts that gave notice, false only those that did not.
    """

    where: Scope = Field(default={})
    unless: Scope = Field(default={})
    arr_at_least: Money | None = None
    arr_below: Money | None = None
    tiers: tuple[DisplayedTier, ...] = ()
    notice_given: bool | None = None


class Step(Definition):
    """One piece of work.

    due_days: days after the play opened until it is due, working days by default; with `before_date` so many days
    before the contract's date (the trigger's, opt-out by default) and never before the play opened.
    channel: `person` makes a task; `tech_touch` sends `event` out, for a marketing tool, and makes none.
    customer_facing: the customer notices it, so it waits while pulse and numbers diverge.
    milestone: for `date` triggers, the step belongs to that many days before the date only; empty: to each.
    hours: what it takes, for the team's capacity.
    """

    name: Name
    title: Text
    detail: str = ""
    owner: OwnerRule | None = None
    due_days: Annotated[int, Field(ge=0, le=730)] = 5
    days: Literal["working", "calendar"] = "working"
    before_date: bool = False
    channel: Literal["person", "tech_touch"] = "person"
    event: str = ""
    customer_facing: bool = False
    milestone: int | None = None
    hours: Annotated[float, Field(ge=0, le=400)] = 1.0

    @model_validator(mode="after")
    def _is_whole(self) -> Step:
        if self.channel == "tech_touch" and not self.event.strip():
            raise ValueError(
                'channel = "tech_touch" needs event, the name that the marketing tool listens for'
            )
        if self.channel == "tech_touch" and self.owner is not None:
            raise ValueError('channel = "tech_touch" has no owner')
        return self


class ComponentTest(Definition):
    """A component's score at or above a line; `category` as in the trigger `component_below`."""

    component: Name | None = None
    category: str | None = None
    at_least: Annotated[float, Field(ge=0, le=100)]

    @model_validator(mode="after")
    def _names_one(self) -> ComponentTest:
        if (self.component is None) == (self.category is None):
            raise ValueError("name component or category, one of them")
        return self


class Success(Definition):
    """What must be true at the check, `check_after_days` days after the play opened; all that is given must hold.

    tier_at_least: displayed tier at least as good, for the last `held_weeks` weekly scores. components, signals: tests
    on the values of that week. outcome: the contract was decided so since the play opened. touched: a customer touch
    was logged since then (the application knows). person_says: what a person answers yes or no to.
    """

    check_after_days: Annotated[int, Field(ge=1, le=730)]
    tier_at_least: TierName | None = None
    held_weeks: Annotated[int, Field(ge=1, le=26)] = 2
    components: tuple[ComponentTest, ...] = ()
    signals: tuple[SignalTest, ...] = ()
    outcome: tuple[Literal["renewed", "expanded"], ...] = ()
    touched: bool = False
    person_says: str = ""

    @model_validator(mode="after")
    def _asks_something(self) -> Success:
        asked = (self.tier_at_least, self.components, self.signals, self.outcome, self.touched)
        if not any(asked) and not self.person_says.strip():
            raise ValueError(
                "say what success is: tier_at_least, components, signals, outcome, touched or person_says"
            )
        return self


class SlaTimes(Definition):
    """Working days from the opening until each is there; empty: not asked for.

    owner_days: an owner has accepted. touch_days: the first customer touch is logged. plan_days: a dated plan is
    written. resolve_days: the play is closed.
    """

    owner_days: WorkingDays | None = None
    touch_days: WorkingDays | None = None
    plan_days: WorkingDays | None = None
    resolve_days: WorkingDays | None = None


class SlaRule(SlaTimes):
    """Other times for some accounts; what is not given is as in the play's `sla`. The first that fits holds."""

    tiers: tuple[DisplayedTier, ...] = ()
    arr_at_least: Money | None = None


class PlaySla(SlaTimes):
    """Service levels of a play, and who hears of a breach. Nothing given: those of the account's tier hold."""

    escalate_to: OwnerRule | None = None
    rules: tuple[SlaRule, ...] = ()

    def times(self, tier: str | None, arr: float | None) -> SlaTimes:
        """The times for an account on a displayed tier with a revenue (None: unknown)."""
        for rule in self.rules:
            rich = rule.arr_at_least is None or (arr is not None and arr >= rule.arr_at_least)
            if rich and (not rule.tiers or tier in rule.tiers):
                return SlaTimes(
                    **{
                        key: getattr(self, key) if getattr(rule, key) is None else getattr(rule, key)
                        for key in SlaTimes.model_fields
                    }
                )
        return SlaTimes(**{key: getattr(self, key) for key in SlaTimes.model_fields})

    @property
    def asks(self) -> bool:
        """Whether any time is set anywhere."""
        return any(
            getattr(part, key) is not None for part in (self, *self.rules) for key in SlaTimes.model_fields
        )


class HoldOut(Definition):
    """A random share of the accounts whose play is left out, or begins later, so that its effect can be told (G1).

    share: 0 is off. delay_days: the play begins so much later for them; empty: not at all. never_arr_at_least and
    never_largest_share: accounts with that much revenue, or among that share of the largest, are never held out.
    """

    share: Annotated[float, Field(ge=0, le=0.5)] = 0
    delay_days: Days | None = None
    never_arr_at_least: Money | None = None
    never_largest_share: Annotated[float, Field(ge=0, le=1)] = 0.2


class Play(Definition):
    """A whole play.

    name: how runs of it are found. purpose: why, in a sentence. serves: components that it works on besides those of
    its trigger, so that the lint can tell which have no play. owner: who answers for the play, and owner of the steps
    that name none. cool_down_days: after a run was closed, the account is left alone so long. priority: 1 goes first,
    5 last.
    """

    name: Name
    title: Text
    purpose: str = ""
    kind: Kind = "other"
    enabled: bool = True
    priority: Annotated[int, Field(ge=1, le=5)] = 3
    cool_down_days: Annotated[int, Field(ge=0, le=730)] = 30
    serves: tuple[Name, ...] = ()
    trigger: Trigger
    audience: Audience = Audience()
    owner: OwnerRule | None = None
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    success: Success | None = None
    sla: PlaySla = PlaySla()
    hold_out: HoldOut = HoldOut()

    @model_validator(mode="after")
    def _steps_differ(self) -> Play:
        names = [step.name for step in self.steps]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"step names must differ: {', '.join(twice)} is there twice")
        return self

    def owner_of(self, step: Step) -> OwnerRule | None:
        """Who gets a step: its own rule, else the play's; None for tech-touch and where neither is given."""
        return None if step.channel == "tech_touch" else step.owner or self.owner

    def steps_at(self, milestone: int | None) -> tuple[Step, ...]:
        """The steps of a run that started at a milestone (None for other triggers), in file order."""
        return tuple(step for step in self.steps if step.milestone is None or step.milestone == milestone)

    @property
    def milestones(self) -> tuple[int, ...]:
        """Days before the date, far to near; empty for other triggers."""
        return self.trigger.days_before if isinstance(self.trigger, BeforeDate) else ()
