"""Truth: planted. An escalation has one task for its owner, a cause when it is resolved, and counts against readiness
and asks while it is open (E1, P7, P8)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from barograph_web.alerts.models import Event
from barograph_web.growth import services_escalations as services
from barograph_web.growth.evidence import gather, owner_of
from barograph_web.growth.history import OvertakenError, RefusedError, entries_of
from barograph_web.growth.models import Escalation, Readiness
from barograph_web.growth.precedents_data import cause_words, document, escalations
from barograph_web.growth.rules import SHIPPED
from barograph_web.plays.models import Clock, Task
from barograph_web.portfolio.models import Account, AccountFact, FactKind
from barograph_web.portfolio.weeks import newest_week
from support.web_people import People
from support.web_success import NOW, TODAY, account_for, escalated

pytestmark = pytest.mark.django_db


def test_from_the_opening_to_the_resolution(people: People) -> None:
    row = escalated(account_for(people.carla), owner=people.anna, by=people.carla)
    task = Task.objects.get(source="escalation")
    clock = Clock.objects.get(task=task)
    assert (task.owner, clock.allowed_hours, clock.kind) == (people.anna, 8.0, "resolution")
    row = services.update(row, seen=1, words="Reproduced.", by=people.anna, now=NOW)
    for cause, words in (("", "Fixed."), ("regression", " "), ("bad luck", "Fixed.")):
        with pytest.raises(RefusedError):
            services.resolve(row, seen=2, cause=cause, words=words, by=people.anna, now=NOW)
    done = services.resolve(row, seen=2, cause="regression", words="Fixed.", by=people.anna, now=NOW)
    assert (done.state, done.cause, done.resolved_at) == ("resolved", "regression", NOW)
    assert Task.objects.get(pk=task.pk).state == "done"
    assert list(Event.objects.values_list("kind", flat=True).order_by("pk").filter(kind__startswith="esc")) == [
        "escalation.opened", "escalation.resolved",
    ]  # fmt: skip
    assert [e.move for e in entries_of(done)] == ["resolve", "update", "begin"]


def test_opened_again_it_has_another_task_and_clock(people: People) -> None:
    row = escalated(account_for(people.carla), owner=people.anna, by=people.carla)
    row = services.resolve(row, seen=1, cause="capacity", words="Restarted.", by=people.anna, now=NOW)
    row = services.reopen(
        row, seen=2, words="It is back.", rules=SHIPPED, by=people.carla, now=NOW + timedelta(days=1)
    )
    assert (row.state, row.reopened, row.resolved_at, row.cause) == ("open", 1, None, "capacity")
    assert Task.objects.filter(source="escalation").count() == 2
    assert Task.objects.filter(source="escalation").unfinished().count() == 1
    with pytest.raises(OvertakenError):
        services.resolve(row, seen=2, cause="capacity", words="Again.", by=people.anna, now=NOW)


def test_another_owner_gets_the_task(people: People) -> None:
    row = escalated(account_for(people.carla), owner=people.anna, by=people.carla)
    told = {"severity": "critical", "functions": ["support"], "by": people.carla, "now": NOW}
    with pytest.raises(RefusedError, match="Nothing would change"):
        services.change(row, seen=1, owner=people.anna, words="x", **told)  # type: ignore[arg-type]
    row = services.change(row, seen=1, owner=people.otto, words="Anna is away.", **told)  # type: ignore[arg-type]
    assert (row.owner_label, Task.objects.get(source="escalation").owner) == ("Otto", people.otto)
    wider = told | {"functions": ["support", "engineering"], "severity": "minor"}
    row = services.change(row, seen=2, owner=people.otto, words="Wider.", **wider)  # type: ignore[arg-type]
    assert (row.functions, row.severity) == (["engineering", "support"], "minor")


def test_an_open_one_stands_in_the_way_at_once(people: People) -> None:
    account, week = account_for(people.carla), newest_week()
    assert week is not None
    AccountFact.objects.filter(account_id=account.account_id, kind=FactKind.ESCALATION).delete()
    AccountFact.objects.filter(account_id=account.account_id, kind=FactKind.TICKET).update(
        data={"ticket_id": "T", "opened_at": "2026-01-01T00:00:00Z", "resolved_at": "2026-01-02T00:00:00Z"}
    )
    row = escalated(account, owner=people.anna, by=people.carla)
    judged = Readiness.objects.get(account=account)
    assert [c["holds"] for c in judged.conditions if c["name"] == "severe"] == [False]
    services.resolve(row, seen=1, cause="other", words="Done.", by=people.anna, now=NOW)
    judged.refresh_from_db()
    assert [c["holds"] for c in judged.conditions if c["name"] == "severe"] == [True]
    escalated(account, owner=people.anna, by=people.carla, severity="minor")
    assert gather([account], week, SHIPPED, TODAY)[account.account_id].severe == ()


def test_one_of_the_data_that_is_taken_up_counts_once_as_people_say(people: People) -> None:
    account, week = account_for(people.carla), newest_week()
    assert week is not None
    AccountFact.objects.filter(kind=FactKind.ESCALATION).delete()
    AccountFact.objects.filter(kind=FactKind.TICKET, account_id=account.account_id).delete()
    AccountFact.objects.create(
        account_id=account.account_id, kind=FactKind.ESCALATION, key="E1", on="2026-11-10", digest="",
        data={"escalation_id": "E1", "opened_at": "2026-11-10T08:00:00Z", "severity": "critical"},
    )  # fmt: skip
    severe = lambda: gather([account], week, SHIPPED, TODAY)[account.account_id].severe  # noqa: E731
    assert [s.key for s in severe() or ()] == ["E1"]
    row = escalated(account, owner=people.anna, by=people.carla, external_id="E1")
    assert [s.key for s in severe() or ()] == ["E1"]
    assert len(escalations()) == 1
    services.resolve(row, seen=1, cause="third_party", words="Done.", by=people.anna, now=NOW)
    assert severe() == (), "people's word stands over data that lag behind"
    with pytest.raises(OvertakenError):
        escalated(account, owner=people.anna, by=people.carla, external_id="E1")


def test_patterns_of_the_seeded_company(people: People) -> None:
    week = newest_week()
    assert week is not None
    told = document(SHIPPED.model_copy(update={"pattern_least": 10}), week.as_of)
    since = week.as_of - timedelta(days=told["period"])
    recent = {one.account_id for one in escalations() if since <= one.on < week.as_of}
    everybody = {owner_of(name) for name in Account.objects.values_list("account_id", flat=True)}
    assert (told["cases"], told["controls"]) == (len(recent & everybody), len(everybody - recent))
    assert told["patterns"], "the seeded company has escalations to learn from"
    for pattern in told["patterns"]:
        for events, n, share, low, high in (pattern["before"], pattern["without"]):
            assert n >= 10
            assert low <= share <= high
            assert share == pytest.approx(events / n)
    refused = document(SHIPPED.model_copy(update={"pattern_least": 1000}), week.as_of)
    assert refused["patterns"] == []
    assert "1000 of each are needed" in refused["refused"]


def test_causes_of_the_data_are_ours_where_they_are_the_same() -> None:
    assert cause_words("third party") == "Third party"
    assert cause_words("sunspots") == "sunspots"
    assert cause_words(None) == ""


def test_it_needs_an_owner_who_works_and_a_function(people: People) -> None:
    for owner, functions, field in ((people.eve, ["support"], "owner"), (people.anna, [], "functions")):
        with pytest.raises(RefusedError) as told:
            escalated(account_for(people.carla), owner=owner, by=people.carla, functions=functions)
        assert told.value.field == field
    assert not Escalation.objects.exists()
