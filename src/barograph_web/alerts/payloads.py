"""What each kind of event says: one frozen model per kind, from which its JSON schema is made.

Fields are the contract with receivers of webhooks: one may be added (optional, with a default), none is renamed or
given another meaning. People are named by their address; money is in the workspace's reporting currency per year;
scores are 0 to 100, higher is healthier; days and instants are ISO 8601. Unknown is null.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

TierName = Literal["at_risk", "watch", "healthy", "growth", "insufficient"]
ScoreValue = Annotated[float, Field(ge=0, le=100, description="Of 100; higher is healthier.")]
Words = Annotated[str, Field(max_length=2000, description="In words.")]
Reason = Annotated[str, Field(max_length=2000, description="Why, in words.")]
Label = Annotated[str, Field(max_length=400)]
Title = Annotated[str, Field(max_length=400, description="What people call it.")]
Address = Annotated[str, Field(max_length=254)]
Owner = Annotated[str, Field(max_length=254, description="Who has it; empty: nobody.")]
Tier = Annotated[TierName, Field(description="Displayed tier.")]
Monday = Annotated[date, Field(description="The Monday of the published week.")]
Revenue = Annotated[float | None, Field(description="Recurring revenue.")]
OptOut = Annotated[date | None, Field(description="Last day on which notice can be given.")]
Model = Annotated[str, Field(max_length=400, description="The model version that scored the week.")]
Due = Annotated[date | None, Field(description="By which day.")]
RowId = Annotated[int, Field(ge=1, description="Its number in the application.")]

BETTER = {"at_risk": 0, "watch": 1, "healthy": 2, "growth": 3}
"""Tiers by health; insufficient data is on no side of them."""


class Payload(BaseModel):
    """What an event says beside its envelope. A field that it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TierChanged(Payload):
    """An account stands in another tier than a week ago."""

    as_of: Monday
    before: TierName = Field(description="Displayed tier of the week before.")
    after: TierName = Field(description="Displayed tier now.")
    direction: Literal["down", "up", "unknown"] = Field(
        description="unknown: to or from insufficient data, which is on no side."
    )
    score: ScoreValue | None = Field(default=None, description="Null when too little is known for a score.")
    score_before: ScoreValue | None = Field(default=None, description="A week before.")
    arr: Revenue = None
    opt_out_on: OptOut = None
    reason: Words = Field(default="", description="What moved the score most, in words.")
    owner_email: Owner = ""
    model_version: Model = ""
    by_model: bool = Field(default=False, description="A new model moved it, and a person has released that.")


class ScoreDropped(Payload):
    """A score fell by at least the workspace's limit within a week because of the data, and the tier did not change."""

    as_of: Monday
    score: ScoreValue
    score_before: ScoreValue = Field(description="A week before.")
    change: float = Field(
        lt=0, description="Points that the data moved it by; a new model's part is left out."
    )
    tier: Tier
    arr: Revenue = None
    opt_out_on: OptOut = None
    reason: Reason = ""
    owner_email: Owner = ""
    model_version: Model = ""


class PlayOpened(Payload):
    """A play began for an account."""

    run_id: RowId
    play: Label = Field(description="The play's name, as in its file.")
    title: Title
    reason: Words = Field(default="", description="Why it was triggered, in words.")
    manual: bool = Field(default=False, description="A person began it.")
    owner_email: Owner = ""
    tier: TierName | None = Field(default=None, description="Displayed tier.")
    arr: Revenue = None
    priority: int | None = Field(default=None, description="As in its file; higher first.")


class PlayClosed(Payload):
    """A play ended for an account."""

    run_id: RowId
    play: Label = Field(description="The play's name, as in its file.")
    title: Title
    outcome: Literal["succeeded", "failed", "cancelled"] = Field(description="How it ended.")
    reason: Reason = ""
    owner_email: Owner = ""


class TaskEvent(Payload):
    """What every event about a task says."""

    task_id: RowId
    title: Title
    owner_email: Address = Field(default="", description="Empty: nobody has it yet.")
    pool: Label = Field(default="", description="The pool it waits in; empty: it has an owner.")
    due_on: Due = None
    play: Label = Field(default="", description="The play that it belongs to.")


class TaskAssigned(TaskEvent):
    """A task has an owner, or another one."""

    by: Label = Field(default="", description="Who gave it; empty: a rule.")
    reason: Reason = ""


class TaskDue(TaskEvent):
    """A task is due today."""


class TaskBreached(TaskEvent):
    """A service-level clock ran out."""

    clock: Literal["response", "resolution"] = Field(description="Which clock ran out.")
    due_at: datetime = Field(description="When it should have been done.")


