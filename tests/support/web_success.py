"""Hand-overs, plans, asks and escalations on the seeded company, for the tests of what accounts get to."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from barograph_web.growth import services_advocates, services_escalations, services_hand_over, services_plans
from barograph_web.growth.models import Ask, Consent, Escalation, Goal, HandOver, SuccessPlan
from barograph_web.growth.readiness import Evidence
from barograph_web.growth.rules import SHIPPED
from barograph_web.portfolio.models import Account
from barograph_web.users.models import User

NOW = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)
"""A Wednesday."""
TODAY = date(2026, 11, 18)
CLEAN = Evidence(severe=())
"""An account with tickets of which none is open."""


def account_for(user: User) -> Account:
    """One that the person works on."""
    own = Account.objects.filter(is_current=True, csm_email=user.email) | Account.objects.filter(
        is_current=True, am_email=user.email
    )
    return own.order_by("account_id")[0]


def handed(account: Account, *, to: User, by: User, now: datetime = NOW, **more: Any) -> HandOver:
    """An unanswered hand-over."""
    wanted = services_hand_over.Wanted(
        to=to, kind="expansion", why_now="They opened two sites.", talk_to="Maya Okafor, controller", **more
    )
    package = {"people": [{"name": "Maya Okafor", "title": "Controller"}], "conditions": []}
    return services_hand_over.ask(account, wanted, package=package, rules=SHIPPED, by=by, now=now)


def agreed_plan(account: Account, by: User, *, now: datetime = NOW) -> tuple[SuccessPlan, Goal]:
    """A plan that the customer agreed to, with one goal."""
    plan = services_plans.start(
        account, summary="Close the books in three days.", begins_on=TODAY, by=by, now=now
    )
    wanted = services_plans.GoalWanted("Close faster", 10.0, 3.0, "days", date(2027, 3, 31))
    goal = services_plans.add_goal(plan, wanted, by=by, now=now)
    return services_plans.agree_plan(plan, seen=1, words="With the controller.", by=by, now=now), goal


def escalated(account: Account, *, owner: User, by: User, now: datetime = NOW, **more: Any) -> Escalation:
    """An open escalation."""
    told = {
        "title": "Exports time out",
        "detail": "",
        "severity": "critical",
        "functions": ["support"],
        **more,
    }
    return services_escalations.open_escalation(account, owner=owner, rules=SHIPPED, by=by, now=now, **told)


def asked(account: Account, by: User, *, today: date = TODAY, evidence: Evidence = CLEAN, **more: Any) -> Ask:
    """A favour that was asked for."""
    told = {"kind": "reference", "person": "Maya Okafor", "what": "A call with a bank.", **more}
    at = datetime(today.year, today.month, today.day, 9, tzinfo=UTC)
    return services_advocates.ask(
        account, evidence=evidence, imported=(), rules=SHIPPED, by=by, now=at, today=today, **told
    )


def consented(
    account: Account, by: User, *, covers: tuple[str, ...] = ("reference",), **more: Any
) -> Consent:
    """Something that somebody agreed to."""
    told = {"person": "Maya Okafor", "how": "By mail", "given_on": TODAY, "until": None, **more}
    return services_advocates.keep_consent(account, covers=covers, by=by, now=NOW, today=TODAY, **told)


class OneRun:
    """A run without a worker, at one instant."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.degraded: list[str] = []
        self.counts: dict[str, Any] = {}

    def heartbeat(self) -> None:
        return None

    def degrade(self, reason: str) -> None:
        self.degraded.append(reason)

    def step(self, _name: str) -> OneRun:
        return self

    def __enter__(self) -> OneRun:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def count(self, **numbers: Any) -> None:
        self.counts |= numbers

    def log(self, _line: str) -> None:
        return None
