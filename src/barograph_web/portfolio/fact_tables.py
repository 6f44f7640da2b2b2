"""How facts of an account are shown: the columns of each table and the sentence in the timeline. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from barograph_web.portfolio.models import AccountFact, FactKind

Data = Mapping[str, Any]
Names = Mapping[str, str]
"""contact_id -> the contact's name."""


@dataclass(frozen=True, slots=True)
class Column:
    """how: text, word (of a list of the contract, written with spaces), day, instant, money, number, share, yes, list,
    contact, contacts or person."""

    label: str
    key: str
    how: str = "text"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value ready to be shown: how as in Column, with contacts already named."""

    how: str
    value: Any


TABLES: dict[str, tuple[Column, ...]] = {
    FactKind.CONTACT: (
        Column("Name", "name"),
        Column("Title", "title"),
        Column("Role", "role", "word"),
        Column("Status", "status", "word"),
        Column("E-mail", "email"),
        Column("Since", "valid_from", "day"),
        Column("Until", "valid_to", "day"),
    ),
    FactKind.TICKET: (
        Column("Opened", "opened_at", "day"),
        Column("Priority", "priority", "word"),
        Column("Subject", "subject"),
        Column("Kind", "kind", "word"),
        Column("From", "contact_id", "contact"),
        Column("First answer", "first_response_at", "instant"),
        Column("Solved", "resolved_at", "day"),
        Column("Escalated", "escalated_at", "day"),
        Column("Satisfaction", "csat", "number"),
    ),
    FactKind.INTERACTION: (
        Column("Day", "occurred_at", "day"),
        Column("Kind", "kind", "word"),
        Column("Executive", "executive", "yes"),
        Column("Took place", "attended", "yes"),
        Column("With", "attendees", "contacts"),
        Column("Notes", "notes"),
    ),
    FactKind.SURVEY: (
        Column("Answered", "answered_at", "day"),
        Column("Kind", "kind", "word"),
        Column("By", "contact_id", "contact"),
        Column("Answer", "score", "number"),
        Column("From", "scale_min", "number"),
        Column("To", "scale_max", "number"),
        Column("Comment", "comment"),
    ),
    FactKind.INVOICE: (
        Column("Invoice", "invoice_id"),
        Column("Issued", "issued_at", "day"),
        Column("Due", "due_at", "day"),
        Column("Paid", "paid_at", "day"),
        Column("Amount", "amount", "money"),
        Column("Failed payments", "failures", "number"),
    ),
    FactKind.CONTRACT: (
        Column("Contract", "contract_id"),
        Column("Product", "product"),
        Column("Plan", "plan"),
        Column("Begins", "start_date", "day"),
        Column("Ends", "end_date", "day"),
        Column("Notice, days", "notice_days", "number"),
        Column("Renews by itself", "auto_renew", "yes"),
        Column("Seats", "seats", "number"),
        Column("Revenue a year", "arr", "money"),
        Column("Cancelled", "cancelled_at", "day"),
    ),
    FactKind.GOAL: (
        Column("Goal", "title"),
        Column("Began at", "baseline", "number"),
        Column("Target", "target", "number"),
        Column("Measured", "measured", "number"),
        Column("Unit", "unit"),
        Column("Due", "due_on", "day"),
        Column("Confirmed by", "confirmed_by"),
        Column("Confirmed", "confirmed_at", "day"),
    ),
    FactKind.MILESTONE: (Column("Reached", "reached_at", "day"), Column("Milestone", "milestone", "word")),
    FactKind.PULSE: (
        Column("Given", "recorded_at", "day"),
        Column("Sponsor", "sponsor_status", "word"),
        Column("Executives", "executive_engagement", "word"),
        Column("Outcome story", "outcome_narrative", "word"),
        Column("By", "author_email", "person"),
        Column("Reason", "reason"),
    ),
    FactKind.OPPORTUNITY: (
        Column("Created", "created_at", "day"),
        Column("Kind", "kind", "word"),
        Column("Stage", "stage", "word"),
        Column("Amount", "amount", "money"),
        Column("Closed", "closed_at", "day"),
        Column("Won", "won", "yes"),
    ),
    FactKind.ESCALATION: (
        Column("Opened", "opened_at", "day"),
        Column("Severity", "severity", "word"),
        Column("Owner", "owner_email", "person"),
        Column("Solved", "resolved_at", "day"),
        Column("Cause", "cause"),
        Column("Teams", "teams", "list"),
    ),
    FactKind.REFERENCE: (
        Column("Day", "occurred_at", "day"),
        Column("Kind", "kind", "word"),
        Column("Accepted", "accepted", "yes"),
    ),
    FactKind.OUTCOME: (
        Column("Decided", "decided_at", "day"),
        Column("Outcome", "outcome", "word"),
        Column("Effective", "effective_at", "day"),
        Column("Revenue before", "arr_before", "money"),
        Column("Revenue after", "arr_after", "money"),
        Column("Reason", "reason"),
    ),
}
NUMERIC = frozenset({"money", "number", "share"})


def columns_of(kind: str, facts: list[AccountFact]) -> list[Column]:
    """The columns of a table that at least one of its facts has a value for."""
    return [c for c in TABLES[kind] if any(fact.data.get(c.key) is not None for fact in facts)]


def cells(fact: AccountFact, columns: list[Column], names: Names) -> list[Cell]:
    """One fact as cells. Contacts become names where the account's contacts have one."""
    return [_cell(column, fact.data.get(column.key), names) for column in columns]


