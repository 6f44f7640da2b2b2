"""Truth: after erasing, no column of the database holds the person any more, and what happened still stands; the next
projection does not bring them back (X4)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.db import models

from barograph.errors import UsageError
from barograph_web.ops import erasure, leases, retention, worker
from barograph_web.ops.audit import audit
from barograph_web.ops.current import acting_as
from barograph_web.ops.models import AuditEvent, Run, RunKind, RunState, RunStep
from barograph_web.ops.services import request_run
from barograph_web.portfolio.models import AccountFact, FactKind, Note
from barograph_web.users import tokens
from barograph_web.users.models import ApiToken, Role, User
from support.web_fresh import fresh_client

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
ACCOUNT = "acme"
pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada@example.com", name="Ada Lovelace", role=Role.ADMINISTRATOR)


@pytest.fixture
def carla(ada: User) -> User:
    return User.objects.create_user("carla.quast@example.com", name="Carla Quast", role=Role.CSM)


def everything() -> str:
    """Every text and JSON value of every table of ours."""
    parts = []
    for model in apps.get_models():
        columns = [
            f.attname
            for f in model._meta.concrete_fields
            if isinstance(f, models.CharField | models.TextField | models.JSONField)
        ]
        parts += (
            [json.dumps(row, default=str) for row in model._base_manager.values_list(*columns)]
            if columns
            else []
        )
    return "\n".join(parts).lower()


def kind(name: str) -> erasure.Kind:
    found = erasure.kind_of(name)
    assert found is not None
    return found


def test_a_user_is_nowhere_any_more_and_what_they_did_stays(ada: User, carla: User) -> None:
    with acting_as(carla, via="web"):
        note = Note.objects.create(
            account_id=ACCOUNT, author=carla, author_label=carla.name, body="Called them."
        )
        audit("note.written", note, account_id=ACCOUNT)
    audit("person.changed", carla, before={"name": "Carla Q"}, after={"name": "Carla Quast"})
    tokens.issue(carla, "mine", ["read"], NOW + timedelta(days=9), NOW)
    assert "quast" in everything()

    counts = erasure.erase(kind("user"), str(carla.pk), NOW, by=ada, reason="asked for it")

    assert "quast" not in everything()
    assert "carla" not in everything()
    carla.refresh_from_db()
    former = f"Former user {carla.pk}"
    assert (carla.name, carla.is_active, carla.erased_at) == (former, False, NOW)
    note.refresh_from_db()
    assert (note.author, note.author_label, note.body) == (carla, former, "Called them.")
    written = AuditEvent.objects.get(action="note.written")
    assert (written.actor, written.actor_label) == (carla, former)
    about = AuditEvent.objects.get(action="person.changed")
    assert (about.before, about.after, about.details_removed_at) == (None, None, NOW)
    assert not ApiToken.objects.exists()
    assert counts["people"] == 1
    last = AuditEvent.objects.get(action="personal_data.erased")
    assert last.reason == "asked for it"
    assert erasure.erase(kind("user"), str(carla.pk), NOW, by=ada, reason="again") == {}


def test_neither_oneself_nor_the_last_administrator_is_erased(ada: User, carla: User) -> None:
    with pytest.raises(UsageError, match="yourself"):
        erasure.erase(kind("user"), str(ada.pk), NOW, by=ada, reason="x")
    with pytest.raises(UsageError, match="last administrator"):
        erasure.erase(kind("user"), str(ada.pk), NOW, by=carla, reason="x")


def facts() -> AccountFact:
    """A contact, a colleague, and what the account's records say of both."""

    def fact(table: FactKind, key: str, **data: object) -> AccountFact:
        return AccountFact.objects.create(
            account_id=ACCOUNT, kind=table, key=key, on=date(2026, 11, 2), digest=f"d-{key}", data=data
        )

    sven = fact(
        FactKind.CONTACT,
        "c1",
        contact_id="c1",
        name="Sven Holm",
        email="sven@acme.example",
        title="CTO",
        role="sponsor",
    )
    fact(FactKind.CONTACT, "c2", contact_id="c2", name="Mia Berg", email="mia@acme.example", role="user")
    fact(FactKind.TICKET, "t1", ticket_id="t1", contact_id="c1", subject="Login for Sven", priority="p2")
    fact(FactKind.TICKET, "t2", ticket_id="t2", contact_id="c2", subject="Report is slow", priority="p3")
    fact(FactKind.SURVEY, "s1", contact_id="c1", score=3, comment="I am leaving in June")
    fact(
        FactKind.INTERACTION,
        "i1",
        attendees=["c1", "c2"],
        notes="Spoke to Sven Holm about June",
        kind="meeting",
    )
    return sven


