"""Query counts of the review do not grow with accounts or decisions, and the page stays light (R1, issue 4: growth)."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from barograph_web.portfolio.models import Account, Standing
from barograph_web.users.models import User
from support.web_people import People
from support.web_review import TODAY, monday, planned

pytestmark = pytest.mark.django_db
PATHS = ("/review/", "/review/?show=worse", "/review/?from=12", "/review/agenda/", "/review/export.csv")


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("barograph_web.ops.workspace.today", lambda: TODAY)


def queries_of(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert client.get(path).status_code == 200
    return len(found)


def grown(times: int) -> None:
    """Every account of the newest week `times` more, with its standing."""
    week = monday().week
    for standing in list(Standing.objects.filter(week=week).select_related("account")):
        account = standing.account
        old = account.account_id
        for k in range(times):
            account.pk, account.account_id = None, f"{old}-{k}"
            account._state.adding = True
            account.save()
            standing.pk, standing.account, standing.rank = None, account, None
            standing.review = {**standing.review, "account_id": account.account_id}
            standing._state.adding = True
            standing.save()


def test_queries_do_not_grow(people: People, client_of: Callable[[User], Client]) -> None:
    client = client_of(people.ada)
    company = monday()
    planned(company.listed[0], company.before, people.ada, due_in=1)
    planned(company.listed[1], company.week, people.ada, due_in=5)
    moved = Standing.objects.filter(week=company.week).exclude(account__in=company.listed).first()
    assert moved is not None
    planned(moved.account, company.week, people.ada, due_in=5)  # a decision beside the list
    before = {path: queries_of(client, path) for path in PATHS}
    grown(3)
    for account in Account.objects.all()[:60]:
        planned(account, company.before, people.ada, due_in=1)
        planned(account, company.week, people.ada, due_in=5)
    after = {path: queries_of(client, path) for path in PATHS}
    assert after == before
    assert max(before.values()) <= 45


def test_the_page_is_light_however_long_the_lists_are(
    people: People, client_of: Callable[[User], Client]
) -> None:
    grown(3)
    company = monday()
    for account in Account.objects.all()[:80]:
        planned(account, company.before, people.ada, due_in=1, step="Call the sponsor about the plan " * 4)
    page = client_of(people.ada).get("/review/").content
    assert len(gzip.compress(page)) < 60_000
