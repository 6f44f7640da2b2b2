"""The score model as one frozen object: components, tiers, caps, gate, outcomes, population, roll-up."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from barograph.definitions.base import TIER_ORDER, Definition, Name, Scope, SignalTest, TierName
from barograph.definitions.overlay import Overlay
from barograph.definitions.signal import Signal

Stage = Literal["heuristic", "validated_heuristic", "blended", "predictive"]


class Component(Definition):
    """A group of signals that a reader sees as one card. Its weight is the sum of its signals' weights."""

    name: Name
    label: str
    meaning: str = ""


class Sla(Definition):
    """Working days, after an account enters the tier, until each thing is there; empty: not asked for."""

    owner_days: int | None = None
    touch_days: int | None = None
    plan_days: int | None = None


class TierBand(Definition):
    """Scores at or above `from_score` reach this tier."""

    name: TierName
    label: str
    from_score: Annotated[float, Field(ge=0, le=100)]
    definition: str
    sla: Sla = Sla()


class TierThresholds(Definition):
    """Other lines for the accounts in `when`; tiers not named keep the default. First match wins."""

    when: Scope
    from_score: dict[TierName, Annotated[float, Field(ge=0, le=100)]]


class Damping(Definition):
    """What keeps a tier from flapping (H3).

    A lower tier is entered under its line and left only `hysteresis` points above it; a move shows after
    `confirmations` weekly scores in a row agree. A fall of `immediate_drop` points or more under the line,
    and hard events, do not wait. `enabled = false` shows the plain tier of every week.
    """

    enabled: bool = True
    hysteresis: Annotated[float, Field(ge=0, le=30)] = 5
    confirmations: Annotated[int, Field(ge=1, le=8)] = 2
    immediate_drop: Annotated[float, Field(ge=0, le=100)] = 15


class Cap(Definition):
    """A named limit. It holds the tier at `tier_at_most`; only with `score_at_most` does it also take points.

    A `hard_event` (notice given, sponsor gone) takes effect at once, without dwell.
    """

    name: Name
    label: str
    when: Annotated[tuple[SignalTest, ...], Field(min_length=1)]
    scope: Scope = Field(default={})
    tier_at_most: TierName
    score_at_most: Annotated[float, Field(ge=0, le=100)] | None = None
    hard_event: bool = False


class OutcomeTarget(Definition):
    """Health as an outcome (O1): what good looks like, as a test on a signal, per segment and plan."""

    name: Name
    label: str
    stage: Literal["time_to_value", "activation", "adoption_depth", "renewal", "expansion"]
    test: SignalTest
    scope: Scope = Field(default={})


class LapseRule(Definition):
    """Without contracts: an account active within `active_days` is lost after `horizon_days` of nothing."""

    source: str
    where: dict[str, str] = Field(default={})
    active_days: Annotated[int, Field(ge=1)] = 180
    horizon_days: Annotated[int, Field(ge=1)] = 90


class OutcomeRules(Definition):
    """What counts as an outcome (O2), by share of the recurring revenue kept."""

    source: Literal["auto", "outcomes", "contracts", "lapse"] = "auto"
    downsold_at_most: Annotated[float, Field(gt=0, lt=1)] = 0.85
    expanded_at_least: Annotated[float, Field(gt=1)] = 1.05
    grace_days: Annotated[int, Field(ge=0)] = 30
    horizons_days: tuple[int, ...] = (30, 60, 90)
    lapse: LapseRule | None = None


class Population(Definition):
    """Which accounts are scored at a date.

    contracts: with a term in force, or ended within `grace_days`; accounts: every account known by then;
    activity: with a fact in `source` within `active_days`. Internal accounts are never scored.
    """

    rule: Literal["contracts", "accounts", "activity"] = "contracts"
    grace_days: Annotated[int, Field(ge=0)] = 30
    source: str | None = None
    active_days: Annotated[int, Field(ge=1)] = 180
    onboarding_days: Annotated[int, Field(ge=0)] = 90
    renewal_window_days: Annotated[int, Field(ge=0)] = 90


class Rollup(Definition):
    """How parts make a whole (X5): products to the account (`unit = "product"`), children to the parent.

    score: revenue-weighted mean of the known parts (plain mean where no revenue is known). tier: the worst
    tier among parts that hold at least `material_share` of the revenue, else the tier of the mean.
    """

    unit: Literal["account", "product"] = "account"
    score: Literal["revenue_weighted", "mean", "worst"] = "revenue_weighted"
    tier: Literal["worst_material", "from_score"] = "worst_material"
    material_share: Annotated[float, Field(gt=0, le=1)] = 0.2


class ReviewRules(Definition):
    """The Monday review: how long the list is."""

    attention_at_most: Annotated[int, Field(ge=1, le=100)] = 12
    growth_signals: tuple[Name, ...] = ()


class ScoreModel(Definition):
    """A whole model. Weights of the scored signals are points of 100."""

    name: Name
    title: str
    purpose: str = ""
    stage: Stage = "heuristic"
    outcomes_behind: Annotated[int, Field(ge=0)] = 0
    min_coverage: Annotated[float, Field(ge=0, le=1)] = 0.6
    neutral_points: Annotated[float, Field(ge=0, le=100)] = 50
    population: Population = Population()
    outcome: OutcomeRules = OutcomeRules()
    damping: Damping = Damping()
    rollup: Rollup = Rollup()
    review: ReviewRules = ReviewRules()
    overlay: Overlay | None = None
    """None: pulses change no tier (docs/adr/0014)."""
    components: Annotated[tuple[Component, ...], Field(min_length=1)]
    signals: Annotated[tuple[Signal, ...], Field(min_length=1)]
    tiers: Annotated[tuple[TierBand, ...], Field(min_length=3, max_length=4)]
    thresholds: tuple[TierThresholds, ...] = ()
    growth_gate: tuple[SignalTest, ...] = ()
    caps: tuple[Cap, ...] = ()
    targets: tuple[OutcomeTarget, ...] = ()

    @model_validator(mode="after")
    def _names_agree(self) -> ScoreModel:
        signals = [s.name for s in self.signals]
        twice = sorted({n for n in signals if signals.count(n) > 1})
        if twice:
            raise ValueError(f"signal names must differ: {', '.join(twice)} is there twice")
        order = [t.name for t in self.tiers]
        if order != [t for t in TIER_ORDER if t in order]:
            raise ValueError(f"tiers go from worst to best ({', '.join(TIER_ORDER)}), got {', '.join(order)}")
        return self

    @property
    def scored(self) -> tuple[Signal, ...]:
        """Signals that carry weight, in file order."""
        return tuple(s for s in self.signals if s.weight > 0)

    @property
    def candidates(self) -> tuple[Signal, ...]:
        """Signals that are computed but carry no weight."""
        return tuple(s for s in self.signals if s.weight == 0)

    def signal(self, name: str) -> Signal:
        """The signal of that name; KeyError if there is none."""
        for s in self.signals:
            if s.name == name:
                return s
        raise KeyError(name)
