"""Truth: what was given here is in the raw table once, with its own instants, whatever was killed on the way; and what
was erased leaves it (H5, decision 19, X4; real processes for the kill)."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from barograph.lake import checkpoints
from barograph.workspace import Workspace
from barograph_web.ops import erasure as ops_erasure
from barograph_web.ops.models import Run, RunKind, RunState
from barograph_web.ops.worker import work_off
from barograph_web.portfolio import erasure as contact_erasure
from barograph_web.portfolio.models import AccountFact, FactKind
from barograph_web.pulses import erasure, lake_erasure, publishing, queries, services
from barograph_web.pulses.models import Finding, Publication, Pulse, PulseState
from barograph_web.scoring.projection import project
from barograph_web.users.models import Role, User
from support.web_company import company_copy, open_in_application
from support.web_people import People
from support.web_processes import place_in, wait_until
from support.web_pulses import GOOD, NOW, TODAY, accounts_in, allow_lifts, given, later, managed_by, rebuilt

ANSWERED = ["account_id", "recorded_at", "sponsor_status", "executive_engagement", "outcome_narrative"]


@pytest.fixture
def place(team: People, tmp_path: Path, projected: Path) -> Workspace:
    """The company in a workspace that may be written to."""
    return open_in_application(company_copy(projected, tmp_path / "company"))


@pytest.fixture
def chief(team: People) -> User:
    return User.objects.create_user("chief@example.com", name="Chief", role=Role.LEADER)


def raw(place: Workspace) -> list[dict[str, Any]]:
    paths = place.lake.paths("raw/pulses")
    tables = [pq.read_table(path, partitioning=None) for path in paths]
    return pa.concat_tables(tables, promote_options="permissive").to_pylist()


def published(place: Workspace) -> None:
    assert publishing.ask(NOW)
    assert work_off(clock=lambda: NOW) == [RunState.DONE]


def versions(place: Workspace, pulse: Pulse) -> list[dict[str, Any]]:
    key = queries.raw_key(pulse.account_id, pulse.given_at)
    return sorted((row for row in raw(place) if row["_key"] == key), key=lambda row: row["_seq"])


@pytest.mark.django_db
def test_a_pulse_is_a_row_of_the_contract_with_its_own_clock(team: People, place: Workspace) -> None:
    account = accounts_in("at_risk", managed_by(team.anna))[0]
    before = len(raw(place))
    pulse = given(account, GOOD, team.anna, reason='=SUM(A1) "quoted"\nand a line, œ')
    published(place)
    [row] = versions(place, pulse)
    assert len(raw(place)) == before + 1
    assert [row[name] for name in ANSWERED] == [
        account.account_id, NOW.replace(tzinfo=None), *GOOD,
    ]  # fmt: skip
    assert (row["author_email"], row["reason"]) == (team.anna.email, pulse.reason)
    assert row["_known_at"] == NOW.replace(tzinfo=None), "known from when it was given, not from the import"
    assert (row["_clock"], row["wanted_tier"], row["countersigned_at"]) == ("source", None, None)
    publication = Publication.objects.get(pulse=pulse)
    assert publication.import_id == row["_import"]


@pytest.mark.django_db
def test_nothing_is_asked_for_without_something_new_and_once_only(team: People, place: Workspace) -> None:
    assert not publishing.ask(NOW)
    given(accounts_in("healthy", managed_by(team.anna))[0], GOOD, team.anna)
    assert publishing.ask(NOW)
    assert not publishing.ask(NOW), "one is waiting"
    assert Run.objects.filter(kind=RunKind.PULSES).count() == 1
    work_off(clock=lambda: NOW)
    assert not publishing.ask(NOW)
    before = raw(place)
    Publication.objects.all().delete()  # as if the worker had died between import and note
    assert publishing.ask(NOW + timedelta(hours=1))
    work_off(clock=lambda: NOW + timedelta(hours=1))
    assert raw(place) == before, "the same rows again change nothing"
    assert Publication.objects.count() == 1


@pytest.mark.django_db
def test_a_counter_signature_is_known_from_its_own_instant(
    team: People, chief: User, place: Workspace
) -> None:
    account = accounts_in("at_risk", managed_by(team.anna))[0]
    allow_lifts()
    pulse = given(account, GOOD, team.anna, reason="The new sponsor signed", lift=True)
    published(place)
    services.rule(
        account,
        given_at=pulse.given_at,
        finding=Finding.PULSE,
        reason="Seen",
        by=chief,
        now=later(2),
        today=TODAY,
    )
    published(place)
    first, second = versions(place, pulse)
    assert (first["wanted_tier"], first["countersigned_at"]) == ("watch", None)
    assert second["countersigned_by"] == chief.email
    assert second["countersigned_at"] == second["_known_at"] == later(2).replace(tzinfo=None)
    assert not publishing.ask(later(3))


@pytest.mark.django_db
def test_numbers_that_stand_are_no_counter_signature(team: People, chief: User, place: Workspace) -> None:
    account = accounts_in("at_risk", managed_by(team.anna))[0]
    pulse = given(account, GOOD, team.anna, reason="x")
    published(place)
    services.rule(
        account, given_at=pulse.given_at, finding=Finding.NUMBERS, reason="No", by=chief, now=NOW, today=TODAY
    )
    assert not publishing.ask(NOW)


@pytest.mark.django_db
def test_what_came_back_through_the_raw_table_is_one_pulse(team: People, place: Workspace) -> None:
    account = accounts_in("healthy", managed_by(team.anna))[0]
    # Given before the newest week, so that the projection brings it back among the facts.
    week = datetime(2026, 11, 10, 9, tzinfo=UTC)
    pulse = given(account, GOOD, team.anna, at=week)
    said = len(queries.said_of(account.account_id, 99))
    published(place)
    project(place, now=NOW)
    facts = AccountFact.objects.filter(account_id=account.account_id, kind=FactKind.PULSE)
    assert pulse.given_at in [queries.instant_of(fact) for fact in facts], "it came back"
    assert len(queries.said_of(account.account_id, 99)) == said
    rebuilt()
    row = PulseState.objects.get(account_id=account.account_id)
    assert row.pulse == pulse or (row.given_at is not None and row.given_at > week)


@pytest.mark.django_db
def test_erased_text_leaves_page_and_raw_table_and_stays_out(team: People, place: Workspace) -> None:
    account = accounts_in("at_risk", managed_by(team.anna))[0]
    pulse = given(account, GOOD, team.anna, reason="Petra Muster has a new boss")
    published(place)
    [subject] = [s for s in erasure.find("petra muster") if s.key.startswith("pulse")]
    counts = ops_erasure.erase(erasure.TEXT_KIND, subject.key, NOW, by=team.ada, reason="asked for")
    assert counts["texts"] == 1
    pulse.refresh_from_db()
    assert (pulse.reason, pulse.erased_at) == ("", NOW)
    assert work_off(clock=lambda: NOW) == [RunState.DONE]
    [row] = versions(place, pulse)
    assert row["reason"] is None
    assert [row[name] for name in ANSWERED[2:]] == list(GOOD), "the answers stay"
    assert lake_erasure.take_out(place, NOW) == 0, "done twice it changes nothing"
    assert erasure.find("petra") == [] and erasure.get(subject.key) is None
    assert b"Petra" not in b"".join(path.read_bytes() for path in place.lake.paths("raw/pulses"))


@pytest.mark.django_db
def test_erasing_a_contact_or_a_user_takes_their_name_out_of_what_was_said(
    team: People, place: Workspace
) -> None:
    contact = next(
        fact
        for fact in AccountFact.objects.filter(kind=FactKind.CONTACT).order_by("pk")
        if fact.account_id in {a.account_id for a in managed_by(team.anna)}
        and len(fact.data.get("name", "")) > 6
    )
    account = next(a for a in managed_by(team.anna) if a.account_id == contact.account_id)
    reason = f"{contact.data['name']} and {team.otto.name} Operations <{team.otto.email}> told me"
    pulse = given(account, ("missing", "none", "missing"), team.anna, reason=reason)
    published(place)
    ops_erasure.erase(contact_erasure.CONTACTS, str(contact.pk), NOW, by=team.ada, reason="asked for")
    pulse.refresh_from_db()
    assert contact.data["name"] not in pulse.reason and team.otto.email in pulse.reason
    ops_erasure.erase(ops_erasure.USERS, str(team.otto.pk), NOW, by=team.ada, reason="asked for")
    pulse.refresh_from_db()
    assert team.otto.email not in pulse.reason
    work_off(clock=lambda: NOW + timedelta(days=30))
    assert [row["reason"] for row in versions(place, pulse)] == [None], "and out of the raw table altogether"


@pytest.mark.django_db
def test_text_of_an_imported_pulse_is_erased_as_well(team: People, place: Workspace) -> None:
    fact = AccountFact.objects.filter(kind=FactKind.PULSE, data__reason__isnull=False).order_by("pk").first()
    assert fact is not None
    total, there = len(raw(place)), [r["reason"] for r in raw(place) if r["_key"] == fact.key]
    assert any(there)
    ops_erasure.erase(erasure.TEXT_KIND, f"imported-{fact.pk}", NOW, by=team.ada, reason="asked for")
    work_off(clock=lambda: NOW)
    fact.refresh_from_db()
    assert "reason" not in fact.data
    after = raw(place)
    assert len(after) == total
    assert {r["reason"] for r in after if r["_key"] == fact.key} == {None}
    assert sum(r["reason"] is None for r in after) == len(there), "nobody else's"


@pytest.mark.django_db
def test_a_run_that_dies_before_the_import_counts_leaves_nothing(
    team: People, place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulse = given(accounts_in("healthy", managed_by(team.anna))[0], GOOD, team.anna)
    before = len(raw(place))
    assert publishing.ask(NOW)

    def die(point: str) -> None:
        if point == "import.written":
            raise KeyboardInterrupt

    monkeypatch.setattr(checkpoints, "hook", die)
    with pytest.raises(KeyboardInterrupt):
        work_off(clock=lambda: NOW)
    assert (len(raw(place)), Publication.objects.count()) == (before, 0)
    monkeypatch.setattr(checkpoints, "hook", None)
    assert work_off(clock=lambda: NOW + timedelta(minutes=5)) == [RunState.DONE], "its lease ran out"
    assert len(versions(place, pulse)) == 1


PREPARED = """
from datetime import UTC, datetime
from barograph_web.users.models import User
from barograph_web.pulses.models import Pulse
anna = User.objects.create_user("anna@example.com", name="Anna", role="account_manager")
for account_id in ("A0000001", "A0000002", "A0000003"):
    Pulse.objects.create(account_id=account_id, given_at=datetime(2026, 11, 18, 9, tzinfo=UTC), author=anna,
        author_label="Anna", sponsor_status="active", executive_engagement="active",
        outcome_narrative="defensible", expires_on="2027-01-01")
