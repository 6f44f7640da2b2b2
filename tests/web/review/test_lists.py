"""Who is on which list: the application's rule is the library's, plans on track step back, what a new model moved waits
for a person, and everybody's figures are of accounts that they may see (R1, H1, P9, X2; reference and examples)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from barograph_web.portfolio.models import Account, Standing
from barograph_web.portfolio.remembered import forget
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.review import queries, services
from barograph_web.review.page import ReviewPage
from barograph_web.review.scopes import scope_of
from barograph_web.scoring.models import VersionRelease
from barograph_web.users.models import Role, User
from support.web_people import People
from support.web_review import TODAY, Monday, monday, planned

pytestmark = pytest.mark.django_db


@pytest.fixture
def week(people: People) -> Monday:
    return monday()


def page_for(user: User, week: Monday, **chosen: str) -> ReviewPage:
    show = chosen.pop("show", "attention")
    return ReviewPage(user, week.week, scope_of(user, TODAY, chosen), show, TODAY)


def ids(week: Monday, today: object = TODAY, released: bool = True) -> list[str]:
    plan = queries.Plan(12, released)
    rows = queries.attention(week.week, Account.objects.all(), plan, today)  # type: ignore[arg-type]
    return list(rows.values_list("account__account_id", flat=True))


def test_the_list_is_the_librarys(week: Monday) -> None:
    """Same accounts, same order, same count of those that have a reason, as `barograph review` of the same week."""
    found = ids(week)
    head = week.week.head
    assert len(found) == head["attention_eligible"]
    ranked = Standing.objects.filter(week=week.week, rank__isnull=False).order_by("rank")
    assert found[: len(ranked)] == [row.account.account_id for row in ranked.select_related("account")]
    assert queries.plan_of(week.week).at_most == len(ranked)


def test_groups_are_the_librarys(week: Monday, people: People) -> None:
    page = page_for(people.ada, week)
    for kind in queries.MOVED:
        rows = Standing.objects.filter(week=week.week, moved=kind)
        assert page.groups[kind].count == rows.count()
    tiers = {tier.tier: (tier.accounts, round(tier.arr, 2)) for tier in page.tiers}
    assert tiers == {t["tier"]: (t["accounts"], round(t["arr"], 2)) for t in week.week.head["tiers"]}
    movement, told = page.movement, week.week.head["movement"]
    assert movement is not None
    assert f"{told['down']} account" in movement.summary and f"{told['up']} account" in movement.summary


def test_a_plan_on_track_steps_back_and_comes_back_when_it_is_due(week: Monday, people: People) -> None:
    first = ids(week)[0]
    account = Account.objects.get(account_id=first)
    planned(account, week.before, people.carla, due_in=14)
    assert ids(week).index(first) > 0
    assert sorted(ids(week)) == sorted(ids(week, week.before.as_of + timedelta(days=15)))
    assert ids(week, week.before.as_of + timedelta(days=15))[0] == first, (
        "overdue: nothing speaks for waiting"
    )


def test_a_decision_of_this_week_does_not_move_the_list_under_ones_fingers(
    week: Monday, people: People
) -> None:
    before = ids(week)
    planned(week.listed[0], week.week, people.carla, due_in=14)
    assert ids(week) == before


def test_what_a_new_model_moved_waits_for_a_person(week: Monday, people: People) -> None:
    mover = Standing.objects.filter(week=week.week, rank=1).get()
    Standing.objects.filter(pk=mover.pk).update(moved="moved_by_model")
    forget()
    plan = queries.plan_of(week.week)
    assert not plan.released
    assert mover.account.account_id not in ids(week, released=plan.released)
    page = page_for(people.ada, week)
    assert page.groups["moved_by_model"].count == 1
    assert page.with_reason == len(ids(week)) - 1
    VersionRelease.objects.create(
        model_version=week.week.model_version,
        released_by=people.ada,
        released_by_label="Ada",
        reason="Looked",
    )
    assert queries.plan_of(week.week).released
    assert mover.account.account_id in ids(week)


def test_figures_are_of_accounts_that_one_may_see(week: Monday, people: People) -> None:
    for person in (people.carla, people.lena, people.otto, people.ada):
        seen = visible_accounts(person, TODAY)
        page = page_for(person, week)
        assert (
            sum(tier.accounts for tier in page.tiers)
            == Standing.objects.filter(week=week.week, account__in=seen).count()
        )
        for one in page.entries():
            assert seen.filter(account_id=one.account_id).exists()


def test_the_scope_begins_where_people_work(week: Monday, people: People) -> None:
    assert scope_of(people.carla, TODAY, {}).name == "mine"
    assert scope_of(people.lena, TODAY, {}).name == "team"
    assert scope_of(people.ada, TODAY, {}).name == "all"
    assert scope_of(people.carla, TODAY, {"scope": "all"}).name == "mine", "choosing never widens"
    people.lena.team = None
    assert scope_of(people.lena, TODAY, {}).whole
    assert not scope_of(people.ada, TODAY, {"segment": "smb"}).whole
    assert people.lena.role == Role.LEADER


def test_narrowing_narrows(week: Monday, people: People) -> None:
    everything = page_for(people.ada, week)
    for segment in everything.scope.segments:
        part = page_for(people.ada, week, segment=segment)
        assert {one.standing.account.segment for one in part.entries()} <= {segment}
    owner = week.listed[0].csm_email or ""
    part = page_for(people.ada, week, owner=owner)
    assert {one.standing.account.csm_email for one in part.entries()} == {owner}
    assert part.scope.words.endswith(f"owner {owner}")


def test_a_page_after_the_list_goes_on_where_it_ended(week: Monday, people: People) -> None:
    page = page_for(people.ada, week)
    found = page.entries()
    assert len(found) == page.plan.at_most
    more = page.entries(len(found))
    assert [one.account_id for one in (*found, *more)] == ids(week)[: len(found) + len(more)]
    assert more[0].place == len(found) + 1


def test_due_steps_come_back_and_closed_ones_do_not(week: Monday, people: People) -> None:
    due = planned(week.listed[0], week.before, people.carla, due_in=3)
    planned(week.listed[1], week.before, people.carla, due_in=30)
    everything = Account.objects.all()
    assert list(queries.due(everything, week.week, TODAY)) == [due]
    services.close(due, "moot", "", by=people.carla)
    assert not queries.due(everything, week.week, TODAY)


def test_disagreements_wait_for_those_who_can_settle_them(week: Monday, people: People) -> None:
    account = week.listed[0]
    wanted = services.Wanted("disagree", "They migrate until January")
    made = services.decide(account, week.before.as_of, wanted, by=people.carla, seen=None)
    assert [one.decision for one in page_for(people.ada, week).disagreements] == [made]
    assert page_for(people.carla, week).disagreements == []
    services.decide(
        account,
        week.before.as_of,
        services.Wanted("agree", "Numbers"),
        by=people.ada,
        seen=made.pk,
        ruling=True,
    )
    assert page_for(people.ada, week).disagreements == []


def test_a_later_verdict_settles_a_disagreement(week: Monday, people: People) -> None:
    account = week.listed[0]
    services.decide(account, week.before.as_of, services.Wanted("disagree", "No"), by=people.carla, seen=None)
    services.decide(account, week.week.as_of, services.Wanted("agree"), by=people.carla, seen=None)
    assert page_for(people.ada, week).disagreements == []


def test_the_alarm_is_for_who_looks_at_everything(week: Monday, people: People) -> None:
    head = week.week.head
    head["structural_alarm"] = {**head["structural_alarm"], "raised": True}
    assert page_for(people.ada, week).alarm is not None
    assert page_for(people.ada, week, segment="smb").alarm is None
    assert page_for(people.carla, week).alarm is None
