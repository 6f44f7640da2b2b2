"""The list: whose work is in it, in which order, how filters, groups, pages, views and export treat it, and that its
queries do not grow (issue 5, 6; X2; examples, growth)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from barograph_web.plays import holds, services
from barograph_web.plays.models import Clock, ClockDemand, ClockKind, Pool, PoolMember
from barograph_web.portfolio.models import Account, SavedView, Standing
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.portfolio.weeks import newest_week
from barograph_web.users.models import StandIn, User
from barograph_web.work.filters import Filters, bucket
from barograph_web.work.sources import SOURCES, Source, WorkItem, register
from barograph_web.work.worklist import PAGE, Worklist
from support.web_people import People
from support.web_review import TODAY, monday, planned
from support.web_work import NOW, accounts_of, task_for

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]


def titles(user: User, **chosen: str) -> list[str]:
    rows, _ = Worklist(user, TODAY, Filters(**{"what": "task", **chosen})).page()
    return [row.title for row in rows]


def page(client: Client, **query: str) -> str:
    answer = client.get(reverse("work:list"), query)
    assert answer.status_code == 200
    return answer.content.decode()


def standing(account: Account, tier: str, arr: float) -> None:
    order = {"at_risk": 0, "insufficient": 1, "watch": 2, "healthy": 3, "growth": 4}[tier]
    Standing.objects.filter(week=newest_week(), account=account).update(tier=tier, tier_order=order)
    Account.objects.filter(pk=account.pk).update(arr=arr)


# Whose


def test_mine_is_what_was_given_to_me_and_what_is_nobodys_on_my_accounts(people: People) -> None:
    own = accounts_of(people.carla)
    foreign = Account.objects.exclude(pk__in=visible_accounts(people.carla, TODAY)).first()
    assert foreign is not None
    task_for(own[0], people.carla, title="given")
    task_for(own[1], None, title="nobody's")
    task_for(own[2], people.lena, title="the lead's")
    task_for(foreign, people.otto, title="elsewhere")
    task_for(foreign, None, title="nobody's elsewhere")
    assert sorted(titles(people.carla)) == ["given", "nobody's"]
    assert sorted(titles(people.carla, scope="team")) == ["given", "nobody's", "the lead's"]
    assert sorted(titles(people.otto, scope="team")) == [
        "elsewhere", "given", "nobody's", "nobody's elsewhere", "the lead's",
    ]  # fmt: skip
    assert titles(people.otto) == ["elsewhere"]


def test_work_of_who_i_stand_in_for_is_mine_while_they_are_away(people: People) -> None:
    task_for(accounts_of(people.carla)[0], people.carla, title="hers")
    row = StandIn.objects.create(
        absent=people.carla, stand_in=people.anna, begins_on=TODAY, ends_on=TODAY + timedelta(days=2)
    )
    assert titles(people.anna) == ["hers"]
    row.begins_on = TODAY + timedelta(days=1)
    row.save()
    assert titles(people.anna) == []


def test_a_task_that_waits_in_my_pool_is_mine_and_one_i_was_given_is_not_lost(people: People) -> None:
    foreign = Account.objects.exclude(pk__in=visible_accounts(people.carla, TODAY)).first()
    own = accounts_of(people.carla)[0]
    pool = Pool.objects.create(name="scale", title="Scale team")
    PoolMember.objects.create(pool=pool, user=people.carla)
    assert foreign is not None
    task_for(own, None, pool="scale", title="in my pool")
    task_for(own, None, pool="other", title="in another pool")
    task_for(foreign, people.carla, title="given by a pool")
    assert sorted(titles(people.carla)) == ["given by a pool", "in my pool"]
    (row,) = [r for r in Worklist(people.carla, TODAY, Filters(what="task")).page()[0] if not r.where.is_seen]
    assert row.where.name == foreign.name and (row.where.tier, row.where.arr) == ("", None)


# Order


def test_overdue_first_then_by_day_then_revenue_at_risk_then_tier(people: People) -> None:
    a, b, c, d = accounts_of(people.carla)[:4]
    standing(a, "healthy", 900_000)
    standing(b, "watch", 50_000)
    standing(c, "at_risk", 80_000)
    standing(d, "insufficient", 50_000)
    task_for(a, people.carla, due_in=1, title="5 tomorrow, healthy and large")
    task_for(b, people.carla, due_in=1, title="4 tomorrow, watch")
    task_for(c, people.carla, due_in=1, title="2 tomorrow, at risk")
    task_for(d, people.carla, due_in=1, title="3 tomorrow, unknown")
    task_for(a, people.carla, due_in=-3, title="1 overdue, healthy")
    task_for(c, people.carla, due_in=30, title="6 in a month, at risk")
    assert titles(people.carla) == sorted(titles(people.carla))
    assert len(titles(people.carla)) == 6


def test_items_of_other_apps_stand_between_the_tasks(people: People) -> None:
    company = monday()
    account = accounts_of(people.carla)[0]
    for title, due_in in (("before", 2), ("after", 4)):
        task_for(account, people.carla, due_in=due_in, title=title)
    day = (TODAY - company.before.as_of).days + 3
    planned(account, company.before, people.carla, due_in=day, step="Meet the board")
    rows, _ = Worklist(people.carla, TODAY, Filters()).page()
    told = [row.title for row in rows if row.title in ("before", "Meet the board", "after")]
    assert told == ["before", "Meet the board", "after"]
    decision = next(row for row in rows if row.title == "Meet the board")
    assert decision.item is not None and decision.item.kind == "Decision"
    assert [r.title for r in Worklist(people.carla, TODAY, Filters(what="decision")).page()[0]] == [
        "Meet the board"
    ]


def test_a_decision_of_somebody_else_is_not_mine(people: People) -> None:
    company = monday()
    planned(accounts_of(people.carla)[0], company.before, people.lena, due_in=3, step="Lena calls")
    assert Worklist(people.carla, TODAY, Filters(what="decision")).page()[0] == []
    (row,) = Worklist(people.lena, TODAY, Filters(what="decision")).page()[0]
    assert row.item is not None and row.item.url.startswith("/review/")


@pytest.mark.parametrize(
    ("days", "key"), [(-1, "overdue"), (0, "today"), (1, "week"), (7, "week"), (8, "later")]
)
def test_days_fall_under_headings(days: int, key: str) -> None:
    assert bucket(TODAY + timedelta(days=days), TODAY) == key


def test_what_has_no_day_is_later() -> None:
    assert bucket(None, TODAY) == "later"


# Filters and counts


def test_counts_are_those_of_the_rows_under_each_filter(people: People) -> None:
    account = accounts_of(people.carla)[0]
    for due_in in (-5, -1, 0, 1, 7, 8, 40):
        task_for(account, people.carla, due_in=due_in, title=f"due {due_in}")
    asleep = task_for(account, people.carla, due_in=-1, title="asleep")
    services.snooze(
        asleep, until=TODAY + timedelta(days=3), reason="They are on holiday", by=people.carla, now=NOW
    )
    told = Worklist(people.carla, TODAY, Filters(what="task")).counts
    assert (told.overdue, told.today, told.week, told.later, told.snoozed, told.open) == (2, 1, 2, 2, 1, 7)
    for key, n in (("overdue", 2), ("today", 1), ("week", 2), ("later", 2)):
        assert len(titles(people.carla, due=key)) == n
    assert titles(people.carla, show="snoozed") == ["asleep"]
    later = TODAY + timedelta(days=3)
    assert "asleep" in [r.title for r in Worklist(people.carla, later, Filters(what="task")).page()[0]], (
        "it woke"
    )


def test_finished_work_stays_for_thirty_days(people: People) -> None:
    account = accounts_of(people.carla)[0]
    done, dropped, old = (task_for(account, people.carla, title=t) for t in ("done", "dropped", "old"))
    services.complete(done, by=people.carla, now=NOW)
    services.drop(dropped, by=people.carla, reason="They left", now=NOW + timedelta(hours=1))
    services.complete(old, by=people.carla, now=NOW - timedelta(days=31))
    assert titles(people.carla) == []
    assert titles(people.carla, show="finished") == ["dropped", "done"]


def test_filters_narrow(people: People) -> None:
    a, b = accounts_of(people.carla)[:2]
    standing(a, "at_risk", 1000)
    standing(b, "healthy", 1000)
    run = services.open_play(a, "rescue", by=people.carla, reason="Usage halved", now=NOW)
    task_for(b, people.carla, title="Send 100 % of the slides")
    task_for(a, None, title="Ask procurement")
    assert set(titles(people.carla, play="rescue")) == {
        task.title for task in run.tasks.filter(owner=people.carla)
    }
    assert titles(people.carla, q="100 %") == ["Send 100 % of the slides"]
    assert "Ask procurement" in titles(people.carla, q=a.name.upper())
    assert titles(people.carla, tier="healthy") == ["Send 100 % of the slides"]
    assert titles(people.carla, owner="none") == ["Ask procurement"]
    assert "Ask procurement" not in titles(people.carla, owner=str(people.carla.pk))
    assert titles(people.carla, play="nothing") == []


def test_an_address_with_nonsense_is_the_plain_list(people: People) -> None:
    nonsense = {"scope": "x", "show": "y", "due": "z", "tier": "gold", "owner": "a' or 1=1", "page": "-3"}
    assert Filters.read(nonsense, people.carla) == Filters()
    assert Filters.read({"q": "a\x00b" * 200}, people.carla).q.startswith("ab")


def test_filters_survive_the_way_through_an_address(people: People) -> None:
    from django.http import QueryDict  # noqa: PLC0415

    filters = Filters("team", "snoozed", "week", "task", "rescue", "at_risk", "none", "Ås & sons")
    assert Filters.read(QueryDict(filters.query).dict(), people.carla) == filters
    assert Filters().query == ""


# The page


def test_the_page_groups_rows_and_says_what_runs_and_what_waits(
    people: People, client_of: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = accounts_of(people.carla)[0]
    late = task_for(a, people.carla, due_in=-2, title="<b>Call</b> them", customer_facing=True)
    task_for(a, people.carla, due_in=3, title="Prepare")
    Clock.objects.create(
        key="c1", account_id=a.account_id, task=late, kind=ClockKind.RESPONSE, demand=ClockDemand.TOUCH,
        allowed_hours=8, started_at=NOW - timedelta(days=3), due_at=NOW - timedelta(days=2),
    )  # fmt: skip
    monkeypatch.setattr(holds, "HOLDS", [lambda ids: dict.fromkeys(ids, "The pulse says otherwise.")])
    text = page(client_of(people.carla))
    assert "&lt;b&gt;Call&lt;/b&gt; them" in text and "<b>Call" not in text
    assert re.search(r'class="group overdue".*?Overdue.*?class="group week".*?In seven days', text, re.DOTALL)
    assert "customer touch 2 days late" in text
    assert 'title="The pulse says otherwise."' in text and text.count('title="The pulse') == 1
    assert f'data-task="{late.pk}:1"' in text


def test_with_htmx_the_list_alone_answers(people: People, client_of: SignedIn) -> None:
    task_for(accounts_of(people.carla)[0], people.carla)
    answer = client_of(people.carla).get(
        reverse("work:list"), headers={"HX-Request": "true", "HX-Target": "list"}
    )
    assert answer.content.decode().lstrip().startswith('<div id="list"')


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, "Nothing is waiting for you"),
        ({"q": "zzz"}, "Nothing fits"),
        ({"show": "snoozed"}, "Nothing is snoozed"),
        ({"show": "finished"}, "Nothing was finished"),
        ({"scope": "team"}, "Nothing is waiting"),
    ],
)
def test_empty_lists_say_what_to_do(
    people: People, client_of: SignedIn, monkeypatch: pytest.MonkeyPatch, query: dict[str, str], words: str
) -> None:
    monkeypatch.setattr("barograph_web.work.sources.SOURCES", [])
    assert words in page(client_of(people.carla), **query)


def test_pages_follow_each_other_without_loss(people: People, client_of: SignedIn) -> None:
    account = accounts_of(people.carla)[0]
    wanted = {
        task_for(account, people.carla, due_in=n, title=f"task {n:03}").title for n in range(PAGE * 2 + 7)
    }
    seen: list[str] = []
    for number in (1, 2, 3):
        rows, more = Worklist(people.carla, TODAY, Filters(what="task")).page(number)
        seen += [row.title for row in rows]
        assert more == (number < 3)
    assert seen == sorted(wanted)
    text = page(client_of(people.carla), what="task", page="2")
    assert 'rel="prev"' in text and 'rel="next"' in text and "task 050" in text and "task 049" not in text


def queries_of(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as found:
        assert client.get(path).status_code == 200
    return len(found)


@pytest.mark.parametrize(
    "path", ["/work/", "/work/?scope=team", "/work/export.csv", "/work/?what=task&show=snoozed"]
)
def test_queries_do_not_grow_with_the_work(people: People, client_of: SignedIn, path: str) -> None:
    client = client_of(people.carla)
    company = monday()
    own = accounts_of(people.carla)

    def more(times: int) -> None:
        for n, account in enumerate(own[: 3 * times]):
            task_for(account, people.carla, due_in=n - 4, title=f"{times} {n}", customer_facing=True)
            task_for(account, None, due_in=n, title=f"{times} nobody {n}")
            asleep = task_for(account, people.carla, title=f"{times} asleep {n}")
            services.snooze(asleep, until=TODAY + timedelta(days=9), reason="Wait", by=people.carla, now=NOW)
        for account in own[:times]:
            services.open_play(
                account, "rescue" if times == 1 else "adoption", by=people.carla, reason="Why", now=NOW
            )

    more(1)
    planned(own[0], company.before, people.carla, due_in=20)
    before = queries_of(client, path)
    more(5)
    for account in own[1:6]:
        planned(account, company.before, people.carla, due_in=21)
    assert queries_of(client, path) == before
    assert before <= 40


# Export and saved views


def test_the_export_has_every_row_and_no_formula(people: People, client_of: SignedIn) -> None:
    account = accounts_of(people.carla)[0]
    task_for(account, people.carla, due_in=-3, title='=HYPERLINK("http://evil.example")')
    for n in range(PAGE + 5):
        task_for(account, people.carla, due_in=n)
    answer = client_of(people.carla).get(reverse("work:export"), {"what": "task"})
    assert answer["Content-Disposition"] == f'attachment; filename="work-{TODAY}.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(rows) == PAGE + 6
    assert rows[0]["what"].startswith("'=HYPERLINK") and rows[0]["days_late"] == "3"
    assert rows[0]["account_id"] == account.account_id and rows[0]["owner"] == "Carla"


def test_views_are_kept_shared_and_deleted(people: People, client_of: SignedIn) -> None:
    client = client_of(people.carla)
    sent = {"name": "Late at risk", "query": "due=overdue&tier=at_risk", "shared": "on"}
    answer = client.post(reverse("work:save_view"), sent)
    assert answer["Location"] == "/work/?due=overdue&tier=at_risk"
    view = SavedView.objects.get(page="work")
    assert "Late at risk" in page(client_of(people.lena)), "it is shared"
    assert client_of(people.lena).post(reverse("work:delete_view", args=[view.pk])).status_code == 403
    assert client.post(reverse("work:save_view"), {"name": "", "query": ""}).status_code == 422
    other = SavedView.objects.create(owner=people.carla, page="portfolio", name="x", query="")
    assert client.post(reverse("work:delete_view", args=[other.pk])).status_code == 404, (
        "it is another page's"
    )
    client.post(reverse("work:delete_view", args=[view.pk]))
    assert not SavedView.objects.filter(page="work").exists()


# Sources


def test_a_source_is_registered_once_and_not_as_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("barograph_web.work.sources.SOURCES", [])
    from barograph_web.work import sources  # noqa: PLC0415

    register(Source("x", lambda _user, _today: []))
    register(Source("x", lambda _user, _today: [], "again"))
    assert [s.name for s in sources.SOURCES] == ["x"]
    with pytest.raises(ValueError, match="tasks are read"):
        register(Source("task", lambda _user, _today: []))


def test_an_item_of_an_account_that_i_may_not_see_is_left_out(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = Account.objects.exclude(pk__in=visible_accounts(people.carla, TODAY)).first()
    assert foreign is not None
    item = WorkItem("x", "1", foreign.account_id, "Secret", "/", owner_id=people.carla.pk)
    monkeypatch.setattr("barograph_web.work.sources.SOURCES", [Source("x", lambda _user, _today: [item])])
    assert Worklist(people.carla, TODAY, Filters()).page()[0] == []
    assert [r.title for r in Worklist(people.ada, TODAY, Filters(scope="team")).page()[0]] == ["Secret"]


def test_decisions_and_pulses_are_sources_of_the_application() -> None:
    assert {"decision", "pulse"} <= {source.name for source in SOURCES}
