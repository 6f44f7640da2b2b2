"""Truth: growth. Queries of pulse pages do not grow with accounts, pulses, verdicts or what differs (H5, issue 5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from barograph_web.portfolio.models import Account, Standing
from barograph_web.portfolio.weeks import newest_week
from barograph_web.pulses import queries
from barograph_web.pulses.models import HypothesisVerdict, Pulse, PulseState
from barograph_web.users.models import User
from support.web_people import People
from support.web_pulses import NOW, TODAY, later, rebuilt

pytestmark = pytest.mark.django_db
PATHS = ("/pulses/", "/pulses/differing/", "/pulses/register/", "/pulses/register.csv", "/review/?scope=all")


def grown(anna: User, times: int) -> None:
    """More accounts of anna's, each with a standing, pulses of hers and verdicts, half of them differing and due."""
    week = newest_week()
    standing = Standing.objects.filter(week=week, tier="healthy", account__am_email=anna.email).first()
    assert standing is not None and week is not None
    account = standing.account
    old = account.account_id
    for k in range(times):
        account.pk, account.account_id, account._state.adding = None, f"{old}-{times}-{k}", True
        account.am_email = anna.email
        account.save()
        standing.pk, standing.account, standing.rank, standing._state.adding = None, account, None, True
        standing.save()
        words = ("missing", "none", "missing") if k % 2 else ("active", "active", "active")
        first = None
        for days in (60, 3):
            first = Pulse.objects.create(
                account_id=account.account_id, given_at=later(-days), author=anna, author_label="Anna",
                sponsor_status=words[0], executive_engagement=words[1], outcome_narrative="missing",
                reason="x", expires_on=TODAY + timedelta(days=30), replaces=first,
            )  # fmt: skip
        HypothesisVerdict.objects.create(
            account_id=account.account_id, week=week.as_of, claim="rejected", cause="planned", tier="watch",
            model_version=week.model_version, author=anna, author_label="Anna", at=NOW,
        )  # fmt: skip
    rebuilt()
    PulseState.objects.filter(email=anna.email).update(due_on=TODAY)


def count(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as found:
        assert client.get(path).status_code == 200
    return len(found)


def test_queries_do_not_grow(team: People, client_of: Callable[[User], Client]) -> None:
    client = client_of(team.ada)
    grown(team.anna, 4)
    own = client_of(team.anna)
    give = f"/pulses/accounts/{queries.due(team.anna, TODAY)[0].account_id}/"
    before = {path: count(client, path) for path in PATHS}
    mine = {path: count(own, path) for path in ("/pulses/", give)}
    grown(team.anna, 40)
    assert len(queries.due(team.anna, TODAY)) > 40 and len(queries.queue(team.ada, TODAY)) > 20
    assert {path: count(client, path) for path in PATHS} == before
    assert {path: count(own, path) for path in ("/pulses/", give)} == mine
    assert max(mine.values()) <= 30, mine


def test_questions_of_other_apps_are_one_query_each(team: People) -> None:
    ids = list(Account.objects.values_list("account_id", flat=True))
    for ask, most in ((lambda: queries.holds(ids), 1), (lambda: queries.diverging(ids, TODAY), 1),
                      (lambda: queries.beside(ids, TODAY), 2)):  # fmt: skip
        with CaptureQueriesContext(connection) as found:
            ask()
        assert len(found) <= most


def test_working_it_out_is_a_few_queries_per_five_hundred_accounts(team: People) -> None:
    with CaptureQueriesContext(connection) as few:
        rebuilt()
    grown(team.anna, 60)
    with CaptureQueriesContext(connection) as more:
        rebuilt()
    assert len(more) <= len(few) + 2
