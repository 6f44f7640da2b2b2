"""Truth: growth. Queries of the pages do not grow with hand-overs, goals, asks, escalations or accounts (issue 5)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from barograph_web.growth.judging import judge_accounts
from barograph_web.growth.rules import SHIPPED
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.weeks import newest_week
from barograph_web.users.models import User
from support.web_people import People
from support.web_success import TODAY, agreed_plan, asked, escalated, handed

pytestmark = pytest.mark.django_db
PATHS = (
    "/growth/?show=all", "/growth/hand-overs/", "/growth/plans/?state=all", "/growth/advocates/?show=all",
    "/growth/escalations/?state=all", "/growth/export/expansion.csv", "/growth/export/hand-overs.csv",
    "/growth/export/goals.csv", "/growth/export/escalations.csv",
)  # fmt: skip


def counted(work: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as found:
        work()
    return len(found)


def page_queries(client: Client, path: str) -> int:
    client.get(path)
    return counted(lambda: client.get(path))


def fill(accounts: list[Account], people: People) -> None:
    week = newest_week()
    assert week is not None
    for account in accounts:
        handed(account, to=people.anna, by=people.carla)
        agreed_plan(account, people.carla)
        asked(account, people.carla)
        escalated(account, owner=people.anna, by=people.carla)
    judge_accounts(accounts, week, 0, SHIPPED, TODAY)


def test_queries_do_not_grow(people: People, client_of: Callable[[User], Client]) -> None:
    accounts = list(Account.objects.filter(is_current=True).order_by("account_id"))
    fill(accounts[:3], people)
    for user in (people.ada, people.lena):
        client = client_of(user)
        if user == people.ada:
            before = {path: page_queries(client, path) for path in PATHS}
            fill(accounts[3:25], people)
            after = {path: page_queries(client, path) for path in PATHS}
            assert after == before
            assert max(after.values()) <= 25, after
        else:
            assert max(page_queries(client, path) for path in PATHS) <= 30


def test_working_out_readiness_takes_the_same_queries_for_many(people: People) -> None:
    week = newest_week()
    assert week is not None
    accounts = list(Account.objects.filter(is_current=True).order_by("account_id"))
    few = counted(lambda: judge_accounts(accounts[:2], week, 0, SHIPPED, TODAY))
    many = counted(lambda: judge_accounts(accounts[:60], week, 0, SHIPPED, TODAY))
    assert many == few
    assert few <= 16


def test_pages_of_one_account(people: People, client_of: Callable[[User], Client]) -> None:
    account = Account.objects.filter(is_current=True).order_by("account_id")[0]
    client = client_of(people.ada)
    paths = [
        f"/growth/accounts/{account.account_id}/plan/", f"/growth/accounts/{account.account_id}/advocate/",
        f"/growth/accounts/{account.account_id}/hand-over/",
    ]  # fmt: skip
    before = {path: page_queries(client, path) for path in paths}
    fill([account], people)
    after = {path: page_queries(client, path) for path in paths}
    assert all(after[path] <= before[path] + 3 for path in paths), (before, after)
