"""The portfolio's pages: who sees what, how many queries they cost, what they refuse.

Truths: permission (404 for what may not be seen, 403 for what may not be done), growth (queries do not grow with
rows), reference (figures against plain Python). Requirements: R2, X2.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from barograph_web.portfolio.models import Account, SavedView, Standing, Week
from barograph_web.portfolio.queries_list import LISTED_TIERS, groups, tier_counts
from barograph_web.portfolio.remembered import forget
from barograph_web.users.models import User
from support.web_people import People

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
PAGES = ("table", "groups", "over_time", "movement", "alarm", "export")


@pytest.mark.parametrize("name", PAGES)
def test_each_role_sees_or_is_refused(people: People, client_of: Browser, name: str) -> None:
    address = reverse(f"portfolio:{name}")
    for person in people.all():
        expected = 403 if person == people.gus else 200
        assert client_of(person).get(address).status_code == expected, f"{person} at {address}"


def test_a_csm_sees_their_own_only(people: People, client_of: Browser) -> None:
    """Rows, counts and choices speak of their accounts."""
    page = client_of(people.carla).get(reverse("portfolio:table"))
    own = set(
        Account.objects.filter(csm_email=people.carla.email, is_current=True).values_list(
            "account_id", flat=True
        )
    )
    assert {row.account.account_id for row in page.context["page"]} == own
    assert page.context["accounts"] == len(own)
    assert [value for value, _ in page.context["choices"]["csm"]] == [people.carla.email]


@pytest.mark.parametrize("name", ["table", "groups", "over_time", "movement", "alarm"])
def test_queries_do_not_grow_with_accounts(people: People, client_of: Browser, name: str) -> None:
    """The same page over two accounts and over a hundred."""
    other = User.objects.create_user("few@example.com", name="Few", role="csm")
    few = Account.objects.filter(is_current=True, csm_email=people.carla.email)[:2]
    Account.objects.filter(pk__in=[a.pk for a in few]).update(csm_email=other.email)
    address = reverse(f"portfolio:{name}")
    counts = []
    for person in (other, people.carla):
        browser = client_of(person)
        forget()
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[1] <= 20


def test_counts_by_tier_are_the_same_both_ways(people: People) -> None:
    """From the stored totals (all accounts), and summed over the rows of a narrowed query."""
    week = Week.objects.latest("as_of")
    stored = tier_counts(week, Account.objects.all())
    summed = tier_counts(week, Account.objects.filter(pk__gt=0))
    assert [(c.tier, c.accounts) for c in stored] == [(c.tier, c.accounts) for c in summed]
    for one, two in zip(stored, summed, strict=True):
        assert one.arr == (None if two.arr is None else pytest.approx(two.arr))
    assert [c.tier for c in stored] == list(LISTED_TIERS)


@pytest.mark.parametrize("by", ["segment", "csm", "plan", "lifecycle", "am"])
def test_groups_add_up_to_the_portfolio(people: People, by: str) -> None:
    week = Week.objects.latest("as_of")
    found = groups(week, Account.objects.all(), by)
    assert sum(g["accounts"] for g in found) == Standing.objects.filter(week=week).count()
    assert sum(g["falling"] for g in found) == Standing.objects.filter(week=week, moved="worse").count()
    total = sum(c.arr or 0.0 for c in tier_counts(week, Account.objects.all()))
    assert sum(g["arr"] or 0.0 for g in found) == pytest.approx(total)


def test_the_export_has_every_row_and_no_formula(people: People, client_of: Browser) -> None:
    account = Account.objects.filter(is_current=True).first()
    assert account is not None
    Account.objects.filter(pk=account.pk).update(name='=HYPERLINK("http://x")')
    answer = client_of(people.ada).get(reverse("portfolio:export"), {"sort": "name"})
    assert answer["Content-Type"].startswith("text/csv")
    found = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(found) == Standing.objects.filter(week=Week.objects.latest("as_of")).count()
    (row,) = [r for r in found if r["account_id"] == account.account_id]
    assert row["name"] == '\'=HYPERLINK("http://x")'


def test_a_filter_answers_with_the_list_and_what_speaks_of_it(people: People, client_of: Browser) -> None:
    """Only the rows are fetched anew; the export and the views beside them are of the filters in force."""
    answer = client_of(people.ada).get(
        reverse("portfolio:table"), {"tier": "watch"}, headers={"HX-Request": "true", "HX-Target": "rows"}
    )
    text = answer.content.decode()
    assert "<html" not in text
    assert text.count("hx-swap-oob") == 2
    assert "export.csv?tier=watch" in text
    assert {row.tier for row in answer.context["page"]} == {"watch"}


def test_wrong_addresses_are_told(people: People, client_of: Browser) -> None:
    browser = client_of(people.ada)
    assert browser.get(reverse("portfolio:groups"), {"by": "colour"}).status_code == 404
    assert browser.get(reverse("portfolio:over_time"), {"span": "7"}).status_code == 404
    assert browser.get(reverse("portfolio:movement"), {"from": "2026-11-11"}).status_code == 404
    assert browser.get(reverse("portfolio:movement"), {"from": "tomorrow"}).status_code == 404
    page = browser.get(reverse("portfolio:table"), {"within": "soon", "page": "999", "sort": "colour"})
    assert page.status_code == 200
    assert "Give whole days" in page.content.decode()


def test_names_from_data_are_escaped(people: People, client_of: Browser) -> None:
    Account.objects.filter(is_current=True).update(name="<script>alert(1)</script>")
    for name in ("table", "find"):
        page = client_of(people.ada).get(reverse(f"portfolio:{name}"), {"q": "script"}).content.decode()
        assert "&lt;script&gt;alert" in page
        assert "<script>alert" not in page


def test_the_finder_puts_beginnings_first_and_hides_others(people: People, client_of: Browser) -> None:
    mine, other, hidden = (
        *Account.objects.filter(csm_email=people.carla.email).order_by("pk")[:2],
        Account.objects.exclude(csm_email=people.carla.email).exclude(am_email=people.carla.email).first(),
    )
    for account, name in ((mine, "zz inside acme"), (other, "Acme Works"), (hidden, "Acme Hidden")):
        Account.objects.filter(pk=account.pk).update(name=name)
    page = client_of(people.carla).get(
        reverse("portfolio:find"), {"q": "acme"}, headers={"HX-Request": "true"}
    )
    assert [a.name for a in page.context["found"]] == ["Acme Works", "zz inside acme"]
    assert "<html" not in page.content.decode()
    assert not client_of(people.carla).get(reverse("portfolio:find"), {"q": " "}).context["found"]


class TestViews:
    """Saved views: own and shared, refused and deleted."""

    def save(self, browser: Client, **data: str) -> int:
        return browser.post(reverse("portfolio:save_view"), {"query": "tier=watch", **data}).status_code

    def test_a_view_is_kept_under_its_name(self, people: People, client_of: Browser) -> None:
        browser = client_of(people.carla)
        assert self.save(browser, name="Mine") == 302
        assert self.save(browser, name="Mine", query="tier=growth", shared="on") == 302
        (view,) = SavedView.objects.all()
        assert (view.query, view.shared) == ("tier=growth", True)
        assert "Mine" in client_of(people.lena).get(reverse("portfolio:table")).content.decode()

    def test_what_is_wrong_is_told_beside_the_field(self, people: People, client_of: Browser) -> None:
        browser = client_of(people.carla)
        assert self.save(browser, name="") == 422
        assert self.save(browser, name="n" * 121) == 422
        assert not SavedView.objects.exists()

    def test_only_the_owner_deletes(self, people: People, client_of: Browser) -> None:
        self.save(client_of(people.carla), name="Shared", shared="on")
        self.save(client_of(people.carla), name="Private")
        shared, private = SavedView.objects.get(name="Shared"), SavedView.objects.get(name="Private")

        def delete(person: User, view: SavedView) -> int:
            return client_of(person).post(reverse("portfolio:delete_view", args=[view.pk])).status_code

        assert delete(people.lena, shared) == 403
        assert delete(people.lena, private) == 404
        assert delete(people.carla, shared) == 302
        assert list(SavedView.objects.all()) == [private]
