"""Truth: state machine. Each key of the library opens its play once, and what is held back opens when, and only when,
it should (P1, P9, issue 5 part 2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from barograph.core.calendar import day_number
from barograph.core.firing import HeldBack, Incident
from barograph.definitions.play import Play
from barograph_web.alerts.models import Event
from barograph_web.ops.worker import work_off
from barograph_web.plays import services
from barograph_web.plays.errors import OvertakenError, RefusedError
from barograph_web.plays.firing import take_in, wake_firings
from barograph_web.plays.models import (
    DataIncident,
    Firing,
    FiringState,
    IncidentState,
    PlayRun,
    RunState,
    Task,
)
from barograph_web.scoring.models import VersionRelease
from support.web_plays import MONDAY, NOW, Desk, account, firing, play, report

Offer = Callable[..., None]
LATER = timedelta(days=7)


@pytest.fixture(autouse=True)
def _offered(with_plays: Offer) -> None:
    with_plays(play())


def test_a_firing_opens_its_play_with_owner_dates_and_clocks(desk: Desk) -> None:
    account(1, desk.carla)
    assert take_in(report(firing("A1")), NOW, "small-v1") == {"opened": 1}
    run = PlayRun.objects.get()
    assert (run.state, run.week, run.tier, run.priority) == (RunState.OPEN, MONDAY, "at_risk", 3)
    first, second = run.tasks.order_by("position")
    assert (first.owner, first.due_on) == (desk.carla, MONDAY + timedelta(days=1))
    assert (second.due_on, second.customer_facing) == (MONDAY + timedelta(days=2), True)
    waiting = dict(run.clocks.filter(stopped_at=None).values_list("demand", "due_at"))
    ends = NOW.replace(hour=17)
    assert waiting == {"touch": ends + timedelta(days=1), "plan": ends + timedelta(days=4)}
    assert run.clocks.get(demand="owner").met is True
    assert Event.objects.filter(kind="play.opened").count() == 1
    assert Event.objects.filter(kind="task.assigned").count() == 2


def test_a_replay_of_the_week_opens_nothing(desk: Desk) -> None:
    account(1, desk.carla)
    take_in(report(firing("A1")), NOW, "small-v1")
    services.cancel_run(PlayRun.objects.get(), reason="No longer", by=desk.carla, now=NOW)
    again = NOW + timedelta(days=60)
    assert take_in(report(firing("A1")), again, "small-v1") == {"known": 1}
    assert PlayRun.objects.count() == 1


def test_one_run_is_open_per_account_and_play_and_it_cools_down(desk: Desk) -> None:
    account(1, desk.carla)
    take_in(report(firing("A1")), NOW, "small-v1")
    week = MONDAY + LATER
    assert take_in(report(firing("A1", week), week=week), NOW + LATER, "v") == {"dropped": 1}
    assert Firing.objects.get(week=week).why == "open"
    services.close_run(PlayRun.objects.get(), RunState.SUCCEEDED, why="Saved", by=desk.carla, now=NOW + LATER)
    cool, warm = MONDAY + 3 * LATER, MONDAY + 7 * LATER
    take_in(report(firing("A1", cool), week=cool), NOW + 3 * LATER, "v")
    assert Firing.objects.get(week=cool).why == "cool_down"
    assert take_in(report(firing("A1", warm), week=warm), NOW + 7 * LATER, "v") == {"opened": 1}


def test_two_milestones_of_one_play_are_two_reasons(desk: Desk, with_plays: Offer) -> None:
    trigger = {"on": "date", "days_before": [90, 60]}
    with_plays(play("renewal", trigger=trigger))
    account(1, desk.carla)
    far = firing("A1", name="renewal", cause="90", milestone=90, deadline=day_number(MONDAY) + 90)
    near = firing("A1", name="renewal", cause="60", milestone=60, deadline=day_number(MONDAY) + 60)
    assert take_in(report(far, near), NOW, "v") == {"opened": 2}


def test_a_snooze_holds_with_its_reason_and_the_play_opens_when_it_ends(desk: Desk) -> None:
    one = account(1, desk.carla)
    until = MONDAY + timedelta(days=3)
    services.snooze_play(one, "rescue", until=until, reason="Merger under way", by=desk.carla, now=NOW)
    assert take_in(report(firing("A1")), NOW, "v") == {"held_back": 1}
    held = Firing.objects.get()
    assert "Merger under way" in held.words
    assert wake_firings(until, NOW + timedelta(days=3)) == 0
    assert wake_firings(until + timedelta(days=1), NOW + timedelta(days=4)) == 1
    assert wake_firings(until + timedelta(days=1), NOW + timedelta(days=4)) == 0
    assert PlayRun.objects.get().key == held.key


def test_a_snooze_says_why(desk: Desk) -> None:
    with pytest.raises(RefusedError) as refused:
        services.snooze_play(account(1), "rescue", until=MONDAY, reason=" ", by=desk.carla, now=NOW)
    assert refused.value.field == "reason"


def _worked_off() -> int:
    """Have the worker do what was asked for; how many runs are open."""
    assert work_off() == ["done"]
    return PlayRun.objects.filter(state=RunState.OPEN).count()


def _incident() -> Incident:
    return Incident(
        f"feed/{MONDAY}", "scores", day_number(MONDAY), "Scores of 80 of 100 fell", 80, 100, 0.8, 1e6, (), {}
    )


def test_the_guard_opens_one_incident_and_release_opens_what_it_held(desk: Desk) -> None:
    for number in (1, 2, 3):
        account(number, desk.carla)
    held = tuple(HeldBack(firing(f"A{n}"), "data_incident") for n in (1, 2, 3))
    said = report(held=held, incident=_incident())
    assert take_in(said, NOW, "v") == {"held_back": 3}
    assert take_in(said, NOW, "v") == {"known": 3}
    incident = DataIncident.objects.get()
    assert PlayRun.objects.count() == 0
    assert Event.objects.filter(kind="data.incident").count() == 1
    services.acknowledge(incident, by=desk.otto, now=NOW)
    with pytest.raises(OvertakenError):
        services.acknowledge(incident, by=desk.lena, now=NOW)
    assert services.release(incident, reason="It was real", by=desk.otto, now=NOW) == 3
    assert PlayRun.objects.count() == 0, "the worker opens them"
    assert _worked_off() == 3
    assert PlayRun.objects.filter(state=RunState.OPEN).count() == 3
    with pytest.raises(OvertakenError):
        services.drop_incident(incident, reason="No", by=desk.lena, now=NOW)


def test_a_dropped_incident_opens_nothing_ever(desk: Desk) -> None:
    account(1, desk.carla)
    held = (HeldBack(firing("A1"), "data_incident"),)
    take_in(report(held=held, incident=_incident()), NOW, "v")
    incident = DataIncident.objects.get()
    assert services.drop_incident(incident, reason="The feed broke", by=desk.otto, now=NOW) == 1
    incident.refresh_from_db()
    assert incident.state == IncidentState.DROPPED
    assert take_in(report(firing("A1")), NOW, "v") == {"known": 1}
    assert not Task.objects.exists()


def test_a_new_version_waits_for_a_person_and_its_weeks_wait_together(desk: Desk) -> None:
    """P9: changing a model fires nothing by itself."""
    account(1, desk.carla)
    account(2, desk.carla)
    next_week = MONDAY + LATER
    first = HeldBack(firing("A1"), "version_not_released")
    second = HeldBack(firing("A2", next_week), "version_not_released")
    take_in(report(held=(first,)), NOW, "small-v1")
    take_in(report(held=(second,), week=next_week), NOW + LATER, "small-v1")
    incident = DataIncident.objects.get()
    assert PlayRun.objects.count() == 0
    assert Event.objects.count() == 0
    assert services.release(incident, reason="Looked at the moves", by=desk.lena, now=NOW + LATER) == 2
    assert _worked_off() == 2
    assert VersionRelease.objects.get().model_version == "small-v1"


def test_what_the_library_rules_out_is_not_kept(desk: Desk) -> None:
    held = (HeldBack(firing("A1"), "audience"), HeldBack(firing("A2"), "insufficient"))
    assert take_in(report(held=held), NOW, "v") == {}
    assert not Firing.objects.exists()


def test_an_accepted_loss_opens_no_play(desk: Desk) -> None:
    one = account(1, desk.carla)
    services.accept_loss(one, reason="They close down", by=desk.lena, seen=None, now=NOW)
    take_in(report(firing("A1")), NOW, "v")
    assert (Firing.objects.get().state, Firing.objects.get().why) == (FiringState.DROPPED, "accepted")


def test_by_hand_a_play_opens_in_spite_of_its_cool_down_but_not_twice(desk: Desk) -> None:
    one = account(1, desk.carla)
    run = services.open_play(one, "rescue", by=desk.carla, reason="The sponsor called", now=NOW)
    assert run.is_manual
    with pytest.raises(RefusedError):
        services.open_play(one, "rescue", by=desk.lena, reason="Me too", now=NOW)
    services.cancel_run(run, reason="Wrong account", by=desk.carla, now=NOW)
    assert not Task.objects.unfinished().exists()
    soon = NOW + timedelta(hours=1)
    assert services.open_play(one, "rescue", by=desk.lena, reason="Again", now=soon).state == RunState.OPEN


def test_a_run_without_a_check_ends_with_its_last_step(desk: Desk) -> None:
    account(1, desk.carla)
    take_in(report(firing("A1")), NOW, "v")
    run = PlayRun.objects.get()
    first, second = run.tasks.all()
    services.complete(first, by=desk.carla, note="Read", now=NOW)
    run.refresh_from_db()
    assert run.state == RunState.OPEN
    services.drop(second, by=desk.carla, reason="Not reachable", now=NOW)
    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED
    assert Event.objects.filter(kind="play.closed").count() == 1


def test_a_play_keeps_its_promise_when_its_file_is_edited(desk: Desk, with_plays: Offer) -> None:
    account(1, desk.carla)
    take_in(report(firing("A1")), NOW, "v")
    with_plays(play(title="Another"))
    kept = Play.model_validate(PlayRun.objects.get().definition)
    assert kept.title == "Rescue"
