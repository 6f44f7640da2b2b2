"""Truth: planted. Goals of agreed plans are in the lake's raw table as they stand, once, and come back as
facts (P11)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from barograph.workspace import Workspace
from barograph_web.growth import services_plans as services
from barograph_web.growth.follow_up import propose_plans
from barograph_web.growth.history import OvertakenError, RefusedError, entries_of
from barograph_web.growth.models import Goal, SuccessPlan
from barograph_web.growth.publishing import publish_changed, row_of
from barograph_web.growth.queries_account import plan_page
from barograph_web.growth.rules import SHIPPED
from barograph_web.ops.models import AuditEvent, Run, RunKind
from barograph_web.plays.models import Task
from barograph_web.portfolio.models import Account, AccountFact, FactKind
from support.web_company import company_copy
from support.web_people import People
from support.web_success import NOW, TODAY, OneRun, account_for, agreed_plan

pytestmark = pytest.mark.django_db


def in_lake(place: Workspace) -> list[tuple[Any, ...]]:
    """Every version of our goals, oldest first."""
    files = [str(path) for path in place.lake.resolve(place.lake.manifest().entries("raw/goals"))]
    columns = "goal_id, account_id, title, baseline, target, measured, unit, due_on, confirmed_by"
    return duckdb.sql(
        f"SELECT {columns} FROM read_parquet({files}, union_by_name = true) "
        "WHERE goal_id LIKE 'app-goal-%' ORDER BY _seq"
    ).fetchall()


def test_goals_go_into_the_lake_as_they_stand(people: People, company_place: Path, tmp_path: Path) -> None:
    place = Workspace.open(company_copy(company_place, tmp_path / "ws"))
    account = account_for(people.carla)
    _plan, goal = agreed_plan(account, people.carla)
    assert publish_changed(OneRun(NOW), place)["goals"] == 1  # type: ignore[arg-type]
    first = (goal.key, account.account_id, "Close faster", 10.0, 3.0, None, "days", date(2027, 3, 31), None)
    assert in_lake(place) == [first]
    assert publish_changed(OneRun(NOW), place) == {"goals": 0}, "the same again finds nothing to do"  # type: ignore[arg-type]

    later = NOW + timedelta(hours=1)
    goal = services.measure(goal, value=4.0, on=TODAY, seen=1, by=people.carla, now=later, today=TODAY)
    goal = services.confirm(
        goal, who="Maya Okafor", how="meeting", on=TODAY, seen=2, by=people.carla, now=later, today=TODAY
    )
    run = OneRun(later)
    told = publish_changed(run, place)  # type: ignore[arg-type]
    assert (told["goals"], told["rejected"], run.degraded) == (1, 0, [])
    assert in_lake(place) == [first, (*first[:5], 4.0, "days", date(2027, 3, 31), "Maya Okafor")]
    assert AuditEvent.objects.filter(action="goals.published").count() == 2


def test_a_proposal_is_not_published_and_a_dropped_goal_loses_its_numbers(people: People) -> None:
    plan = services.start(account_for(people.carla), summary="Why", begins_on=TODAY, by=people.carla, now=NOW)
    goal = services.add_goal(plan, services.GoalWanted("Faster", 10.0, 3.0), by=people.carla, now=NOW)
    assert publish_changed(OneRun(NOW), None) == {"goals": 0}  # type: ignore[arg-type]
    assert row_of(goal)["target"] == 3.0
    dropped = services.settle_goal(goal, "drop", words="Not theirs.", seen=1, by=people.carla, now=NOW)
    assert (row_of(dropped)["target"], row_of(dropped)["baseline"]) == (None, None)


def test_changes_of_one_minute_are_one_run(people: People) -> None:
    agreed_plan(account_for(people.carla), people.carla)
    [run] = Run.objects.filter(kind=RunKind.GOALS)
    assert run.key == "2026-11-18T11:01Z"
    assert run.due_at == NOW + timedelta(minutes=1)


def test_plans_are_proposed_when_the_first_contract_begins_once(people: People) -> None:
    AccountFact.objects.filter(kind=FactKind.CONTRACT).delete()
    young, old, last = Account.objects.filter(is_current=True).order_by("account_id")[:3]
    for account, begins in (
        (young, TODAY - timedelta(days=5)),
        (old, TODAY - timedelta(days=60)),
        (last, date(2020, 1, 1)),
    ):
        for key, day in (
            (f"{account.account_id}-1", begins),
            (f"{account.account_id}-2", TODAY - timedelta(days=1)),
        ):
            if day >= begins:
                AccountFact.objects.create(
                    account_id=account.account_id, kind=FactKind.CONTRACT, key=key, digest="",
                    data={"contract_id": key, "start_date": day.isoformat()},
                )  # fmt: skip
    assert propose_plans(SHIPPED, TODAY, NOW) == 2
    assert propose_plans(SHIPPED, TODAY, NOW) == 0
    assert set(SuccessPlan.objects.values_list("account_id", "state")) == {
        (young.account_id, "proposed"), (old.account_id, "proposed"),
    }  # fmt: skip
    tasks = Task.objects.filter(source="plan")
    assert [task.account_id for task in tasks] == [young.account_id], (
        "history gives nobody anything to do (P9)"
    )
    plan = SuccessPlan.objects.get(account_id=young.account_id)
    services.close_plan(plan, seen=1, words="They have one of their own.", by=people.carla, now=NOW)
    assert propose_plans(SHIPPED, TODAY, NOW) == 0, "one that was closed is not proposed again"
    assert Task.objects.get(source="plan").state == "dropped"


def test_agreeing_needs_goals_and_says_with_whom(people: People) -> None:
    plan = services.start(account_for(people.carla), summary="Why", begins_on=TODAY, by=people.carla, now=NOW)
    with pytest.raises(RefusedError):
        services.agree_plan(plan, seen=1, words="In the kick-off.", by=people.carla, now=NOW)
    services.add_goal(plan, services.GoalWanted("Faster"), by=people.carla, now=NOW)
    with pytest.raises(RefusedError):
        services.agree_plan(plan, seen=1, words="", by=people.carla, now=NOW)
    assert (
        services.agree_plan(plan, seen=1, words="In the kick-off.", by=people.carla, now=NOW).state
        == "agreed"
    )
    with pytest.raises(OvertakenError):
        services.start(
            account_for(people.carla), summary="Another", begins_on=TODAY, by=people.carla, now=NOW
        )


def test_a_goal_is_reached_when_the_customer_says_so(people: People) -> None:
    _, goal = agreed_plan(account_for(people.carla), people.carla)
    goal = services.measure(goal, value=2.0, on=TODAY, seen=1, by=people.carla, now=NOW, today=TODAY)
    assert goal.state == "open", "a number past the target is not a confirmation"
    for who, how, on in (
        ("", "meeting", TODAY),
        ("Maya", "", TODAY),
        ("Maya", "meeting", TODAY + timedelta(days=1)),
    ):
        with pytest.raises(RefusedError):
            services.confirm(goal, who=who, how=how, on=on, seen=2, by=people.carla, now=NOW, today=TODAY)
    goal = services.confirm(
        goal, who="Maya", how="signed", on=TODAY, seen=2, by=people.carla, now=NOW, today=TODAY
    )
    assert (goal.state, plan_page(account_for(people.carla)).goals) == ("reached", [goal])
    goal = services.settle_goal(goal, "reopen", words="It slipped.", seen=3, by=people.carla, now=NOW)
    assert (goal.state, goal.confirmed_by, goal.confirmed_on) == ("open", "", None)
    assert [e.move for e in entries_of(goal)] == ["reopen", "confirm", "measure", "begin"]
    assert entries_of(goal)[1].changes["confirmed_by"] == "Maya", (
        "what was said that day stays in the history"
    )


def test_measurements_do_not_go_back(people: People) -> None:
    _, goal = agreed_plan(account_for(people.carla), people.carla)
    goal = services.measure(goal, value=5.0, on=TODAY, seen=1, by=people.carla, now=NOW, today=TODAY)
    with pytest.raises(RefusedError):
        services.measure(
            goal, value=6.0, on=TODAY - timedelta(days=1), seen=2, by=people.carla, now=NOW, today=TODAY
        )
    assert Goal.objects.get(pk=goal.pk).measured == 5.0
