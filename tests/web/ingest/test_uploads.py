"""From the upload to the import report: journey 3 of the application (X1, P9 of people: X2 audit). Truth: the counts
add up to the file, the lake holds what fitted, and every write is in the audit log."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.test import Client

from barograph.errors import UsageError
from barograph.workspace import Workspace
from barograph_web.ingest import files, quarantine, queries, services
from barograph_web.ingest.models import DataState, Upload, UploadState
from barograph_web.ops.models import AuditEvent, RunState
from barograph_web.settings.options import Options
from barograph_web.users.models import User
from support.web_files import ACCOUNTS, TICKETS, post_files
from support.web_people import People

ClientOf = Callable[[User], Client]
Bring = Callable[..., Upload]
Settle = Callable[..., Upload]
Worked = Callable[[], list[RunState]]
pytestmark = pytest.mark.django_db


def test_a_file_is_kept_under_its_number_for_nobody_else(
    crew: People, place: Workspace, bring: Bring
) -> None:
    upload = bring(crew.otto, "../../evil/../tickets.csv", TICKETS)
    path = files.path_of(place, upload)
    assert path.parent == place.path / "application" / "uploads"
    assert path.name == f"{upload.pk}.csv"
    assert path.read_bytes() == TICKETS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert upload.name == "tickets.csv"
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("name", "content"),
    [("tickets.csv", b"%PDF-1.4"), ("a.csv", b""), ("b.xlsx", b"<html>"), ("c.csv", b"PK\x03\x04")],
)
def test_the_wrong_thing_is_refused_before_anything_is_stored(
    crew: People, place: Workspace, client_of: ClientOf, name: str, content: bytes
) -> None:
    response = post_files(client_of(crew.otto), (name, content))
    assert response.status_code == 422
    assert b"Nothing was stored" in response.content
    assert not Upload.objects.exists()
    folder = place.path / "application" / "uploads"
    assert not folder.exists() or list(folder.iterdir()) == []


def test_a_workbook_that_would_unpack_to_too_much_is_refused(
    crew: People, place: Workspace, client_of: ClientOf
) -> None:
    book = openpyxl.Workbook()
    book.active.append(["account_id", "name"])
    plain = io.BytesIO()
    book.save(plain)
    bomb = io.BytesIO()
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            new.writestr(item.filename, old.read(item.filename))
        new.writestr("xl/worksheets/bomb.xml", b" " * (80 << 20))
    response = post_files(client_of(crew.otto), ("accounts.xlsx", bomb.getvalue()))
    assert response.status_code == 422
    assert b"would unpack to" in response.content
    assert not Upload.objects.exists()


def test_a_file_over_the_limit_is_stopped_while_it_arrives(
    crew: People, place: Workspace, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = settings.OPTIONS_IN_FORCE
    monkeypatch.setattr(
        settings, "OPTIONS_IN_FORCE", Options({**now.values, "upload_bytes": 2000}, now.sources)
    )
    response = post_files(client_of(crew.otto), ("accounts.csv", ACCOUNTS + b"A3,x,y\n" * 1000))
    assert response.status_code == 413
    assert b"2,000 bytes" in response.content
    assert not Upload.objects.exists()
    assert post_files(client_of(crew.otto), ("accounts.csv", ACCOUNTS)).status_code == 302


def test_the_upload_form_is_guarded_against_other_sites(crew: People, place: Workspace) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(crew.otto, backend="django.contrib.auth.backends.ModelBackend")
    assert post_files(client, ("accounts.csv", ACCOUNTS)).status_code == 403
    assert not Upload.objects.exists()


def test_two_headers_fixed_and_rows_in_quarantine_with_why(
    crew: People, place: Workspace, bring: Bring, settled: Settle, worked: Worked, client_of: ClientOf
) -> None:
    client = client_of(crew.otto)
    services.start_import(bring(crew.otto, "accounts.csv", ACCOUNTS).pk, crew.otto, revision=1)
    assert worked() == [RunState.DONE]
    upload = bring(crew.otto, "support cases.csv", TICKETS)
    page = client.get(f"/data/uploads/{upload.pk}/").content.decode()
    assert "Nothing gives account_id yet" in page
    with pytest.raises(UsageError, match="account_id"):
        services.start_import(upload.pk, crew.otto, revision=upload.revision)
    upload = settled(upload, {"Customer": "account_id"}, values={"priority": {"high": "p1"}})
    services.try_out(upload.pk, crew.otto, revision=upload.revision)
    before = place.lake.manifest().generation
    assert worked() == [RunState.DONE]
    upload.refresh_from_db()
    assert place.lake.manifest().generation == before
    [table] = upload.check_result["report"]["tables"]
    assert (table["rows"], table["quarantined"]) == (3, 1)
    assert upload.check_result["rows"][0]["column"] == "opened_at"
    assert upload.check_result["unknown"] == {"count": 1, "first": ["A9"]}
    services.start_import(upload.pk, crew.otto, revision=upload.revision)
    assert worked() == [RunState.DONE]
    upload.refresh_from_db()
    assert upload.state == UploadState.IMPORTED
    [table] = upload.report["tables"]
    assert table["rows"] == table["new"] + table["changed"] + table["unchanged"] + table["quarantined"] == 3
    assert table["known_accounts_share"] == 0.5
    page = client.get(f"/data/uploads/{upload.pk}/").content.decode()
    assert "Why rows are in quarantine" in page
    assert "not a date" in page
    [row] = quarantine.rows(place, quarantine.Filter(table="tickets"))
    assert (row.file, row.column, row.value) == ("support cases.csv", "opened_at", "not a date")


def test_a_retry_after_another_mapping_brings_the_rest_in_and_supersedes_the_first(
    crew: People, place: Workspace, bring: Bring, settled: Settle, worked: Worked, client_of: ClientOf
) -> None:
    content = b"ticket_id,account_id,opened_at\n1,A1,01.10.2026\n2,A1,13.10.2026\n"
    upload = bring(crew.otto, "tickets.csv", content)
    services.start_import(upload.pk, crew.otto, revision=upload.revision)
    worked()
    upload.refresh_from_db()
    assert upload.report["tables"][0]["quarantined"] == 2
    upload = services.reopen(upload.pk, revision=upload.revision)
    upload = settled(upload, {}, dates="day-first")
    services.start_import(upload.pk, crew.otto, revision=upload.revision)
    worked()
    upload.refresh_from_db()
    assert (upload.report["tables"][0]["new"], upload.report["tables"][0]["quarantined"]) == (2, 0)
    page = client_of(crew.otto).get("/data/quarantine/").content.decode()
    assert "imported again since" in page
    state = DataState.objects.get()
    assert len(state.document["quarantine"]) > 0
    assert queries.open_groups(state) == []


def test_asking_twice_is_one_import_and_the_same_rows_change_nothing(
    crew: People, place: Workspace, bring: Bring, worked: Worked
) -> None:
    first = bring(crew.otto, "accounts.csv", ACCOUNTS)
    services.start_import(first.pk, crew.otto, revision=1)
    with pytest.raises(UsageError):
        services.start_import(first.pk, crew.otto, revision=1)
    worked()
    second = bring(crew.otto, "accounts.csv", ACCOUNTS)
    services.start_import(second.pk, crew.otto, revision=1)
    worked()
    second.refresh_from_db()
    [table] = second.report["tables"]
    assert (table["new"], table["unchanged"]) == (0, 2)


def test_a_form_that_somebody_overtook_is_refused_with_what_it_is_now(
    crew: People, place: Workspace, bring: Bring, settled: Settle, client_of: ClientOf
) -> None:
    upload = bring(crew.otto, "support cases.csv", TICKETS)
    settled(upload, {"Customer": "account_id"})
    part = next(iter(upload.choices))
    response = client_of(crew.otto).post(
        f"/data/uploads/{upload.pk}/settle/",
        {"revision": upload.revision, "name": part, "part-table": "tickets", "part-dates": "iso", "part-decimal": ".",
         **{f"part-column_{i}": "+" for i in range(4)}},
    )  # fmt: skip
    assert response.status_code == 409
    assert b"somebody changed it" in response.content
    upload.refresh_from_db()
    assert upload.choices[part]["columns"]["Customer"] == "account_id"


def test_the_form_keeps_what_was_chosen_and_says_what_is_wrong_beside_the_field(
    crew: People, place: Workspace, bring: Bring, client_of: ClientOf
) -> None:
    upload = bring(crew.otto, "support cases.csv", TICKETS)
    part = next(iter(upload.choices))
    data = {
        "revision": 1, "name": part, "part-table": "tickets", "part-dates": "iso", "part-decimal": ".",
        "part-column_0": "ticket_id", "part-column_1": "ticket_id", "part-column_2": "opened_at",
        "part-column_3": "priority",
    }  # fmt: skip
    client = client_of(crew.otto)
    page = client.post(f"/data/uploads/{upload.pk}/settle/", data, follow=True).content.decode()
    assert "choose one of the two" in page
    upload.refresh_from_db()
    data |= {"revision": upload.revision, "part-column_1": "account_id", "part-word_priority_0": "p1"}
    page = client.post(f"/data/uploads/{upload.pk}/settle/", data, follow=True).content.decode()
    upload.refresh_from_db()
    assert services.open_problems(upload) == {}
    assert upload.choices[part]["values"] == {"priority": {"high": "p1"}}
    assert "certain" in page


def test_another_table_starts_over_with_its_own_headers(
    crew: People, place: Workspace, bring: Bring, client_of: ClientOf
) -> None:
    upload = bring(crew.otto, "list.csv", b"account_id,name\nA1,One\n")
    part = next(iter(upload.choices))
    data = {"revision": 1, "name": part, "part-table": "milestones", "part-dates": "iso", "part-decimal": "."}
    data |= {"part-column_0": "account_id", "part-column_1": "name"}
    client_of(crew.otto).post(f"/data/uploads/{upload.pk}/settle/", data)
    upload.refresh_from_db()
    assert upload.choices[part]["table"] == "milestones"
    assert upload.choices[part]["columns"]["account_id"] == "account_id"


def test_sheets_of_a_workbook_are_settled_one_by_one(
    crew: People, place: Workspace, bring: Bring, worked: Worked
) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Customers"
    for row in (["account_id", "name"], ["A1", "One"]):
        book.active.append(row)
    for title, rows in {
        "Support": [["ticket_id", "account_id", "opened_at"], ["7", "A1", "2026-10-01"]],
        "Scratch": [["x", "y"], [1, 2]],
    }.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    upload = bring(crew.otto, "export.xlsx", out.getvalue())
    tables = {name.split("#")[1]: chosen["table"] for name, chosen in upload.choices.items()}
    assert tables == {"Customers": "accounts", "Support": "tickets", "Scratch": ""}
    services.start_import(upload.pk, crew.otto, revision=upload.revision)
    assert worked() == [RunState.DONE]
    upload.refresh_from_db()
    assert {t["table"]: t["new"] for t in upload.report["tables"]} == {"accounts": 1, "tickets": 1}


def test_every_write_is_in_the_audit_log(
    crew: People, place: Workspace, bring: Bring, settled: Settle, worked: Worked, client_of: ClientOf
) -> None:
    upload = settled(bring(crew.otto, "support cases.csv", TICKETS), {"Customer": "account_id"})
    services.start_import(upload.pk, crew.otto, revision=upload.revision)
    worked()
    upload.refresh_from_db()
    client = client_of(crew.otto)
    client.post(f"/data/uploads/{upload.pk}/again/", {"revision": upload.revision})
    upload.refresh_from_db()
    client.post(f"/data/uploads/{upload.pk}/delete/", {"revision": upload.revision})
    told = list(
        AuditEvent.objects.filter(object_id=str(upload.pk)).order_by("pk").values_list("action", flat=True)
    )
    assert told == [
        "upload.received", "upload.mapped", "upload.queued", "upload.imported", "upload.reopened", "upload.dropped",
    ]  # fmt: skip
    mapped = AuditEvent.objects.get(object_id=str(upload.pk), action="upload.mapped")
    assert "Customer" not in mapped.before["mapping"].split("[tables.columns]")[1]
    assert 'account_id = "Customer"' in mapped.after["mapping"]
    assert (
        not files.path_of(place, upload).exists()
        or Upload.objects.get(pk=upload.pk).state == UploadState.DROPPED
    )
    journal = [record for record in place.journal.records() if record.what == "import"]
    assert journal[-1].user == f"{crew.otto.name} <{crew.otto.email}>"


def test_an_import_that_the_library_refuses_says_so_on_its_page(
    crew: People, place: Workspace, bring: Bring, worked: Worked, client_of: ClientOf
) -> None:
    upload = bring(crew.otto, "accounts.csv", ACCOUNTS)
    services.start_import(upload.pk, crew.otto, revision=1)
    files.path_of(place, upload).write_bytes(b"account_id,name\0\nA1,x\n")
    assert worked() == [RunState.FAILED]
    page = client_of(crew.otto).get(f"/data/uploads/{upload.pk}/").content.decode()
    assert "Nothing was imported." in page
    assert "NUL byte" in page


def test_large_files_are_read_by_the_worker(
    crew: People,
    place: Workspace,
    bring: Bring,
    worked: Worked,
    client_of: ClientOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(services, "INLINE_BYTES", 10)
    upload = bring(crew.otto, "accounts.csv", ACCOUNTS)
    assert upload.state == UploadState.RECEIVED
    assert b"Waiting for the worker" in client_of(crew.otto).get(f"/data/uploads/{upload.pk}/").content
    assert worked() == [RunState.DONE]
    upload.refresh_from_db()
    assert upload.state == UploadState.MAPPED
    assert next(iter(upload.choices.values()))["table"] == "accounts"


def test_an_import_whose_worker_went_away_for_good_can_be_taken_up_again(
    crew: People, place: Workspace, bring: Bring, client_of: ClientOf
) -> None:
    upload = services.start_import(bring(crew.otto, "accounts.csv", ACCOUNTS).pk, crew.otto, revision=1)
    with pytest.raises(UsageError):
        services.reopen(upload.pk, revision=upload.revision)
    upload.run.state, upload.run.error = RunState.FAILED, "Its worker went away 3 times before it ended."
    upload.run.save()
    page = client_of(crew.otto).get(f"/data/uploads/{upload.pk}/").content.decode()
    assert "The import ended without a result." in page
    assert "went away 3 times" in page
    assert services.reopen(upload.pk, revision=upload.revision).state == UploadState.MAPPED


def test_what_a_database_cannot_store_does_not_stop_a_page(
    crew: People, place: Workspace, bring: Bring
) -> None:
    table = pa.table({"account_id": ["A1", "A2"], "name": ["One\0", "Two"]})
    out = io.BytesIO()
    pq.write_table(table, out)
    upload = bring(crew.otto, "accounts.parquet", out.getvalue())
    upload.refresh_from_db()
    assert upload.preview["parts"][0]["rows"][0][1] == "One\ufffd"
