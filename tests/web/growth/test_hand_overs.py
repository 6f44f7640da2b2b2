"""Truth: planted. A hand-over is one task with one clock that acceptance stops, whoever is quick; refusals
say why (P7, P4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from barograph_web.alerts.models import Event
from barograph_web.growth import services_hand_over as services
from barograph_web.growth import services_opportunities as deals
from barograph_web.growth.history import OvertakenError, RefusedError, entries_of
from barograph_web.growth.models import Entry, HandOver
from barograph_web.growth.queries import pipeline
from barograph_web.growth.rules import SHIPPED
from barograph_web.ops.models import AppendOnlyError, AuditEvent
from barograph_web.plays.models import Clock, Task
from barograph_web.portfolio.models import Account, AccountFact, FactKind
from barograph_web.users.models import StandIn
from support.web_people import People
from support.web_success import NOW, TODAY, account_for, handed

pytestmark = pytest.mark.django_db


def test_asking_makes_a_task_a_clock_and_an_event_five_working_days_on(people: People) -> None:
    row = handed(account_for(people.carla), to=people.anna, by=people.carla)
    assert row.due_at.date() == date(2026, 11, 25), "five working days from Wednesday"
    [task] = Task.objects.filter(source="handover")
    assert (task.owner, task.due_on, task.account_id) == (people.anna, date(2026, 11, 25), row.account_id)
    [clock] = Clock.objects.filter(task=task)
    assert (clock.demand, clock.stopped_at) == ("accept", None)
    [event] = Event.objects.filter(kind="handover.requested")
    assert event.payload["to_email"] == people.anna.email
    assert "Maya" not in str(event.payload) + task.title + task.detail, "people of the customer stay out"
    [audit] = AuditEvent.objects.filter(action="hand_over.begun")
    assert audit.account_id == row.account_id


def test_accepting_stops_the_clock_and_finishes_the_task(people: People) -> None:
    row = handed(account_for(people.carla), to=people.anna, by=people.carla)
    later = NOW + timedelta(days=1)
    done = services.accept(row, seen=1, by=people.anna, now=later)
    assert (done.state, done.revision, done.answered_at) == ("accepted", 2, later)
    task = Task.objects.get(source="handover")
    assert (task.state, Clock.objects.get(task=task).stopped_at) == ("done", later)
    assert Event.objects.filter(kind="handover.accepted").count() == 1
    assert [e.move for e in entries_of(done)] == ["accept", "begin"]


def test_two_at_once_one_is_told(people: People) -> None:
    row = handed(account_for(people.carla), to=people.anna, by=people.carla)
    services.accept(row, seen=1, by=people.anna, now=NOW)
    with pytest.raises(OvertakenError) as told:
        services.refuse(row, seen=1, why="timing", words="Later.", by=people.lena, now=NOW)
    assert [e.move for e in told.value.entries] == ["accept"]
    assert HandOver.objects.get(pk=row.pk).state == "accepted"
    with pytest.raises(RefusedError):
        services.withdraw(row, seen=2, words="Never mind.", by=people.carla, now=NOW)


def test_only_one_is_unanswered(people: People) -> None:
    account = account_for(people.carla)
    row = handed(account, to=people.anna, by=people.carla)
    with pytest.raises(OvertakenError):
        handed(account, to=people.anna, by=people.carla)
    assert Task.objects.filter(source="handover").count() == 1, "nothing of the second was written"
    services.withdraw(row, seen=1, words="Too early.", by=people.carla, now=NOW)
    assert handed(account, to=people.anna, by=people.carla).state == "asked"


def test_a_refusal_gives_a_reason_and_a_task_to_whoever_asked(people: People) -> None:
    row = handed(account_for(people.carla), to=people.anna, by=people.carla)
    for why, words in (("", "No."), ("timing", " ")):
        with pytest.raises(RefusedError):
            services.refuse(row, seen=1, why=why, words=words, by=people.anna, now=NOW)
    done = services.refuse(row, seen=1, why="timing", words="Budget is fixed.", by=people.anna, now=NOW)
    assert (done.state, done.why_refused) == ("refused", "timing")
    assert entries_of(done)[0].words == "Budget is fixed."
    open_tasks = Task.objects.filter(source="handover").unfinished()
    assert [task.owner for task in open_tasks] == [people.carla]
    clock = Clock.objects.get(account_id=row.account_id)
    assert (clock.stopped_at, clock.cancelled) == (NOW, False), "a refusal is an answer"


def test_who_may_answer(people: People) -> None:
    row = handed(account_for(people.carla), to=people.anna, by=people.carla)
    with pytest.raises(PermissionDenied):
        services.accept(row, seen=1, by=people.otto, now=NOW)
    StandIn.objects.create(absent=people.anna, stand_in=people.otto, begins_on=TODAY, ends_on=TODAY)
    assert services.accept(row, seen=1, by=people.otto, now=NOW).state == "accepted"


def test_sent_on_the_time_begins_anew(people: People) -> None:
    account = account_for(people.carla)
    row = handed(account, to=people.anna, by=people.carla)
    later = NOW + timedelta(days=6)
    sent = services.send_on(
        row,
        to=people.otto,
        seen=1,
        words="Anna is away.",
        rules=SHIPPED,
        account=account,
        by=people.carla,
        now=later,
    )
    assert (sent.to, sent.state, sent.revision) == (people.otto, "asked", 2)
    assert sent.due_at > row.due_at
    assert {t.owner: t.state for t in Task.objects.filter(source="handover")} == {
        people.anna: "dropped", people.otto: "open",
    }  # fmt: skip
    assert Clock.objects.filter(cancelled=True).count() == 1
    services.accept(sent, seen=2, by=people.otto, now=later)
    assert not Task.objects.filter(source="handover").unfinished().exists()


def test_nobody_answers_it_is_said_once(people: People) -> None:
    row = handed(account_for(people.carla), to=people.anna, by=people.carla)
    assert services.tell_overdue(row.due_at - timedelta(minutes=1)) == 0
    assert services.tell_overdue(row.due_at) == 1
    assert services.tell_overdue(row.due_at + timedelta(days=1)) == 0
    assert Event.objects.filter(kind="handover.overdue").count() == 1


def test_a_request_is_handed_over_and_comes_back_when_it_is_refused(people: People) -> None:
    account = account_for(people.carla)
    request = services.request_use_case(
        account, title="Audits", detail="", asked_by="Maya", product="", by=people.carla, now=NOW
    )
    row = handed(account, to=people.anna, by=people.carla, request=request)
    request.refresh_from_db()
    assert request.state == "handed_over"
    services.refuse(row, seen=1, why="budget", words="None left.", by=people.anna, now=NOW)
    request.refresh_from_db()
    assert request.state == "open"


def test_what_came_of_it_imported_and_entered(people: People) -> None:
    account = account_for(people.carla)
    asked_at = datetime(2026, 9, 1, 9, tzinfo=UTC)
    row = services.accept(
        handed(account, to=people.anna, by=people.carla, now=asked_at), seen=1, by=people.anna, now=asked_at
    )
    AccountFact.objects.filter(account_id=account.account_id, kind=FactKind.OPPORTUNITY).delete()
    for key, created, won in (("O1", "2026-09-20", True), ("O0", "2026-08-31", None)):
        data = {
            "opportunity_id": key,
            "kind": "expansion",
            "created_at": created,
            "amount": 500.0,
            "won": won,
        }
        AccountFact.objects.create(
            account_id=account.account_id,
            kind=FactKind.OPPORTUNITY,
            key=key,
            on=created,
            digest="",
            data=data,
        )
    told = {"kind": "expansion", "amount": 900.0, "opened_on": TODAY, "hand_over": row, "today": TODAY}
    deals.enter(account, title="More seats", by=people.anna, now=NOW, **told)  # type: ignore[arg-type]
    deals.enter(account, title="Known as O1", external_id="O1", by=people.anna, now=NOW, **told)  # type: ignore[arg-type]
    found = pipeline(Account.objects.filter(pk=account.pk), SHIPPED, TODAY)
    [(_, matched)] = found.rows
    assert {(d.imported, d.amount, d.won) for d in matched} == {(True, 500.0, True), (False, 900.0, None)}
    assert len(matched) == 2, "what is in the data and entered under its id counts once"
    assert len(found.open_deals) == 2, "the one before the hand-over is open, and no deal of it"


def test_a_loss_needs_a_reason_and_a_day_that_was(people: People) -> None:
    account = account_for(people.carla)
    row = deals.enter(
        account, title="Seats", kind="expansion", amount=None, opened_on=TODAY, hand_over=None, by=people.anna,
        now=NOW, today=TODAY,
    )  # fmt: skip
    for day, words, field in ((TODAY, "", "words"), (date(2026, 11, 19), "No budget.", "closed_on")):
        with pytest.raises(RefusedError) as told:
            deals.close(
                row, won=False, seen=1, closed_on=day, words=words, by=people.anna, now=NOW, today=TODAY
            )
        assert told.value.field == field
    lost = deals.close(
        row, won=False, seen=1, closed_on=TODAY, words="No budget.", by=people.anna, now=NOW, today=TODAY
    )
    again = deals.reopen(lost, seen=2, words="They found some.", by=people.anna, now=NOW)
    assert (again.state, again.closed_on, again.revision) == ("open", None, 3)


def test_entries_are_written_once(people: People) -> None:
    row = handed(account_for(people.carla), to=people.anna, by=people.carla)
    entry = Entry.objects.get(number=row.pk, thing="hand_over")
    entry.words = "changed"
    with pytest.raises(AppendOnlyError):
        entry.save()
    with pytest.raises(AppendOnlyError):
        entry.delete()


@pytest.mark.parametrize(
    ("field", "value"), [("why_now", " "), ("talk_to", ""), ("amount", -1.0), ("kind", "renewal")]
)
def test_what_is_left_out_is_named(people: People, field: str, value: object) -> None:
    wanted = {"to": people.anna, "kind": "expansion", "why_now": "x", "talk_to": "y", field: value}
    with pytest.raises(RefusedError) as told:
        services.ask(
            account_for(people.carla),
            services.Wanted(**wanted),
            package={},
            rules=SHIPPED,
            by=people.carla,
            now=NOW,  # type: ignore[arg-type]
        )
    assert told.value.field == field
    assert not HandOver.objects.exists()


def test_an_executive_cannot_be_handed_an_account(people: People) -> None:
    with pytest.raises(RefusedError) as told:
        handed(account_for(people.carla), to=people.eve, by=people.carla)
    assert told.value.field == "to"
