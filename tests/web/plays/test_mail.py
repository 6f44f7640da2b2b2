"""Truth: reading from a local server. A mail that one of us sends to a contact is one touch of that account, however
often it is read and whenever the worker dies; of its text nothing is fetched (P4, X4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings

from barograph.errors import UsageError
from barograph_web.options import Options
from barograph_web.plays.mail import accounts_of, check_mailbox, look_into_box, parsed
from barograph_web.plays.models import ReceivedMail, Touch
from barograph_web.portfolio.models import AccountFact
from support.web_imap import Box, serving
from support.web_plays import NOW, Desk, account

MAIL = """From: Carla <Carla@example.com>
To: Pat <pat@acme.test>, lena@example.com
Cc: touches@ours.test
Subject: =?utf-8?q?Caf=C3=A9_plan?=
Date: Mon, 16 Nov 2026 08:30:00 +0000
Message-ID: <one@example.com>

The secret text of the mail."""


def contact(account_id: str, address: str) -> None:
    AccountFact.objects.create(
        account_id=account_id,
        kind="contacts",
        key=address,
        digest="d",
        data={"email": address, "name": "Pat"},
    )


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> object:
    def use(box: Box, password: str = "secret") -> None:  # noqa: S107 - of the server in this process
        options = {
            "touch_mailbox": f"imap://box:{password}@127.0.0.1:{box.port}/INBOX",
            "touch_mail_domains": (),
        }
        kept = Options({**settings.OPTIONS_IN_FORCE.values, **options}, settings.OPTIONS_IN_FORCE.sources)
        monkeypatch.setattr(settings, "OPTIONS_IN_FORCE", kept)

    return use


def test_a_copied_mail_is_one_touch_of_the_contacts_account(desk: Desk, mailbox: object) -> None:
    account(1, desk.carla)
    contact("A1", "pat@acme.test")
    with serving(Box(MAIL)) as box:
        mailbox(box)
        assert look_into_box(NOW) == 1
        assert look_into_box(NOW) == 0
    touch = Touch.objects.get()
    assert (touch.account_id, touch.by, touch.source, touch.note) == ("A1", desk.carla, "mail", "Café plan")
    assert touch.at == NOW - timedelta(minutes=30)
    assert box.seen == {1}
    assert all("TEXT" not in asked and "BODY.PEEK[HEADER" in asked for asked in box.asked if "FETCH" in asked)


def test_a_worker_that_dies_before_it_marks_reads_the_mail_again_and_logs_nothing_twice(
    desk: Desk, mailbox: object
) -> None:
    account(1, desk.carla)
    contact("A1", "pat@acme.test")
    with serving(Box(MAIL)) as box:
        mailbox(box)
        box.drop_before_mark = True
        look_into_box(NOW)
        assert box.seen == set()
        box.drop_before_mark = False
        assert look_into_box(NOW) == 0
        assert box.seen == {1}
    assert Touch.objects.count() == 1
    assert ReceivedMail.objects.get().accounts == 1


def test_a_mail_of_somebody_else_is_no_touch(desk: Desk, mailbox: object) -> None:
    account(1, desk.carla)
    contact("A1", "pat@acme.test")
    with serving(Box(MAIL.replace("Carla@example.com", "pat@acme.test"))) as box:
        mailbox(box)
        assert look_into_box(NOW) == 0
    assert ReceivedMail.objects.get().accounts == 0


def test_a_wrong_password_and_a_dead_server_are_said_and_change_nothing(
    desk: Desk, mailbox: object, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(Box(MAIL)) as box:
        mailbox(box, password="wrong")  # noqa: S106 - of the server in this process
        assert look_into_box(NOW) == 0
    mailbox(box)
    assert look_into_box(NOW) == 0
    assert len([r for r in caplog.records if r.name == "barograph.mail"]) == 2
    assert "wrong" not in caplog.text


def test_addresses_match_by_contact_else_by_a_domain_of_one_account(desk: Desk) -> None:
    for account_id, address in (
        ("A1", "pat@acme.test"), ("A1", "kim@acme.test"), ("A2", "lee@gmail.com"), ("A3", "a@shared.test"),
        ("A4", "b@shared.test"),
    ):  # fmt: skip
        contact(account_id, address)
    assert accounts_of(("pat@acme.test",)) == {"A1"}
    assert accounts_of(("new@acme.test",)) == {"A1"}, "the domain is one account's"
    assert accounts_of(("lee@gmail.com",)) == {"A2"}
    assert accounts_of(("other@gmail.com",)) == set(), "a provider's domain says nothing"
    assert accounts_of(("b@shared.test",)) == {"A4"}
    assert accounts_of(("c@shared.test",)) == set(), "two accounts share the domain"
    assert accounts_of(("carla@example.com",)) == set()


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe\x00", b"From: \r\n\r\n", b"From: nobody\r\n\r\n", b"Subject: x\r\n\r\n"]
)
def test_a_mail_without_a_sender_is_none(raw: bytes) -> None:
    assert parsed(raw) is None


def test_a_mail_without_id_or_with_a_broken_date_is_still_one_mail() -> None:
    raw = b"From: a@b.test\r\nDate: yesterday\r\n\r\n"
    found, again = parsed(raw), parsed(raw)
    assert found is not None
    assert found == again
    assert found.at is None
    assert found.message_id.startswith("sha256:")


@pytest.mark.parametrize(
    "address", ["pop3://a:kept@host", "imaps://host", "nonsense", "imaps://:kept@/INBOX"]
)
def test_an_address_that_is_no_mailbox_is_refused_without_its_password(address: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_mailbox(address)
    assert "kept" not in str(refused.value)
