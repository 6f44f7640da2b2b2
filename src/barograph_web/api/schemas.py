"""What the API takes and gives. Unknown is null, never 0; scores run from 0 to 100, higher is healthier."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any, Literal

from ninja import Field, Schema
from pydantic import field_validator

Tier = Literal["at_risk", "watch", "healthy", "growth", "insufficient"]


class StandingOut(Schema):
    """Where an account stands in a week."""

    as_of: date
    model_version: str
    label: str = Field(
        description="What the weights stand on: heuristic, validated_heuristic, blended or predictive."
    )
    score: float | None
    tier: Tier
    previous_tier: Tier | None
    tier_since: date
    change_4_weeks: float | None
    moved: str | None = Field(description="How it moved since the week before; null when it did not.")
    about_to_turn: bool
    rank: int | None = Field(
        description="Place among those that need attention; null when it is not among them."
    )


class AccountOut(Schema):
    """An account with its attributes as of the newest week. arr: revenue a year in the reporting currency."""

    account_id: str
    name: str
    segment: str | None
    plan: str | None
    lifecycle: str | None
    csm_email: str | None
    am_email: str | None
    parent_account_id: str | None
    arr: float | None
    renewal_on: date | None
    opt_out_on: date | None
    notice_given: bool | None
    last_touch_on: date | None
    standing: StandingOut | None


class ScoreOut(Schema):
    """A score and what it is made of: base plus the contributions of the components is the score."""

    account_id: str
    standing: StandingOut
    decomposition: dict[str, Any] = Field(
        description="The account's part of barograph.explain/1 (docs/reference/json.md)."
    )


class HistoryOut(Schema):
    """One published week of one account."""

    as_of: date
    score: float | None
    tier: Tier
    computed_tier: Tier
    arr: float | None


class WeekOut(Schema):
    """One published week."""

    as_of: date
    model_version: str
    model_title: str
    label: str
    outcomes: int | None
    filled_in: bool
    revision: int


class ReviewOut(Schema):
    """The Monday review of what the caller may see. entries: needs attention first, then what moved."""

    week: WeekOut
    warnings: list[dict[str, Any]]
    count: int
    page: int
    per_page: int
    next: str | None
    entries: list[dict[str, Any]]


class DecisionIn(Schema):
    """A decision on one account in one week. `seen`: number of the last decision that the caller knows of."""

    account_id: str = Field(max_length=400)
    week: date | None = Field(None, description="A Monday; the newest week without it.")
    verdict: Literal["agree", "disagree", "note"]
    reason: str = Field("", max_length=4000)
    owner: str | None = Field(None, description="Address of the person who does it.", max_length=254)
    next_step: str = Field("", max_length=2000)
    due_on: date | None = None
    know_on: date | None = Field(None, description="When we will know whether it worked.")
    seen: int | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _storable(cls, value: object) -> object:
        if isinstance(value, str) and "\0" in value:
            raise ValueError("the character U+0000 cannot be stored")
        return value


class DecisionOut(Schema):
    """A decision as it was recorded. `replaced_by`: the number of the one that stands over it."""

    id: int
    account_id: str
    week: date
    verdict: str
    reason: str
    owner: str
    next_step: str
    due_on: date | None
    know_on: date | None
    score: float | None
    tier: Tier
    by: str
    at: datetime
    replaced_by: int | None
    result: str | None = Field(
        description="What became of it: done, not_done or moot; null while it is open."
    )


class RowsIn(Schema):
    """Rows of one table of the data contract, with its column names. The identity of a row decides what is new."""

    table: str = Field(max_length=60)
    rows: list[dict[str, str | int | float | bool | None]] = Field(min_length=1, max_length=10_000)
    wait_seconds: float = Field(
        10, ge=0, le=30, description="How long to wait for the worker before answering."
    )


class RowError(Schema):
    """A row that went to quarantine. row: its place in the request, from 1."""

    row: int
    column: str | None
    value: str | None
    expected: str


class TableOut(Schema):
    """What became of the rows of one table; the counts add up to `rows`."""

    table: str
    rows: int
    new: int
    changed: int
    unchanged: int
    quarantined: int
    filtered: int
    known_accounts_share: float | None


class ImportOut(Schema):
    """A file or a batch of rows on its way in. `errors`: the first 500 rows in quarantine, once it is imported."""

    id: uuid.UUID
    name: str
    state: Literal["received", "mapped", "queued", "imported", "refused", "dropped"]
    received_at: datetime
    by: str
    run: int | None
    import_id: str | None
    tables: list[TableOut]
    to_settle: list[str] = Field(
        description="What must be settled on the Data page before it can be imported."
    )
    errors: list[RowError]
    error: str | None


class RunOut(Schema):
    """A piece of the worker's work."""

    id: int
    kind: str
    key: str
    state: str
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    attempts: int
    result: dict[str, Any]
    error: str | None


class RefreshIn(Schema):
    """A refresh to start: of the week of `as_of` (any day of it), the present week without it."""

    as_of: date | None = None


class ModelOut(Schema):
    """A version of a model."""

    version: str
    in_force: bool
    label: str
    outcomes: int
    effective_from: date
    created_at: datetime
    created_by: str
    reason: str


class EventAccount(Schema):
    """The account that an event is about."""

    id: str
    name: str


class EventOut(Schema):
    """An event, as webhooks carry it (docs/reference/events.md)."""

    id: uuid.UUID
    type: str
    version: int
    timestamp: datetime
    workspace: str
    account: EventAccount | None
    url: str
    data: dict[str, Any]


class EventKindOut(Schema):
    """A kind of the catalogue. `data_schema`: JSON Schema of an event's `data`."""

    name: str
    version: int
    meaning: str
    data_schema: dict[str, Any]
