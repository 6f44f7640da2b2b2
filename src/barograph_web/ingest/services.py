"""Writes of this app: files come in, headers are settled, a trial and the import are asked for."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction

from barograph.errors import BarographError, ImportRefusedError, UsageError
from barograph.workspace import Workspace
from barograph_web.ingest import choices as choosing
from barograph_web.ingest import content, files
from barograph_web.ingest.inspecting import inspect
from barograph_web.ingest.models import Upload, UploadState
from barograph_web.ops.audit import audit
from barograph_web.ops.models import Run, RunKind, RunState
from barograph_web.ops.services import request_run
from barograph_web.users.models import User

INLINE_BYTES = 16 * 2**20
"""Files up to this size are read through while the person waits; larger ones by the worker."""
MOST_FILES = 20
OPEN_STATES = (UploadState.RECEIVED, UploadState.MAPPED)


class StaleError(UsageError):
    """Somebody changed it since the form was shown."""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of one file: the upload, or why it was refused (nothing of it is kept then)."""

    name: str
    upload: Upload | None
    problem: str = ""


def receive(
    place: Workspace, incoming: Iterable[tuple[str, BinaryIO]], by: User, *, most_bytes: int, via: str = "web"
) -> list[Received]:
    """Take files (name, content) in. One that is no table, empty or too large is refused before it is stored."""
    return [_receive_one(place, name, stream, by, most_bytes, via) for name, stream in incoming]


def _receive_one(
    place: Workspace, name: str, stream: BinaryIO, by: User, most_bytes: int, via: str
) -> Received:
    shown = content.shown_name(name, "")
    aside: Path | None = None
    try:
        size = stream.seek(0, 2)
        if size > most_bytes:
            raise ImportRefusedError(
                f"{size:,} bytes; the limit is {most_bytes:,}.",
                where=shown,
                hint="Split the export, or have an administrator raise upload_bytes.",
            )
        suffix = content.suffix_of(stream, shown)
        aside, size, digest = files.write_aside(place, stream, suffix)
        upload = Upload(
            id=uuid.uuid4(),
            name=content.shown_name(name, suffix),
            suffix=suffix,
            size=size,
            sha256=digest,
            by=by,
            by_label=f"{by.name} <{by.email}>"[:200],
            via=via,
        )
        if size <= INLINE_BYTES:
            describe(upload, aside, place)
        with transaction.atomic():
            if upload.state == UploadState.RECEIVED:
                _work(upload, "inspect", by)
            upload.save(force_insert=True)
            audit("upload.received", upload, after={"name": upload.name, "bytes": size, "sha256": digest})
            aside.replace(files.path_of(place, upload))
        return Received(upload.name, upload)
    except BarographError as refusal:
        return Received(shown, None, f"{refusal.message} {refusal.hint}".strip())
    finally:
        if aside is not None:
            aside.unlink(missing_ok=True)


def describe(upload: Upload, path: Path, place: Workspace) -> None:
    """Fill in what the file holds and the choices to begin with. Raises ImportRefusedError when it cannot be read."""
    parts = [content.storable(part.to_json()) for part in inspect(path, place.settings.limits)]
    for part in parts:
        sheet = f"#{part['sheet']}" if part["sheet"] else ""
        part["part"] = f"{upload.name}{sheet}"
    upload.preview = {"parts": parts}
    upload.choices = {part["part"]: choosing.proposed(part) for part in parts}
    upload.mapping = choosing.mapping_text(upload.choices, upload.name)
    upload.state = UploadState.MAPPED


def settle(upload_id: uuid.UUID, part: str, chosen: Mapping[str, Any], *, revision: int) -> Upload:
    """Keep the choices of one part.

    Raises StaleError when somebody else kept theirs since `revision`, UsageError when it is being imported or the
    part does not exist.
    """
    with transaction.atomic():
        upload = _locked(upload_id, revision)
        _check_open(upload)
        if part not in upload.choices:
            raise UsageError("the file has no such part.", where=part)
        before = upload.mapping
        upload.choices = {**upload.choices, part: dict(chosen)}
        upload.mapping = choosing.mapping_text(upload.choices, upload.name)
        upload.check_result = {}
        upload.error = ""
        upload.revision += 1
        upload.save()
        audit("upload.mapped", upload, before={"mapping": before}, after={"mapping": upload.mapping})
    return upload


