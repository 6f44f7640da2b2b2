"""The team's work for those who lead it: figures by person, who is away, and all of somebody's handed over (issue 5, 6;
P10, X2; examples, growth)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from barograph_web.plays import services
from barograph_web.plays.models import Clock, ClockDemand, ClockKind, Task
from barograph_web.users.models import Role, StandIn, User
from barograph_web.work.queries_team import PersonWork, by_person
from support.web_people import People
from support.web_review import TODAY
from support.web_work import NOW, accounts_of, task_for, value_of

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]


def of(user: User, found: list[PersonWork]) -> PersonWork:
    return next(one for one in found if one.person == user)


def breached(task: Task) -> Clock:
    return Clock.objects.create(
        key=f"c{task.pk}", account_id=task.account_id, task=task, kind=ClockKind.RESPONSE, demand=ClockDemand.TASK,
        allowed_hours=8, started_at=NOW - timedelta(days=5), due_at=NOW - timedelta(days=2),
        breached_at=NOW - timedelta(days=2), owner=task.owner,
    )  # fmt: skip


def test_figures_are_those_of_the_tasks(people: People) -> None:
    a, b = accounts_of(people.carla)[:2]
    late, soon = task_for(a, people.carla, due_in=-2), task_for(a, people.carla, due_in=2)
    task_for(b, people.carla, due_in=30)
    task_for(b, people.otto, due_in=1)
    task_for(b, None, due_in=1)
    services.complete(task_for(b, people.carla), by=people.carla, now=NOW)
    clock = breached(late)
    breached(soon)
    Clock.objects.filter(task=soon).update(stopped_at=NOW)
    found = by_person(people.lena, TODAY)
    carla = of(people.carla, found)
    assert (carla.open, carla.overdue, carla.breached, carla.hours) == (3, 1, 1, 2.0)
    assert found[0] == carla, "most overdue first"
    assert of(people.otto, found).open == 1
    (nobody,) = [one for one in found if one.person is None]
    assert (nobody.open, nobody.hours) == (1, 1.0)
    clock.cancelled = True
    clock.save()
    assert of(people.carla, by_person(people.lena, TODAY)).breached == 0


def test_a_clock_of_the_play_counts_for_its_tasks_and_hours_are_the_plays(people: People) -> None:
    account = accounts_of(people.carla)[0]
    run = services.open_play(account, "rescue", by=people.carla, reason="x", now=NOW)
    own = run.tasks.filter(owner=people.carla, due_on__lte=TODAY + timedelta(days=7))
    hours = {step["title"]: step["hours"] for step in run.definition["steps"]}
    carla = of(people.carla, by_person(people.lena, TODAY))
    assert carla.hours == pytest.approx(sum(hours[task.title] for task in own))
    assert carla.hours > 0
    Clock.objects.filter(play_run=run).update(breached_at=NOW, due_at=NOW)
    assert of(people.carla, by_person(people.lena, TODAY)).breached == 1, "it hangs on the first step"
    services.complete(run.tasks.order_by("position")[0], by=people.carla, now=NOW)
    carla = of(people.carla, by_person(people.lena, TODAY))
    assert carla.breached == carla.open == 3, "now it is the play's"


def test_a_lead_sees_the_members_of_the_team_who_have_nothing(people: People) -> None:
    assert of(people.carla, by_person(people.lena, TODAY)) == PersonWork(people.carla, 0, 0, 0, 0.0)
    assert people.anna not in [one.person for one in by_person(people.lena, TODAY)]


def test_who_is_away_is_told_a_week_ahead(people: People, client_of: SignedIn) -> None:
    task_for(accounts_of(people.carla)[0], people.carla)
    begins = TODAY + timedelta(days=5)
    StandIn.objects.create(absent=people.carla, stand_in=people.otto, begins_on=begins, ends_on=begins)
    text = client_of(people.lena).get(reverse("work:team")).content.decode()
    assert "Otto stands in" in text and reverse("work:hand_over_all", args=[people.carla.pk]) in text


def test_all_of_somebodys_work_is_handed_over(people: People, client_of: SignedIn) -> None:
    tasks = [
        task_for(account, people.carla, title=f"Task {n}")
        for n, account in enumerate(accounts_of(people.carla))
    ]
    StandIn.objects.create(
        absent=people.carla, stand_in=people.otto, begins_on=TODAY, ends_on=TODAY + timedelta(days=3)
    )
    client = client_of(people.lena)
    path = reverse("work:hand_over_all", args=[people.carla.pk])
    text = client.get(path).content.decode()
    assert all(task.title in text for task in tasks)
    assert f'value="{people.otto.pk}" selected' in text, "whoever stands in is proposed"
    answer = client.post(path, {"task": value_of(*tasks[:-1]), "to": people.otto.pk, "reason": "Away"})
    assert answer.status_code == 302
    assert set(Task.objects.filter(owner=people.otto)) == set(tasks[:-1])
    tasks[-1].refresh_from_db()
    assert tasks[-1].owner == people.carla, "what was not ticked stays"


def test_what_could_not_be_handed_over_is_said(people: People, client_of: SignedIn) -> None:
    a, b = accounts_of(people.carla)[:2]
    first, second = task_for(a, people.carla, title="First"), task_for(b, people.carla, title="Second")
    values = value_of(first, second)
    services.move(second, due_on=TODAY + timedelta(days=9), reason="x", by=people.carla, now=NOW)
    path = reverse("work:hand_over_all", args=[people.carla.pk])
    answer = client_of(people.lena).post(path, {"task": values, "to": people.ada.pk, "reason": ""})
    text = answer.content.decode()
    assert answer.status_code == 200 and "Handed over: 1. Not done: 1." in text and "Second" in text
    assert f"{second.pk}:2" in text and f"{first.pk}:" not in text
    none = client_of(people.lena).post(path, {"task": values[1:], "to": people.ada.pk})
    assert none.status_code == 409
    for data in ({"task": [], "to": people.ada.pk}, {"task": values}):
        assert client_of(people.lena).post(path, data).status_code == 422
    unseen = client_of(people.lena).post(path, {"task": [f"{second.pk}:2"], "to": people.anna.pk})
    assert unseen.status_code == 422 and "does not see this account" in unseen.content.decode()


def test_a_lead_hands_over_only_what_they_see(people: People, client_of: SignedIn) -> None:
    elsewhere = task_for(accounts_of(people.anna)[0], people.otto, title="Elsewhere")
    path = reverse("work:hand_over_all", args=[people.otto.pk])
    assert "Elsewhere" not in client_of(people.lena).get(path).content.decode()
    client_of(people.lena).post(path, {"task": value_of(elsewhere), "to": people.lena.pk})
    elsewhere.refresh_from_db()
    assert elsewhere.owner == people.otto


def test_queries_do_not_grow_with_people_or_tasks(people: People, client_of: SignedIn) -> None:
    client = client_of(people.ada)
    path = reverse("work:team")
    own = accounts_of(people.carla)

    def counted() -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as found:
            assert client.get(path).status_code == 200
        return len(found)

    task_for(own[0], people.carla)
    before = counted()
    for n in range(12):
        person = User.objects.create_user(f"p{n}@example.com", None, name=f"Person {n}", role=Role.CSM)
        for account in own[:4]:
            breached(task_for(account, person, due_in=n - 5))
        StandIn.objects.create(absent=person, stand_in=people.otto, begins_on=TODAY, ends_on=TODAY)
    assert counted() == before <= 25
