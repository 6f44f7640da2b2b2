"""The account's page: who sees it, that what it shows adds up, earlier weeks, and what people write on it.

Truths: permission (404 for accounts of others), property (the contributions shown sum to the score shown, for every
account and week; H2), growth, reference (an earlier week is what was published then), bad input. Requirements: R3,
H2, H4, X2, X4.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from barograph.core.calendar import day_number
from barograph.reports.context import week_context
from barograph.reports.scores import scores_document
from barograph_web.ops.models import AuditEvent
from barograph_web.ops.workspace import today, workspace
from barograph_web.portfolio import panels
from barograph_web.portfolio.models import Account, AccountFact, GuestGrant, Note, Standing, Week
from barograph_web.portfolio.queries_account import AccountPage, account_page
from barograph_web.users.models import User
from support.web_people import People

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]


def mine(people: People) -> Account:
    found = Account.objects.filter(csm_email=people.carla.email, is_current=True).first()
    assert found is not None
    return found


def others(people: People) -> Account:
    found = Account.objects.exclude(csm_email=people.carla.email).exclude(am_email=people.carla.email)
    account = found.filter(is_current=True).first()
    assert account is not None
    return account


def address(account: Account, name: str = "account", *more: object) -> str:
    return reverse(f"portfolio:{name}", args=[account.account_id, *more])


def page_of(account: Account, week: Week | None = None) -> AccountPage:
    newest = Week.objects.latest("as_of")
    return account_page(account, week or newest, newest, today(), workspace())


def test_each_role_sees_what_is_theirs(people: People, client_of: Browser) -> None:
    """404, not 403: whether the account exists is nothing that others learn."""
    shared = GuestGrant.objects.get(guest=people.gus)
    for account in Account.objects.filter(is_current=True)[:12]:
        allowed = {people.otto, people.eve, people.ada}
        if people.carla.email in {account.csm_email, account.am_email}:
            allowed |= {people.carla, people.lena}
        if people.anna.email in {account.csm_email, account.am_email}:
            allowed.add(people.anna)
        if account.account_id == shared.account_id:
            allowed.add(people.gus)
        for person in people.all():
            status = client_of(person).get(address(account)).status_code
            assert status == (200 if person in allowed else 404), f"{person} at {account}"


def test_a_guest_sees_nothing_when_the_day_has_passed(people: People, client_of: Browser) -> None:
    grant = GuestGrant.objects.get(guest=people.gus)
    account = Account.objects.get(account_id=grant.account_id)
    browser = client_of(people.gus)
    page = browser.get(address(account)).content.decode()
    assert "Add note" not in page
    assert "Who wrote what" not in page
    assert account.name in browser.get(reverse("portfolio:shared")).content.decode()
    GuestGrant.objects.filter(pk=grant.pk).update(until=today() - timedelta(days=1))
    assert browser.get(address(account)).status_code == 404
    assert account.name not in browser.get(reverse("portfolio:shared")).content.decode()


def test_what_is_shown_adds_up(people: People) -> None:
    """Components, base and limits to the score; signals to components; ledger lines to the change (H2)."""
    told = 0
    for standing in Standing.objects.filter(week=Week.objects.latest("as_of")).select_related("account"):
        page = page_of(standing.account)
        shown = panels.components(None, page)  # type: ignore[arg-type]
        assert shown is not None
        for component in shown["components"]:
            parts = sum(s["contribution"] or 0.0 for s in component["signals"])
            assert parts == pytest.approx(component["contribution"] or 0.0, abs=1e-9)
        if shown["score"] is None:
            assert standing.score is None
            assert shown["because"] is not None
            continue
        total = (
            sum(c["contribution"] for c in shown["components"]) + (shown["base"] or 0.0) + shown["cap_points"]
        )
        assert total == pytest.approx(shown["score"], abs=1e-9)
        assert shown["score"] == standing.score
        why = panels.why(None, page)  # type: ignore[arg-type]
        assert why is not None
        if why["moved"] is not None:
            assert sum(line["points"] for line in why["ledger"]) == pytest.approx(why["moved"], abs=1e-9)
            told += 1
    assert told > 20


def test_an_earlier_week_is_what_was_published_then(people: People, client_of: Browser) -> None:
    """Weeks without standings come from the published file, and add up as well (H4)."""
    week = Week.objects.order_by("-as_of")[6]
    document = scores_document(week_context(workspace(), day_number(week.as_of)))
    for said in document["accounts"][:15]:
        account = Account.objects.get(account_id=said["account_id"])
        page = page_of(account, week)
        assert page.is_past
        assert page.standing is None
        assert {k: page.detail[k] for k in said} == said
        if said["change"] is not None:
            assert {line["points"] for line in page.detail["ledger"]} == {
                i["points"] for i in said["change"]["items"]
            }
        assert page.detail["tier_lines"]
    answer = client_of(people.ada).get(address(account), {"week": week.as_of.isoformat()})
    assert answer.status_code == 200
    assert "what was said for the week" in answer.content.decode()


@pytest.mark.parametrize("text", ["2026-11-11", "yesterday", "1999-01-04"])
def test_weeks_that_are_not_there_are_not_found(people: People, client_of: Browser, text: str) -> None:
    assert client_of(people.ada).get(address(mine(people)), {"week": text}).status_code == 404


def test_queries_do_not_grow_with_facts(people: People, client_of: Browser) -> None:
    accounts = sorted(
        Account.objects.filter(is_current=True),
        key=lambda a: AccountFact.objects.filter(account_id=a.account_id).count(),
    )
    browser, counts = client_of(people.ada), []
    for account in (accounts[0], accounts[-1]):
        for parameters in ({}, {"panel": "timeline"}):
            with CaptureQueriesContext(connection) as queries:
                headers = {"HX-Request": "true"} if parameters else {}
                assert browser.get(address(account), parameters, headers=headers).status_code == 200
            counts.append(len(queries))
    assert counts[2] <= counts[0] + 1  # one more where contacts are there to be named
    assert counts[3] <= counts[1] + 1
    assert max(counts) <= 60  # sixteen panels of six apps


def test_panels_that_load_later_come_alone(people: People, client_of: Browser) -> None:
    browser = client_of(people.ada)
    page = browser.get(address(mine(people))).content.decode()
    assert 'id="panel-timeline"' in page
    alone = browser.get(
        address(mine(people)), {"panel": "timeline", "kind": "tiers"}, headers={"HX-Request": "true"}
    )
    assert alone.status_code == 200
    assert "<html" not in alone.content.decode()
    records = browser.get(
        address(mine(people)), {"panel": "records", "records": "tickets"}, headers={"HX-Request": "true"}
    )
    assert "Opened" in records.content.decode()
    assert (
        browser.get(address(mine(people)), {"panel": "no"}, headers={"HX-Request": "true"}).status_code == 404
    )


@pytest.mark.parametrize(
    "account_id", ["a/b", "a b", "100%", "~", ".", "..", "ü ß", "a?b#c", "A / core", "find"]
)
def test_any_id_has_an_address(people: People, client_of: Browser, account_id: str) -> None:
    """Slashes, spaces, signs and dots survive the way there and back."""
    account = Account.objects.create(account_id=account_id, name="Odd")
    url = address(account)
    assert resolve(url).kwargs == {"account_id": account_id}
    answer = client_of(people.ada).get(url)
    assert answer.status_code == 200
    assert "Odd" in answer.content.decode()


class TestNotes:
    """Written once, corrected by another, erased for good; each with its audit event."""

    def write(self, browser: Client, account: Account, body: str) -> int:
        return browser.post(address(account, "write_note"), {"body": body}).status_code

    def test_a_note_is_shown_escaped_and_audited(self, people: People, client_of: Browser) -> None:
        account, browser = mine(people), client_of(people.carla)
        assert self.write(browser, account, "<script>alert(1)</script>\nsecond line") == 302
        page = browser.get(address(account)).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>second line" in page
        event = AuditEvent.objects.get(action="note.written")
        assert (event.account_id, event.actor) == (account.account_id, people.carla)
        assert "script" not in str(event.after), "the log does not keep what can be erased"

    @pytest.mark.parametrize("body", ["", "   ", "x" * 10_001])
    def test_what_is_wrong_is_told(self, people: People, client_of: Browser, body: str) -> None:
        assert self.write(client_of(people.carla), mine(people), body) == 422
        assert not Note.objects.exists()

    def test_nobody_writes_where_they_may_not(self, people: People, client_of: Browser) -> None:
        assert self.write(client_of(people.carla), others(people), "hello") == 404
        assert self.write(client_of(people.eve), mine(people), "hello") == 403
        shared = Account.objects.get(account_id=GuestGrant.objects.get(guest=people.gus).account_id)
        assert self.write(client_of(people.gus), shared, "hello") == 403
        assert not Note.objects.exists()

    def test_a_correction_stands_in_place(self, people: People, client_of: Browser) -> None:
        account, browser = mine(people), client_of(people.carla)
        self.write(browser, account, "first words")
        note = Note.objects.get()
        assert (
            browser.post(address(account, "replace_note", note.pk), {"body": "better words"}).status_code
            == 302
        )
        page = browser.get(address(account)).content.decode()
        assert "better words" in page
        assert "first words" not in page
        stale = browser.post(address(account, "replace_note", note.pk), {"body": "from an old tab"})
        assert stale.status_code == 409
        assert "better words" in stale.content.decode()
        assert "from an old tab" in stale.content.decode()
        assert Note.objects.count() == 2

    def test_only_the_author_corrects(self, people: People, client_of: Browser) -> None:
        account = mine(people)
        self.write(client_of(people.carla), account, "mine")
        note = Note.objects.get()
        assert (
            client_of(people.lena).post(address(account, "replace_note", note.pk), {"body": "x"}).status_code
            == 403
        )

    def test_erasing_takes_the_words_and_those_before(self, people: People, client_of: Browser) -> None:
        """What a corrected note said is erased with it; that something was written stays (X4)."""
        account, browser = mine(people), client_of(people.carla)
        self.write(browser, account, "personal words")
        browser.post(
            address(account, "replace_note", Note.objects.get().pk), {"body": "personal words, corrected"}
        )
        newest = Note.objects.latest("pk")
        assert client_of(people.lena).post(address(account, "erase_note", newest.pk)).status_code == 403
        assert client_of(people.ada).post(address(account, "erase_note", newest.pk)).status_code == 302
        assert set(Note.objects.values_list("body", flat=True)) == {""}
        assert "personal" not in browser.get(address(account)).content.decode()
        assert AuditEvent.objects.filter(action="note.erased", actor=people.ada).count() == 1
        again = browser.post(address(account, "erase_note", newest.pk))
        assert again.status_code == 302
        assert AuditEvent.objects.filter(action="note.erased").count() == 1

    def test_a_note_belongs_to_its_account(self, people: People, client_of: Browser) -> None:
        first, second = Account.objects.filter(csm_email=people.carla.email, is_current=True)[:2]
        self.write(client_of(people.carla), first, "here")
        url = address(second, "replace_note", Note.objects.get().pk)
        assert client_of(people.carla).post(url, {"body": "there"}).status_code == 404


class TestSharing:
    """One account, one guest, until a day."""

    def share(self, browser: Client, account: Account, guest: User, until: date) -> int:
        data = {"guest": guest.pk, "until": until.isoformat()}
        return browser.post(address(account, "share"), data).status_code

    def test_a_leader_shares_and_stops(self, people: People, client_of: Browser) -> None:
        account, guest = mine(people), client_of(people.gus)
        GuestGrant.objects.all().delete()
        assert guest.get(address(account)).status_code == 404
        assert self.share(client_of(people.lena), account, people.gus, today()) == 302
        assert guest.get(address(account)).status_code == 200
        assert self.share(client_of(people.lena), account, people.gus, today() + timedelta(days=9)) == 302
        grant = GuestGrant.objects.get()
        assert (grant.until, grant.granted_by) == (today() + timedelta(days=9), "Lena")
        for _ in range(2):  # stopped twice is stopped
            assert client_of(people.lena).post(address(account, "stop_sharing", grant.pk)).status_code == 302
        assert guest.get(address(account)).status_code == 404
        actions = AuditEvent.objects.filter(account_id=account.account_id).values_list("action", flat=True)
        assert sorted(actions) == ["account.shared", "account.shared", "account.sharing_stopped"]

    @pytest.mark.parametrize("days", [-1, 400])
    def test_days_out_of_reach_are_told(self, people: People, client_of: Browser, days: int) -> None:
        before = GuestGrant.objects.count()
        assert (
            self.share(client_of(people.lena), mine(people), people.gus, today() + timedelta(days=days))
            == 422
        )
        assert GuestGrant.objects.count() == before

    def test_only_guests_and_only_by_leaders(self, people: People, client_of: Browser) -> None:
        assert self.share(client_of(people.lena), mine(people), people.eve, today()) == 422
        assert self.share(client_of(people.carla), mine(people), people.gus, today()) == 403
        assert self.share(client_of(people.lena), others(people), people.gus, today()) == 404
