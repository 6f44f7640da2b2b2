"""Signals as data: what is measured, over which window, and when the answer is "unknown".

Every template is described here once in words; the arithmetic that holds for all engines is written out in
docs/reference/signals.md. Two rules are common to all. A fact counts at `as_of` when it occurred before it
and was recorded before it. An account that a source never mentioned has no value (`no_data`), unless the
signal declares `absent = "zero"` because that source covers every account from its first row on.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from barograph.definitions.base import Category, Definition, Direction, Name, PositiveDays, Scope, Where
from barograph.definitions.normalise import Shape

Aggregate = Literal["count", "sum", "mean", "distinct"]
MissingRule = Literal["redistribute", "neutral", "insufficient"]


class Variant(Definition):
    """For accounts in `when`, another shape, or not measured at all (`applies = false`). First match wins."""

    when: Scope
    normalise: Shape | None = None
    applies: bool = True


class SignalBase(Definition):
    """What every signal declares.

    label: what a sentence calls it ("active users" fell from 31 to 12). unit: share and change are fractions
    shown as percent, days, hours, money, points and yes_no as such; any other word stands after the number.
    weight: points of 100 in the model; 0 is a candidate, computed and shown but not scored.
    min_support: facts needed, else missing (`too_little_support`). min_history_days: age of the account
    needed, else missing (`too_new`). stale_after_days: when the newest row of the source, over all accounts,
    is older than this, the signal is missing for everybody (`stale_feed`) instead of looking like a decline.
    max_gap_days: the same when runs of four or more days without any row fill more days of the window.
    """

    name: Name
    label: str
    category: Category
    kind: Literal["activity", "outcome"] = "outcome"
    unit: str = ""
    direction: Direction = "up"
    component: Name | None = None
    weight: Annotated[float, Field(ge=0, le=100)] = 0
    normalise: Shape
    variants: tuple[Variant, ...] = ()
    missing: MissingRule = "redistribute"
    min_support: Annotated[int, Field(ge=0)] = 0
    min_history_days: Annotated[int, Field(ge=0)] = 0
    stale_after_days: PositiveDays | None = None
    max_gap_days: PositiveDays | None = None
    confirmed: bool = False
    note: str = ""


class FromSource(SignalBase):
    """A signal read from one table. `at` is the column that dates a fact (default: the table's own)."""

    source: str
    where: Where = Field(default={})
    at: str | None = None
    absent: Literal["missing", "zero"] = "missing"


class Count(FromSource):
    """Facts in the window."""

    template: Literal["count"]
    window_days: PositiveDays


class Sum(FromSource):
    """Sum of `measure` over the facts in the window, read at six decimals."""

    template: Literal["sum"]
    measure: str
    window_days: PositiveDays


class Mean(FromSource):
    """Mean of `measure` over the facts in the window that have it; none is missing (`no_recent`)."""

    template: Literal["mean"]
    measure: str
    window_days: PositiveDays


class Median(FromSource):
    """Median of `measure` (the mean of the middle two when even)."""

    template: Literal["median"]
    measure: str
    window_days: PositiveDays


class Distinct(FromSource):
    """Different values of `measure` in the window; with `per_day`, different pairs of value and day.

    Without `measure` and with `per_day`: days with at least one fact.
    """

    template: Literal["distinct"]
    measure: str | None = None
    per_day: bool = False
    window_days: PositiveDays


class Breadth(FromSource):
    """Different values of `measure` (features, teams) that have at least `min_rows` facts in the window."""

    template: Literal["breadth"]
    measure: str
    min_rows: Annotated[int, Field(ge=1)] = 1
    window_days: PositiveDays


class Latest(FromSource):
    """The newest known `measure`; older than `expiry_days` is missing (`no_recent`)."""

    template: Literal["latest"]
    measure: str
    expiry_days: PositiveDays


class DaysSince(FromSource):
    """Days from the last (or first) fact to `as_of`, at most `cap_days`.

    With `cap_days`, an account the source knows but that never had such a fact has `cap_days`; without it,
    it has no value (`no_recent`).
    """

    template: Literal["days_since"]
    which: Literal["last", "first"] = "last"
    cap_days: PositiveDays | None = None


class Share(FromSource):
    """Facts that also match `where` among those that match `among`; of `measure` when given, else of rows."""

    template: Literal["share"]
    among: Where = Field(default={})
    measure: str | None = None
    window_days: PositiveDays


class Change(FromSource):
    """(window - preceding window of equal length) / preceding window.

    Missing when the preceding window is 0 or has less than `min_support` facts, and (`too_new`) while the
    account's first fact in the source is younger than both windows.
    """

    template: Literal["change"]
    of: Aggregate = "count"
    measure: str | None = None
    window_days: PositiveDays


class PowerUserTrend(FromSource):
    """Change in the number of different power users against the preceding window (`measure`: the user)."""

    template: Literal["power_user_trend"]
    measure: str = "user_id"
    flag: str = "is_power_user"
    window_days: PositiveDays


class Slope(FromSource):
    """Least-squares slope per week over the weeks of the window, of the weekly count or sum."""

    template: Literal["slope"]
    of: Literal["count", "sum"] = "count"
    measure: str | None = None
    window_days: Annotated[int, Field(ge=21, le=364, multiple_of=7)]


class OpenAsOf(FromSource):
    """Facts that had begun and not ended at `as_of`: how many, or the age in days of the oldest.

    `closed` is the column that ends it; only those open for at least `min_age_days` count.
    """

    template: Literal["open_as_of"]
    closed: str
    result: Literal["count", "oldest_days"] = "count"
    min_age_days: Annotated[int, Field(ge=0)] = 0


class OverdueAsOf(FromSource):
    """Facts whose `due` lies before `as_of` and that were not `done` by then: count, sum of `measure`, or the
    age in days of the oldest."""

    template: Literal["overdue_as_of"]
    due: str = "due_at"
    done: str = "paid_at"
    result: Literal["count", "sum", "oldest_days"] = "count"
    measure: str | None = None


class ResponseLatency(FromSource):
    """Hours from `start` to `end`, mean or median over the facts whose `end` lies in the window."""

    template: Literal["response_latency"]
    start: str
    end: str
    aggregate: Literal["mean", "median"] = "mean"
    window_days: PositiveDays


class Milestone(FromSource):
    """1 when `milestone` was reached (within `within_days` of the account's start when given), else 0.

    While the days are not over and it is not reached the value is missing (`pending`).
    """

    template: Literal["milestone"]
    source: str = "milestones"
    milestone: str
    within_days: PositiveDays | None = None


class StateAsOf(FromSource):
    """Records in force at `as_of` that match `where`: 1 or 0 (`present`), how many, or a share of `among`.

    `begins` and `ends` are day or instant columns; an empty one leaves that side open.
    """

    template: Literal["state_as_of"]
    begins: str | None = None
    ends: str | None = None
    among: Where = Field(default={})
    result: Literal["present", "count", "share"] = "present"


class StakeholderCoverage(FromSource):
    """Share of `roles` held by at least one contact in force that matches `where`, 0 to 1.

    An empty `begins` or `ends` leaves that side open.
    """

    template: Literal["stakeholder_coverage"]
    source: str = "contacts"
    roles: Annotated[tuple[str, ...], Field(min_length=1)]
    begins: str | None = "valid_from"
    ends: str | None = "valid_to"

    @field_validator("begins", "ends")
    @classmethod
    def _open_side(cls, column: str | None) -> str | None:
        return column or None


class Ratio(SignalBase):
    """One signal divided by another; missing when either is, or (`undefined`) when the lower is 0."""

    template: Literal["ratio"]
    numerator: Name
    denominator: Name
    scale: float = 1.0


class PerSeat(SignalBase):
    """A signal divided by the seats in force at `as_of` (all contracts of the account)."""

    template: Literal["per_seat"]
    numerator: Name


SourceSignal = (
    Count
    | Sum
    | Mean
    | Median
    | Distinct
    | Breadth
    | Latest
    | DaysSince
    | Share
    | Change
    | PowerUserTrend
    | Slope
    | OpenAsOf
    | OverdueAsOf
    | ResponseLatency
    | Milestone
    | StateAsOf
    | StakeholderCoverage
)
"""The signals that read a table."""

Signal = Annotated[SourceSignal | Ratio | PerSeat, Field(discriminator="template")]

DERIVED_TEMPLATES = ("ratio", "per_seat")

REASONS: tuple[str, ...] = (
    "known",
    "no_data",
    "no_recent",
    "stale_feed",
    "too_little_support",
    "too_new",
    "not_applicable",
    "undefined",
    "pending",
)
"""Why a value is missing, by code; 0 is a known value."""

DERIVED_COLUMNS: dict[str, dict[str, str]] = {
    "surveys": {"score_100": "score from 0 to 100: (score - scale_min) / (scale_max - scale_min) x 100"},
    "goals": {"progress": "(measured - baseline) / (target - baseline), held between 0 and 1"},
    "invoices": {"days_late": "calendar days from due_at to paid_at, 0 when paid in time; empty until paid"},
    "tickets": {"resolution_hours": "hours from opened_at to resolved_at; empty while open"},
}
"""Measures that a table offers besides its own columns."""
