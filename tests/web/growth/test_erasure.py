"""Truth: planted. An erased contact is in no text that people wrote here; that something happened stays (X4)."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from barograph.workspace import Workspace
from barograph_web.growth import services_plans
from barograph_web.growth.models import KEPT, Entry, Goal, HandOver
from barograph_web.growth.publishing import publish_changed
from barograph_web.ops.erasure import erase as erase_one
from barograph_web.ops.lake_erasure import take_out
from barograph_web.ops.models import AuditEvent, Erasure, Run, RunKind
from barograph_web.portfolio.erasure import CONTACTS, digest_of
from barograph_web.portfolio.models import AccountFact, FactKind
from support.web_company import company_copy
from support.web_people import People
from support.web_success import (
    NOW,
    TODAY,
    OneRun,
    account_for,
    agreed_plan,
    asked,
    consented,
    escalated,
    handed,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def test_their_name_goes_from_every_text(people: People) -> None:
    account = account_for(people.carla)
    contact = AccountFact.objects.create(
        account_id=account.account_id, kind=FactKind.CONTACT, key="P-erase", digest="",
        data={"contact_id": "P-erase", "name": "Maya Okafor", "email": "maya@customer.example", "role": "champion"},
    )  # fmt: skip
    row = handed(account, to=people.anna, by=people.carla)
    _, goal = agreed_plan(account, people.carla)
    services_plans.confirm(
        goal, who="Maya Okafor", how="meeting", on=TODAY, seen=1, by=people.carla, now=NOW, today=TODAY
    )
    Goal.objects.update(published=2)
    asked(account, people.carla)
    consented(account, people.carla)
    escalation = escalated(
        account,
        owner=people.anna,
        by=people.carla,
        title="Maya Okafor cannot sign in",
        detail="Since Monday.",
    )
    counts = erase_one(CONTACTS, str(contact.pk), NOW, by=people.ada, reason="They asked for it.")
    assert {counts[f"growth_{kind}"] for kind in ("hand_over", "goal", "ask", "consent", "escalation")} == {1}
    for model in KEPT:
        for kept in model._default_manager.all():
            columns = {f.attname: getattr(kept, f.attname) for f in kept._meta.concrete_fields}
            assert "okafor" not in json.dumps(columns, default=str).lower(), columns
    for entry in Entry.objects.all():
        assert "okafor" not in f"{entry.words} {entry.changes}".lower()
    for event in AuditEvent.objects.filter(account_id=account.account_id):
        assert "okafor" not in f"{event.before} {event.after} {event.reason} {event.object_label}".lower()
    escalation.refresh_from_db()
    assert (escalation.title, escalation.detail, escalation.state) == ("", "Since Monday.", "open")
    kept = HandOver.objects.get(pk=row.pk)
    assert (kept.why_now, kept.talk_to) == ("They opened two sites.", "")
    assert Goal.objects.get().published == 0, "it goes into the lake anew, without the name"
    [run] = Run.objects.filter(kind=RunKind.GOALS, key__startswith="erased-")
    assert run.arguments == {"erase": True}
    [kept_goal] = Erasure.objects.filter(kind="goal")
    assert kept_goal.digest == digest_of(Goal.objects.get().key)


def test_somebody_elses_texts_stay(people: People) -> None:
    account, other = account_for(people.carla), account_for(people.anna)
    contact = AccountFact.objects.create(
        account_id=account.account_id, kind=FactKind.CONTACT, key="P-erase", digest="",
        data={"contact_id": "P-erase", "name": "Zoltan Unheard", "email": "z@customer.example"},
    )  # fmt: skip
    handed(account, to=people.anna, by=people.carla)
    if other.account_id != account.account_id:
        escalated(other, owner=people.anna, by=people.carla, title="Zoltan Unheard of elsewhere")
    before = list(Entry.objects.values_list("pk", "words", "erased_at"))
    erase_one(CONTACTS, str(contact.pk), NOW, by=people.ada, reason="They asked.")
    assert list(Entry.objects.values_list("pk", "words", "erased_at")) == before
    assert HandOver.objects.get().talk_to == "Maya Okafor, controller"


def test_the_lake_loses_the_name_in_every_version(
    people: People, company_place: Path, tmp_path: Path
) -> None:
    place = Workspace.open(company_copy(company_place, tmp_path / "ws"))
    account = account_for(people.carla)
    _, goal = agreed_plan(account, people.carla)
    publish_changed(OneRun(NOW), place)  # type: ignore[arg-type]
    goal = services_plans.confirm(
        goal, who="Maya Okafor", how="meeting", on=TODAY, seen=1, by=people.carla, now=LATER, today=TODAY
    )
    publish_changed(OneRun(LATER), place)  # type: ignore[arg-type]
    rows, others = goals_in(place, goal.key), len(goals_in(place, ""))
    assert [r["confirmed_by"] for r in rows] == [None, "Maya Okafor"]
    assert take_out(place, "goals", ("title", "confirmed_by"), kind="goal", now=LATER) == 0, (
        "nobody is erased"
    )
    Erasure.objects.create(kind="goal", account_id=account.account_id, digest=digest_of(goal.key), at=LATER)
    assert take_out(place, "goals", ("title", "confirmed_by"), kind="goal", now=LATER) == 2
    assert take_out(place, "goals", ("title", "confirmed_by"), kind="goal", now=LATER) == 0, (
        "twice changes nothing"
    )
    after = goals_in(place, goal.key)
    assert [(r["title"], r["confirmed_by"]) for r in after] == [(None, None)] * 2
    assert [r["_digest"] for r in after] == [r["_digest"] for r in rows], (
        "the same import brings nothing back"
    )
    assert len(goals_in(place, "")) == others, "nobody else's rows are touched"


def goals_in(place: Workspace, key: str) -> list[dict[str, Any]]:
    """Versions of goals whose key begins so, oldest first."""
    rows: list[dict[str, Any]] = []
    for path in place.lake.resolve(place.lake.manifest().entries("raw/goals")):
        rows += [r for r in pq.read_table(path, partitioning=None).to_pylist() if r["_key"].startswith(key)]
    return sorted(rows, key=lambda r: r["_seq"])
