"""What the worker does with an upload: read it, try it out, import it; and look at what the workspace holds."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from barograph.errors import BarographError, LockedError, UsageError
from barograph.intake import ImportReport, import_paths
from barograph.intake.describe import NO_ACCOUNTS
from barograph.lake import acting_user
from barograph.workspace import Settings, Workspace
from barograph_web.alerts.events import emit
from barograph_web.ingest import choices, files, quarantine, snapshot
from barograph_web.ingest.content import storable
from barograph_web.ingest.models import Upload, UploadState
from barograph_web.ingest.services import describe
from barograph_web.ops.audit import audit
from barograph_web.ops.running import RunContext
from barograph_web.ops.workspace import workspace

TRIAL_ROWS = 200


def perform(run: RunContext) -> dict[str, Any]:
    """Handler of RunKind.IMPORT. Arguments: work (inspect, check, import or state), upload (its number)."""
    place = Workspace.open(workspace().path)
    work = run.arguments["work"]
    if work == "state":
        return look(run, place)
    upload = Upload.objects.filter(pk=run.arguments["upload"]).first()
    if upload is None or upload.state == UploadState.DROPPED:
        raise UsageError("the upload was deleted meanwhile.")
    try:
        return {"inspect": _inspect, "check": _check, "import": _import}[work](run, place, upload)
    except LockedError:
        raise
    except BarographError as error:
        _refuse(upload, work, str(error))
        raise


def follow_refresh(run: RunContext) -> None:
    """After the weekly refresh: the Data page shows what it brought."""
    look(run, Workspace.open(workspace().path))


def look(run: RunContext, place: Workspace) -> dict[str, Any]:
    """Take the state of the workspace anew."""
    with run.step("What the workspace holds") as step:
        state = snapshot.take(place, run.now)
        step.count(tables=len(state.document["tables"]))
    return {"generation": state.generation}


def _inspect(run: RunContext, place: Workspace, upload: Upload) -> dict[str, Any]:
    with run.step("Reading headers and first rows"), files.readable(place, upload, upload.name) as path:
        describe(upload, path, place)
        upload.save()
    return {"parts": len(upload.choices)}


def _check(run: RunContext, place: Workspace, upload: Upload) -> dict[str, Any]:
    """The whole import, into a lake of its own that is thrown away."""
    with (
        run.step("Checking every row") as step,
        tempfile.TemporaryDirectory(prefix=".trial-", dir=files.folder_of(place)) as folder,
        files.readable(place, upload, upload.name) as path,
    ):
        trial = Workspace(Path(folder), Settings(**{**dict(place.settings), "sources": ()}))
        mapping = choices.mapping_file(upload.choices, upload.name)
        report = import_paths(trial, [path], mapping=mapping, now=run.now, step=step.log)
        document = _of_the_trial(report.to_json(), place)
        found = quarantine.rows(trial, limit=TRIAL_ROWS)
        strangers = snapshot.unknown_accounts(place, trial)
        step.count(rows=_sum(report, "rows"), rejected=_sum(report, "quarantined"))
    kept = {
        "revision": upload.revision,
        "report": document,
        "rows": [row.to_json() for row in found],
        "unknown": strangers,
    }
    # The person may have gone on meanwhile: only the newest trial of the same revision is shown.
    Upload.objects.filter(pk=upload.pk, revision=upload.revision).update(check_result=storable(kept))
    return {"rows": _sum(report, "rows"), "rejected": _sum(report, "quarantined")}


def _of_the_trial(document: dict[str, Any], place: Workspace) -> dict[str, Any]:
    """The report without what is true only of the lake of the trial: that has no accounts, the workspace may."""
    if place.lake.paths("raw/accounts"):
        for table in document["tables"]:
            table["warnings"] = [words for words in table["warnings"] if words != NO_ACCOUNTS]
    return document


def _import(run: RunContext, place: Workspace, upload: Upload) -> dict[str, Any]:
    name = files.import_name(upload)
    before = snapshot.has_accounts(place)
    with run.step(f"Import of {name}") as step, files.readable(place, upload, name) as path:
        with acting_user(upload.by_label):
            report = import_paths(
                place,
                [path],
                mapping=choices.mapping_file(upload.choices, name),
                now=run.now,
                reason=f"upload {upload.id}",
                step=step.log,
            )
        step.count(
            rows=_sum(report, "rows"),
            new=_sum(report, "new"),
            changed=_sum(report, "changed"),
            unchanged=_sum(report, "unchanged"),
            rejected=_sum(report, "quarantined"),
        )
    unknown = snapshot.unknown_accounts(place, place, report.import_id)
    upload.report = storable({**report.to_json(), "unknown": unknown, "first": not before})
    upload.state = UploadState.IMPORTED
    with transaction.atomic():
        upload.save()
        audit(
            "upload.imported",
            upload,
            after={
                "import": report.import_id,
                "attempt": upload.attempts,
                "tables": {
                    t.table: {
                        "rows": t.rows,
                        "new": t.new,
                        "changed": t.changed,
                        "quarantined": t.quarantined,
                    }
                    for t in report.tables
                },
            },
        )
        _tell_quarantine(upload, report, run.now)
    look(run, replace(place))
    return {"import": report.import_id, "rows": _sum(report, "rows"), "rejected": _sum(report, "quarantined")}


def _tell_quarantine(upload: Upload, report: ImportReport, at: datetime) -> None:
    """Rows that were set aside are told to who wants to know."""
    rejected = _sum(report, "quarantined")
    if rejected:
        emit(
            "import.quarantined",
            key=f"upload:{upload.pk}:{upload.attempts}",
            at=at,
            payload={
                "import_id": report.import_id,
                "rows": rejected,
                "tables": {t.table: t.quarantined for t in report.tables if t.quarantined},
                "file": upload.name,
            },
        )


def _refuse(upload: Upload, work: str, why: str) -> None:
    """Say it on the upload's own page: a trial that fails leaves the headers open, the rest is refused."""
    upload.error = why
    if work != "check":
        upload.state = UploadState.REFUSED
        audit("upload.refused", upload, after={"state": upload.state}, reason=why)
    upload.save(update_fields=["error", "state"])


def _sum(report: ImportReport, what: str) -> int:
    return sum(getattr(table, what) for table in report.tables)
