"""Data in: files as the Data page takes them, and rows of a table as JSON. Both end in the library's import."""

from __future__ import annotations

import io
import json
import time
import uuid
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile

from barograph.connectors import printable
from barograph.definitions.tables import TABLES
from barograph.intake.guesses import nearest
from barograph_web.api.auth import caller, needs
from barograph_web.api.paging import Page, Paging, paged
from barograph_web.api.problems import ProblemError
from barograph_web.api.schemas import ImportOut, RowsIn
from barograph_web.ingest import choices, quarantine, services
from barograph_web.ingest.files import import_name
from barograph_web.ingest.models import Upload, UploadState
from barograph_web.ops.current import acting_as
from barograph_web.ops.workspace import workspace
from barograph_web.users.models import Scope, User
from barograph_web.users.permissions import May

router = Router(tags=["imports"], auth=needs(Scope.IMPORT, May.BRING_DATA))
MOST_ERRORS = 500
LOOK_EVERY = 0.25
_COUNTS = ("table", "rows", "new", "changed", "unchanged", "quarantined", "filtered", "known_accounts_share")


@router.get("/imports", response=Page[ImportOut], operation_id="list_imports")
def list_imports(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    """Files and batches, newest first, without their row errors."""
    rows = (
        Upload.objects.exclude(state=UploadState.DROPPED)
        .select_related("run")
        .defer("preview", "check_result")
    )
    return paged(request, rows, paging, lambda upload: import_out(upload, errors=False, settle=False))


@router.get("/imports/{uuid:number}", response=ImportOut, operation_id="get_import")
def get_import(request: HttpRequest, number: uuid.UUID) -> dict[str, Any]:  # noqa: ARG001 - ninja passes it
    """One file or batch with its row errors."""
    found = Upload.objects.filter(pk=number).exclude(state=UploadState.DROPPED).first()
    if found is None:
        raise Http404
    return import_out(found)


@router.post("/imports/files", response={202: ImportOut}, operation_id="upload_file")
def upload_file(
    request: HttpRequest,
    file: UploadedFile = File(...),  # noqa: B008 - ninja reads defaults
    table: str = Form("", description="The table it holds; without it the name and the header decide."),
    accept_guesses: bool = Form(False, description="Import with guessed headers as well."),
) -> Status:
    """Upload a file. Headers that fit are imported at once; others wait on the Data page (see `to_settle`)."""
    user = caller(request).user
    most = settings.OPTIONS_IN_FORCE.upload_bytes
    if file.size is not None and file.size > most:
        raise ProblemError(413, f"{file.size:,} bytes; the limit is {most:,} (upload_bytes).")
    if table:
        _known_table(table)
    with acting_as(user, via="api"):
        upload = _received(file.name or "upload", file, user, most)
        if table and upload.choices:
            for part in upload.preview["parts"]:
                chosen = choices.proposed(part, table)
                upload = services.settle(upload.pk, part["part"], chosen, revision=upload.revision)
        guessed = any(chosen["guessed"] for chosen in upload.choices.values())
        if upload.choices and not services.open_problems(upload) and (accept_guesses or not guessed):
            upload = services.start_import(upload.pk, user, revision=upload.revision)
    return Status(202, import_out(upload))


@router.post("/imports/rows", response={200: ImportOut, 202: ImportOut}, operation_id="upsert_rows")
def upsert_rows(request: HttpRequest, asked: RowsIn) -> Status:
    """Bring rows of one table in: new ones are added, known ones (by the table's own id) updated.

    200 with what became of each row when the worker is done within `wait_seconds`, else 202: ask again at
    /imports/{id}. Rows that break the contract are in `errors`; the others come in.
    """
    _known_table(asked.table)
    user = caller(request).user
    table = TABLES[asked.table]
    given = {name for row in asked.rows for name in row}
    missing = [name for name in table.required if name not in given]
    missing += [" or ".join(group) for group in table.one_of if not given & set(group)]
    if missing:
        raise ProblemError(422, f"No row has {', '.join(missing)}, which {asked.table} needs.")
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in asked.rows)
    name = f"{asked.table}-{uuid.uuid4().hex[:12]}.ndjson"
    with acting_as(user, via="api"):
        upload = _received(name, io.BytesIO(lines.encode()), user, settings.OPTIONS_IN_FORCE.upload_bytes)
        for part in upload.preview["parts"]:
            chosen = _by_name(part, asked.table)
            upload = services.settle(upload.pk, part["part"], chosen, revision=upload.revision)
        upload = services.start_import(upload.pk, user, revision=upload.revision)
    upload = _waited(upload, asked.wait_seconds)
    done = upload.state in (UploadState.IMPORTED, UploadState.REFUSED)
    return Status(200 if done else 202, import_out(upload))


def import_out(upload: Upload, *, errors: bool = True, settle: bool = True) -> dict[str, Any]:
    """An upload as the API gives it."""
    report = upload.report if upload.state == UploadState.IMPORTED else {}
    open_ones = services.open_problems(upload) if settle and upload.state == UploadState.MAPPED else {}
    told = [f"{part}: {problem.text}" for part, found in open_ones.items() for problem in found]
    if settle and upload.state == UploadState.MAPPED:
        for part, chosen in upload.choices.items():
            told += [
                f"{part}: column {source!r} may be {chosen['columns'][source]} ({sure:.0%})."
                for source, sure in chosen["guessed"].items()
            ]
    return {
        "id": upload.pk,
        "name": upload.name,
        "state": upload.state,
        "received_at": upload.received_at,
        "by": upload.by_label,
        "run": upload.run_id,
        "import_id": report.get("import"),
        "tables": [{key: table[key] for key in _COUNTS} for table in report.get("tables", [])],
        "to_settle": told,
        "errors": _row_errors(upload, report) if errors and report else [],
        "error": upload.error or None,
    }


def _row_errors(upload: Upload, report: dict[str, Any]) -> list[dict[str, Any]]:
    which = quarantine.Filter(import_id=report["import"], file="")
    rows = quarantine.rows(workspace(), which, limit=MOST_ERRORS)
    name = import_name(upload)
    return [
        {"row": row.row, "column": row.column or None, "value": row.value, "expected": row.expected}
        for row in rows
        if row.file.split("#", maxsplit=1)[0] == name
    ]


def _received(name: str, stream: Any, user: User, most: int) -> Upload:
    [found] = services.receive(workspace(), [(name, stream)], user, most_bytes=most, via="api")
    if found.upload is None:
        raise ProblemError(422, found.problem)
    return found.upload


def _by_name(part: dict[str, Any], table: str) -> dict[str, Any]:
    """JSON keys that are the contract's own names map; everything else is kept as an attribute. Nothing is guessed."""
    chosen = choices.proposed(part, table)
    names = TABLES[table].by_name
    chosen["columns"] = {name: name if name in names else choices.KEEP for name in part["columns"] if name}
    chosen["guessed"] = {}
    return chosen


def _waited(upload: Upload, seconds: float) -> Upload:
    until = time.monotonic() + seconds
    while True:
        upload.refresh_from_db()
        if upload.state != UploadState.QUEUED or time.monotonic() >= until:
            return upload
        time.sleep(LOOK_EVERY)


def _known_table(table: str) -> None:
    if table not in TABLES:
        near = ", ".join(nearest(table, tuple(TABLES)) or tuple(TABLES))
        raise ProblemError(
            422, f"table: {printable(table)!r} is no table of the data contract; nearest: {near}."
        )
