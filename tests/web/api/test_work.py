"""Truth: contract. Programs read tasks, finish them and log touches; the same key writes once, a stale revision gets
what stands, and nobody reaches accounts that they do not see (P4, X1, X2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from barograph_web.ops.workspace import now, today
from barograph_web.plays import services
from barograph_web.plays.models import Clock, Task, Touch
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.visibility import visible_accounts
from support.web_people import People

Program = Callable[..., Any]


@pytest.fixture
def task(people: People) -> Task:
    one = visible_accounts(people.carla, today()).order_by("pk").first()
    return services.add_task(one, title="Call them", owner=people.carla, due_on=today(), source="manual")


def key(text: str) -> dict[str, str]:
    return {"HTTP_IDEMPOTENCY_KEY": text}


def test_tasks_are_those_of_the_accounts_that_the_caller_sees(
    people: People, program: Program, task: Task
) -> None:
    mine = program(people.carla, "read").get("/tasks?mine=true").json()
    assert [(t["id"], t["owner"], t["state"], t["waits"]) for t in mine["items"]] == [
        (task.pk, people.carla.email, "open", None)
    ]
    hidden = Account.objects.exclude(pk__in=visible_accounts(people.carla, today())).first()
    other = services.add_task(hidden, title="Not hers", due_on=today(), source="manual")
    assert program(people.carla, "read").get(f"/tasks/{other.pk}").status_code == 404
    done = program(people.carla, "decide").post(
        f"/tasks/{other.pk}/complete", {"revision": 1}, **key("somebody else's")
    )
    assert done.status_code == 404


def test_a_task_is_finished_once_and_a_stale_revision_gets_what_stands(
    people: People, program: Program, task: Task
) -> None:
    caller, address = program(people.carla, "decide"), f"/tasks/{task.pk}/complete"
    first = caller.post(address, {"revision": 1, "note": "Done"}, **key("finish-one"))
    assert (first.status_code, first.json()["state"]) == (200, "done")
    again = caller.post(address, {"revision": 1, "note": "Done"}, **key("finish-one"))
    assert (again.status_code, again["Idempotent-Replayed"]) == (200, "true")
    stale = caller.post(address, {"revision": 1}, **key("finish-two"))
    assert (stale.status_code, stale.json()["latest"]["state"]) == (409, "done")


def test_a_touch_stops_the_clock_and_is_one_however_often_it_is_sent(
    people: People, program: Program, task: Task
) -> None:
    services.start_clock(
        key="k",
        account_id=task.account_id,
        kind="response",
        demand="touch",
        hours=16,
        at=now() - timedelta(days=1),
    )
    caller = program(people.carla, "decide")
    body = {
        "account_id": task.account_id, "kind": "call", "at": now().isoformat(), "external_id": "crm-1",
    }  # fmt: skip
    sent = caller.post("/touches", body, **key("touch-one"))
    assert (sent.status_code, sent.json()["source"]) == (201, "api")
    caller.post("/touches", body, **key("touch-two"))
    assert Touch.objects.count() == 1
    assert Clock.objects.get().stopped_at is not None
    listed = program(people.carla, "read").get(f"/accounts/{task.account_id}/touches").json()
    assert listed["count"] == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"kind": "telepathy"}, 422),
        ({"at": "2100-01-01T00:00:00Z"}, 422),
        ({"at": "2026-01-01T00:00:00"}, 422),
        ({"account_id": "nobody"}, 404),
    ],
)
def test_a_touch_that_cannot_be_is_refused(
    people: People, program: Program, task: Task, change: dict[str, str], status: int
) -> None:
    body = {"account_id": task.account_id, "kind": "call", "at": now().isoformat()} | change
    assert program(people.carla, "decide").post("/touches", body, **key("a-touch-1")).status_code == status
    assert not Touch.objects.exists()


def test_reading_needs_its_scope_and_writing_its_own(people: People, program: Program, task: Task) -> None:
    assert program(people.carla, "decide").get("/tasks").status_code == 403
    assert program(people.carla, "read").post("/touches", {}, **key("a-touch-2")).status_code == 403
