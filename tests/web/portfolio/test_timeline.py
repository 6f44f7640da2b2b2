"""Facts as tables and sentences, and the timeline made of them.

Truths: reference (every kind of the contract has columns that the contract names, and a sentence), planted moves
between tiers, bad input (missing values, words that the contract does not know). Requirements: R3, X4.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from barograph.definitions.tables import TABLES as CONTRACT
from barograph_web.portfolio import timeline as timeline_module
from barograph_web.portfolio.fact_tables import (
    SENTENCES,
    TABLES,
    cells,
    columns_of,
    day_of,
    is_major,
    sentence,
)
from barograph_web.portfolio.models import Account, AccountFact, AccountWeek, FactKind, Note, Week
from barograph_web.portfolio.timeline import Event, kinds, marks, register_source, tier_moves, timeline

DAY = date(2026, 11, 2)


def fact(table: str, on: date | None = DAY, **data: Any) -> AccountFact:
    return AccountFact(account_id="a", kind=table, key="k", on=on, digest="", data=data)


@pytest.mark.parametrize("kind", FactKind.values)
def test_columns_are_those_of_the_contract(kind: str) -> None:
    """No column is shown that the data contract does not name, and every kind has a sentence (X4)."""
    names = set(CONTRACT[kind].by_name)
    assert {column.key for column in TABLES[kind]} <= names
    assert kind in SENTENCES
    assert sentence(fact(kind), {}).strip(), "a fact without any value still says what it is"


def test_columns_without_values_are_left_out() -> None:
    facts = [
        fact("tickets", opened_at="2026-11-02T10:00:00Z", priority="p1"),
        fact("tickets", subject="Help"),
    ]
    shown = columns_of("tickets", facts)
    assert [column.key for column in shown] == ["opened_at", "priority", "subject"]
    assert [cell.how for cell in cells(facts[1], shown, {})] == ["unknown", "unknown", "text"]


def test_contacts_are_named() -> None:
    meeting = fact("interactions", attendees=["p1", "p9"], executive=True, kind="business_review")
    shown = cells(meeting, columns_of("interactions", [meeting]), {"p1": "Ann"})
    assert [cell.value for cell in shown] == ["business review", True, "Ann, p9"]
    assert sentence(meeting, {}) == "Business review with an executive"


@pytest.mark.parametrize(
    ("one", "major", "on"),
    [
        (fact("tickets", priority="p1"), True, DAY),
        (fact("tickets", priority="p3"), False, DAY),
        (fact("contacts", role="sponsor", valid_to="2026-10-01"), True, date(2026, 10, 1)),
        (fact("contacts", role="user", valid_to="2026-10-01"), False, date(2026, 10, 1)),
        (fact("escalations"), True, DAY),
        (fact("goals", None, confirmed_at="2026-09-09T08:00:00Z"), False, date(2026, 9, 9)),
        (fact("goals", None), False, None),
    ],
)
def test_what_is_marked_and_when(one: AccountFact, major: bool, on: date | None) -> None:
    assert is_major(one) is major
    assert day_of(one) == on


def test_marks_begin_with_the_first_week() -> None:
    facts = [fact("escalations", DAY - timedelta(days=d)) for d in (0, 40, 80)] + [fact("invoices")]
    assert [m.on for m in marks(facts, {}, DAY - timedelta(days=50))] == [DAY - timedelta(days=40), DAY]


def test_moves_between_tiers_are_told_once() -> None:
    tiers = ["healthy", "healthy", "watch", "insufficient", "watch", "growth"]
    weeks = [
        AccountWeek(week=Week(as_of=DAY + timedelta(weeks=k)), tier=tier)
        for k, tier in reversed(list(enumerate(tiers)))
    ]
    found = tier_moves(weeks)
    assert [(e.on - DAY).days // 7 for e in found] == [2, 3, 4, 5]
    assert [e.tone for e in found] == ["bad", "", "", "good"]
    assert found[0].words == "Healthy to Watch"


@pytest.mark.django_db
def test_the_timeline_is_one_list_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts, moves, notes and what another app adds; of one kind when asked."""
    account = Account.objects.create(account_id="a", name="A")
    Note.objects.create(account_id="a", author_label="Ann", body="Remember")
    Note.objects.create(account_id="a", author_label="Ann", body="", erased_at="2026-11-01T00:00:00Z")
    Note.objects.create(account_id="b", author_label="Ann", body="Elsewhere")
    monkeypatch.setattr(timeline_module, "SOURCES", {})
    register_source("plays", "Plays", lambda _account, _most: [Event(DAY, "plays", "Play", "Began")])
    register_source("plays", "Plays", lambda _account, _most: [])  # the same kind twice is one
    facts = [fact("tickets", DAY - timedelta(days=3), priority="p2"), fact("goals", None)]
    weeks = [
        AccountWeek(week=Week(as_of=DAY + timedelta(weeks=k)), tier=t)
        for k, t in enumerate(["watch", "at_risk"])
    ]
    found = timeline(account, facts, weeks, {})
    assert {e.kind for e in found} == {"tickets", "tiers", "notes", "plays"}
    assert [e.on for e in found] == sorted((e.on for e in found), reverse=True)
    for kind in ("tickets", "tiers", "notes", "plays"):
        assert {e.kind for e in timeline(account, facts, weeks, {}, kind)} == {kind}
    assert set(kinds()) >= {"tiers", "notes", *FactKind.values}
