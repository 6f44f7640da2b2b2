"""Decisions are a chain that only grows, one step at a time, with what was shown kept beside them and an audit event
for each (R1, P6, X2; properties and examples)."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from barograph_web.ops.current import acting_as
from barograph_web.ops.models import AuditEvent
from barograph_web.review import services
from barograph_web.review.models import Decision, DecisionOutcome
from barograph_web.review.services import OvertakenError, RefusedError, Wanted
from support.web_people import People
from support.web_review import Monday, monday, planned

pytestmark = pytest.mark.django_db
FRESH_WEEKS = count(1)


@pytest.fixture
def week(people: People) -> Monday:
    return monday()


def test_a_decision_keeps_what_was_shown(people: People, week: Monday) -> None:
    account = week.listed[0]
    made = services.decide(account, week.week.as_of, Wanted("agree"), by=people.carla, seen=None)
    assert made.by_label == people.carla.name
    assert made.tier in ("at_risk", "watch", "healthy", "growth", "insufficient")
    assert made.evidence["why"], "why the score was what it was is kept with the decision"
    assert Decision.objects.standing().get() == made


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Wanted("disagree"), "reason"),
        (Wanted("disagree", reason="   "), "reason"),
        (Wanted("agree", next_step="Call"), "due_on"),
        (Wanted("agree", due_on=date(2026, 12, 1)), "next_step"),
        (Wanted("agree", next_step="Call", due_on=date(2026, 12, 1), know_on=date(2026, 11, 30)), "know_on"),
        (Wanted("note"), "verdict"),
        (Wanted("maybe"), "verdict"),
    ],
)
def test_what_cannot_be_worked_with_is_refused_beside_its_field(
    people: People, week: Monday, wanted: Wanted, field: str
) -> None:
    with pytest.raises(RefusedError) as told:
        services.decide(week.listed[0], week.week.as_of, wanted, by=people.carla, seen=None)
    assert told.value.field == field
    assert (
        not Decision.objects.exists() and not AuditEvent.objects.filter(action="decision.recorded").exists()
    )


def test_nobody_decides_over_somebody_else_unseen(people: People, week: Monday) -> None:
    account, day = week.listed[0], week.week.as_of
    first = services.decide(account, day, Wanted("agree"), by=people.carla, seen=None)
    with pytest.raises(OvertakenError) as told:
        services.decide(account, day, Wanted("disagree", "No"), by=people.lena, seen=None)
    assert told.value.latest == first
    second = services.decide(account, day, Wanted("disagree", "No"), by=people.lena, seen=first.pk)
    assert second.replaces == first
    assert list(Decision.objects.standing()) == [second]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(["agree", "disagree", "note", "undo"]), min_size=1, max_size=8))
def test_a_chain_has_one_end_and_undo_says_what_stood_before(
    people: People, week: Monday, steps: list[str]
) -> None:
    """After any steps: one row stands at most, rows are never changed, undo repeats the verdict before it."""
    account = week.listed[1]
    day = week.week.as_of + timedelta(weeks=next(FRESH_WEEKS))  # each example in a week of its own
    frozen: dict[int, str] = {}
    for step in steps:
        latest = services.latest_of(account.account_id, day)
        seen = latest.pk if latest else None
        if step == "undo":
            if latest is None or latest.is_withdrawal:
                with pytest.raises(RefusedError):
                    services.undo(account, day, by=people.carla, seen=seen)
                continue
            before = latest.replaces
            expected = before.verdict if before is not None and not before.is_withdrawal else None
            services.undo(account, day, by=people.carla, seen=seen)
            stands = Decision.objects.standing().filter(account_id=account.account_id, week=day).first()
            assert (stands.verdict if stands else None) == expected
        else:
            services.decide(account, day, Wanted(step, reason="because"), by=people.carla, seen=seen)
        for row in Decision.objects.filter(account_id=account.account_id, week=day):
            assert frozen.setdefault(row.pk, row.verdict) == row.verdict
        ends = Decision.objects.filter(account_id=account.account_id, week=day, replaced_by=None)
        assert ends.count() == 1
        assert Decision.objects.filter(account_id=account.account_id, week=day, replaces=None).count() == 1


def test_every_write_is_in_the_audit_log_with_before_and_after(people: People, week: Monday) -> None:
    account, day = week.listed[0], week.week.as_of
    with acting_as(people.carla, via="web"):
        made = services.decide(account, day, Wanted("agree"), by=people.carla, seen=None)
        more = services.decide(account, day, Wanted("disagree", "No"), by=people.carla, seen=made.pk)
        services.undo(account, day, by=people.carla, seen=more.pk)
    events = list(AuditEvent.objects.filter(account_id=account.account_id).order_by("pk"))
    assert [e.action for e in events] == ["decision.recorded", "decision.recorded", "decision.withdrawn"]
    assert all(e.actor == people.carla for e in events)
    assert events[1].before["verdict"] == "agree" and events[1].after["verdict"] == "disagree"  # type: ignore[index]
    assert events[1].reason == "No"
    assert events[2].after["verdict"] == "agree"  # type: ignore[index]


def test_a_next_step_is_closed_once_and_only_while_it_stands(people: People, week: Monday) -> None:
    account = week.listed[0]
    old = planned(account, week.before, people.carla, due_in=3)
    newer = planned(account, week.before, people.carla, due_in=4, step="Call again")
    with pytest.raises(OvertakenError):
        services.close(old, "done", "", by=people.carla)
    services.close(newer, "done", "They answered", by=people.carla)
    with pytest.raises(OvertakenError):
        services.close(newer, "not_done", "", by=people.lena)
    assert DecisionOutcome.objects.get().result == "done"
    assert AuditEvent.objects.get(action="decision.closed").after == {
        "result": "done",
        "words": "They answered",
    }


def test_two_in_the_same_instant_are_told_apart_by_the_database(
    people: People, week: Monday, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both read the same end of the chain before either has written: the second is refused, nothing is lost."""
    account, day = week.listed[0], week.week.as_of
    real, stale = services.latest_of, [None, None]
    first = services.decide(account, day, Wanted("agree"), by=people.carla, seen=None)
    monkeypatch.setattr(services, "latest_of", lambda *a: stale.pop() if len(stale) == 2 else real(*a))
    with pytest.raises(OvertakenError) as told:
        services.decide(account, day, Wanted("disagree", "No"), by=people.lena, seen=None)
    assert told.value.latest == first
    services.decide(account, day, Wanted("note", "Later"), by=people.lena, seen=first.pk)
    calls = [first]
    monkeypatch.setattr(services, "latest_of", lambda *a: calls.pop() if calls else real(*a))
    with pytest.raises(OvertakenError):
        services.decide(account, day, Wanted("disagree", "No"), by=people.otto, seen=first.pk)
    assert Decision.objects.standing().get().by == people.lena
