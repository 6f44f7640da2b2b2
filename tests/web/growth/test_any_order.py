"""Truth: property. People press anything in any order, some on a page that is too old: nothing is written by what is
refused, every move that counts has its entry, and there is exactly one task and one running clock for what is waiting
(P7, P8, E1; issue 5, state machines)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from barograph_web.alerts.models import Event
from barograph_web.growth.history import MACHINES, OvertakenError, RefusedError, entries_of
from barograph_web.growth.models import Entry, Kept
from barograph_web.growth.moves import KINDS, Doing
from barograph_web.growth.rules import SHIPPED
from barograph_web.ops.models import AuditEvent
from barograph_web.plays.models import Clock, Task
from support.web_people import People
from support.web_success import NOW, TODAY, account_for, asked, consented, escalated, handed

pytestmark = pytest.mark.django_db
ANY_ORDER = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
TRIES = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 5), st.booleans()), max_size=9)
"""Which move, who does it, and whether their page is an old one."""


class RolledBackError(Exception):
    """Ends an example."""


@contextmanager
def example() -> Iterator[None]:
    """One example, of which nothing stays."""
    try:
        with transaction.atomic():
            yield
            raise RolledBackError
    except RolledBackError:
        pass


def written() -> tuple[int, ...]:
    return tuple(m._base_manager.count() for m in (Entry, Task, Clock, Event, AuditEvent))


def walk(
    row: Kept, slug: str, tries: list[Any], people: People, data: dict[str, Any], check: Callable[[Any], None]
) -> Any:
    """Try the moves one after the other; what is refused writes nothing, what is done is an entry."""
    kind, machine = KINDS[slug], MACHINES[row.THING]
    names = [*kind.moves]
    account, model = account_for(people.carla), kind.model
    for number, (which, whose, old) in enumerate(tries):
        name = names[which % len(names)]
        by = (people.carla, people.anna, people.lena, people.otto, people.ada, people.anna)[whose]
        who = Doing(by, NOW + timedelta(hours=number), TODAY, account, SHIPPED)
        fresh = model._default_manager.get(pk=row.pk)
        seen = fresh.revision - 1 if old else fresh.revision
        before = written()
        try:
            with transaction.atomic():
                kind.moves[name].work(fresh, {**data, "seen": seen}, who)
        except (RefusedError, OvertakenError, PermissionDenied):
            assert written() == before, f"{name} was refused and wrote something"
        else:
            assert not old, f"{name} went through on an old page"
            after = model._default_manager.get(pk=row.pk)
            assert after.revision == fresh.revision + 1
            assert after.state in machine.states
        check(model._default_manager.get(pk=row.pk))
    last = model._default_manager.get(pk=row.pk)
    told = list(entries_of(last))[::-1]
    assert [e.revision for e in told] == list(range(1, last.revision + 1)), "no entry is lost, none is twice"
    assert told[-1].state == last.state
    return last


@given(tries=TRIES)
@ANY_ORDER
def test_hand_overs(people: People, tries: list[Any]) -> None:
    def check(row: Any) -> None:
        waiting = Task.objects.filter(source_key__startswith=f"handover:{row.pk}:asked").unfinished()
        running = Clock.objects.filter(key__startswith=f"handover:{row.pk}:asked", stopped_at=None)
        assert (len(waiting), len(running)) == ((1, 1) if row.state == "asked" else (0, 0))
        if row.state == "asked":
            assert waiting[0].owner == row.to
        events = Event.objects.filter(kind="handover.accepted", key__startswith=f"handover:{row.pk}:")
        assert len(events) == (row.state in ("accepted", "concluded"))

    with example():
        row = handed(account_for(people.carla), to=people.anna, by=people.carla)
        walk(
            row, "hand-overs", tries, people, {"why": "timing", "words": "Because.", "to": people.otto}, check
        )


@given(tries=TRIES)
@ANY_ORDER
def test_escalations(people: People, tries: list[Any]) -> None:
    def check(row: Any) -> None:
        waiting = Task.objects.filter(source="escalation").unfinished()
        assert len(waiting) == (row.state == "open")
        if row.state == "open":
            assert waiting[0].owner == row.owner
        assert Clock.objects.filter(key__startswith="escalation:", stopped_at=None).count() == len(waiting)
        assert Event.objects.filter(kind="escalation.opened").count() == 1 + row.reopened
        assert Event.objects.filter(kind="escalation.resolved").count() == row.reopened + (
            row.state == "resolved"
        )
        assert (row.resolved_at is None) == (row.state == "open")

    data = {
        "words": "Because.", "cause": "capacity", "owner": people.otto, "severity": "minor", "functions": ["support"],
    }  # fmt: skip
    with example():
        row = escalated(account_for(people.carla), owner=people.anna, by=people.carla)
        walk(row, "escalations", tries, people, data, check)


@given(tries=TRIES, with_consent=st.booleans())
@ANY_ORDER
def test_asks(people: People, tries: list[Any], with_consent: bool) -> None:
    def check(row: Any) -> None:
        assert len(Task.objects.filter(source_key=f"ask:{row.pk}").unfinished()) == (row.state == "agreed")
        if row.state in ("agreed", "done"):
            assert row.consent is not None
        assert (row.ended_on is not None) == (row.state in ("done", "fell_through", "withdrawn"))

    with example():
        account = account_for(people.carla)
        consent = consented(account, people.carla) if with_consent else None
        row = asked(account, people.carla)
        walk(row, "asks", tries, people, {"words": "Because.", "consent": consent}, check)
