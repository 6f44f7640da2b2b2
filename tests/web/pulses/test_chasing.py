"""Truth: what is due is chased once each: an event when it falls due, a task when it is overdue, an event when it lost
its force; history that was brought in asks for nothing (H5, P9)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from barograph_web.alerts.models import Event
from barograph_web.plays.models import Task, TaskState
from barograph_web.portfolio.models import Account
from barograph_web.pulses import chase, queries
from barograph_web.pulses.models import PulseState
from barograph_web.users.models import Role, User
from barograph_web.users.services import add_stand_in
from support.web_people import People
from support.web_pulses import GOOD, NOW, TODAY, accounts_in, given, later, managed_by, rebuilt

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(team: People) -> Account:
    """One account whose pulse fell due today, and no other."""
    found = accounts_in("healthy", managed_by(team.anna))[0]
    PulseState.objects.exclude(account_id=found.account_id).delete()
    PulseState.objects.update(due_on=TODAY, first_on=TODAY, expires_on=TODAY + timedelta(days=15))
    return found


def kinds() -> list[str]:
    return sorted(Event.objects.filter(kind__startswith="pulse.").values_list("kind", flat=True))


def test_an_event_when_it_falls_due_a_task_when_it_is_late_each_once(team: People, account: Account) -> None:
    assert chase.chase(NOW) == 1
    assert (kinds(), Task.objects.count()) == (["pulse.due"], 0)
    for day in (0, 1, 5):
        assert chase.chase(later(day)) == 0
    assert chase.chase(later(6)) == 1
    task = Task.objects.get()
    assert (task.owner, task.source, task.account_id) == (team.anna, "pulse", account.account_id)
    assert chase.chase(later(7)) == 0
    assert chase.chase(later(15)) == 1, "it lost its force"
    assert kinds() == ["pulse.due", "pulse.expired"]
    assert chase.chase(later(16)) == 0
    assert Task.objects.count() == 1


def test_giving_it_ends_the_chase_and_the_next_one_begins_anew(team: People, account: Account) -> None:
    chase.chase(later(6))
    given(account, GOOD, team.anna, at=later(7))
    task = Task.objects.get()
    assert task.state == TaskState.DONE
    assert chase.chase(later(8)) == 0
    row = PulseState.objects.get()
    assert chase.chase(later(7 + row.every_days)) == 1, "due again"
    chase.chase(later(7 + row.every_days + 6))
    assert [t.state for t in Task.objects.order_by("pk")] == [TaskState.DONE, TaskState.OPEN]


def test_a_stand_in_is_asked_and_an_address_without_a_user_is_said(team: People, account: Account) -> None:
    stand_in = User.objects.create_user("sam@example.com", name="Sam", role=Role.ACCOUNT_MANAGER)
    add_stand_in(team.anna, stand_in, TODAY, later(10).date())
    chase.chase(later(6))
    assert Task.objects.get().owner == stand_in
    PulseState.objects.update(email="nobody@example.com", due_on=TODAY - timedelta(days=1))
    chase.chase(later(6))
    task = Task.objects.latest("pk")
    assert task.owner is None and "nobody@example.com" in task.routed


def test_history_that_was_brought_in_asks_for_nothing_at_once(team: People) -> None:
    late = PulseState.objects.filter(due_on__lt=TODAY - timedelta(days=40)).count()
    assert late, "the company has accounts whose last pulse is long past"
    chase.chase(NOW)
    assert Task.objects.count() == 0
    old = Event.objects.filter(kind__in=["pulse.due", "pulse.expired"], payload__due_on__lt="2026-10-01")
    assert not old.exists()
    chase.chase(later(6))
    assert Task.objects.filter(source="pulse").count() > 0, "after the grace they are asked for"


def test_what_is_due_is_a_persons_own(team: People) -> None:
    mine = queries.due(team.anna, TODAY)
    assert mine and {row.account_id for row in mine} <= {a.account_id for a in managed_by(team.anna)}
    assert [row.due_on for row in mine] == sorted(row.due_on for row in mine)
    assert all(row.due_on <= TODAY for row in mine)
    assert {row.account_id for row in queries.coming(team.anna, TODAY)}.isdisjoint(
        row.account_id for row in mine
    )
    assert queries.due(team.eve, TODAY) == [] and queries.due(team.gus, TODAY) == []
    assert queries.count_due(team.anna, TODAY) == len(mine)


def test_working_it_out_twice_changes_nothing(team: People) -> None:
    before = list(PulseState.objects.order_by("account_id").values())
    rebuilt()
    assert list(PulseState.objects.order_by("account_id").values()) == before
    assert len(before) == Account.objects.filter(is_current=True).count()


def test_a_pulse_given_while_it_is_worked_out_is_not_lost(team: People) -> None:
    account = accounts_in("healthy", managed_by(team.anna))[0]
    pulse = given(account, GOOD, team.anna, at=later(1))
    rebuilt()
    row = PulseState.objects.get(account_id=account.account_id)
    assert (row.pulse, row.given_at) == (pulse, pulse.given_at)