class TaskEscalated(TaskEvent):
    """A breach, or a time without improvement, was brought before a lead."""

    to_emails: list[Address] = Field(default_factory=list, max_length=50, description="Who is told.")
    reason: Reason = ""
    level: int = Field(default=1, ge=1, description="How far up it went.")


class MentionMade(Payload):
    """Somebody was named in a comment."""

    to_emails: list[Address] = Field(min_length=1, max_length=50, description="Who was named.")
    by: Label = Field(description="Who wrote it.")
    where: Label = Field(description="What it was written on, such as the title of a task.")
    excerpt: Annotated[str, Field(max_length=400, description="The beginning of what was written.")] = ""
    task_id: RowId | None = None


class DataIncident(Payload):
    """So much of the portfolio moved at once that a broken feed is likelier than hundreds of changes."""

    incident_id: RowId
    as_of: Monday
    what: Words = Field(description="What moved, in words.")
    accounts: int = Field(ge=0, description="How many accounts moved.")
    share: float = Field(ge=0, le=1, description="Of all accounts.")


class PulseDue(Payload):
    """A pulse is to be written."""

    owner_email: Owner = ""
    due_on: date = Field(description="By which day.")
    overdue: bool = Field(default=False, description="That day has passed.")


class PulseExpired(Payload):
    """A pulse has no force any more."""

    pulse_id: RowId | None = None
    owner_email: Owner = ""
    expired_on: date = Field(description="The last day of its force.")
    effect: Words = Field(default="", description="What it had changed, in words.")


class PulseDiverged(Payload):
    """A pulse says something else than the numbers, and waits for a leader's decision."""

    pulse_id: RowId | None = None
    author_email: Address = Field(default="", description="Who wrote it.")
    tier: TierName = Field(description="What the numbers say.")
    says: Label = Field(description="What the pulse says, in words.")
    reason: Reason = ""
    to_emails: list[Address] = Field(default_factory=list, max_length=50, description="Who is told.")


class VerdictRecorded(Payload):
    """Somebody confirmed or rejected what the score claims."""

    verdict_id: RowId | None = None
    verdict: Literal["confirmed", "rejected"] = Field(description="Of what the score claims.")
    tier: TierName | None = Field(default=None, description="Displayed tier.")
    reason: Reason = ""
    by_email: Address = Field(default="", description="Whose verdict it is.")


class Handover(Payload):
    """What every event about a hand-over says."""

    handover_id: RowId
    title: Title
    from_email: Address = Field(default="", description="Who hands over.")
    to_email: Address = Field(default="", description="Who is asked to accept.")
    due_on: Due = None
    note: Words = ""


class HandoverRequested(Handover):
    """An account is handed over, and the receiver is asked to accept it."""


class HandoverAccepted(Handover):
    """The receiver accepted."""


class HandoverOverdue(Handover):
    """The time to accept is over."""


class EscalationOpened(Payload):
    """An escalation was opened for an account."""

    escalation_id: RowId
    title: Title
    severity: Label = Field(default="", description="As the workspace names it.")
    owner_email: Owner = ""
    cause: Label = Field(default="", description="As far as it is known.")


class EscalationResolved(EscalationOpened):
    """An escalation ended."""

    resolution: Words = ""


class ModelApproved(Payload):
    """Another model version came into force. What it moves waits for a person's release."""

    version: Label = Field(description="The version that came into force.")
    title: Title = ""
    before: Label = Field(default="", description="The version that was in force.")
    how: Literal["approved", "rolled_back"] = Field(default="approved", description="How it came into force.")
    by: Label = Field(default="", description="Who decided.")
    reason: Reason = ""


class ImportQuarantined(Payload):
    """Rows of an import were set aside."""

    import_id: Label = Field(description="The import.")
    rows: int = Field(ge=1, description="How many were set aside.")
    tables: dict[str, int] = Field(default_factory=dict, description="Rows set aside by table.")
    file: Label = Field(default="", description="The file or source.")


class RefreshFailed(Payload):
    """The weekly refresh did not end well: pages show the week before."""

    run_id: RowId
    key: Label = Field(description="The week, by its Monday.")
    state: Literal["failed", "refused"] = Field(description="refused: for lack of data.")
    error: Words = ""


class SegmentStep(Payload):
    """A tech-touch step of a play: a marketing tool enrols the account. It says nothing of scores, tiers or reasons, so
    that none of them can reach a customer."""

    run_id: RowId | None = None
    play: Label = Field(description="The play's name, as in its file.")
    step: Label = Field(description="The step of the play.")
    segment: Label = Field(default="", description="The list or campaign to enrol in.")
    action: Literal["enter", "leave"] = Field(default="enter", description="Into the list, or out of it.")
    due_on: Due = None
