"""The Data page, quarantine, and the proposed model: who sees them, what they say, and how many queries they take
(S6, X2, H of unknown). Truth: the documents of the library; growth."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from barograph.workspace import Workspace
from barograph_web.ingest import services
from barograph_web.ingest.models import DataState, Upload
from barograph_web.ops.models import RunState
from barograph_web.portfolio.models import Week
from barograph_web.scoring.models import ModelDraft
from barograph_web.users.models import User
from support.web_files import ACCOUNTS
from support.web_people import People

ClientOf = Callable[[User], Client]
pytestmark = pytest.mark.django_db
EVIL = b"ticket_id,account_id,opened_at,subject\n1,A1,\"=cmd|' /C calc'!A0\",<script>alert(1)</script>\n"


@pytest.mark.parametrize("address", ["/data/", "/data/proposal/"])
def test_roles_that_see_data(crew: People, client_of: ClientOf, address: str) -> None:
    for person in crew.all():
        expected = 200 if person.role in {"csm", "account_manager", "leader", "ops", "administrator"} else 403
        assert client_of(person).get(address).status_code == expected, person


@pytest.mark.parametrize("address", ["/data/quarantine/", "/data/quarantine.csv"])
def test_only_those_who_bring_data_see_rows(crew: People, client_of: ClientOf, address: str) -> None:
    for person in crew.all():
        expected = 200 if person.role in {"ops", "administrator"} else 403
        assert client_of(person).get(address).status_code == expected, person


def test_files_are_for_those_who_bring_data(
    crew: People, bring: Callable[..., Upload], client_of: ClientOf
) -> None:
    upload = bring(crew.otto, "accounts.csv", ACCOUNTS)
    for person in crew.all():
        allowed = person.role in {"ops", "administrator"}
        client = client_of(person)
        assert client.get(f"/data/uploads/{upload.pk}/").status_code == (200 if allowed else 403)
        assert client.get(f"/data/uploads/{upload.pk}/mapping.toml").status_code == (200 if allowed else 403)
        for work in ("settle", "check", "import", "again", "delete"):
            if not allowed:
                assert client.post(f"/data/uploads/{upload.pk}/{work}/").status_code == 403
    assert client_of(crew.otto).get("/data/uploads/00000000-0000-4000-8000-000000000000/").status_code == 404


def test_an_empty_workspace_says_what_to_do_next(crew: People, client_of: ClientOf) -> None:
    page = client_of(crew.otto).get("/data/").content.decode()
    assert "No data yet" in page
    assert 'type="file"' in page
    assert 'type="file"' not in client_of(crew.carla).get("/data/").content.decode()


def test_after_an_import_the_page_shows_tables_and_what_lacks_data(
    crew: People,
    place: Workspace,
    bring: Callable[..., Upload],
    worked: Callable[[], list[RunState]],
    client_of: ClientOf,
) -> None:
    services.start_import(bring(crew.otto, "accounts.csv", ACCOUNTS).pk, crew.otto, revision=1)
    worked()
    page = client_of(crew.otto).get("/data/").content.decode()
    assert "an account as known at a time" in page
    assert "Not there yet" in page
    state = DataState.objects.get()
    assert state.generation == place.lake.manifest().generation
    held = {t["table"]: t["held"] for t in state.document["tables"]}
    assert held["accounts"]["rows"] == 2
    assert held["tickets"] is None
    proposal = client_of(crew.otto).get("/data/proposal/").content.decode()
    assert "Not possible, and why" in proposal
    assert "there are no tickets" in proposal


def test_a_draft_begins_from_the_proposed_model(
    crew: People,
    place: Workspace,
    bring: Callable[..., Upload],
    worked: Callable[[], list[RunState]],
    client_of: ClientOf,
) -> None:
    services.start_import(bring(crew.otto, "accounts.csv", ACCOUNTS).pk, crew.otto, revision=1)
    worked()
    assert client_of(crew.lena).post("/data/proposal/").status_code == 403
    response = client_of(crew.otto).post("/data/proposal/")
    draft = ModelDraft.objects.get()
    assert response.headers["Location"] == f"/models/drafts/{draft.pk}/"
    assert draft.model == "saas"


def test_an_outdated_picture_says_so(
    crew: People,
    place: Workspace,
    bring: Callable[..., Upload],
    worked: Callable[[], list[RunState]],
    client_of: ClientOf,
) -> None:
    services.start_import(bring(crew.otto, "accounts.csv", ACCOUNTS).pk, crew.otto, revision=1)
    worked()
    DataState.objects.update(generation=0)
    client = client_of(crew.otto)
    assert "Look again" in client.get("/data/").content.decode()
    client.post("/data/look/")
    assert worked() == [RunState.DONE]
    assert "Look again" not in client.get("/data/").content.decode()


def test_quarantine_escapes_pages_and_disarms_exports(
    crew: People,
    place: Workspace,
    bring: Callable[..., Upload],
    worked: Callable[[], list[RunState]],
    client_of: ClientOf,
) -> None:
    upload = bring(crew.otto, "tickets.csv", EVIL)
    services.start_import(upload.pk, crew.otto, revision=upload.revision)
    worked()
    client = client_of(crew.otto)
    page = client.get("/data/quarantine/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    text = b"".join(client.get("/data/quarantine.csv?table=tickets").streaming_content).decode()
    [row] = list(csv.DictReader(io.StringIO(text)))
    assert row["value"].startswith("'=cmd")
    assert row["column"] == "opened_at"
    assert (
        b"".join(client.get("/data/quarantine.csv?table=surveys").streaming_content)
        .decode()
        .startswith("table,file,")
    )


def test_a_filter_finds_what_it_names_and_nothing_else(
    crew: People,
    place: Workspace,
    bring: Callable[..., Upload],
    worked: Callable[[], list[RunState]],
    client_of: ClientOf,
) -> None:
    lines = "".join(f"{i},A1,bad\n" for i in range(120))
    upload = bring(crew.otto, "tickets.csv", f"ticket_id,account_id,opened_at\n{lines}".encode())
    services.start_import(upload.pk, crew.otto, revision=upload.revision)
    worked()
    client = client_of(crew.otto)
    first = client.get("/data/quarantine/?table=tickets").content.decode()
    assert "1–50 of 120" in first
    assert "101–120 of 120" in client.get("/data/quarantine/?table=tickets&page=3").content.decode()
    assert "Nothing in quarantine" in client.get("/data/quarantine/?column=no' OR 1=1 --").content.decode()
    assert client.get("/data/quarantine/?page=zero").status_code == 200


def test_queries_do_not_grow_with_files(
    crew: People,
    bring: Callable[..., Upload],
    client_of: ClientOf,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    client = client_of(crew.otto)
    client.get("/data/")
    bring(crew.otto, "accounts.csv", ACCOUNTS)
    with CaptureQueriesContext(connection) as few:
        client.get("/data/")
    for i in range(8):
        bring(crew.otto, f"accounts {i}.csv", ACCOUNTS)
    with django_assert_max_num_queries(len(few)):
        client.get("/data/")


def test_between_the_first_file_and_the_first_review_the_page_says_what_to_do(
    crew: People,
    bring: Callable[..., Upload],
    worked: Callable[[], list[RunState]],
    client_of: ClientOf,
) -> None:
    """A published week stays as it was said, so that a person says when the files are complete (journey 3)."""
    Week.every.all().delete()  # those of the company that other tests of this process share
    assert "Score the first weeks" not in client_of(crew.otto).get("/data/").content.decode()
    upload = bring(crew.otto, "accounts.csv", ACCOUNTS)
    services.start_import(upload.pk, crew.otto, revision=1)
    worked()
    for address in ("/data/", f"/data/uploads/{upload.pk}/"):
        assert "Score the first weeks" in client_of(crew.otto).get(address).content.decode(), address
    assert "Score the first weeks" not in client_of(crew.carla).get("/data/").content.decode()
    client_of(crew.otto).post("/administration/runs/refresh/")
    assert "are being scored" in client_of(crew.otto).get("/data/").content.decode()
    worked()
    page = client_of(crew.otto).get("/data/").content.decode()
    assert "The last try" in page, "the model wants contracts, and there are none"
    assert "Score the first weeks" in page


def test_a_trial_knows_the_accounts_of_the_workspace(
    crew: People, bring: Callable[..., Upload], worked: Callable[[], list[RunState]]
) -> None:
    """It runs in a lake of its own, which has none."""
    services.start_import(bring(crew.otto, "accounts.csv", ACCOUNTS).pk, crew.otto, revision=1)
    worked()
    tickets = b"ticket_id,account_id,opened_at\n1,A1,2026-10-01\n"
    upload = bring(crew.otto, "tickets.csv", tickets)
    services.try_out(upload.pk, crew.otto, revision=1)
    worked()
    upload.refresh_from_db()
    [table] = upload.check_result["report"]["tables"]
    assert table["rows"] == 1
    assert not any("no accounts table" in words for words in table["warnings"])
