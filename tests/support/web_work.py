"""Tasks of the seeded company for the tests of "My work", on a Wednesday of its newest week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from barograph_web.plays import services
from barograph_web.plays.models import Task
from barograph_web.portfolio.models import Account
from barograph_web.users.models import User
from support.web_review import TODAY

NOW = datetime(TODAY.year, TODAY.month, TODAY.day, 10, 0, tzinfo=UTC)


def stop_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is 10:00 on that Wednesday."""
    monkeypatch.setattr("barograph_web.ops.workspace.today", lambda: TODAY)
    monkeypatch.setattr("barograph_web.ops.workspace.now", lambda: NOW)


def accounts_of(user: User) -> list[Account]:
    """The accounts of a CSM or account manager, by id."""
    own = Account.objects.filter(csm_email=user.email) | Account.objects.filter(am_email=user.email)
    return list(own.filter(is_current=True).order_by("account_id"))


def task_for(
    account: Account, owner: User | None, *, due_in: int = 0, title: str = "Call the sponsor", **more: Any
) -> Task:
    """A task that is due so many days from that Wednesday."""
    return services.add_task(
        account,
        title=title,
        owner=owner,
        due_on=TODAY + timedelta(days=due_in),
        source="person",
        now=NOW,
        **more,
    )


def value_of(*tasks: Task) -> list[str]:
    """Tasks as a form sends them: "12:3"."""
    return [f"{task.pk}:{task.revision}" for task in tasks]
