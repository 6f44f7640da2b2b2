"""The register of false alarms: what people said of the score's claims, with the evidence of that day and, once it is
known, what the customer then decided (P6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from barograph_web.portfolio.models import Account, Tier
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.pulses.models import Cause, Claim, HypothesisVerdict
from barograph_web.pulses.outcomes import Outcome, first_after, outcomes_of
from barograph_web.pulses.state import facts_of

ROWS = 50
EXPORTED = 10_000
HEAD = (
    "week", "account_id", "account", "claim", "cause", "words", "by", "tier", "score", "model_version", "why",
    "outcome", "outcome_on", "came_true",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filter:
    """What the register shows. Empty: all."""

    claim: str = ""
    cause: str = ""
    tier: str = ""
    model_version: str = ""
    since: date | None = None

    @classmethod
    def of(cls, chosen: Mapping[str, str]) -> Filter:
        """From an address; what is not understood is left out."""
        try:
            since = date.fromisoformat(chosen.get("since", ""))
        except ValueError:
            since = None
        return cls(
            claim=chosen.get("claim", "") if chosen.get("claim") in Claim.values else "",
            cause=chosen.get("cause", "") if chosen.get("cause") in Cause.values else "",
            tier=chosen.get("tier", "") if chosen.get("tier") in Tier.values else "",
            model_version=chosen.get("model", "")[:120],
            since=since,
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One verdict with its account and what came of it (None: not known yet)."""

    verdict: HypothesisVerdict
    account: Account | None
    outcome: Outcome | None

    @property
    def name(self) -> str:
        return self.account.name if self.account else self.verdict.account_id

    @property
    def came_true(self) -> bool | None:
        """Whether the outcome bears the verdict out; None while it is not known."""
        if self.outcome is None:
            return None
        concern = self.verdict.tier in (Tier.AT_RISK, Tier.WATCH)
        believed = concern if self.verdict.claim == Claim.CONFIRMED else not concern
        return believed == self.outcome.is_lost


def found(user: Any, today: date, wanted: Filter) -> QuerySet[HypothesisVerdict]:
    """The verdicts that stand on accounts that the person may see, newest week first."""
    rows = HypothesisVerdict.objects.filter(replaced_by=None)
    seen = visible_accounts(user, today)
    if seen.query.has_filters():
        rows = rows.filter(account_id__in=seen.values("account_id"))
    for column in ("claim", "cause", "tier", "model_version"):
        value = getattr(wanted, column)
        if value:
            rows = rows.filter(**{column: value})
    if wanted.since is not None:
        rows = rows.filter(week__gte=wanted.since)
    return rows.order_by("-week", "-pk")


def page_of(
    rows: QuerySet[HypothesisVerdict], number: str | None
) -> tuple[Page[HypothesisVerdict], list[Entry]]:
    """One page, with its entries. Four queries."""
    page = Paginator(rows, ROWS).get_page(number)
    return page, entries(list(page.object_list))


def entries(verdicts: list[HypothesisVerdict]) -> list[Entry]:
    """Verdicts with their accounts and outcomes. Two queries."""
    ids = {v.account_id for v in verdicts}
    accounts = {a.account_id: a for a in Account.objects.filter(account_id__in=ids)}
    outcomes = outcomes_of({facts_of(i) for i in ids})
    return [
        Entry(v, accounts.get(v.account_id), first_after(outcomes.get(facts_of(v.account_id), ()), v.week))
        for v in verdicts
    ]


def models(user: Any, today: date) -> list[str]:
    """Model versions that verdicts were given on, newest first."""
    names = found(user, today, Filter()).order_by().values_list("model_version", flat=True).distinct()
    return sorted(names, reverse=True)


def export_rows(rows: QuerySet[HypothesisVerdict]) -> list[dict[str, str]]:
    """The register for a spreadsheet, by the names of HEAD; at most EXPORTED entries."""
    made = []
    for entry in entries(list(rows[:EXPORTED])):
        v, o = entry.verdict, entry.outcome
        values = (
            v.week.isoformat(), v.account_id, entry.name, v.claim, v.cause, v.words, v.author_label, v.tier,
            "" if v.score is None else f"{v.score:.1f}", v.model_version, str(v.evidence.get("why") or ""),
            o.what if o else "", o.decided_on.isoformat() if o else "",
            "" if entry.came_true is None else str(entry.came_true).lower(),
        )  # fmt: skip
        made.append(dict(zip(HEAD, values, strict=True)))
    return made
