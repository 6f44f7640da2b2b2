"""Truth: permission and arithmetic. People see how their calls fared, their lead does, nobody else whatever their role;
calls count by the days before the decision; switched off, nothing is kept (X4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from barograph.learning.judgement import ALARM, DOUBT, NO_CONCERN
from barograph_web.pulses import grades, grading
from barograph_web.pulses.grading import EARLIEST, LATEST, Call, counted, document_of
from barograph_web.pulses.models import Grade
from barograph_web.pulses.outcomes import Outcome
from barograph_web.users.models import Role, Team, User
from support.web_people import People
from support.web_pulses import NOW

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
DAY = date(2026, 10, 1)


@pytest.fixture
def graded(team: People) -> People:
    """With grades worked out; anna is the account manager of many imported pulses, and in carla's team."""
    team.anna.team = team.lena.team
    team.anna.save()
    assert grading.grade_everybody(NOW) >= 1
    return team


def test_who_sees_whose(graded: People, client_of: ClientOf) -> None:
    assert Grade.objects.filter(person=graded.anna).exists()
    for viewer in graded.all():
        path = f"/pulses/grades/{graded.anna.pk}/"
        status = client_of(viewer).get(path).status_code
        if viewer in (graded.anna, graded.lena):
            assert status == 200, viewer.name
        else:
            assert status == (403 if viewer in (graded.eve, graded.gus) else 404), viewer.name


def test_administrators_and_other_leaders_do_not_see_it(graded: People, client_of: ClientOf) -> None:
    elsewhere = Team.objects.create(name="Team South")
    other = User.objects.create_user("south@example.com", name="S", role=Role.LEADER, team=elsewhere)
    chief = User.objects.create_user("chief@example.com", name="C", role=Role.LEADER)
    for viewer in (other, chief, graded.ada, graded.otto):
        assert client_of(viewer).get(f"/pulses/grades/{graded.anna.pk}/").status_code == 404
        assert graded.anna.name not in client_of(viewer).get("/pulses/grades/").content.decode().replace(
            viewer.name, ""
        )
    page = client_of(graded.lena).get("/pulses/grades/").content.decode()
    assert "Anna" in page and "Carla" in page, "a lead finds their people"


def test_leads_follow_teams(graded: People) -> None:
    inner = Team.objects.create(name="Inner", parent=graded.lena.team)
    graded.anna.team = inner
    graded.anna.save()
    assert graded.anna in grades.led_by(graded.lena), "a team in the team, without a leader of its own"
    nearer = User.objects.create_user("near@example.com", name="N", role=Role.LEADER, team=inner)
    assert graded.anna in grades.led_by(nearer) and graded.anna not in grades.led_by(graded.lena)
    chief = User.objects.create_user("chief@example.com", name="C", role=Role.LEADER)
    assert graded.otto in grades.led_by(chief) and graded.anna not in grades.led_by(chief)
    assert grades.led_by(graded.ada) == []
    assert chief not in grades.led_by(nearer)
    nearer.is_active = False
    nearer.save()
    assert graded.anna in grades.led_by(graded.lena), "who is gone leads nobody"


def test_switched_off_there_is_no_page_and_nothing_is_kept(
    graded: People, client_of: ClientOf, option: Callable[..., None]
) -> None:
    option(grading=False)
    for viewer in (graded.anna, graded.lena):
        assert client_of(viewer).get("/pulses/grades/").status_code == 404
        assert client_of(viewer).get(f"/pulses/grades/{graded.anna.pk}/").status_code == 404
    assert "How calls fared" not in client_of(graded.anna).get("/pulses/").content.decode()
    assert grading.grade_everybody(NOW) == 0
    assert not Grade.objects.exists()


def test_too_few_say_how_many_are_missing(graded: People, client_of: ClientOf) -> None:
    page = client_of(graded.carla).get("/pulses/grades/").content.decode()
    assert "Nothing to hold calls against yet" in page
    document = document_of("a@example.com", {}, {})
    assert (document["pulses"]["missing"], document["pulses"]["warned"]) == (10, None)
    Grade.objects.create(person=graded.carla, at=NOW, document=document)
    page = client_of(graded.carla).get("/pulses/grades/").content.decode()
    assert "10 more are needed" in page


@pytest.mark.parametrize(
    ("before", "counts"), [(LATEST - 1, False), (LATEST, True), (EARLIEST, True), (EARLIEST + 1, False)]
)
def test_a_call_counts_by_its_days_before_the_decision(before: int, counts: bool) -> None:
    call = Call("a@example.com", "A1", DAY - timedelta(days=before), ALARM)
    found = counted([call], {"A1": [Outcome("A1", DAY, "churned")]})
    assert (len(found.get("a@example.com", ())) == 1) is counts


def test_the_last_call_on_each_decision_counts() -> None:
    outcomes = {"A1": [Outcome("A1", DAY, "churned"), Outcome("A1", DAY + timedelta(days=365), "renewed")]}
    calls = [
        Call("a@example.com", "A1", DAY - timedelta(days=100), NO_CONCERN),
        Call("a@example.com", "A1", DAY - timedelta(days=40), ALARM),
        Call("a@example.com", "A1", DAY + timedelta(days=300), NO_CONCERN),
        Call("b@example.com", "A1", DAY - timedelta(days=90), DOUBT),
        Call("b@example.com", "A2", DAY - timedelta(days=90), DOUBT),
    ]
    found = counted(calls, outcomes)
    assert sorted(found) == ["a@example.com", "b@example.com"]
    mine = found["a@example.com"]
    assert (mine.view.tolist(), mine.lost.tolist()) == ([ALARM, NO_CONCERN], [True, False])
    assert len(set(mine.account.tolist())) == 1, "one account, one witness"
    assert found["b@example.com"].view.tolist() == [DOUBT]


def test_imported_pulses_count_for_whose_address_they_carry(graded: People) -> None:
    told = Grade.objects.get(person=graded.anna).document["pulses"]
    assert told["n"] >= 10 and told["reassured"]["n"] + told["warned"]["n"] == told["n"]
    assert sum(view["n"] for view in told["by_view"]) == told["n"]
