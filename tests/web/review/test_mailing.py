"""Minutes by mail (R1: a document to send): only by the worker, only to people who may read them, each once. Truth:
what a real mail server on this machine was given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email import message_from_bytes, policy

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from barograph_web.ops import worker
from barograph_web.ops.models import AuditEvent, Run, RunKind, RunState
from barograph_web.options import OPTIONS, Options
from barograph_web.review import mailing, services
from barograph_web.review.documents import review_document
from barograph_web.review.models import Minutes
from barograph_web.review.page import ReviewPage
from barograph_web.review.scopes import scope_of
from barograph_web.users.models import User
from support.web_people import People
from support.web_receiver import Mailbox, mail_server
from support.web_review import TODAY, monday

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]


@pytest.fixture
def smtp(settings: object) -> Iterator[Mailbox]:
    """A mail server that the settings name."""
    with mail_server() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port  # type: ignore[attr-defined]
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False  # type: ignore[attr-defined]
        settings.EMAIL_HOST_USER = ""  # type: ignore[attr-defined]
        _named(f"smtp://127.0.0.1:{running.port}")
        yield running


@pytest.fixture(autouse=True)
def _settings_again() -> Iterator[None]:
    before = settings.OPTIONS_IN_FORCE
    yield
    settings.OPTIONS_IN_FORCE = before


def _named(mail_url: str) -> None:
    values = {option.name: option.default for option in OPTIONS} | {"mail_url": mail_url}
    settings.OPTIONS_IN_FORCE = Options(values, dict.fromkeys(values, "default"))


@pytest.fixture
def minutes(people: People) -> Minutes:
    """Minutes of all accounts, closed by the administrator."""
    week = monday().week
    page = ReviewPage(people.ada, week, scope_of(people.ada, TODAY, {"scope": "all"}), "attention", TODAY)
    document = review_document(page, week.projected_at, closed=True)
    return services.close_review(week, page.scope.words, document, by=people.ada)


def test_the_worker_sends_them_to_those_who_were_chosen(
    people: People, minutes: Minutes, smtp: Mailbox, client_of: SignedIn
) -> None:
    client, path = client_of(people.ada), reverse("review:minutes_send", args=[minutes.pk])
    assert client.post(path, {"to": [people.otto.pk, people.eve.pk]}).status_code == 302
    assert smtp.mails == [], "nothing is sent in the request"
    assert worker.work_off() == [RunState.DONE, RunState.DONE]
    assert sorted(str(message["To"]) for message in smtp.mails) == [people.eve.email, people.otto.email]
    message = message_from_bytes(smtp.mails[0].as_bytes(), policy=policy.default)
    assert "minutes" in message["Subject"]
    text = message.get_body(("plain",))
    assert text is not None
    assert minutes.document["entries"][0]["name"] in text.get_content()
    assert f"/review/minutes/{minutes.pk}/" in text.get_content()
    [page] = message.iter_attachments()
    assert page.get_content_type() == "text/html"
    assert page.get_filename() == f"review-{minutes.week}-minutes.html"
    assert "Content-Security-Policy" in page.get_content()
    event = AuditEvent.objects.get(action="minutes.sent")
    assert event.after == {"to": [f"{p.name} <{p.email}>" for p in (people.eve, people.otto)]}

    shown = client.get(reverse("review:minutes", args=[minutes.pk])).content.decode()
    assert shown.count("· sent ") == 2
    client.post(path, {"to": [people.otto.pk]})
    assert worker.work_off() == []
    assert len(smtp.mails) == 2, "asked twice, sent once"


def test_a_server_that_refuses_is_said_and_tried_again(
    people: People, minutes: Minutes, smtp: Mailbox, client_of: SignedIn
) -> None:
    client, path = client_of(people.ada), reverse("review:minutes_send", args=[minutes.pk])
    smtp.refuse = "550 no such mailbox"
    client.post(path, {"to": [people.otto.pk]})
    assert worker.work_off() == [RunState.FAILED]
    shown = client.get(reverse("review:minutes", args=[minutes.pk])).content.decode()
    assert "no such mailbox" in shown
    assert f'value="{people.otto.pk}"' in shown, "it can be chosen again"
    smtp.refuse = ""
    client.post(path, {"to": [people.otto.pk]})
    assert worker.work_off() == [RunState.DONE]
    assert [message["To"] for message in smtp.mails] == [people.otto.email]


def test_only_those_who_may_read_them_can_be_chosen(
    people: People, minutes: Minutes, smtp: Mailbox, client_of: SignedIn
) -> None:
    shown = client_of(people.ada).get(reverse("review:minutes", args=[minutes.pk])).content.decode()
    offered = {user.pk for user in people.all() if f'name="to" value="{user.pk}"' in shown}
    assert offered == {people.otto.pk, people.eve.pk, people.ada.pk}, "the others see a part of the accounts"
    path = reverse("review:minutes_send", args=[minutes.pk])
    for chosen in ([people.carla.pk], [people.gus.pk, people.otto.pk], [999_999], []):
        client_of(people.ada).post(path, {"to": chosen})
    assert not Run.objects.filter(kind=RunKind.MINUTES).exists()
    people.eve.is_active = False
    people.eve.save()
    assert people.eve.pk not in {one.user.pk for one in mailing.recipients(minutes, TODAY)}


def test_who_lost_the_right_before_the_worker_came_gets_nothing(
    people: People, minutes: Minutes, smtp: Mailbox
) -> None:
    mailing.send(minutes, [people.otto.pk], people.ada)
    people.otto.is_active = False
    people.otto.save()
    assert worker.work_off() == [RunState.FAILED]
    assert smtp.mails == []


def test_without_a_mail_server_the_page_says_so(
    people: People, minutes: Minutes, client_of: SignedIn
) -> None:
    _named("")
    client = client_of(people.ada)
    shown = client.get(reverse("review:minutes", args=[minutes.pk])).content.decode()
    assert "No mail server is set up" in shown
    client.post(reverse("review:minutes_send", args=[minutes.pk]), {"to": [people.otto.pk]})
    assert not Run.objects.filter(kind=RunKind.MINUTES).exists()
    assert mail.outbox == []