def test_a_contact_is_nowhere_any_more_and_that_there_was_one_stays(ada: User) -> None:
    sven = facts()
    Note.objects.create(account_id=ACCOUNT, author_label="x", body="Sven Holm is our man")
    Note.objects.create(account_id=ACCOUNT, author_label="x", body="Renewal in June")
    audit("note.written", ("note", "1", "a note"), after={"about": "sven@acme.example"}, account_id=ACCOUNT)
    [found] = erasure.kind_of("contact").find("holm")  # type: ignore[union-attr]
    assert found.key == str(sven.pk)

    erasure.erase(kind("contact"), found.key, NOW, by=ada, reason="asked for it")

    assert "sven holm" not in everything()
    assert "sven@acme" not in everything()
    assert "leaving in june" not in everything(), "a comment of theirs is theirs, whatever it says"
    kept = {f.key: f.data for f in AccountFact.objects.all()}
    assert kept["c1"] == {"contact_id": "c1", "name": "Erased contact", "role": "sponsor"}
    assert kept["c2"]["email"] == "mia@acme.example"
    assert kept["t1"] == {"ticket_id": "t1", "contact_id": "c1", "priority": "p2"}
    assert kept["t2"]["subject"] == "Report is slow"
    assert kept["s1"] == {"contact_id": "c1", "score": 3}
    assert kept["i1"] == {"attendees": ["c1", "c2"], "kind": "meeting"}
    assert sorted(Note.objects.values_list("body", flat=True)) == ["", "Renewal in June"]
    assert erasure.kind_of("contact").get(found.key) is None  # type: ignore[union-attr]


def test_a_projection_that_brings_them_back_is_followed_by_taking_them_out(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sven = facts()
    erasure.erase(kind("contact"), str(sven.pk), NOW, by=ada, reason="x")
    data = {"contact_id": "c1", "name": "Sven Holm", "email": "sven@acme.example", "title": "CEO"}

    def projection(run: object) -> None:
        AccountFact.objects.filter(key="c1").update(data=data, digest="new version")

    monkeypatch.setitem(worker.HANDLERS, str(RunKind.PROJECT), projection)
    request_run(RunKind.PROJECT, "again", due_at=NOW)
    assert worker.work_off(lambda: NOW) == [RunState.DONE]
    assert "sven holm" not in everything()
    assert AccountFact.objects.get(key="c1").digest == "new version"


def test_retention_drops_details_and_keeps_what_happened(ada: User) -> None:
    audit("person.changed", ada, before={"name": "A"}, after={"name": "B"}, reason="because")
    run = request_run(RunKind.RETENTION, "old", due_at=NOW)
    claim = leases.claim_next("w", NOW, timedelta(minutes=1))
    assert claim is not None
    RunStep.objects.create(
        run=run, claim=1, position=1, name="s", started_at=NOW, log="names", counts={"rows": 3}
    )
    leases.finish(claim, RunState.DONE, NOW, result={})
    far = datetime.now(UTC) + timedelta(days=400)

    assert not any(retention.apply_retention(1000, far).values())
    counts = retention.apply_retention(365, far)

    assert counts["audit_details"] == 2
    assert counts["run_logs"] == 1
    event = AuditEvent.objects.get(action="person.changed")
    assert (event.before, event.after, event.reason, event.actor_label) == (None, None, "", "Barograph")
    assert event.details_removed_at == far
    step = RunStep.objects.get()
    assert (step.log, step.counts) == ("", {"rows": 3})
    assert Run.objects.get().state == RunState.DONE
    assert not any(retention.apply_retention(365, far).values())
    with pytest.raises(ValueError, match="at least 1"):
        retention.apply_retention(0, far)


def test_the_page_finds_asks_and_erases(ada: User, carla: User) -> None:
    client = fresh_client(ada)
    page = client.get("/administration/personal-data/?q=quast")
    assert "Carla Quast" in page.content.decode()
    address = f"/administration/personal-data/user/{carla.pk}/"
    assert client.post(address, {"reason": "asked"}).status_code == 422, "it has to be meant"
    assert client.post(address, {"reason": "asked", "sure": "on"}).status_code == 302
    carla.refresh_from_db()
    assert carla.erased_at is not None
    assert client.get(address).status_code == 404
    assert client.get("/administration/personal-data/nothing/1/").status_code == 404