def _cell(column: Column, value: Any, names: Names) -> Cell:
    if value is None or value in ("", []):
        return Cell("unknown", None)
    match column.how:
        case "contact":
            return Cell("text", names.get(str(value), value))
        case "contacts":
            return Cell("text", ", ".join(names.get(str(v), str(v)) for v in value))
        case "list":
            return Cell("text", ", ".join(str(v) for v in value))
        case "word":
            return Cell("text", word(str(value)))
        case "instant":
            return Cell("instant", moment(value))
        case how:
            return Cell(how, value)


def word(value: str) -> str:
    """A word of the contract as people write it: "business_review" is "business review", "p1" is "P1"."""
    return (
        value.upper() if value in {"p1", "p2", "p3", "p4", "nps", "csat", "ces"} else value.replace("_", " ")
    )


def moment(value: Any) -> datetime | None:
    """An instant out of a fact."""
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None


def sentence(fact: AccountFact, names: Names) -> str:
    """What happened, in a few words, for the timeline."""
    return SENTENCES[fact.kind](fact.data, names)


def is_major(fact: AccountFact) -> bool:
    """Whether the fact is marked in the history of the score: escalations, severe tickets, decisions, key people."""
    data = fact.data
    match fact.kind:
        case FactKind.ESCALATION | FactKind.OUTCOME:
            return True
        case FactKind.TICKET:
            return data.get("priority") == "p1"
        case FactKind.INTERACTION:
            return bool(data.get("executive"))
        case FactKind.CONTACT:
            return data.get("role") in {"sponsor", "champion", "economic_buyer"} and bool(
                data.get("valid_to")
            )
        case _:
            return False


def day_of(fact: AccountFact) -> date | None:
    """The day of the timeline: when it happened, for people who left the day they did."""
    if fact.kind == FactKind.CONTACT and fact.data.get("valid_to"):
        return date.fromisoformat(fact.data["valid_to"][:10])
    if fact.on is None and fact.kind == FactKind.GOAL and fact.data.get("confirmed_at"):
        return date.fromisoformat(fact.data["confirmed_at"][:10])
    return fact.on


def _joined(*parts: Any) -> str:
    return " ".join(str(part) for part in parts if part not in (None, ""))


def _contact(data: Data, _names: Names) -> str:
    who = _joined(
        data.get("name") or data.get("contact_id"), f"({word(data['role'])})" if data.get("role") else ""
    )
    return f"{who} left" if data.get("valid_to") else f"{who} joined"


def _ticket(data: Data, names: Names) -> str:
    who = names.get(str(data.get("contact_id")), "")
    what = _joined(word(data.get("priority") or ""), "ticket", f"from {who}" if who else "")
    return f"{what}: {data['subject']}" if data.get("subject") else what


def _interaction(data: Data, _names: Names) -> str:
    kind = word(data.get("kind") or "contact")
    told = _joined(kind[:1].upper() + kind[1:], "with an executive" if data.get("executive") else "")
    return told if data.get("attended") is not False else f"{told}, which nobody attended"


def _survey(data: Data, names: Names) -> str:
    who = names.get(str(data.get("contact_id")), "")
    top = f" of {data['scale_max']:g}" if isinstance(data.get("scale_max"), int | float) else ""
    kind = word(data.get("kind") or "survey")
    return _joined(
        f"{kind[:1].upper() + kind[1:]} answer {data.get('score', 0):g}{top}", f"by {who}" if who else ""
    )


def _milestone(data: Data, _names: Names) -> str:
    return f"Milestone reached: {word(data.get('milestone') or '')}"


def _pulse(data: Data, _names: Names) -> str:
    told = [
        f"{label} {word(data[key])}"
        for label, key in (("sponsor", "sponsor_status"), ("executives", "executive_engagement"))
        if data.get(key)
    ]
    return f"Pulse: {', '.join(told)}" if told else "Pulse"


def _escalation(data: Data, _names: Names) -> str:
    told = _joined("Escalation", f"({word(data['severity'])})" if data.get("severity") else "")
    return f"{told}: {data['cause']}" if data.get("cause") else told


def _outcome(data: Data, _names: Names) -> str:
    return f"Decision: {word(data.get('outcome') or 'unknown')}"


SENTENCES: dict[str, Callable[[Data, Names], str]] = {
    FactKind.CONTACT: _contact,
    FactKind.CONTRACT: lambda d, _n: _joined(
        "Contract begins", f"until {d['end_date']}" if d.get("end_date") else ""
    ),
    FactKind.TICKET: _ticket,
    FactKind.INTERACTION: _interaction,
    FactKind.SURVEY: _survey,
    FactKind.INVOICE: lambda d, _n: _joined(
        "Invoice", d.get("invoice_id"), "" if d.get("paid_at") else "(open)"
    ),
    FactKind.MILESTONE: _milestone,
    FactKind.GOAL: lambda d, _n: f"Goal confirmed: {d.get('title') or ''}",
    FactKind.PULSE: _pulse,
    FactKind.OPPORTUNITY: lambda d, _n: _joined(word(d.get("kind") or "deal").capitalize(), "deal created"),
    FactKind.ESCALATION: _escalation,
    FactKind.REFERENCE: lambda d, _n: _joined(
        word(d.get("kind") or "reference").capitalize(), "agreed" if d.get("accepted") else "asked for"
    ),
    FactKind.OUTCOME: _outcome,
}
