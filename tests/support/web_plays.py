"""A small workspace, accounts, people and plays for the tests of plays; no week is scored in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from barograph.core.calendar import day_number
from barograph.core.firing import Fired, FiredReport, HeldBack, Incident, transition_key
from barograph.definitions.play import Play
from barograph.workspace import Workspace
from barograph_web.portfolio.models import Account
from barograph_web.users.models import Role, Team, User
from support.web_company import open_in_application

MONDAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
"""A Monday on which work begins."""


def small_place(folder: Path) -> Workspace:
    """An empty workspace in UTC, shown by the application."""
    Workspace.create(folder, name="Small")
    return open_in_application(folder)


@dataclass(frozen=True)
class Desk:
    """carla works on accounts, ned is in her team, lena leads it, otto runs CS Ops."""

    carla: User
    ned: User
    lena: User
    otto: User


def person(name: str, role: Role = Role.CSM, team: Team | None = None) -> User:
    """Somebody with the address name@example.com."""
    return User.objects.create_user(f"{name.lower()}@example.com", name=name, role=role, team=team)


def account(number: int = 1, csm: User | None = None, **more: Any) -> Account:
    """An account named by its number, with 10,000 of revenue."""
    return Account.objects.create(
        account_id=f"A{number}", name=f"Account {number}",
        **({"arr": 10_000.0, "csm_email": csm.email if csm else None} | more),
    )  # fmt: skip


def play(name: str = "rescue", **more: Any) -> Play:
    """A play that At Risk opens, with two steps of the CSM; `more` replaces parts of it."""
    return Play.model_validate(
        {
            "name": name,
            "title": name.title(),
            "trigger": {"on": "tier_entered", "tiers": ["at_risk"]},
            "owner": {"rule": "csm"},
            "cool_down_days": 30,
            "steps": [
                {"name": "read", "title": "Read why", "due_days": 1},
                {"name": "speak", "title": "Speak with them", "due_days": 2, "customer_facing": True},
            ],
            "sla": {"owner_days": 1, "touch_days": 2, "plan_days": 5},
        }
        | more
    )


def firing(account_id: str, week: date = MONDAY, name: str = "rescue", **more: Any) -> Fired:
    """What the library says of an account that entered At Risk in a week."""
    cause = more.get("cause", "")
    said: dict[str, Any] = {
        "play": name, "account_id": account_id, "cause": cause, "day": day_number(week),
        "key": transition_key(name, account_id, day_number(week), cause), "reason": "It fell to At Risk.",
        "evidence": {"tier": "at_risk"}, "tier": "at_risk", "arr": 10_000.0, "priority": 1,
    }  # fmt: skip
    return Fired(**(said | more))


def report(
    *fired: Fired, held: tuple[HeldBack, ...] = (), incident: Incident | None = None, week: date = MONDAY
) -> FiredReport:
    """A week's report of the library."""
    return FiredReport(day_number(week), day_number(week) - 7, "small-v1", (), fired, held, incident)
