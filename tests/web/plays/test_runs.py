"""Truth: planted truth. The worker takes the seeded company's week through the library: going live opens nothing by
itself, a release opens what stands, and looking again changes nothing (P1, P3, P9, P10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from barograph_web.alerts.models import Event
from barograph_web.ops.models import Run
from barograph_web.ops.services import request_run
from barograph_web.ops.worker import work_off
from barograph_web.ops.workspace import now, today
from barograph_web.plays import services
from barograph_web.plays.cadence import make_due
from barograph_web.plays.models import (
    Clock,
    DataIncident,
    Firing,
    FiringState,
    IncidentKind,
    PlayRun,
    RunState,
    Task,
    TeamLoad,
    TriggeredWeek,
)
from barograph_web.portfolio.models import Account, Standing, Week
from barograph_web.scoring.models import VersionRelease
from barograph_web.users.models import User
from support.web_company import company_copy, open_in_application
from support.web_people import People, make_people


@pytest.fixture
def team(projected: Path, tmp_path: Path, db: None) -> People:
    """The named people, beside a copy of the company that may be written to."""
    open_in_application(company_copy(projected, tmp_path / "company"))
    return make_people()


def look(key: str) -> Run:
    run = request_run("plays", key, {}, None)
    work_off()
    run.refresh_from_db()
    assert run.state == "done", run.error
    return run


@pytest.fixture
def live(team: People) -> DataIncident:
    look("first")
    return DataIncident.objects.get()


def test_going_live_with_history_opens_nothing_and_tells_nobody(live: DataIncident) -> None:
    assert live.kind == IncidentKind.FIRST
    assert live.firings.filter(state=FiringState.WAITING).count() > 20
    assert not PlayRun.objects.exists()
    assert not Task.objects.exists(), "cadences wait as well"
    assert not Event.objects.filter(kind__in=["play.opened", "task.assigned", "task.escalated"]).exists()


def test_a_release_opens_what_stands_once_with_owners_and_the_promises_of_the_tier(
    live: DataIncident, team: People
) -> None:
    services.release(live, reason="Looked at it", by=team.lena)
    work_off()
    at_risk = set(
        Standing.objects.filter(week=Week.objects.first(), tier="at_risk").values_list(
            "account__account_id", flat=True
        )
    )
    rescued = set(
        PlayRun.objects.filter(play="rescue", state=RunState.OPEN).values_list("account_id", flat=True)
    )
    noticed = set(Account.objects.filter(notice_given=True).values_list("account_id", flat=True))
    assert rescued == at_risk - noticed
    assert not Firing.objects.filter(state=FiringState.WAITING).exists()
    demanded = set(Clock.objects.filter(play_run__play="rescue").values_list("demand", flat=True))
    assert demanded == {"owner", "touch", "plan", "resolve"}
    watched = Clock.objects.filter(play_run__play="watch_plan", demand="touch").first()
    assert watched is None or watched.allowed_hours == 40.0, "five working days, by the tier"
    mine = Task.objects.filter(source="play", routed="the account's CSM", owner=team.carla)
    assert mine.exists()
    assert VersionRelease.objects.exists()
    _looking_again_changes_nothing()
    _cadences_become_tasks_once_and_go_when_the_loss_is_accepted(team)


def _looking_again_changes_nothing() -> None:
    before = (PlayRun.objects.count(), Task.objects.count(), Clock.objects.count(), Firing.objects.count())
    look("again")
    after = (PlayRun.objects.count(), Task.objects.count(), Clock.objects.count(), Firing.objects.count())
    assert before == after
    assert TriggeredWeek.objects.count() == 1


def _cadences_become_tasks_once_and_go_when_the_loss_is_accepted(team: People) -> None:
    later = today() + timedelta(days=7)
    make_due(later, now())
    tasks = Task.objects.unfinished().filter(source="cadence")
    assert tasks.exists()
    assert make_due(later, now())["made"] == 0
    one = Account.objects.get(account_id=tasks.order_by("pk").values_list("account_id", flat=True)[0])
    services.accept_loss(one, reason="They close down", by=team.lena, seen=None)
    make_due(later, now())
    assert not Task.objects.unfinished().filter(source="cadence", account_id=one.account_id).exists()


def test_capacity_is_worked_out_and_counts_every_csm(
    live: DataIncident, team: People, client_of: Callable[[User], Client]
) -> None:
    document = TeamLoad.objects.get().document
    csms = set(
        Account.objects.filter(is_current=True).exclude(csm_email=None).values_list("csm_email", flat=True)
    )
    assert csms <= {load["owner"] for load in document["loads"]}
    page = client_of(team.lena).get(reverse("plays:capacity"))
    assert page.status_code == 200


def test_a_dry_run_says_what_the_week_sets_off_and_opens_nothing(
    live: DataIncident, team: People, client_of: Callable[[User], Client]
) -> None:
    client = client_of(team.lena)
    week = Week.objects.first()
    asked = client.post(reverse("plays:ask_dry_run"), {"week": week.as_of.isoformat()})
    work_off()
    page = client.get(asked["Location"])
    assert page.context["total"] > 0
    assert not PlayRun.objects.exists()
    assert client.post(reverse("plays:ask_dry_run"), {"week": "no day"}).status_code == 404
