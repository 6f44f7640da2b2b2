"""Decisions of customers as the facts tell them: what calls and verdicts are held against, once they are known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from barograph_web.portfolio.models import AccountFact, FactKind

LOST = "churned"
WORDS = {"renewed": "Renewed", "expanded": "Expanded", "downsold": "Renewed for less", "churned": "Lost"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision on a renewal: when it was taken and what it was (a word of WORDS)."""

    account_id: str
    decided_on: date
    what: str

    @property
    def is_lost(self) -> bool:
        return self.what == LOST

    @property
    def label(self) -> str:
        return WORDS[self.what]


def outcomes_of(account_ids: Iterable[str] | None = None) -> dict[str, list[Outcome]]:
    """Decisions per account, oldest first; of some accounts, or all. One query.

    Decided on the day of `decided_at`, else of `effective_at`, as the library anchors them (decision 2).
    """
    rows = AccountFact.objects.filter(kind=FactKind.OUTCOME)
    if account_ids is not None:
        rows = rows.filter(account_id__in=list(account_ids))
    found: dict[str, list[Outcome]] = {}
    for account_id, data in rows.values_list("account_id", "data").iterator():
        day = _day(data.get("decided_at")) or _day(data.get("effective_at"))
        if day is not None and data.get("outcome") in WORDS:
            found.setdefault(account_id, []).append(Outcome(account_id, day, data["outcome"]))
    for some in found.values():
        some.sort(key=lambda o: (o.decided_on, o.what))
    return found


def first_after(outcomes: Iterable[Outcome], day: date) -> Outcome | None:
    """The first decision after a day."""
    return next((o for o in outcomes if o.decided_on > day), None)


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None
