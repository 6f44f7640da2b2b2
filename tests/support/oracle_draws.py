"""Random rows of every table, leaning on the places where point-in-time code goes wrong."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from support.oracle_facts import calendar_day, local_day, midnight


class Draw:
    """Random values of one workspace, leaning on the places where point-in-time code goes wrong."""

    def __init__(self, seed: int, zone: ZoneInfo, days: Sequence[int]) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - test data
        self.zone = zone
        self.days = days
        self.first, self.last = days[0] - 130, days[-1] + 20

    def pick(self, *options: Any) -> Any:
        return self.rng.choice(options)

    def maybe(self, value: Any, share: float = 0.7) -> Any:
        """`value`, or null."""
        return value if self.rng.random() < share else None

    def day(self) -> int:
        """A local day number; every third lies within two days of an as_of or of a whole week before it."""
        if self.rng.random() < 0.33:
            return self.pick(*self.days) - 7 * self.pick(0, 0, 1, 2, 4, 8, 12) + self.pick(-2, -1, 0, 1)
        return self.rng.randint(self.first, self.last)

    def date(self) -> date:
        return calendar_day(self.day())

    def moment(self) -> datetime:
        """An instant; half of them at the edge of a local day: one second before, on it, one after."""
        start = midnight(self.day(), self.zone)
        if self.rng.random() < 0.5:
            return start + timedelta(seconds=self.pick(-1, 0, 1))
        return start + timedelta(seconds=self.rng.randrange(86_400))

    def later(self, moment: datetime) -> datetime:
        """After `moment` by anything from nothing to ten weeks; now and then before it."""
        delay = self.pick(0, 1, 3600, self.rng.randrange(86_400), self.rng.randrange(70 * 86_400), -7200)
        return moment + timedelta(seconds=delay)

    def known(self, occurred: Any) -> datetime:
        """When a fact became known: mostly at once, sometimes weeks later, rarely before it happened."""
        if not isinstance(occurred, datetime):
            day = local_day(occurred, self.zone)
            occurred = self.moment() if day is None else midnight(day, self.zone)
        choice = self.rng.random()
        if choice < 0.6:
            return occurred
        if choice < 0.7:
            return self.moment()
        if choice < 0.75:
            return occurred - timedelta(days=self.rng.randint(1, 30))
        return occurred + timedelta(seconds=self.rng.randrange(45 * 86_400))

    def number(self) -> float:
        """A number with ties, zeros, negatives and more than six decimals among them."""
        return self.pick(
            0.0, 1.0, 1.0, 2.0, 2.5, -1.5, 0.1, 0.2, 0.3, 1e-7, 3.1234565, self.rng.uniform(-50, 500)
        )


def _account(d: Draw) -> dict[str, Any]:
    return {
        "name": d.maybe(d.pick("Acme", "Søn", "")),
        "segment": d.maybe(d.pick("enterprise", "smb")),
        "plan": d.maybe(d.pick("pro", "basic"), 0.5),
        "region": d.maybe("NA"),
        "csm_email": d.maybe("csm@example.com"),
        "parent_account_id": d.maybe("acme", 0.2),
        "start_date": d.maybe(d.date(), 0.6),
        "lifecycle_stage": d.maybe(d.pick("live", "paused"), 0.2),
        "is_internal": d.maybe(d.rng.random() < 0.15, 0.6),
        "employees": d.maybe(d.pick(10.0, 2500.0)),
        "pays by card": d.maybe(d.rng.random() < 0.5),
    }


def _contract(d: Draw) -> dict[str, Any]:
    start = d.date()
    return {
        "contract_id": f"c{d.rng.randrange(60)}",
        "start_date": start,
        "end_date": d.maybe(start + timedelta(days=d.pick(30, 90, 120, d.rng.randint(1, 200)))),
        "arr": d.maybe(d.rng.randrange(1, 10**7) / 100, 0.85),
        "seats": d.maybe(d.pick(0.0, 5.0, 10.0, 250.0)),
        "plan": d.maybe(d.pick("pro", "basic")),
        "product": d.maybe(d.pick("core", "analytics", "Ω add-on"), 0.6),
        "notice_days": d.maybe(d.pick(0.0, 30.0, 60.0, 90.0)),
        "signed_at": d.maybe(d.moment()),
        "cancelled_at": d.maybe(d.moment(), 0.2),
    }


def _event(d: Draw) -> dict[str, Any]:
    return {
        "event": d.pick("login", "export", "Login", "größe"),
        "occurred_at": d.moment(),
        "user_id": d.maybe(d.pick("u1", "u2", "u3", "ü4"), 0.85),
        "feature": d.maybe(d.pick("report", "api", "Report")),
        "team": d.maybe(d.pick("sales", "ops")),
        "quantity": d.maybe(d.number()),
        "is_power_user": d.maybe(d.rng.random() < 0.6),
        "weight": d.maybe(d.number(), 0.5),
        "product": d.maybe(d.pick("core", "analytics", "unsold"), 0.3),
    }


def _metric(d: Draw) -> dict[str, Any]:
    return {"date": d.date(), "metric": d.pick("seats_used", "dau"), "value": d.number()}


def _ticket(d: Draw) -> dict[str, Any]:
    opened = d.moment()
    return {
        "ticket_id": f"t{d.rng.randrange(400)}",
        "opened_at": opened,
        "first_response_at": d.maybe(d.later(opened)),
        "resolved_at": d.maybe(d.later(opened), 0.6),
        "priority": d.maybe(d.pick("p1", "p2", "p3")),
        "kind": d.maybe(d.pick("bug", "question")),
        "escalated_at": d.maybe(d.later(opened), 0.2),
        "reopened": d.maybe(d.pick(0.0, 1.0, 2.0)),
        "csat": d.maybe(d.pick(1.0, 3.0, 4.0, 5.0), 0.5),
        "product": d.maybe(d.pick("core", "analytics"), 0.3),
    }


def _contact(d: Draw) -> dict[str, Any]:
    return {
        "contact_id": f"p{d.rng.randrange(200)}",
        "role": d.maybe(d.pick("sponsor", "champion", "admin", "user"), 0.9),
        "status": d.maybe(d.pick("active", "at_risk", "departed")),
        "valid_from": d.maybe(d.date()),
        "valid_to": d.maybe(d.date(), 0.3),
    }


def _interaction(d: Draw) -> dict[str, Any]:
    return {
        "interaction_id": f"i{d.rng.randrange(400)}",
        "occurred_at": d.moment(),
        "kind": d.maybe(d.pick("meeting", "call", "email")),
        "executive": d.maybe(d.rng.random() < 0.4),
        "attended": d.maybe(d.rng.random() < 0.7),
        "attendees": d.maybe(["ann", "bob"]),
        "response_hours": d.maybe(d.number()),
    }


def _survey(d: Draw) -> dict[str, Any]:
    low, high = d.pick((1.0, 5.0), (0.0, 10.0), (1.0, 7.0), (3.0, 3.0))
    return {
        "response_id": f"s{d.rng.randrange(200)}",
        "answered_at": d.moment(),
        "kind": d.maybe(d.pick("nps", "csat")),
        "score": d.pick(1.0, 2.0, 3.0, 4.0, 5.0),
        "scale_min": d.maybe(low, 0.9),
        "scale_max": d.maybe(high, 0.9),
    }


def _invoice(d: Draw) -> dict[str, Any]:
    issued = d.moment()
    due = issued + timedelta(days=d.pick(0, 14, 30))
    return {
        "invoice_id": f"b{d.rng.randrange(300)}",
        "issued_at": issued,
        "due_at": due,
        "paid_at": d.maybe(d.later(d.pick(issued, due)), 0.6),
        "amount": d.maybe(d.number(), 0.9),
        "failures": d.maybe(d.pick(0.0, 1.0, 3.0)),
    }


def _milestone(d: Draw) -> dict[str, Any]:
    return {"milestone": d.pick("go_live", "first_value"), "reached_at": d.moment()}


def _opportunity(d: Draw) -> dict[str, Any]:
    return {
        "opportunity_id": f"o{d.rng.randrange(200)}",
        "kind": d.maybe(d.pick("renewal", "expansion")),
        "amount": d.maybe(d.number()),
        "created_at": d.moment(),
        "closed_at": d.maybe(d.moment(), 0.5),
        "won": d.maybe(d.rng.random() < 0.5),
    }


def _pulse(d: Draw) -> dict[str, Any]:
    return {"recorded_at": d.moment(), "sponsor_status": d.maybe(d.pick("active", "at_risk", "missing"))}


def _escalation(d: Draw) -> dict[str, Any]:
    opened = d.moment()
    return {
        "escalation_id": f"e{d.rng.randrange(100)}",
        "opened_at": opened,
        "resolved_at": d.maybe(d.later(opened), 0.5),
        "severity": d.maybe(d.pick("high", "low")),
    }


def _goal(d: Draw) -> dict[str, Any]:
    return {
        "goal_id": f"g{d.rng.randrange(100)}",
        "baseline": d.maybe(d.pick(0.0, 10.0), 0.9),
        "target": d.maybe(d.pick(10.0, 40.0), 0.9),
        "measured": d.maybe(d.pick(-5.0, 5.0, 17.0, 60.0), 0.8),
        "due_on": d.maybe(d.date()),
        "confirmed_by": d.maybe("Ann"),
        "confirmed_at": d.maybe(d.moment(), 0.6),
    }


def _reference(d: Draw) -> dict[str, Any]:
    return {
        "occurred_at": d.moment(),
        "kind": d.maybe("case_study"),
        "accepted": d.maybe(d.rng.random() < 0.5),
    }


def _legacy_score(d: Draw) -> dict[str, Any]:
    return {"as_of": d.date(), "score": d.number(), "source": d.maybe(d.pick("old", "older"))}


MAKERS: dict[str, tuple[Callable[[Draw], dict[str, Any]], int]] = {
    "accounts": (_account, 1),
    "contracts": (_contract, 3),
    "events": (_event, 45),
    "metrics": (_metric, 25),
    "tickets": (_ticket, 14),
    "contacts": (_contact, 7),
    "interactions": (_interaction, 10),
    "surveys": (_survey, 7),
    "invoices": (_invoice, 8),
    "milestones": (_milestone, 2),
    "opportunities": (_opportunity, 4),
    "pulses": (_pulse, 4),
    "escalations": (_escalation, 2),
    "goals": (_goal, 4),
    "references": (_reference, 3),
    "legacy_scores": (_legacy_score, 6),
}
"""How a row of each table is drawn, and how many facts an account has about."""
