"""What people do on an account's page: log a touch, open a play, add a task; and the panel that shows all of it
(issue 5, 6; P4, X2; examples, growth)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from barograph_web.plays import holds, services
from barograph_web.plays.models import Clock, ClockDemand, ClockKind, PlayRun, Task, Touch
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.users.models import User
from support.web_people import People
from support.web_review import TODAY
from support.web_work import NOW, accounts_of, task_for

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]


@pytest.fixture
def account(people: People) -> Account:
    return accounts_of(people.carla)[0]


def post(client: Client, name: str, account: Account, **data: str) -> object:
    return client.post(reverse(f"work:{name}", args=[account.account_id]), data)


def page(client: Client, account: Account) -> str:
    answer = client.get(reverse("portfolio:account", args=[account.account_id]))
    assert answer.status_code == 200
    text = answer.content.decode()
    return text[text.index('id="panel-work"') :] if 'id="panel-work"' in text else ""


def test_a_touch_is_logged_in_the_workspaces_zone_and_stops_the_clock(
    people: People, client_of: SignedIn, account: Account
) -> None:
    clock = Clock.objects.create(
        key="t", account_id=account.account_id, kind=ClockKind.RESPONSE, demand=ClockDemand.TOUCH, allowed_hours=8,
        started_at=NOW - timedelta(hours=5), due_at=NOW + timedelta(hours=3),
    )  # fmt: skip
    client = client_of(people.carla)
    assert "customer touch in 3 h" in page(client, account)
    answer = post(
        client, "log_touch", account, kind="call", at=f"{TODAY}T08:30", note="New sponsor is Ms Lee"
    )
    assert answer.status_code == 302 and answer["Location"].endswith("#panel-work")
    touch = Touch.objects.get()
    assert (touch.at, touch.by, touch.source) == (
        datetime(2026, 11, 18, 8, 30, tzinfo=NOW.tzinfo),
        people.carla,
        "app",
    )
    clock.refresh_from_db()
    assert clock.stopped_at == touch.at
    text = page(client, account)
    assert "customer touch" not in text and "Ms Lee" in text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"kind": "call", "at": "2026-11-19T08:30"}, "still to come"),
        ({"kind": "carrier pigeon", "at": "2026-11-18T08:30"}, "carrier pigeon"),
        ({"kind": "call"}, "Say when it was"),
        ({"kind": "call", "at": "yesterday"}, "Write it as"),
    ],
)
def test_a_touch_that_cannot_be_is_refused(
    people: People, client_of: SignedIn, account: Account, data: dict[str, str], words: str
) -> None:
    answer = post(client_of(people.carla), "log_touch", account, **data)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not Touch.objects.exists()


def test_a_play_is_opened_by_hand_once(people: People, client_of: SignedIn, account: Account) -> None:
    client = client_of(people.carla)
    path = reverse("work:open_play", args=[account.account_id])
    assert "Sponsor re-engagement" in client.get(path).content.decode()
    assert post(client, "open_play", account, play="sponsor_re_engagement").status_code == 422
    answer = post(client, "open_play", account, play="sponsor_re_engagement", reason="Sponsor left")
    assert answer.status_code == 302
    run = PlayRun.objects.get()
    assert run.is_manual and run.by == people.carla and run.reason == "Sponsor left"
    text = page(client, account)
    assert run.title in text and all(task.title in text for task in run.tasks.all())
    form = client.get(path).content.decode()
    assert '<option value="sponsor_re_engagement"' not in form, "it is open, and cannot be opened twice"
    again = post(client, "open_play", account, play="sponsor_re_engagement", reason="Again")
    assert again.status_code == 422 and PlayRun.objects.count() == 1
    assert post(client, "open_play", account, play="nothing", reason="x").status_code == 422


def test_a_task_is_added(people: People, client_of: SignedIn, account: Account) -> None:
    client = client_of(people.carla)
    assert post(client, "add_task", account, title="", due_on="").status_code == 422
    data = {
        "title": "Send <slides>",
        "due_on": "2026-12-01",
        "owner": str(people.lena.pk),
        "detail": "The short ones",
    }
    assert post(client, "add_task", account, **data).status_code == 302
    task = Task.objects.get()
    assert (task.owner, task.by, task.source, task.detail) == (
        people.lena,
        people.carla,
        "person",
        "The short ones",
    )
    assert "Send &lt;slides&gt;" in page(client, account)
    blind = post(client, "add_task", account, **{**data, "owner": str(people.anna.pk)})
    assert blind.status_code == 422 and "does not see this account" in blind.content.decode()
    assert Task.objects.count() == 1


@pytest.mark.parametrize("name", ["log_touch", "open_play", "add_task"])
def test_other_peoples_accounts_are_not_there(people: People, client_of: SignedIn, name: str) -> None:
    foreign = Account.objects.exclude(pk__in=visible_accounts(people.carla, TODAY)).first()
    assert foreign is not None
    client = client_of(people.carla)
    assert client.get(reverse(f"work:{name}", args=[foreign.account_id])).status_code == 404
    assert post(client, name, foreign).status_code == 404


def test_the_panel_says_what_waits_and_what_ended(
    people: People, client_of: SignedIn, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = services.open_play(account, "adoption", by=people.carla, reason="Low use", now=NOW)
    services.close_run(run, "succeeded", why="Users are back", by=people.carla, now=NOW)
    task_for(account, None, title="By nobody", due_in=-1)
    monkeypatch.setattr(holds, "HOLDS", [lambda ids: dict.fromkeys(ids, "The pulse says otherwise.")])
    text = page(client_of(people.carla), account)
    assert "Users are back" in text and "By nobody" in text and "nobody yet" in text
    assert "Steps that speak with the customer wait: the pulse says otherwise." in text


def test_who_only_looks_has_no_forms_and_a_guest_no_panel(
    people: People, client_of: SignedIn, account: Account
) -> None:
    task_for(account, people.carla, title="Call")
    seen = page(client_of(people.eve), account)
    assert "Call" in seen and "<form" not in seen.split("</section>")[0] and "/work/tasks/" not in seen
    shared = visible_accounts(people.gus, TODAY).first()
    assert shared is not None
    task_for(shared, people.ada, title="Internal")
    assert page(client_of(people.gus), shared) == ""


def test_queries_of_the_panel_do_not_grow(people: People, client_of: SignedIn, account: Account) -> None:
    client = client_of(people.carla)

    def counted() -> int:
        page(client, account)
        with CaptureQueriesContext(connection) as found:
            page(client, account)
        return len(found)

    services.open_play(account, "rescue", by=people.carla, reason="x", now=NOW)
    task_for(account, people.carla)
    before = counted()
    for play in ("adoption", "renewal", "advocacy", "onboarding"):
        services.open_play(account, play, by=people.carla, reason="x", now=NOW)
    for n in range(20):
        task_for(account, people.lena, due_in=n)
    assert counted() == before
