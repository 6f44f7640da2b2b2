"""The calendar feed: what it holds and what never leaves in it, and its private address, hashed, renewed and withdrawn
(issue 5, 6; RFC 5545 by an independent reader; X2, X4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from barograph_web.ops.models import AuditEvent
from barograph_web.plays import services
from barograph_web.portfolio.models import Standing
from barograph_web.portfolio.weeks import newest_week
from barograph_web.users.models import Role, User
from barograph_web.work import services_calendar
from barograph_web.work.feed import NEUTRAL, sayable
from barograph_web.work.models import CalendarFeed
from support.web_icalendar import Component, parse
from support.web_people import People
from support.web_review import TODAY, monday, planned
from support.web_work import NOW, accounts_of, task_for

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]


def address_of(client: Client) -> str:
    """Makes the feed; the path of its address."""
    text = client.post(reverse("work:make_calendar")).content.decode()
    found = re.search(r'value="http://localhost:8000(/work/feed/[^"]+\.ics)"', text)
    assert found, text
    return found[1]


def read(path: str, **headers: str) -> Component:
    answer = Client().get(path, headers=headers)
    assert answer.status_code == 200 and answer["Content-Type"] == "text/calendar; charset=utf-8"
    return parse(answer.content)


def summaries(path: str) -> dict[str, Component]:
    return {event.one("SUMMARY").text: event for event in read(path).parts}


def test_the_feed_holds_my_due_days_without_signing_in(people: People, client_of: SignedIn) -> None:
    account = accounts_of(people.carla)[0]
    task = task_for(account, people.carla, due_in=3, title="Call; then, write\nto them \\o/")
    asleep = task_for(account, people.carla, due_in=-2, title="Asleep")
    services.snooze(asleep, until=TODAY + timedelta(days=9), reason="Budget", by=people.carla, now=NOW)
    done = task_for(account, people.carla, title="Done")
    services.complete(done, by=people.carla, now=NOW)
    task_for(account, people.lena, title="Not mine")
    task_for(account, people.carla, due_in=-61, title="Long ago")
    company = monday()
    planned(account, company.before, people.carla, due_in=14, step="Meet the board")
    found = summaries(address_of(client_of(people.carla)))
    assert set(found) >= {
        f"{task.title} ({account.name})",
        f"Asleep ({account.name})",
        f"Meet the board ({account.name})",
    }
    assert not [text for text in found if text.startswith(("Done", "Not mine", "Long ago"))]
    event = found[f"{task.title} ({account.name})"]
    assert event.one("DTSTART").day == TODAY + timedelta(days=3)
    assert event.one("UID").text == f"task-{task.pk}@localhost:8000"
    assert event.one("DTSTAMP").instant == NOW and event.one("SEQUENCE").value == "0"
    assert event.one("URL").value == f"http://localhost:8000/work/tasks/{task.pk}/"
    assert found[f"Asleep ({account.name})"].one("DTSTART").day == TODAY + timedelta(days=9), (
        "the day it wakes"
    )
    assert found[f"Asleep ({account.name})"].one("SEQUENCE").value == "1"


def test_nothing_of_scores_tiers_money_reasons_or_comments_leaves(
    people: People, client_of: SignedIn
) -> None:
    account = accounts_of(people.carla)[0]
    Standing.objects.filter(week=newest_week(), account=account).update(
        tier="at_risk", tier_order=0, score=31.4
    )
    type(account).objects.filter(pk=account.pk).update(arr=123_456)
    run = services.open_play(account, "rescue", by=people.carla, reason="Usage fell by SECRETREASON", now=NOW)
    task = run.tasks.filter(owner=people.carla)[0]
    type(task).objects.filter(pk=task.pk).update(detail="SECRETDETAIL")
    client = client_of(people.carla)
    client.post(reverse("work:comment", args=[task.pk]), {"body": "SECRETCOMMENT"})
    body = Client().get(address_of(client)).content.decode().replace("\r\n ", "")
    assert f"Your task ({account.name})" in body, "a step says that the score fell"
    assert "Agree on the plan with the customer" in body, "others are told as they are"
    for secret in ("SECRET", "At Risk", "at_risk", "31.4", "123", "score", "tier", "Rescue"):
        assert secret.lower() not in body.lower().replace(account.name.lower(), ""), secret
    assert {p.name for event in parse(Client().get(address_of(client)).content).parts for p in event.properties} == {
        "UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "URL", "TRANSP", "CLASS",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("Read why the score fell", False),
        ("Lift them a tier", False),
        ("Now at-risk: call", False),
        ("Growth is possible", False),
        ("Plan growth with them", True),
        ("Watch", False),
        ("Watch the demo together", False),
        ("Make them watch the demo", True),
        ("Underscored items and frontiers", True),
    ],
)
def test_a_title_that_speaks_of_standing_is_not_told(title: str, told: bool) -> None:
    labels = {"At Risk", "Watch", "Growth", ""}
    assert sayable(title, labels) == (title if told else NEUTRAL)


def test_an_empty_feed_is_not_an_empty_calendar(people: People, client_of: SignedIn) -> None:
    """RFC 5545, 3.6: a calendar has at least one component."""
    calendar = read(address_of(client_of(people.ada)))
    assert calendar.parts and not calendar.events


def test_the_key_is_shown_once_and_kept_as_a_hash(people: People, client_of: SignedIn) -> None:
    client = client_of(people.carla)
    path = address_of(client)
    key = path.removeprefix("/work/feed/").removesuffix(".ics")
    feed = CalendarFeed.objects.get()
    assert key not in str(vars(feed)) and key.startswith(feed.prefix) and len(feed.prefix) < 20
    page = client.get(reverse("work:calendar")).content.decode()
    assert key not in page and feed.prefix in page
    assert key not in str(list(AuditEvent.objects.values_list("before", "after", "object_label")))


def test_renewing_and_withdrawing_close_the_old_address(people: People, client_of: SignedIn) -> None:
    client = client_of(people.carla)
    first, second = address_of(client), address_of(client)
    assert Client().get(first).status_code == 404 and Client().get(second).status_code == 200
    client.post(reverse("work:withdraw_calendar"))
    assert Client().get(second).status_code == 404
    assert client.post(reverse("work:withdraw_calendar")).status_code == 302, "twice is once"
    assert [e.action for e in AuditEvent.objects.filter(action__startswith="calendar.").order_by("pk")] == [
        "calendar.made", "calendar.withdrawn", "calendar.made", "calendar.withdrawn",
    ]  # fmt: skip


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.EXECUTIVE}])
def test_who_is_out_or_has_no_work_opens_nothing(
    people: People, client_of: SignedIn, change: dict[str, object]
) -> None:
    path = address_of(client_of(people.carla))
    User.objects.filter(pk=people.carla.pk).update(**change)
    assert Client().get(path).status_code == 404


@pytest.mark.parametrize("key", ["x", "baro_cal_", "baro_cal_" + "a" * 43, "baro_cal_" + "a" * 500])
def test_a_wrong_key_opens_nothing(people: People, key: str) -> None:
    assert Client().get(f"/work/feed/{key}.ics").status_code == 404
    assert Client().post(f"/work/feed/{key}.ics").status_code == 405


def test_an_unchanged_feed_is_not_sent_again(people: People, client_of: SignedIn) -> None:
    task = task_for(accounts_of(people.carla)[0], people.carla, due_in=1)
    path = address_of(client_of(people.carla))
    answer = Client().get(path)
    assert "private" in answer["Cache-Control"]
    same = Client().get(path, headers={"If-None-Match": answer["ETag"]})
    assert same.status_code == 304 and same.content == b""
    services.move(task, due_on=TODAY + timedelta(days=5), reason="x", by=people.carla, now=NOW)
    assert Client().get(path, headers={"If-None-Match": answer["ETag"]}).status_code == 200


def test_when_it_was_read_is_noted_once_an_hour(people: People) -> None:
    _, key = services_calendar.make(people.carla, NOW)
    for minutes, noted in ((0, 0), (30, 0), (61, 61)):
        services_calendar.opened_by(key, NOW + timedelta(minutes=minutes))
        assert CalendarFeed.objects.get().read_at == NOW + timedelta(minutes=noted)


def test_queries_do_not_grow(
    people: People, client_of: SignedIn, django_assert_max_num_queries: object
) -> None:
    path = address_of(client_of(people.carla))
    for account in accounts_of(people.carla)[:5]:
        for n in range(10):
            task_for(account, people.carla, due_in=n)
    Client().get(path)
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        assert len(read(path).parts) >= 50
