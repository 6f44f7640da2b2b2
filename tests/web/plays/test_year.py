"""Truth: time travel. A simulated year of weeks; half of the accounts are worked, the others ignored: nothing is opened
twice, nothing is lost, breaches and escalations are where they should be and none where not (P1, P3, P4)."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from barograph.core.arrays import texts
from barograph.core.cadence import CadenceReport, cadence
from barograph.core.cadence_facts import CadenceFacts
from barograph.core.calendar import day_number
from barograph.core.thresholds import AT_RISK, HEALTHY, WATCH
from barograph.pipeline.play_settings import shipped_settings
from barograph_web.alerts.models import Event
from barograph_web.plays import cadence as cadences
from barograph_web.plays import services
from barograph_web.plays.firing import take_in
from barograph_web.plays.models import (
    Clock,
    Firing,
    PlayRun,
    RunState,
    Task,
    TaskEvent,
    TaskState,
    TriggeredWeek,
)
from barograph_web.plays.rounds import go_round
from barograph_web.portfolio.models import Account, Week
from support.web_plays import MONDAY, NOW, Desk, account, firing, play, report

WEEKS, ACCOUNTS = 52, 6
DAY = timedelta(days=1)
TIERS = {"at_risk": AT_RISK, "watch": WATCH, "healthy": HEALTHY}


@dataclass
class Company:
    """Accounts that wander between tiers; even numbers are worked by carla, odd ones ignored by ned."""

    desk: Desk
    dice: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - a simulated company
    history: list[dict[str, str]] = field(default_factory=list)

    def week(self, monday: date) -> None:
        """The next week's tiers, published."""
        before = self.history[-1] if self.history else {}
        now = {}
        for n in range(ACCOUNTS):
            stays = before.get(f"A{n}", "healthy")
            now[f"A{n}"] = stays if self.dice.random() < 0.8 else self.dice.choice(list(TIERS))
        self.history.append(now)
        Week.objects.create(
            as_of=monday, model_version="v", model_title="v", label="heuristic", filled_in=False, revision=1,
            generation=len(self.history), projected_at=NOW,
        )  # fmt: skip

    def fired(self, monday: date) -> object:
        before = self.history[-2] if len(self.history) > 1 else {}
        fell = [a for a, t in self.history[-1].items() if t == "at_risk" and before.get(a) != "at_risk"]
        return report(*(firing(a, monday) for a in fell), week=monday)

    def due(self, _as_of: date, **asked: object) -> CadenceReport:
        """The library's own cadence on the history so far."""
        weeks = len(self.history)
        ids = [f"A{n}" for n in range(ACCOUNTS)]
        tier = np.array([[TIERS[week[a]] for week in self.history] for a in ids], dtype=np.int8)
        first = day_number(MONDAY)
        flags, nothing = np.zeros(tier.shape, dtype=bool), np.full(ACCOUNTS, np.nan)
        facts = CadenceFacts(
            days=np.arange(first, first + 7 * weeks, 7), versions=("v",) * weeks, account_ids=texts(ids),
            tier=tier, computed=tier, tier_since=np.full(ACCOUNTS, float(first)), notice=flags,
            onboarding=flags.copy(), lost_on=nothing, touch_model=texts(["high_touch"] * ACCOUNTS),
            arr=np.full(ACCOUNTS, 1e4), touched_on=nothing.copy(),
        )  # fmt: skip
        return cadence(
            facts, shipped_settings(), today=day_number(asked["today"]), done=asked["done"],
            live_since=day_number(asked["live_since"]), until=day_number(asked["until"]),
        )  # fmt: skip


def _work(desk: Desk, now: datetime) -> None:
    """Carla calls whoever waits for a call, and does what is due; Ned does nothing."""
    for clock in Clock.objects.filter(stopped_at=None, demand="touch", owner=desk.carla):
        services.log_touch(clock.account_id, kind="call", at=now, by=desk.carla, now=now)
    for task in Task.objects.unfinished().filter(owner=desk.carla, due_on__lte=now.date() + DAY):
        task.refresh_from_db()
        if not task.is_final:
            services.complete(task, by=desk.carla, note="Done", now=now)