"""


def test_a_worker_killed_after_the_import_is_taken_over(company_place: Path, tmp_path: Path) -> None:
    """The import counts, and nothing has noted it: the next worker's import finds its rows there."""
    place = place_in(company_copy(company_place, tmp_path / "ws"), BAROGRAPH_LEASE_SECONDS="2")
    before = len(raw(Workspace.open(place.folder)))
    place.django(PREPARED)
    lab = ("-m", "support.web_worker_lab", place.folder, tmp_path / "log")
    assert place.start(*lab, "commit.journal_written").wait(timeout=120) == -signal.SIGKILL, place.said()
    assert place.rows("SELECT count(*) FROM pulses_publication") == [(0,)]

    second = place.start(*lab)
    try:
        wait_until(lambda: place.rows("SELECT 1 FROM pulses_publication") != [], 120)
        wait_until(
            lambda: (
                place.rows("SELECT 1 FROM ops_run WHERE kind = 'pulses' AND finished_at IS NOT NULL") != []
            )
        )
    finally:
        second.terminate()
        second.wait(timeout=60)
    assert place.rows("SELECT count(*), count(DISTINCT pulse_id) FROM pulses_publication") == [(3, 3)]
    assert place.rows("SELECT state FROM ops_run WHERE kind = 'pulses'") == [("done",)]
    rows = raw(Workspace.open(place.folder))
    assert len(rows) == before + 3
    assert sum(row["author_email"] == "anna@example.com" for row in rows) == 3
