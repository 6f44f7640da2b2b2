"""Names that exports use and the contract does not list. A guess from here is shown and must be confirmed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import PurePath

from barograph.definitions.tables import TABLES, Table
from barograph.intake.names import alike, squash, words

# File names: a word of the name -> table. The longest match counts.
FILE_WORDS: dict[str, str] = {
    "account": "accounts",
    "company": "accounts",
    "customer": "accounts",
    "organization": "accounts",
    "organisation": "accounts",
    "contract": "contracts",
    "subscription": "contracts",
    "license": "contracts",
    "licence": "contracts",
    "renewal": "outcomes",
    "outcome": "outcomes",
    "churn": "outcomes",
    "cancellation": "outcomes",
    "event": "events",
    "usage": "events",
    "activity": "events",
    "login": "events",
    "metric": "metrics",
    "measurement": "metrics",
    "ticket": "tickets",
    "case": "tickets",
    "conversation": "tickets",
    "contact": "contacts",
    "user": "contacts",
    "interaction": "interactions",
    "meeting": "interactions",
    "call": "interactions",
    "touch": "interactions",
    "survey": "surveys",
    "nps": "surveys",
    "csat": "surveys",
    "response": "surveys",
    "invoice": "invoices",
    "billing": "invoices",
    "milestone": "milestones",
    "opportunity": "opportunities",
    "deal": "opportunities",
    "pulse": "pulses",
    "sentiment": "pulses",
    "escalation": "escalations",
    "goal": "goals",
    "objective": "goals",
    "reference": "references",
    "advocate": "references",
    "advocacy": "references",
    "score": "legacy_scores",
}
# Words that say which table when two are named: product_events are events, churn_events are outcomes.
_STRONGER = {
    "churn": 3,
    "cancellation": 3,
    "crm": 0,
    "usage": 1,
    "event": 1,
    "activity": 1,
    "user": 0,
    "score": 2,
}

COLUMN_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "accounts": {
        "name": ("account name", "company name", "customer name", "company"),
        "start_date": (
            "signup date",
            "created at",
            "created",
            "created date",
            "customer since",
            "onboarded at",
        ),
        "plan": ("plan tier", "plan name", "tier", "subscription plan"),
        "region": ("territory", "geo"),
        "segment": ("customer segment", "account segment"),
        "csm_email": ("csm owner", "customer success manager"),
        "parent_account_id": ("parent", "parent id", "parent account"),
        "domains": ("domain", "website"),
        "is_internal": ("internal", "test account"),
    },
    "contracts": {
        "contract_id": ("subscription id", "agreement id", "order id", "id"),
        "start_date": ("begin date", "conversion date", "subscription start", "effective date", "start"),
        "end_date": ("renewal date", "expiry date", "expiration date", "term end", "end"),
        "arr": ("arr amount", "annual recurring revenue", "annual value"),
        "plan": ("plan tier", "plan name"),
        "auto_renew": ("auto renew flag", "auto renewal"),
        "cancelled_at": ("cancel date", "canceled at", "cancellation date"),
        "term_months": ("term", "term length"),
    },
    "outcomes": {
        "decided_at": ("decision date", "renewal decision date"),
        "effective_at": ("effective date", "cancel date", "end date"),
        "reason": ("reason code", "churn reason"),
        "contract_id": ("subscription id",),
        "outcome": ("result", "status"),
    },
    "events": {
        "event": ("event type", "event name", "action", "activity type", "activity"),
        "occurred_at": (
            "event time",
            "event timestamp",
            "timestamp",
            "created at",
            "time",
            "usage date",
            "date",
        ),
        "feature": ("feature name", "module"),
        "user_id": ("contact id", "user", "person id"),
        "quantity": ("usage count", "count"),
    },
    "metrics": {"metric": ("metric name", "measure"), "date": ("day", "metric date"), "value": ("amount",)},
    "tickets": {
        "ticket_id": ("case id", "case number", "id"),
        "opened_at": ("created at", "submitted at", "created", "opened", "created date"),
        "resolved_at": ("closed at", "solved at", "resolved", "closed"),
        "first_response_at": ("first reply at", "first responded at"),
        "priority": ("severity", "urgency"),
        "csat": ("csat score", "satisfaction score", "satisfaction", "rating"),
        "kind": ("type", "category", "ticket type"),
        "contact_id": ("requester id", "user id"),
        "subject": ("title", "summary"),
    },
    "contacts": {
        "contact_id": ("user id", "person id", "id"),
        "name": ("full name", "contact name"),
        "email": ("email address", "e mail"),
        "title": ("job title", "position"),
        "valid_from": ("created at", "start date"),
    },
    "interactions": {
        "interaction_id": ("meeting id", "touch id", "activity id", "call id", "id"),
        "occurred_at": ("meeting date", "touch date", "date", "start time", "timestamp"),
        "kind": ("type", "channel", "meeting type"),
        "attendees": ("participants",),
        "notes": ("summary", "description"),
    },
    "surveys": {
        "response_id": ("survey id", "id"),
        "answered_at": ("survey date", "responded at", "response date", "submitted at", "date"),
        "score": ("rating", "nps score", "nps", "answer"),
        "comment": ("feedback", "feedback text", "verbatim"),
        "kind": ("survey type", "type"),
    },
    "invoices": {
        "invoice_id": ("invoice number", "number", "id"),
        "issued_at": ("invoice date", "issue date", "created at", "date"),
        "due_at": ("due date", "payment due"),
        "paid_at": ("payment date", "paid on", "paid date"),
        "amount": ("total", "invoice amount", "amount due"),
    },
    "milestones": {
        "milestone": ("name", "milestone name"),
        "reached_at": ("date", "completed at", "reached on"),
    },
    "opportunities": {
        "opportunity_id": ("deal id", "id"),
        "amount": ("value", "deal amount"),
        "created_at": ("created date", "open date", "created"),
        "closed_at": ("close date", "closed date"),
        "won": ("is won",),
        "kind": ("type", "deal type"),
    },
    "pulses": {"recorded_at": ("date", "created at"), "author_email": ("author", "am email")},
    "escalations": {
        "escalation_id": ("id",),
        "opened_at": ("created at", "opened"),
        "resolved_at": ("closed at", "resolved"),
        "owner_email": ("owner",),
    },
    "goals": {
        "goal_id": ("objective id", "id"),
        "title": ("goal", "objective", "name"),
        "due_on": ("due date", "target date"),
        "measured": ("current", "actual"),
    },
    "references": {"occurred_at": ("date", "created at"), "kind": ("type",)},
    "legacy_scores": {
        "score": ("health score", "health"),
        "as_of": ("date", "score date", "scored at"),
        "source": ("system",),
    },
}


@dataclass(frozen=True, slots=True)
class Guess:
    """Something that is likely but not certain. `column` is empty when the table itself was guessed."""

    file: str
    table: str
    column: str
    target: str
    confidence: float

    @property
    def key(self) -> str:
        """The guess without its file, as a source of the workspace keeps it; "" for a guess of a table."""
        return f"{self.table}.{self.target} = {self.column}" if self.column else ""

    def __str__(self) -> str:
        if self.column:
            return (
                f"{self.file}: column {self.column!r} is {self.table}.{self.target} ({self.confidence:.0%})"
            )
        return f"{self.file} holds {self.table} ({self.confidence:.0%})"


def confirmed_before(keys: Collection[str]) -> Callable[[Guess], bool]:
    """Accepts what a person accepted before (`Guess.key`), and guesses of tables, which always count."""
    return lambda guess: not guess.column or guess.key in keys


def guess_table(name: str) -> tuple[str, float] | None:
    """The table that a file, sheet or database table of this name holds, with a confidence from 0 to 1.

    1 when the name is the table's; .9 when one of its words is (`ravenstack_accounts`); .8 when a word that
    usually stands for the table is in it (`support_tickets`, `nps`); None when nothing fits.
    """
    stem = PurePath(name).name.split(".", 1)[0]
    for table in TABLES:
        if squash(stem) == squash(table):
            return table, 1.0
    found = words(stem)
    best: tuple[int, int, str, float] | None = None
    for position, word in enumerate(found):
        single = _singular(word)
        table = FILE_WORDS.get(single, "")
        if table:
            exact = 0.9 if word in TABLES else 0.8
            rank = (_STRONGER.get(single, 2), position, table, exact)
            best = max(best, rank) if best else rank
    return (best[2], best[3]) if best else None


def guess_columns(
    table: Table, names: tuple[str, ...], open_targets: tuple[str, ...]
) -> dict[str, tuple[str, float]]:
    """For each open contract column the likeliest source column, with a confidence below 1.

    A listed usual name counts .8; otherwise likeness of the names, from .75 up, but a column of ids is not guessed for
    one that holds none: an event_id is no event. A source column is guessed for one contract column at most, the
    likeliest.
    """
    ranked = []
    usual = COLUMN_WORDS.get(table.name, {})
    for target in open_targets:
        listed = {squash(word): 0.8 - 0.01 * place for place, word in enumerate(usual.get(target, ()))}
        for name in names:
            likely = listed.get(squash(name)) or (
                0.0 if _only_names_rows(name, target) else 0.95 * alike(name, target)
            )
            if likely >= 0.7:
                ranked.append((likely, target, name))
    chosen: dict[str, tuple[str, float]] = {}
    taken: set[str] = set()
    for likely, target, name in sorted(ranked, key=lambda r: (-r[0], r[1], r[2])):
        if target not in chosen and name not in taken:
            chosen[target] = (name, round(min(likely, 0.95), 2))
            taken.add(name)
    return chosen


def _only_names_rows(name: str, target: str) -> bool:
    """Whether the source's column holds ids, and the contract's does not."""
    last = [*words(name)][-1:]
    return last in (["id"], ["uuid"], ["guid"], ["key"]) and not target.endswith("_id")


def nearest(name: str, candidates: tuple[str, ...]) -> tuple[str, ...]:
    """Up to three candidates that are most like `name`, best first."""
    ranked = sorted(((alike(name, other), other) for other in candidates), reverse=True)
    return tuple(other for likeness, other in ranked[:3] if likeness >= 0.4)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and word != "nps" else word
