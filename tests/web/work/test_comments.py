"""Comments: written once, escaped, whoever is named is told, and erased for good (issue 5, 6; X4; examples)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from barograph_web.alerts.models import Event
from barograph_web.ops.erasure import USERS, erase
from barograph_web.ops.models import AuditEvent
from barograph_web.plays.errors import RefusedError
from barograph_web.plays.models import Task
from barograph_web.portfolio.erasure import CONTACTS
from barograph_web.portfolio.models import Account, AccountFact, FactKind, GuestGrant
from barograph_web.portfolio.visibility import people_who_see, visible_accounts
from barograph_web.users.models import Role, StandIn, Team, User
from barograph_web.work import services
from barograph_web.work.models import Comment, Mention
from support.web_people import People
from support.web_review import TODAY
from support.web_work import NOW, accounts_of, task_for

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]
EVIL = "<script>alert('x')</script>"


@pytest.fixture
def task(people: People) -> Task:
    return task_for(accounts_of(people.carla)[0], people.carla)


def write(client: Client, task: Task, body: str, htmx: bool = False) -> object:
    headers = {"HX-Request": "true", "HX-Target": "comments"} if htmx else {}
    return client.post(reverse("work:comment", args=[task.pk]), {"body": body}, headers=headers)


def test_who_is_named_is_told_once_and_shown(people: People, client_of: SignedIn, task: Task) -> None:
    client = client_of(people.carla)
    answer = write(client, task, f"@lena and @Otto, please look. {EVIL} @Lena")
    assert answer.status_code == 302
    (event,) = Event.objects.filter(kind="mention.made")
    assert event.account_id == task.account_id
    assert event.payload["to_emails"] == [people.lena.email, people.otto.email]
    assert event.payload["by"] == "Carla" and event.payload["where"] == task.title
    assert event.payload["excerpt"].startswith("@Lena and @Otto, please look.")
    text = client.get(reverse("work:task", args=[task.pk])).content.decode()
    assert '<b class="mention">@Lena</b> and <b class="mention">@Otto</b>' in text
    assert EVIL not in text and "&lt;script&gt;" in text
    written = AuditEvent.objects.get(action="comment.written")
    assert written.after == {"characters": 63, "named": 2} and "please" not in str(written.after)


def test_naming_oneself_tells_nobody(people: People, client_of: SignedIn, task: Task) -> None:
    write(client_of(people.carla), task, "@Carla remember")
    assert not Event.objects.filter(kind="mention.made").exists()
    assert Mention.objects.get().user == people.carla


def test_who_does_not_see_the_account_cannot_be_named(
    people: People, client_of: SignedIn, task: Task
) -> None:
    own = set(visible_accounts(people.anna, TODAY).values_list("account_id", flat=True))
    assert task.account_id not in own, "the company gives Anna other accounts"
    write(client_of(people.carla), task, "@Anna @Gus @Eve look")
    assert not Mention.objects.exists() and not Event.objects.filter(kind="mention.made").exists()


def test_a_name_of_two_is_asked_back_with_what_was_typed(
    people: People, client_of: SignedIn, task: Task
) -> None:
    User.objects.create_user("l2@example.com", None, name="Lena", role=Role.OPS)
    answer = write(client_of(people.carla), task, "@Lena please", htmx=True)
    text = answer.content.decode()
    assert (
        answer.status_code == 422 and "write the whole name or the address" in text and "@Lena please" in text
    )
    assert not Comment.objects.exists()
    write(client_of(people.carla), task, "@lena@example.com please")
    assert Mention.objects.get().user == people.lena


@pytest.mark.parametrize("body", ["", "   \n", "x" * 4001])
def test_an_empty_or_endless_comment_is_refused(
    people: People, client_of: SignedIn, task: Task, body: str
) -> None:
    assert write(client_of(people.carla), task, body).status_code == 422
    account = Account.objects.get(account_id=task.account_id)
    with pytest.raises(RefusedError):
        services.write_comment(task, account, by=people.carla, body=body, now=NOW, today=TODAY)
    assert not Comment.objects.exists()


def test_erasing_empties_it_for_its_author_and_administrators_only(
    people: People, client_of: SignedIn, task: Task
) -> None:
    write(client_of(people.carla), task, "Ring Mrs Smith, @Lena")
    comment = Comment.objects.get()
    path = reverse("work:erase_comment", args=[comment.pk])
    assert client_of(people.lena).post(path).status_code == 403
    assert client_of(people.carla).post(path).status_code == 302
    comment.refresh_from_db()
    assert (comment.body, comment.erased_at) == ("", NOW)
    assert not Mention.objects.exists()
    assert "Erased." in client_of(people.carla).get(reverse("work:task", args=[task.pk])).content.decode()
    assert client_of(people.ada).post(path).status_code == 302, "twice is once"
    assert AuditEvent.objects.filter(action="comment.erased").count() == 1


def test_somebody_who_is_erased_is_in_no_comment_any_more(
    people: People, client_of: SignedIn, task: Task
) -> None:
    write(client_of(people.lena), task, "@Otto please")
    write(client_of(people.otto), task, "done")
    erase(USERS, str(people.otto.pk), NOW, by=people.ada, reason="asked")
    text = client_of(people.carla).get(reverse("work:task", args=[task.pk])).content.decode()
    assert "Otto" not in text and f"Former user {people.otto.pk}" in text


def test_names_in_what_was_typed_go_with_the_person(people: People, client_of: SignedIn, task: Task) -> None:
    contact = AccountFact.objects.filter(kind=FactKind.CONTACT, account_id=task.account_id).first()
    assert contact is not None
    name = contact.data["name"]
    people.otto.name = "Otto Lindqvist"
    people.otto.save()
    write(client_of(people.carla), task, f"{name} rang, and Otto Lindqvist answered")
    erase(USERS, str(people.otto.pk), NOW, by=people.ada, reason="asked")
    assert Comment.objects.get().body == f"{name} rang, and Former user {people.otto.pk} answered"
    erase(CONTACTS, str(contact.pk), NOW, by=people.ada, reason="asked")
    assert name not in Comment.objects.get().body and "answered" in Comment.objects.get().body


def test_queries_of_a_task_do_not_grow_with_what_is_said(
    people: People, client_of: SignedIn, task: Task
) -> None:
    client = client_of(people.carla)
    path = reverse("work:task", args=[task.pk])

    def counted() -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as found:
            assert client.get(path).status_code == 200
        return len(found)

    write(client, task, "@Lena one")
    before = counted()
    for n in range(15):
        write(client, task, f"@Otto and @Ada, number {n}")
    assert counted() == before <= 35


def test_who_sees_an_account_is_the_other_way_round_of_what_somebody_sees(people: People) -> None:
    north = people.carla.team
    assert north is not None
    parent = Team.objects.create(name="All teams")
    north.parent = parent
    north.save()
    boss = User.objects.create_user("boss@example.com", None, name="Boss", role=Role.LEADER, team=parent)
    free = User.objects.create_user("free@example.com", None, name="Free", role=Role.LEADER)
    away = User.objects.create_user("away@example.com", None, name="Away", role=Role.CSM)
    StandIn.objects.create(absent=people.carla, stand_in=away, begins_on=TODAY, ends_on=TODAY)
    User.objects.create_user("gone@example.com", None, name="Gone", role=Role.OPS, is_active=False)
    carlas = accounts_of(people.carla)[0]
    GuestGrant.objects.create(guest=people.gus, account_id=carlas.account_id, until=TODAY, granted_by="Lena")
    found = [*Account.objects.all()[:40], carlas]
    everybody = list(User.objects.all())
    for account in found:
        told = set(people_who_see(account, TODAY))
        assert told == {u for u in everybody if visible_accounts(u, TODAY).filter(pk=account.pk).exists()}
    assert {boss, free, away, people.gus} <= set(people_who_see(carlas, TODAY))
