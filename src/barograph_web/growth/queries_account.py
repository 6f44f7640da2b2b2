"""Reads of one account: its plan beside the goals of the data, its asks and consents, its escalations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from barograph_web.growth.advocacy import Asked
from barograph_web.growth.evidence import gather, owner_of
from barograph_web.growth.models import (
    Ask,
    Consent,
    Escalation,
    Function,
    Goal,
    HandOver,
    Severity,
    SuccessPlan,
    UseCaseRequest,
)
from barograph_web.growth.readiness import Evidence
from barograph_web.growth.rules import GrowthRules
from barograph_web.portfolio.fact_tables import moment
from barograph_web.portfolio.models import Account, AccountFact, FactKind
from barograph_web.portfolio.weeks import newest_week
from barograph_web.ui.formats import day as day_of

SHOWN = 30


@dataclass(frozen=True, slots=True)
class PlanPage:
    """plan: the one that stands, else the last closed. imported: goals of the data, without those published
    from here."""

    plan: SuccessPlan | None
    goals: list[Goal]
    earlier: list[SuccessPlan]
    imported: list[AccountFact]

    @property
    def confirmed(self) -> int:
        """Goals that the customer confirmed, of both sources."""
        own = sum(goal.state == "reached" for goal in self.goals)
        return own + sum(bool(fact.data.get("confirmed_at")) for fact in self.imported)


@dataclass(frozen=True, slots=True)
class Imported:
    """An escalation of the data, for the form that takes it up."""

    key: str
    severity: str
    functions: list[str]
    opened_at: datetime | None
    words: str


def plan_page(account: Account) -> PlanPage:
    """The plan of an account, its goals, earlier plans, goals of the data."""
    plans = list(SuccessPlan.objects.filter(account_id=account.account_id).order_by("-at", "-pk"))
    standing = next((plan for plan in plans if plan.state != "closed"), plans[0] if plans else None)
    goals = list(Goal.objects.filter(plan=standing)) if standing is not None else []
    facts = AccountFact.objects.filter(account_id=owner_of(account.account_id), kind=FactKind.GOAL)
    imported = [
        f for f in facts.order_by("key") if not str(f.data.get("goal_id", "")).startswith("app-goal-")
    ]
    imported.sort(key=lambda f: str(f.data.get("due_on") or ""), reverse=True)
    return PlanPage(standing, goals, [plan for plan in plans if plan is not standing], imported[:SHOWN])


def advocacy_of(account: Account, rules: GrowthRules, today: date) -> tuple[Evidence, list[Asked]]:
    """The evidence of an account, and its imported asks (table `references`)."""
    week = newest_week()
    evidence = gather([account], week, rules, today)[account.account_id] if week is not None else Evidence()
    return evidence, imported_asks(account)


def imported_asks(account: Account) -> list[Asked]:
    """Rows of the table `references`: accepted is done, not accepted is refused, neither is not known and counts."""
    rows = AccountFact.objects.filter(account_id=owner_of(account.account_id), kind=FactKind.REFERENCE)
    states = {True: "done", False: "refused"}
    return [
        Asked(on, states.get(data.get("accepted"), "agreed"))
        for on, data in rows.values_list("on", "data")
        if on is not None
    ]


def advocate_page(account: Account, evidence: Evidence) -> Mapping[str, Any]:
    """Asks, consents, imported references, and the promoters by name."""
    owner = owner_of(account.account_id)
    contacts = AccountFact.objects.filter(account_id=owner, kind=FactKind.CONTACT)
    names = {str(d.get("contact_id")): d for d in contacts.values_list("data", flat=True)}
    promoters = [
        {
            "name": names.get(key, {}).get("name") or key,
            "title": names.get(key, {}).get("title") or "",
            "on": on,
        }
        for key, on in sorted(evidence.promoters.items(), key=lambda pair: pair[1], reverse=True)
        if not names.get(key, {}).get("valid_to")
    ]
    references = AccountFact.objects.filter(account_id=owner, kind=FactKind.REFERENCE).order_by("-on", "key")
    return {
        "asks": list(Ask.objects.filter(account_id=account.account_id).select_related("consent")[:SHOWN]),
        "consents": list(Consent.objects.filter(account_id=account.account_id)[:SHOWN]),
        "promoters": promoters[:SHOWN],
        "references": list(references[:SHOWN]),
    }


def escalations_of(account: Account) -> Mapping[str, Any]:
    """Escalations of an account: those that people follow, and those of the data that nobody took up."""
    entered = list(Escalation.objects.filter(account_id=account.account_id).select_related("owner")[:SHOWN])
    taken = {row.external_id for row in entered}
    rows = AccountFact.objects.filter(account_id=owner_of(account.account_id), kind=FactKind.ESCALATION)
    imported = [f for f in rows.order_by("-on", "key")[:SHOWN] if f.data.get("escalation_id") not in taken]
    return {"entered": entered, "imported": imported}


def hand_overs_of(account: Account) -> Sequence[HandOver]:
    """Its hand-overs, newest first."""
    return list(HandOver.objects.filter(account_id=account.account_id).select_related("to")[:SHOWN])


def requests_of(account: Account) -> Sequence[UseCaseRequest]:
    """Its requests that nothing has come of yet."""
    return list(UseCaseRequest.objects.filter(account_id=account.account_id, state="open")[:SHOWN])


def imported_escalation(account: Account, key: str | None) -> Imported | None:
    """One escalation of the data; None without such a key, or when it was taken up."""
    if not key or Escalation.objects.filter(external_id=key).exists():
        return None
    rows = AccountFact.objects.filter(account_id=owner_of(account.account_id), kind=FactKind.ESCALATION)
    fact = rows.filter(data__escalation_id=key).first()
    if fact is None:
        return None
    severity = str(fact.data.get("severity") or "").lower()
    teams = [str(team).lower() for team in fact.data.get("teams") or []]
    opened = day_of(fact.data.get("opened_at"))
    return Imported(
        key=key,
        severity=severity if severity in Severity.values else Severity.MAJOR,
        functions=[team for team in teams if team in Function.values],
        opened_at=moment(fact.data.get("opened_at")),
        words=f"{severity or 'escalation'} of {opened}",
    )