@pytest.fixture
def company(desk: Desk, with_plays: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Company:
    steps = [
        {"name": "speak", "title": "Speak with them", "due_days": 1},
        {"name": "plan", "title": "Write the plan", "due_days": 3},
    ]
    with_plays(play(steps=steps, cool_down_days=14))
    for n in range(ACCOUNTS):
        account(n, desk.carla if n % 2 == 0 else desk.ned)
    made = Company(desk)
    monkeypatch.setattr(cadences, "due", made.due)
    monkeypatch.setattr(cadences, "play_named", lambda _name: None)
    return made


def test_a_year_is_lived_through(company: Company) -> None:
    desk = company.desk
    for number in range(WEEKS):
        monday = MONDAY + 7 * number * DAY
        now = NOW + 7 * number * DAY
        company.week(monday)
        week = company.fired(monday)
        take_in(week, now, "v")
        again = take_in(week, now, "v")
        assert set(again) <= {"known"}, "a replay opens nothing"
        TriggeredWeek.objects.get_or_create(as_of=monday, defaults={"model_version": "v", "at": now})
        made = cadences.make_due(monday, now)
        if number % 8 == 0:
            assert cadences.make_due(monday, now)["made"] == 0, made
        _work(desk, now + timedelta(hours=2))
        if number % 13 != 5:  # the worker sleeps for a week every quarter
            go_round(now + 3 * DAY)
    go_round(NOW + (7 * WEEKS + 7) * DAY)
    _nothing_twice()
    _nothing_lost()
    _breaches_where_they_should_be(desk)
    _cadence_in_its_rhythm()


def _nothing_twice() -> None:
    assert PlayRun.objects.count() >= ACCOUNTS
    opened = Counter(PlayRun.objects.filter(state=RunState.OPEN).values_list("account_id", flat=True))
    assert max(opened.values()) == 1
    keys = list(Firing.objects.values_list("key", flat=True))
    assert len(keys) == len(set(keys))
    for firing_row in Firing.objects.filter(why="cool_down"):
        closed = PlayRun.objects.filter(account_id=firing_row.account_id, closed_at__lt=firing_row.at)
        assert closed.filter(closed_at__gt=firing_row.at - 15 * DAY).exists()


def _nothing_lost() -> None:
    for task in Task.objects.all():
        told = TaskEvent.objects.filter(task=task).exclude(what__in=["breached", "escalated"])
        assert list(told.values_list("revision", flat=True)) == list(range(1, task.revision + 1))
    for run in PlayRun.objects.filter(state=RunState.OPEN):
        assert run.tasks.unfinished().exists(), "an open run has something to do"


def _breaches_where_they_should_be(desk: Desk) -> None:
    touches = Clock.objects.filter(demand="touch")
    worked = touches.filter(account_id__in=[f"A{n}" for n in range(0, ACCOUNTS, 2)])
    ignored = touches.filter(account_id__in=[f"A{n}" for n in range(1, ACCOUNTS, 2)])
    assert worked.exists()
    assert ignored.exists()
    assert not worked.exclude(breached_at=None).exists(), "carla calls on the first day"
    assert not ignored.filter(breached_at=None).exists(), "ned never calls"
    for clock in Clock.objects.exclude(breached_at=None).filter(stopped_at=None):
        assert clock.escalated_to == desk.lena
    missed, brought = Clock.objects.exclude(breached_at=None), Clock.objects.exclude(escalated_at=None)
    assert Event.objects.filter(kind="task.breached").count() == missed.count()
    by_clock = Event.objects.filter(kind="task.escalated", key__startswith="clock:")
    assert by_clock.count() == brought.count()


def _cadence_in_its_rhythm() -> None:
    """Carla's monthly check-ins are a month apart while nothing else happens; ned's stay one open task each."""
    for n in range(ACCOUNTS):
        tasks = Task.objects.filter(account_id=f"A{n}", source="cadence")
        by_step = Counter(
            tasks.filter(state__in=[TaskState.OPEN, TaskState.SNOOZED]).values_list("step", flat=True)
        )
        assert all(number == 1 for number in by_step.values()), by_step
    done = Task.objects.filter(source="cadence", step="check_in", state=TaskState.DONE)
    assert done.exists()
    for account_id in Account.objects.values_list("account_id", flat=True):
        days = list(done.filter(account_id=account_id).order_by("due_on").values_list("due_on", flat=True))
        gaps = [(after - before).days for before, after in pairwise(days)]
        assert all(gap >= 21 for gap in gaps), (account_id, gaps)
