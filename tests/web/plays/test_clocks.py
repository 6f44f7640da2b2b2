"""Truth: state machine and properties. Clocks run in working hours, stand still while paused, and whether one was
missed or brought before a lead follows from its times alone, however often and whenever somebody looks (P4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from barograph_web.alerts.models import Event
from barograph_web.plays import services
from barograph_web.plays.breaches import look_at_clocks
from barograph_web.plays.errors import OvertakenError, RefusedError
from barograph_web.plays.firing import take_in
from barograph_web.plays.models import Clock, PlayRun, Task, TaskEvent, TaskState, Touch
from barograph_web.plays.rounds import go_round
from support.web_plays import MONDAY, NOW, Desk, account, firing, play, report

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TOUCH_DUE = NOW.replace(hour=17) + DAY
"""Two working days after Monday 09:00 are used up on Tuesday at 17:00."""


@pytest.fixture
def opened(desk: Desk, with_plays: Callable[..., None]) -> PlayRun:
    with_plays(play())
    account(1, desk.carla)
    take_in(report(firing("A1")), NOW, "v")
    return PlayRun.objects.get()


def touch_clock() -> Clock:
    return Clock.objects.get(demand="touch")


def test_a_logged_touch_ends_the_time_to_intervene_a_click_does_not(opened: PlayRun, desk: Desk) -> None:
    first = opened.tasks.first()
    assert first is not None
    services.complete(first, by=desk.carla, note="Read it", now=NOW + HOUR)
    assert touch_clock().stopped_at is None
    services.log_touch("A1", kind="call", at=NOW + 2 * HOUR, by=desk.carla, now=NOW + 3 * HOUR)
    clock = touch_clock()
    assert (clock.stopped_at, clock.met, clock.owner) == (NOW + 2 * HOUR, True, desk.carla)


def test_a_touch_from_before_does_not_count_and_one_to_come_is_refused(opened: PlayRun, desk: Desk) -> None:
    services.log_touch("A1", kind="call", at=NOW - HOUR, by=desk.carla, now=NOW)
    assert touch_clock().stopped_at is None
    with pytest.raises(RefusedError):
        services.log_touch("A1", kind="call", at=NOW + DAY, by=desk.carla, now=NOW)


def test_the_same_touch_from_outside_is_one(opened: PlayRun, desk: Desk) -> None:
    for _ in range(2):
        services.log_touch("A1", kind="call", at=NOW, by=None, external_id="crm-7", now=NOW)
    assert Touch.objects.count() == 1


def test_a_breach_is_found_after_days_of_sleep_once_and_goes_to_the_lead(opened: PlayRun, desk: Desk) -> None:
    asleep = NOW + 9 * DAY
    look_at_clocks(asleep)
    clock = touch_clock()
    assert (clock.breached_at, clock.owner) == (TOUCH_DUE, desk.carla)
    assert (clock.escalated_at, clock.escalated_to) == (TOUCH_DUE + DAY, desk.lena)
    assert look_at_clocks(asleep + DAY) == 0
    said = Event.objects.filter(kind="task.escalated", payload__to_emails=[desk.lena.email])
    assert said.count() == 2, "touch and plan"
    assert Event.objects.filter(kind="task.breached").count() == 2


def test_work_done_late_while_nobody_looked_is_still_a_breach(opened: PlayRun, desk: Desk) -> None:
    late = TOUCH_DUE + HOUR
    services.log_touch("A1", kind="call", at=late, by=desk.carla, now=late)
    clock = touch_clock()
    assert (clock.met, clock.breached_at, clock.escalated_at) == (False, TOUCH_DUE, None)
    assert Event.objects.filter(kind="task.breached").count() == 1


def test_a_pause_moves_the_day_and_needs_a_reason(opened: PlayRun, desk: Desk) -> None:
    clock = touch_clock()
    with pytest.raises(RefusedError):
        services.pause(clock, " ", desk.carla, now=NOW + HOUR)
    services.pause(clock, "They are on holiday", desk.carla, now=NOW + HOUR)
    with pytest.raises(OvertakenError):
        services.pause(clock, "Twice", desk.ned, now=NOW + HOUR)
    assert look_at_clocks(NOW + 5 * HOUR) == 0
    services.resume(clock, desk.carla, now=NOW + 7 * DAY)
    clock.refresh_from_db()
    assert clock.due_at == NOW + 7 * DAY + DAY + 7 * HOUR, "15 of 16 hours were left"
    assert clock.pauses.get().ended_at == NOW + 7 * DAY


def test_a_clock_over_its_time_cannot_be_paused_away(opened: PlayRun, desk: Desk) -> None:
    with pytest.raises(OvertakenError):
        services.pause(touch_clock(), "Too late", desk.carla, now=TOUCH_DUE + HOUR)


def test_accepting_the_loss_stops_the_clocks_and_counts_neither_way(opened: PlayRun, desk: Desk) -> None:
    from barograph_web.portfolio.models import Account  # noqa: PLC0415

    one = Account.objects.get()
    decided = services.accept_loss(one, reason="They close down", by=desk.lena, seen=None, now=NOW + HOUR)
    assert (decided.arr, decided.kind) == (10_000.0, "accept")
    assert not Clock.objects.filter(stopped_at=None).exists()
    assert {c.met for c in Clock.objects.exclude(demand="owner")} == {None}
    with pytest.raises(OvertakenError):
        services.invest(
            one, sponsor="COO", budget=1.0, next_on=MONDAY + 30 * DAY, reason="Try", by=desk.lena, seen=None, now=NOW,
        )  # fmt: skip


def test_an_investment_names_sponsor_budget_and_day_and_asks_again(desk: Desk) -> None:
    one = account(1, desk.carla)
    wrong = [("", 1.0, MONDAY + DAY), ("COO", -1.0, MONDAY + DAY), ("COO", 1.0, MONDAY)]
    for sponsor, budget, day in wrong:
        with pytest.raises(RefusedError):
            services.invest(
                one, sponsor=sponsor, budget=budget, next_on=day, reason="Try", by=desk.lena, seen=None, now=NOW,
            )  # fmt: skip
    made = services.invest(
        one, sponsor="COO", budget=5e3, next_on=MONDAY + 30 * DAY, reason="Try", by=desk.lena, seen=None, now=NOW,
    )  # fmt: skip
    assert Task.objects.get(source="risk").due_on == MONDAY + 30 * DAY
    withdrawn = services.withdraw(one, reason="Changed our mind", by=desk.lena, seen=made.pk, now=NOW)
    assert withdrawn.replaces == made


def test_a_snoozed_task_wakes_on_its_day_and_is_told_once(opened: PlayRun, desk: Desk) -> None:
    first = opened.tasks.first()
    assert first is not None
    with pytest.raises(RefusedError):
        services.snooze(first, until=MONDAY, reason="Later", by=desk.carla, now=NOW)
    services.snooze(first, until=MONDAY + 3 * DAY, reason="After the fair", by=desk.carla, now=NOW)
    assert go_round(NOW + 2 * DAY)["woken"] == 0
    assert go_round(NOW + 3 * DAY)["woken"] == 1
    assert go_round(NOW + 3 * DAY)["woken"] == 0
    first.refresh_from_db()
    assert first.state == TaskState.OPEN


MOVES = (
    "advance",
    "look",
    "touch",
    "pause",
    "resume",
    "plan",
    "done",
    "drop",
    "snooze",
    "wake",
    "over",
    "replay",
)
Move = tuple[str, int]


def _play_out(moves: list[Move], desk: Desk, *, looks: bool) -> list[tuple[object, ...]]:
    """Do the moves on one account with every write tried twice from the same state, as two workers would; what the
    clocks came to."""
    now = NOW
    account(1, desk.carla)
    take_in(report(firing("A1")), now, "v")
    for name, number in moves:
        now += HOUR * (number if name == "advance" else 1)
        if name == "look" and looks:
            go_round(now)
        elif name == "replay":
            take_in(report(firing("A1")), now, "v")
        for _ in range(2):
            _one(name, number, desk, now)
    for _ in range(2):
        go_round(now + 60 * DAY)
    shown = ("demand", "stopped_at", "met", "due_at", "breached_at", "escalated_at", "cancelled")
    return list(Clock.objects.order_by("pk").values_list(*shown))


def _one(name: str, number: int, desk: Desk, now: datetime) -> None:
    tasks = list(Task.objects.order_by("pk"))
    task, clock = tasks[number % len(tasks)], touch_clock()
    seen = task.revision
    try:
        match name:
            case "touch":
                services.log_touch(
                    "A1", kind="call", at=now, by=desk.carla, external_id=f"t{number}", now=now
                )
            case "pause":
                services.pause(clock, "Waiting", desk.carla, now=now)
            case "resume":
                services.resume(clock, desk.carla, now=now)
            case "plan":
                services.plan_made("A1", by=desk.carla, why="A plan", now=now)
            case "done":
                services.complete(task, by=desk.carla, revision=seen, now=now)
            case "drop":
                services.drop(task, by=desk.carla, reason="No", revision=seen, now=now)
            case "snooze":
                until = now.date() + timedelta(days=1 + number % 3)
                services.snooze(task, until=until, reason="Later", by=desk.carla, revision=seen, now=now)
            case "wake":
                services.wake(task, revision=seen, now=now)
            case "over":
                services.hand_over(task, to=desk.ned, by=desk.carla, revision=seen, now=now)
    except OvertakenError:
        return
    if name in ("done", "drop"):
        with pytest.raises(OvertakenError):  # another worker with the same revision
            services.complete(task, by=desk.ned, revision=seen, now=now)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(MOVES), st.integers(1, 60)), max_size=14))
def test_any_order_of_events_loses_nothing_opens_nothing_twice_and_escalates_once(
    desk: Desk, with_plays: Callable[..., None], moves: list[Move]
) -> None:
    with_plays(play())
    outcomes = []
    for looks in (True, False):
        with transaction.atomic():
            outcomes.append(_play_out(moves, desk, looks=looks))
            assert PlayRun.objects.count() == 1
            assert Task.objects.count() == 2
            for task in Task.objects.all():
                told = list(TaskEvent.objects.filter(task=task).values_list("what", "revision"))
                states = [r for what, r in told if what not in ("breached", "escalated")]
                assert states == list(range(1, task.revision + 1)), "every change is in the history, once"
            for kind, column in (("task.breached", "breached_at"), ("task.escalated", "escalated_at")):
                happened = Clock.objects.exclude(**{column: None}).count()
                assert Event.objects.filter(kind=kind).count() == happened
            for clock in Clock.objects.exclude(breached_at=None).filter(stopped_at=None):
                assert clock.escalated_at is not None
            transaction.set_rollback(True)
    assert outcomes[0] == outcomes[1], "when somebody looks makes no difference"
