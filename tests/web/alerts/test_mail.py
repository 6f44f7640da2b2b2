"""Alerts by mail (P5; issue 5: against a local SMTP server): gathered, sent at least once under one Message-ID,
readable as text and as HTML, safe against what customers' names hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email.header import decode_header, make_header
from email.message import Message
from typing import Any

import pytest

from barograph_web.alerts import outgoing
from barograph_web.alerts.events import emit
from barograph_web.alerts.letters import Letter, Line, Section, as_html, as_text, subject_of
from barograph_web.alerts.mailing import GATHERING, LISTED, TOO_OLD, gather, send_due
from barograph_web.alerts.models import Mail, Notice, OutgoingState, Preference
from barograph_web.alerts.spread import spread
from barograph_web.portfolio.models import Account
from barograph_web.users.models import Role, User
from support.web_alerts import account
from support.web_receiver import NOW, Mailbox, mail_server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bare")]
LATER = NOW + GATHERING
TODAY = NOW.date()


@pytest.fixture
def box(settings: Any) -> Iterator[Mailbox]:
    """A mail server, and the application set to it."""
    with mail_server() as found:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_TIMEOUT = 2
        yield found


@pytest.fixture
def carla(db: None) -> User:
    """Wants falls of her accounts at once."""
    user = User.objects.create_user("carla@example.com", name="Carla", role=Role.CSM)
    chosen = {"tier.changed.down": {"scope": "mine", "in_app": True, "mail": "at_once"}}
    Preference.objects.create(user=user, topics=chosen)
    return user


def fell(account_id: str, after: str = "watch", **more: object) -> None:
    said = {
        "as_of": "2026-11-16",
        "before": "healthy",
        "after": after,
        "direction": "down",
        "score": 50.2,
        **more,
    }
    emit("tier.changed", key=account_id, at=NOW, account_id=account_id, payload=said)
    spread(NOW, TODAY)


def parts(mail: Message) -> tuple[str, str]:
    """(text, HTML)."""
    found = {p.get_content_type(): p.get_payload(decode=True) for p in mail.walk() if not p.is_multipart()}
    return found["text/plain"].decode(), found["text/html"].decode()  # type: ignore[union-attr]


def subject(mail: Message) -> str:
    return str(make_header(decode_header(mail["Subject"])))


def test_what_comes_together_goes_in_one_mail_the_worst_first(box: Mailbox, carla: User) -> None:
    account("A1")
    account("A2")
    fell("A1")
    fell(
        "A2", after="at_risk", arr=84_000.0, opt_out_on="2026-12-28", reason="active users fell from 31 to 12"
    )
    assert gather(NOW, TODAY) == 0, "it waits for what comes with it"
    assert gather(LATER, TODAY) == 1
    assert gather(LATER, TODAY) == 0
    assert send_due(LATER) == 1
    assert send_due(LATER) == 0
    [mail] = box.mails
    assert mail["To"] == "carla@example.com"
    assert subject(mail) == "Firm A2 fell from Healthy to At Risk, score 50, and 1 more"
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = parts(mail)
    assert text.index("Firm A2") < text.index("Firm A1")
    assert "EUR 84 k, opt-out 28 Dec 2026. active users fell from 31 to 12" in " ".join(text.split())
    assert "http://localhost:8000/portfolio/accounts/A2/" in text
    assert "http://localhost:8000/alerts/settings/" in text
    assert 'href="http://localhost:8000/portfolio/accounts/A2/"' in html
    row = Mail.objects.get()
    assert (row.state, row.text, row.html) == (OutgoingState.DELIVERED, "", "")


def test_a_mail_that_came_twice_is_one_mail_to_who_reads_it(box: Mailbox, carla: User) -> None:
    """The server took it and the connection ended before it said so."""
    account("A1")
    fell("A1")
    gather(LATER, TODAY)
    box.drop_after_data = 1
    assert send_due(LATER) == 0
    row = Mail.objects.get()
    assert (row.state, row.attempts) == (OutgoingState.WAITING, 1)
    assert row.text
    assert send_due(row.due_at) == 1
    assert len(box.mails) == 2
    assert len({mail["Message-ID"] for mail in box.mails}) == 1


def test_a_server_that_is_away_is_asked_again(settings: Any, carla: User) -> None:
    with mail_server() as gone:
        port = gone.port
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 1
    settings.EMAIL_HOST_USER, settings.EMAIL_USE_TLS = "", False
    other = User.objects.create_user("carl@example.com", name="Carl", role=Role.CSM)
    Preference.objects.create(user=other, topics=Preference.objects.get(user=carla).topics)
    account("A1")
    account("A2", "carl@example.com")
    fell("A1")
    fell("A2")
    assert gather(LATER, TODAY) == 2
    now = LATER
    assert send_due(now) == 0
    assert sorted(Mail.objects.values_list("attempts", flat=True)) == [0, 1], "the other keeps its attempts"
    for _ in range(2 * outgoing.ATTEMPTS):
        send_due(now)
        now += outgoing.LONGEST
    assert set(Mail.objects.values_list("state", flat=True)) == {OutgoingState.DEAD}
    assert "could not be reached" in Mail.objects.all()[0].error


@pytest.mark.parametrize(
    ("answer", "state"), [("550 no such user", OutgoingState.DEAD), ("451 try later", OutgoingState.WAITING)]
)
def test_an_address_that_is_refused(box: Mailbox, carla: User, answer: str, state: OutgoingState) -> None:
    account("A1")
    fell("A1")
    gather(LATER, TODAY)
    box.refuse = answer
    assert send_due(LATER) == 0
    row = Mail.objects.get()
    assert (row.state, row.error) == (state, "the mail server refused the address")


def test_what_one_may_no_longer_see_is_not_mailed(box: Mailbox, carla: User) -> None:
    account("A1")
    fell("A1")
    Account.objects.update(csm_email="nora@example.com")
    assert gather(LATER, TODAY) == 0
    assert Notice.objects.get().mailing == "no"
    assert not Mail.objects.exists()


def test_somebody_who_left_gets_no_mail(box: Mailbox, carla: User) -> None:
    account("A1")
    fell("A1")
    gather(LATER, TODAY)
    User.objects.update(is_active=False)
    assert send_due(LATER) == 0
    assert not box.mails
    assert Mail.objects.get().state == OutgoingState.DEAD


def test_what_could_not_be_written_for_days_is_not_mailed_at_once(box: Mailbox, carla: User) -> None:
    account("A1")
    fell("A1")
    assert gather(NOW + TOO_OLD, TODAY) == 0


def test_many_are_told_by_number(box: Mailbox, carla: User) -> None:
    for n in range(LISTED + 3):
        account(f"A{n}")
        fell(f"A{n}")
    gather(LATER, TODAY)
    send_due(LATER)
    text, html = parts(box.mails[0])
    assert text.count("- [Watch]") == LISTED
    assert "3 more alerts in the application" in text
    assert html.count("<li>") == LISTED


def test_names_can_neither_write_headers_nor_markup(box: Mailbox, carla: User) -> None:
    Account.objects.create(
        account_id="evil",
        name="X\r\nBcc: all@example.com <script>alert(1)</script>",
        csm_email="carla@example.com",
    )
    fell("evil", reason="<img src=x onerror=alert(1)>")
    gather(LATER, TODAY)
    assert send_due(LATER) == 1
    [mail] = box.mails
    assert mail["Bcc"] is None
    _, html = parts(mail)
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


def letter(**more: Any) -> Letter:
    return Letter(
        **{
            "subject": "Week",
            "intro": "Good morning.",
            "sections": [
                Section("At risk", [Line("Northwind", "https://b.example/x", "EUR 84 k", "at_risk")])
            ],
            "settings_url": "https://b.example/settings",
            **more,
        }
    )


def test_text_is_wrapped_and_addresses_are_whole() -> None:
    long = "https://b.example/" + "x" * 200
    section = Section("S", [Line("word " * 60, long)], more="And 3 more.")
    text = as_text(letter(sections=[section], warning="It is late."))
    assert f"  {long}" in text.splitlines()
    assert all(len(line) <= 78 for line in text.splitlines() if "https" not in line)
    assert "Note: It is late." in text


def test_html_needs_nothing_from_outside() -> None:
    html = as_html(letter(warning="It is <late>.", notes=("A score is a hypothesis.",)))
    assert "It is &lt;late&gt;." in html
    for outside in ("<script", "<img", "<link", "@import", "url(", "var(--"):
        assert outside not in html
    assert 'class="pill at-risk"' in html
    assert ".at-risk{" in html


def test_a_section_without_lines_says_so() -> None:
    empty = letter(sections=[Section("At risk", [], empty="No account is At Risk.")])
    assert "No account is At Risk." in as_text(empty)
    assert "No account is At Risk." in as_html(empty)
    assert subject_of(letter(subject="a\r\nb")) == "a b"


def test_a_mail_is_not_gathered_before_its_time_and_not_twice_by_two_workers(
    box: Mailbox, carla: User
) -> None:
    account("A1")
    fell("A1")
    gather(LATER, TODAY)
    fell2 = LATER + timedelta(seconds=5)
    account("A2")
    fell("A2")
    Notice.objects.filter(mail=None).update(made_at=fell2)
    assert gather(fell2, TODAY) == 0
    assert gather(fell2 + GATHERING, TODAY) == 1
    assert Mail.objects.count() == 2
    assert [Notice.objects.filter(mail=mail).count() for mail in Mail.objects.all()] == [1, 1]
