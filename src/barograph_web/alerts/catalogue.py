"""The event catalogue: every kind of event there is, what it says, whom it concerns and how urgent it is.

docs/reference/events.md is this table; a test holds it to it. To add a kind: a model in payloads.py, a row here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from barograph_web.alerts import payloads as p
from barograph_web.users.permissions import May

VERSION = 1
"""Of the envelope and of all payloads; it grows when a field is renamed or changes its meaning."""

Concerns = Literal["account", "person", "workspace"]


@dataclass(frozen=True, slots=True)
class EventKind:
    """One kind of event.

    concerns: "account": those who see the account, by the scope they chose, and who is named; "person": only who is
    named; "workspace": those whose role includes `needs`. named: fields of the payload that hold addresses of people
    who are told whatever their scope. weight: urgency, 0 first.
    """

    name: str
    title: str
    group: str
    payload: type[p.Payload]
    concerns: Concerns
    weight: int
    needs: May = May.SEE_ACCOUNTS
    named: tuple[str, ...] = ()

    @property
    def schema(self) -> dict[str, Any]:
        """JSON Schema (2020-12) of the payload."""
        return self.payload.model_json_schema()

    @property
    def meaning(self) -> str:
        """What happened, in one or two sentences."""
        return " ".join((self.payload.__doc__ or "").split())


_PORTFOLIO, _WORK, _PULSE, _GROWTH, _SYSTEM = (
    "Accounts",
    "Work",
    "Pulses",
    "Growth and escalations",
    "Workspace",
)

EVENTS: dict[str, EventKind] = {
    kind.name: kind
    for kind in (
        EventKind(
            "tier.changed", "An account changed tier", _PORTFOLIO, p.TierChanged, "account", 10
        ),
        EventKind("score.dropped", "A score dropped within its tier", _PORTFOLIO, p.ScoreDropped, "account", 20),
        EventKind("play.opened", "A play began", _WORK, p.PlayOpened, "account", 30, named=("owner_email",)),
        EventKind("play.closed", "A play ended", _WORK, p.PlayClosed, "account", 60, named=("owner_email",)),
        EventKind(
            "task.assigned", "A task was given to me", _WORK, p.TaskAssigned, "person", 25, May.WORK, ("owner_email",)
        ),
        EventKind("task.due", "A task of mine is due", _WORK, p.TaskDue, "person", 25, May.WORK, ("owner_email",)),
        EventKind(
            "task.breached", "A service level was missed", _WORK, p.TaskBreached, "account", 12, May.SEE_WORK,
            ("owner_email",),
        ),
        EventKind(
            "task.escalated", "Something was escalated", _WORK, p.TaskEscalated, "account", 5, May.SEE_WORK,
            ("to_emails", "owner_email"),
        ),
        EventKind(
            "mention.made", "Somebody named me", _WORK, p.MentionMade, "person", 22, May.SEE_WORK, ("to_emails",)
        ),
        EventKind("pulse.due", "A pulse of mine is due", _PULSE, p.PulseDue, "person", 40, named=("owner_email",)),
        EventKind("pulse.expired", "A pulse expired", _PULSE, p.PulseExpired, "account", 35, named=("owner_email",)),
        EventKind(
            "pulse.diverged", "A pulse disagrees with the numbers", _PULSE, p.PulseDiverged, "account", 18,
            named=("to_emails", "author_email"),
        ),
        EventKind("verdict.recorded", "A verdict on a score", _PULSE, p.VerdictRecorded, "account", 50),
        EventKind(
            "handover.requested", "A hand-over was requested", _GROWTH, p.HandoverRequested, "account", 24,
            named=("to_email",),
        ),
        EventKind(
            "handover.accepted", "A hand-over was accepted", _GROWTH, p.HandoverAccepted, "account", 55,
            named=("from_email",),
        ),
        EventKind(
            "handover.overdue", "A hand-over is overdue", _GROWTH, p.HandoverOverdue, "account", 14,
            named=("from_email", "to_email"),
        ),
        EventKind(
            "escalation.opened", "An escalation was opened", _GROWTH, p.EscalationOpened, "account", 8,
            named=("owner_email",),
        ),
        EventKind(
            "escalation.resolved", "An escalation was resolved", _GROWTH, p.EscalationResolved, "account", 58,
            named=("owner_email",),
        ),
        EventKind(
            "data.incident", "Much of the portfolio moved at once", _SYSTEM, p.DataIncident, "workspace", 2,
            May.SEE_REVIEW,
        ),
        EventKind(
            "model.approved", "Another model came into force", _SYSTEM, p.ModelApproved, "workspace", 45, May.SEE_MODELS
        ),
        EventKind(
            "import.quarantined", "Rows were set aside", _SYSTEM, p.ImportQuarantined, "workspace", 30, May.SEE_DATA
        ),
        EventKind(
            "refresh.failed", "The weekly refresh failed", _SYSTEM, p.RefreshFailed, "workspace", 3, May.SEE_RUNS
        ),
        EventKind(
            "segment.step", "A tech-touch step is due", _WORK, p.SegmentStep, "account", 70, May.LEAD_WORK
        ),
    )
}  # fmt: skip
"""By name, in the order in which people see them."""

GROUPS = (_PORTFOLIO, _WORK, _PULSE, _GROWTH, _SYSTEM)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a person chooses by: a kind, or one side of `tier.changed`."""

    name: str
    title: str
    group: str
    kind: EventKind
    hint: str = ""


_HINTS = {
    "tier.changed.down": "Losing the score counts: unknown is not healthy.",
    "score.dropped": "Because of the data, by at least the workspace's limit within a week.",
    "task.breached": "A service-level clock ran out: on the first response, or on the plan.",
    "task.escalated": "A breach, or a time without improvement, was brought before a lead.",
    "pulse.diverged": "It waits for a leader's decision.",
    "data.incident": "A broken feed is likelier than hundreds of changes.",
    "model.approved": "What it moves waits until a person releases it.",
    "segment.step": "For marketing tools; people rarely need it.",
}


def _topics() -> dict[str, Topic]:
    sides = {
        "tier.changed.down": "An account fell to a lower tier",
        "tier.changed.up": "An account rose to a higher tier",
    }
    found: dict[str, Topic] = {}
    for kind in EVENTS.values():
        titles = sides if kind.name == "tier.changed" else {kind.name: kind.title}
        for name, title in titles.items():
            found[name] = Topic(name, title, kind.group, kind, _HINTS.get(name, ""))
    return found


TOPICS: dict[str, Topic] = _topics()


def topic_of(payload: p.Payload, kind: EventKind) -> str:
    """Which topic an event belongs to. To insufficient data counts as downward: unknown is not healthy."""
    if isinstance(payload, p.TierChanged):
        return "tier.changed.up" if _rose(payload) else "tier.changed.down"
    return kind.name


def weight_of(payload: p.Payload, kind: EventKind) -> int:
    """How urgent an event is, 0 first: downward before upward, At Risk before Watch."""
    if isinstance(payload, p.TierChanged):
        if _rose(payload):
            return 52
        return {"at_risk": 6, "insufficient": 16}.get(payload.after, kind.weight)
    return kind.weight


def _rose(payload: p.TierChanged) -> bool:
    return payload.direction == "up" or (payload.direction == "unknown" and payload.before == "insufficient")
