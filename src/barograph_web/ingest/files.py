"""Where uploaded files lie: WORKSPACE/application/uploads/<number><suffix>, readable by the application only."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from barograph.workspace import Workspace
from barograph_web.ingest.content import shown_name
from barograph_web.ingest.models import Upload

CHUNK = 1 << 20


def folder_of(place: Workspace) -> Path:
    """The folder of uploads, made when it is not there."""
    folder = place.path / "application" / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def path_of(place: Workspace, upload: Upload) -> Path:
    """Where an upload lies. Its name plays no part in it."""
    return folder_of(place) / f"{upload.id}{upload.suffix}"


def write_aside(place: Workspace, stream: BinaryIO, suffix: str) -> tuple[Path, int, str]:
    """Copy a stream into the folder under a name that nothing refers to; returns path, bytes and SHA-256."""
    stream.seek(0)
    digest, size = hashlib.sha256(), 0
    handle, name = tempfile.mkstemp(prefix=".aside-", suffix=suffix, dir=folder_of(place))
    with os.fdopen(handle, "wb") as out:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    path = Path(name)
    path.chmod(0o600)
    return path, size, digest.hexdigest()


def import_name(upload: Upload) -> str:
    """The name that reports and quarantine know this import by: the second try of `a.csv` is `a (2).csv`."""
    if upload.attempts < 2:
        return upload.name
    stem = upload.name.removesuffix(upload.suffix)
    return shown_name(f"{stem} ({upload.attempts})", upload.suffix)


@contextmanager
def readable(place: Workspace, upload: Upload, name: str) -> Iterator[Path]:
    """The file under the name that people know, for as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix=".reading-", dir=folder_of(place)) as folder:
        link = Path(folder) / name
        link.symlink_to(path_of(place, upload))
        yield link
