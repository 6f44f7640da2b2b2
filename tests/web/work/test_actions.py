"""What is done to tasks: each action, what is refused beside the field, stale forms (409) with what stands now, and
many at once of which some fail (issue 5, 6; X2; examples)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from barograph_web.ops.models import AuditEvent
from barograph_web.plays import services
from barograph_web.plays.models import Task, TaskEvent, TaskState
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.users.models import User
from support.web_people import People
from support.web_review import TODAY
from support.web_work import NOW, accounts_of, task_for, value_of

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]
HTMX = {"HX-Request": "true", "HX-Target": "side"}
NEXT_WEEK = (TODAY + timedelta(days=7)).isoformat()


def act(client: Client, do: str, *tasks: Task, htmx: bool = False, **data: str) -> object:
    headers = HTMX if htmx else {}
    return client.post(reverse("work:act", args=[do]), {"task": value_of(*tasks), **data}, headers=headers)


@pytest.mark.parametrize(
    ("do", "data", "state"),
    [
        ("complete", {"note": "They signed"}, TaskState.DONE),
        ("complete", {}, TaskState.DONE),
        ("snooze", {"until": NEXT_WEEK, "reason": "Their budget"}, TaskState.SNOOZED),
        ("drop", {"reason": "They left"}, TaskState.DROPPED),
        ("move", {"due_on": NEXT_WEEK, "reason": "They asked"}, TaskState.OPEN),
        ("take", {}, TaskState.OPEN),
    ],
)
def test_each_action_is_done_said_and_audited(
    people: People, client_of: SignedIn, do: str, data: dict[str, str], state: str
) -> None:
    task = task_for(accounts_of(people.carla)[0], people.lena)
    client = client_of(people.carla)
    form = client.get(reverse("work:act", args=[do]), {"task": value_of(task)})
    assert form.status_code == 200 and task.title in form.content.decode()
    answer = act(client, do, task, **data)
    assert answer.status_code == 302 and answer["Location"] == "/work/"
    assert task.title in str(next(iter(get_messages(answer.wsgi_request))))
    task.refresh_from_db()
    assert (task.state, task.revision) == (state, 2)
    assert TaskEvent.objects.filter(task=task, revision=2, by=people.carla).exists()
    assert AuditEvent.objects.filter(
        object_type="plays.task", object_id=str(task.pk), actor=people.carla
    ).exists()


def test_a_snoozed_task_is_woken_and_a_task_handed_over(people: People, client_of: SignedIn) -> None:
    task = task_for(accounts_of(people.carla)[0], people.carla)
    client = client_of(people.carla)
    act(client, "snooze", task, until=NEXT_WEEK, reason="Budget")
    task.refresh_from_db()
    act(client, "wake", task)
    task.refresh_from_db()
    assert task.state == TaskState.OPEN and task.snoozed_until is None
    act(client, "hand-over", task, to=str(people.lena.pk), reason="Please")
    task.refresh_from_db()
    assert task.owner == people.lena
    assert "gave it to Lena" in client.get(reverse("work:task", args=[task.pk])).content.decode()


@pytest.mark.parametrize(
    ("do", "data", "words"),
    [
        ("snooze", {"until": NEXT_WEEK}, "Say why"),
        ("snooze", {"reason": "x"}, "Say until when"),
        ("snooze", {"until": TODAY.isoformat(), "reason": "x"}, "after today"),
        ("snooze", {"until": "soon", "reason": "x"}, "Write the day as"),
        ("drop", {"reason": " "}, "Say why"),
        ("move", {"due_on": NEXT_WEEK}, "Say why"),
        ("hand-over", {}, "Say who takes it"),
        ("hand-over", {"to": "999999"}, "do not work on accounts"),
    ],
)
@pytest.mark.parametrize("htmx", [True, False])
def test_what_to_change_is_said_beside_the_field(
    people: People, client_of: SignedIn, do: str, data: dict[str, str], words: str, htmx: bool
) -> None:
    task = task_for(accounts_of(people.carla)[0], people.carla)
    answer = act(client_of(people.carla), do, task, htmx=htmx, **data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert ("<html" in answer.content.decode()) != htmx
    task.refresh_from_db()
    assert task.revision == 1


def test_a_stale_form_is_refused_with_what_stands_now(people: People, client_of: SignedIn) -> None:
    task = task_for(accounts_of(people.carla)[0], people.carla)
    services.move(task, due_on=date(2026, 12, 24), reason="They asked", by=people.lena, now=NOW)
    answer = act(client_of(people.carla), "complete", task, note="done")
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody changed it meanwhile: it is open, due 2026-12-24, and Carla has it." in text
    assert f'value="{task.pk}:2"' in text and "Complete anyway" in text
    fresh = Task.objects.get(pk=task.pk)
    assert fresh.state == TaskState.OPEN, "nothing was written"
    assert act(client_of(people.carla), "complete", fresh).status_code == 302, (
        "sent again it is done over that"
    )


def test_what_is_finished_already_is_said_and_not_offered_again(people: People, client_of: SignedIn) -> None:
    task = task_for(accounts_of(people.carla)[0], people.carla)
    services.complete(task, by=people.lena, now=NOW)
    answer = act(client_of(people.carla), "drop", task, htmx=True, reason="x")
    text = answer.content.decode()
    assert answer.status_code == 409 and "It is done already" in text
    assert "<form" not in text and answer["HX-Trigger"] == "work-changed"


def test_of_many_some_fail_and_it_is_said_of_each(people: People, client_of: SignedIn) -> None:
    a, b, c = accounts_of(people.carla)[:3]
    fine = task_for(a, people.carla, title="Fine")
    moved, gone = task_for(b, people.carla, title="Moved"), task_for(c, people.carla, title="Gone")
    values = value_of(fine, moved, gone)
    services.move(moved, due_on=date(2026, 12, 24), reason="They asked", by=people.lena, now=NOW)
    services.complete(gone, by=people.lena, now=NOW)
    answer = client_of(people.carla).post(
        reverse("work:act", args=["snooze"]),
        {"task": values, "until": NEXT_WEEK, "reason": "Holiday"},
        headers=HTMX,
    )
    text = answer.content.decode()
    assert answer.status_code == 200 and answer["HX-Trigger"] == "work-changed"
    assert "Snoozed: 1. Not done: 2." in text
    for title, account in (("Moved", b), ("Gone", c)):
        assert title in text and account.name in text
    assert "Fine" not in text, "what was done needs no words"
    assert Task.objects.get(pk=fine.pk).state == TaskState.SNOOZED
    assert Task.objects.get(pk=moved.pk).state == TaskState.OPEN
    assert text.count('name="task"') == 1 and f'value="{moved.pk}:2"' in text, "only what can still be done"
    assert "Holiday" in text, "what was typed is kept"


def test_many_are_done_at_once(people: People, client_of: SignedIn) -> None:
    tasks = [task_for(account, people.carla) for account in accounts_of(people.carla)[:5]]
    answer = act(client_of(people.carla), "complete", *tasks, htmx=True, note="Quarter closed")
    assert "Completed: 5 tasks." in answer.content.decode()
    assert set(Task.objects.filter(pk__in=[t.pk for t in tasks]).values_list("state", flat=True)) == {
        TaskState.DONE
    }


def test_nobody_is_given_what_they_do_not_see(people: People, client_of: SignedIn) -> None:
    own, foreign = accounts_of(people.anna)[0], None
    foreign = Account.objects.exclude(pk__in=visible_accounts(people.anna, TODAY)).first()
    assert foreign is not None
    seen, unseen = task_for(own, people.ada, title="Seen"), task_for(foreign, people.ada, title="Unseen")
    answer = act(client_of(people.ada), "hand-over", seen, unseen, to=str(people.anna.pk))
    text = answer.content.decode()
    assert "Handed over: 1. Not done: 1." in text and "Anna does not see this account" in text
    seen.refresh_from_db()
    unseen.refresh_from_db()
    assert (seen.owner, unseen.owner) == (people.anna, people.ada)
    alone = act(client_of(people.ada), "hand-over", unseen, to=str(people.anna.pk), htmx=True)
    assert alone.status_code == 422


def test_tasks_of_others_accounts_are_left_out(people: People, client_of: SignedIn) -> None:
    foreign = Account.objects.exclude(pk__in=visible_accounts(people.carla, TODAY)).first()
    assert foreign is not None
    secret = task_for(foreign, people.otto, title="Secret")
    client = client_of(people.carla)
    path = reverse("work:act", args=["complete"])
    for answer in (act(client, "complete", secret), client.get(path, {"task": value_of(secret)})):
        assert answer.status_code == 302 and "Secret" not in answer.content.decode()
    assert client.get(reverse("work:task", args=[secret.pk])).status_code == 404
    assert client.post(reverse("work:comment", args=[secret.pk]), {"body": "x"}).status_code == 404
    secret.refresh_from_db()
    assert secret.state == TaskState.OPEN


@pytest.mark.parametrize("values", [[], ["x"], ["1"], ["1:"], ["9" * 40 + ":1"], ["-1:2"], ["1:2; drop"]])
def test_a_form_without_a_task_says_so(people: People, client_of: SignedIn, values: list[str]) -> None:
    client = client_of(people.carla)
    answer = client.get(reverse("work:act", args=["complete"]), {"task": values}, headers=HTMX)
    assert answer.status_code == 422 and "Choose at least one task" in answer.content.decode()
    assert client.post(reverse("work:act", args=["complete"]), {"task": values}).status_code == 302


def test_an_action_that_there_is_not(people: People, client_of: SignedIn) -> None:
    assert client_of(people.carla).get(reverse("work:act", args=["delete"])).status_code == 404


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "work/", "/\\evil.example"]
)
def test_the_way_back_stays_in_the_application(people: People, client_of: SignedIn, wanted: str) -> None:
    task = task_for(accounts_of(people.carla)[0], people.carla)
    answer = act(client_of(people.carla), "complete", task, next=wanted)
    assert answer["Location"] == "/work/"


def test_the_way_back_keeps_the_filters(people: People, client_of: SignedIn) -> None:
    task = task_for(accounts_of(people.carla)[0], people.carla)
    answer = act(client_of(people.carla), "complete", task, next="/work/?due=overdue&page=2")
    assert answer["Location"] == "/work/?due=overdue&page=2"


def test_the_page_of_a_task_has_its_play_its_steps_and_its_history(
    people: People, client_of: SignedIn
) -> None:
    account = accounts_of(people.carla)[0]
    run = services.open_play(account, "rescue", by=people.carla, reason="Usage <halved> in a month", now=NOW)
    first = run.tasks.order_by("position")[0]
    client = client_of(people.carla)
    for headers in ({}, HTMX):
        text = client.get(reverse("work:task", args=[first.pk]), headers=headers).content.decode()
        assert "Usage &lt;halved&gt; in a month" in text and account.name in text
        for step in run.tasks.all():
            assert step.title in text
        assert ("<html" in text) == (not headers)
