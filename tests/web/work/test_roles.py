"""Every address of the app by every role (X2; permission)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from barograph_web.portfolio.models import Account
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.users.models import Role, User
from support.web_people import People
from support.web_review import TODAY
from support.web_work import task_for, value_of

pytestmark = pytest.mark.django_db
WORKERS = {Role.CSM, Role.ACCOUNT_MANAGER, Role.LEADER, Role.OPS, Role.ADMINISTRATOR}
LEADS = {Role.LEADER, Role.ADMINISTRATOR}
ADDRESSES = [
    ("get", "list", [], {}, WORKERS),
    ("get", "export", [], {}, WORKERS),
    ("post", "save_view", [], {"name": "x", "query": ""}, WORKERS),
    ("get", "task", ["TASK"], {}, WORKERS),
    ("post", "comment", ["TASK"], {"body": "Fine"}, WORKERS),
    ("get", "act", ["complete"], {"task": "TASK"}, WORKERS),
    ("post", "act", ["snooze"], {"task": "TASK", "until": "2026-12-24", "reason": "x"}, WORKERS),
    ("get", "team", [], {}, LEADS),
    ("get", "hand_over_all", ["ME"], {}, LEADS),
    ("get", "calendar", [], {}, WORKERS),
    ("post", "make_calendar", [], {}, WORKERS),
    ("post", "withdraw_calendar", [], {}, WORKERS),
    ("get", "log_touch", ["ACCOUNT"], {}, WORKERS),
    ("post", "log_touch", ["ACCOUNT"], {"kind": "call", "at": "2026-11-18T08:00"}, WORKERS),
    ("get", "open_play", ["ACCOUNT"], {}, WORKERS),
    ("get", "add_task", ["ACCOUNT"], {}, WORKERS),
    ("post", "add_task", ["ACCOUNT"], {"title": "x", "due_on": "2026-12-24"}, WORKERS),
]


@pytest.mark.parametrize(
    ("method", "name", "parts", "data", "allowed"), ADDRESSES, ids=[f"{a[0]} {a[1]}" for a in ADDRESSES]
)
def test_every_address_by_every_role(
    people: People,
    client_of: Callable[[User], Client],
    method: str,
    name: str,
    parts: list[str],
    data: dict[str, str],
    allowed: set[str],
) -> None:
    for person in people.all():
        account = visible_accounts(person, TODAY).first() or Account.objects.all()[0]
        task = task_for(account, None)
        known = {"TASK": task.pk, "ME": person.pk, "ACCOUNT": account.account_id}
        path = reverse(f"work:{name}", args=[known.get(part, part) for part in parts])
        sent = {key: value_of(task) if value == "TASK" else value for key, value in data.items()}
        status = getattr(client_of(person), method)(path, sent).status_code
        told = f"{person.role} {method} {path}: {status}"
        assert (status in (200, 302)) if person.role in allowed else (status == 403), told
        signed_out = getattr(Client(), method)(path, sent)
        assert signed_out.status_code == 302 and "/sign-in/" in signed_out["Location"]


def test_the_header_has_the_section_for_those_who_work(
    people: People, client_of: Callable[[User], Client]
) -> None:
    for person in people.all():
        text = client_of(person).get(reverse("users:me")).content.decode()
        assert (">My work</a>" in text) == (person.role in WORKERS)
        if person.role in WORKERS:
            assert text.index(">Review</a>") < text.index(">My work</a>") < text.index(">Portfolio</a>")
