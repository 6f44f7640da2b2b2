"""The timeline of an account: facts, moves between tiers, notes, and what other apps add."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.utils import timezone

from barograph.definitions.base import TIER_ORDER
from barograph_web.portfolio.fact_tables import Names, day_of, is_major, sentence
from barograph_web.portfolio.models import Account, AccountFact, AccountWeek, FactKind, Note

SHOWN = 120
"""Events shown at once, newest first."""
LONGEST = 240


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. kind: a FactKind, "tiers", "notes", or another source's; tone: "", good, warn or bad.
    major: marked in the history of the score as well."""

    on: date
    kind: str
    label: str
    words: str
    tone: str = ""
    major: bool = False


Source = Callable[[Account, int], Iterable[Event]]
"""The newest events of an account, at most so many."""
SOURCES: dict[str, tuple[str, Source]] = {}


def register_source(kind: str, label: str, source: Source) -> None:
    """Have an app add its events to the timeline; called in AppConfig.ready. The same kind twice is one."""
    SOURCES.setdefault(kind, (label, source))


def kinds() -> dict[str, str]:
    """What the timeline can be narrowed to: kind -> label."""
    return {
        "tiers": "Tier changes",
        "notes": "Notes",
        **{kind: label for kind, (label, _) in SOURCES.items()},
        **{kind.value: kind.label for kind in FactKind},
    }


def timeline(
    account: Account, facts: Iterable[AccountFact], weeks: Iterable[AccountWeek], names: Names, kind: str = ""
) -> list[Event]:
    """At most SHOWN events, newest first; of one kind when `kind` is one of `kinds`.

    facts, weeks: the account's, weeks in any order with `week` loaded. names: contact_id -> name.
    """
    found: list[Event] = []
    if kind in {"", *FactKind.values}:
        found += _facts((f for f in facts if not kind or f.kind == kind), names)
    if kind in {"", "tiers"}:
        found += tier_moves(weeks)
    if kind in {"", "notes"}:
        found += _notes(account)
    for name, (_, source) in SOURCES.items():
        if kind in {"", name}:
            found += source(account, SHOWN)
    return sorted(found, key=lambda e: (-e.on.toordinal(), e.kind, e.words))[:SHOWN]


def tier_moves(weeks: Iterable[AccountWeek]) -> list[Event]:
    """Every week in which the tier differs from the week before it."""
    ordered = sorted(weeks, key=lambda w: w.week.as_of)
    found = []
    for before, after in pairwise(ordered):
        if before.tier != after.tier:
            words = f"{before.get_tier_display()} to {after.get_tier_display()}"
            way = (
                TIER_ORDER.index(after.tier) - TIER_ORDER.index(before.tier) if _scored(before, after) else 0
            )
            tone = "bad" if way < 0 else "good" if way > 0 else ""
            found.append(Event(after.week.as_of, "tiers", "Tier", words, tone, major=False))
    return found


def marks(facts: Iterable[AccountFact], names: Names, first: date) -> list[Event]:
    """The facts that the history of the score marks, from `first` on, oldest first."""
    found = [e for e in _facts((f for f in facts if is_major(f)), names) if e.on >= first]
    return sorted(found, key=lambda e: (e.on, e.kind, e.words))


def _facts(facts: Iterable[AccountFact], names: Names) -> list[Event]:
    found = []
    for fact in facts:
        on = day_of(fact)
        if on is not None:
            words = sentence(fact, names)
            found.append(
                Event(on, fact.kind, _LABELS[fact.kind], words[:LONGEST], _tone(fact), major=is_major(fact))
            )
    return found


def _notes(account: Account) -> list[Event]:
    rows = Note.objects.filter(account_id=account.account_id, replaced_by=None, erased_at=None)
    return [
        Event(
            timezone.localtime(n.written_at).date(), "notes", "Note", f"{n.author_label}: {n.body[:LONGEST]}"
        )
        for n in rows.order_by("-written_at")[:SHOWN]
    ]


_LABELS = {
    FactKind.CONTACT: "People",
    FactKind.CONTRACT: "Contract",
    FactKind.TICKET: "Ticket",
    FactKind.INTERACTION: "Meeting",
    FactKind.SURVEY: "Survey",
    FactKind.INVOICE: "Invoice",
    FactKind.MILESTONE: "Milestone",
    FactKind.GOAL: "Goal",
    FactKind.PULSE: "Pulse",
    FactKind.OPPORTUNITY: "Deal",
    FactKind.ESCALATION: "Escalation",
    FactKind.REFERENCE: "Reference",
    FactKind.OUTCOME: "Decision",
}


def _tone(fact: AccountFact) -> str:
    data = fact.data
    if fact.kind == FactKind.ESCALATION or (fact.kind == FactKind.TICKET and data.get("priority") == "p1"):
        return "bad"
    if fact.kind == FactKind.OUTCOME:
        return "bad" if data.get("outcome") in {"churned", "downsold"} else "good"
    return "bad" if fact.kind == FactKind.CONTACT and is_major(fact) else ""


def _scored(*weeks: AccountWeek) -> bool:
    """Whether all of them have one of the four tiers: without a score nothing rose or fell."""
    return all(week.tier in TIER_ORDER for week in weeks)