def open_problems(upload: Upload) -> dict[str, list[choosing.Problem]]:
    """What must be changed before the file can be imported, by part; parts without problems are left out."""
    parts = {part["part"]: part for part in upload.preview.get("parts", [])}
    found = {name: choosing.problems(parts[name], chosen) for name, chosen in upload.choices.items()}
    if upload.choices and not any(chosen["table"] for chosen in upload.choices.values()):
        first = next(iter(upload.choices))
        found[first] = [choosing.Problem("table", "Choose what the file holds.")]
    return {name: problems for name, problems in found.items() if problems}


def try_out(upload_id: uuid.UUID, by: User, *, revision: int) -> Upload:
    """Ask for a trial: every row is checked by the worker, and nothing is brought in."""
    with transaction.atomic():
        upload = _locked(upload_id, revision)
        _check_open(upload)
        _check_settled(upload)
        _work(upload, "check", by)
        upload.save()
    return upload


def start_import(upload_id: uuid.UUID, by: User, *, revision: int) -> Upload:
    """Ask for the import. Asking twice is one import. Raises as `settle` does, and UsageError for open problems."""
    with transaction.atomic():
        upload = _locked(upload_id, revision)
        _check_open(upload)
        _check_settled(upload)
        upload.attempts += 1
        upload.state = UploadState.QUEUED
        upload.error = ""
        upload.revision += 1
        _work(upload, "import", by)
        upload.save()
        audit(
            "upload.queued",
            upload,
            after={"attempt": upload.attempts, "mapping": upload.mapping, "run": upload.run_id},
        )
    return upload


def reopen(upload_id: uuid.UUID, *, revision: int) -> Upload:
    """Back to its headers, to change them and import it again: rows that were fine before stay as they are."""
    with transaction.atomic():
        upload = _locked(upload_id, revision)
        ended = upload.state in (UploadState.IMPORTED, UploadState.REFUSED) or is_stranded(upload)
        if not ended or not upload.preview:
            raise UsageError(
                "only a file that was imported or refused can be mapped again.", where=upload.name
            )
        before, upload.state = upload.state, UploadState.MAPPED
        upload.check_result = {}
        upload.error = ""
        upload.revision += 1
        upload.save()
        audit("upload.reopened", upload, before={"state": before}, after={"state": upload.state})
    return upload


def drop(place: Workspace, upload_id: uuid.UUID, *, revision: int) -> Upload:
    """Delete the file; what was imported from it stays. Its row stays too, so that reports can be found."""
    with transaction.atomic():
        upload = _locked(upload_id, revision)
        if upload.state == UploadState.QUEUED and not is_stranded(upload):
            raise UsageError(
                "it is being imported.", where=upload.name, hint="Wait until the import has ended."
            )
        before, upload.state = upload.state, UploadState.DROPPED
        upload.preview, upload.choices, upload.check_result = {}, {}, {}
        upload.revision += 1
        upload.save()
        audit("upload.dropped", upload, before={"state": before}, after={"state": upload.state})
        transaction.on_commit(lambda: files.path_of(place, upload).unlink(missing_ok=True))
    return upload


def is_stranded(upload: Upload) -> bool:
    """Its import ended without a word on the upload: the worker went away too often, or met something unforeseen."""
    ended = upload.run is not None and upload.run.state in (RunState.FAILED, RunState.REFUSED)
    return upload.state == UploadState.QUEUED and ended


def request_state(generation: int, by: User | None) -> Run:
    """Have the worker look again at what the workspace holds; once per generation of the lake."""
    return request_run(RunKind.IMPORT, f"state:{generation}", {"work": "state"}, by)


def _work(upload: Upload, work: str, by: User) -> None:
    key = f"{work}:{upload.id}:{upload.revision}"
    upload.run = request_run(RunKind.IMPORT, key, {"work": work, "upload": str(upload.id)}, by)


def _locked(upload_id: uuid.UUID, revision: int) -> Upload:
    upload = Upload.objects.select_for_update().get(pk=upload_id)
    if upload.revision != revision:
        raise StaleError(
            "somebody changed it since you opened the page.",
            where=upload.name,
            hint="Below is what it is now; make your change again if it is still needed.",
        )
    return upload


def _check_open(upload: Upload) -> None:
    if upload.state not in OPEN_STATES:
        raise UsageError(
            f"it is {upload.get_state_display().lower()}.", where=upload.name, hint="Reload the page."
        )


def _check_settled(upload: Upload) -> None:
    problems = open_problems(upload)
    if problems:
        name, first = next(iter(problems.items()))
        raise UsageError(first[0].text, where=name)
    if not upload.choices:
        raise UsageError("it was not read yet.", where=upload.name, hint="Wait until the worker has read it.")
