"""The archive of a backup: a tar.gz whose first member lists every other with its size and SHA-256.

Reading trusts nothing: only regular files that the list names, under plain relative paths, of the size and hash that
the list gives, are written; anything else ends the reading.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from barograph.errors import BarographError, UsageError

FORMAT = 1
LIST = "MANIFEST.json"
LIST_BYTES = 64 * 2**20
CHUNK = 1 << 20
_DAMAGED = (tarfile.TarError, OSError, EOFError, zlib.error)


class ArchiveError(BarographError):
    """The archive is not as it was written: nothing of it is used."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the archive. `path` is relative, with `/`."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive says of itself: format, what made it, and its members."""

    about: Mapping[str, Any]
    members: Mapping[str, Member]


def write_archive(target: Path, root: Path, about: Mapping[str, Any]) -> Contents:
    """Pack every file under `root` into `target`, which appears when it is whole, readable by its owner only."""
    members = [_member(root, file) for file in sorted(root.rglob("*")) if file.is_file()]
    contents = Contents({"format": FORMAT, **about}, {m.path: m for m in members})
    aside = target.with_name(f".{target.name}.aside")
    try:
        aside.touch(mode=0o600)
        with tarfile.open(aside, "w:gz", compresslevel=3, format=tarfile.PAX_FORMAT) as tar:
            text = json.dumps({**contents.about, "files": [_row(m) for m in members]}, indent=1).encode()
            tar.addfile(_info(LIST, len(text)), io.BytesIO(text))
            for member in members:
                with (root / member.path).open("rb") as stream:
                    tar.addfile(_info(member.path, member.size), stream)
        aside.replace(target)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise BarographError(
            f"the backup could not be written ({error.strerror}).",
            where=str(target),
            hint="Choose another place.",
        ) from error
    return contents


def read_contents(source: Path) -> Contents:
    """What the archive says of itself. Raises ArchiveError for what is no backup, UsageError for a missing file."""
    with _opened(source) as tar:
        return _contents(tar, source)


def extract(source: Path, target: Path) -> Contents:
    """Write the archive's files under `target`, which is empty. Raises ArchiveError at the first thing that is not
    as the list says; the caller throws `target` away then."""
    with _opened(source) as tar:
        contents = _contents(tar, source)
        missing = dict(contents.members)
        for position, info in enumerate(_members(tar, source)):
            if position == 0:
                continue  # the list itself
            member = missing.pop(info.name, None)
            if member is None:
                raise _broken(source, f"it holds {info.name!r}, which its list does not name or names once")
            if not info.isreg() or info.size != member.size:
                raise _broken(
                    source, f"{info.name!r} is not the file of {member.size:,} bytes that its list names"
                )
            try:
                stream = tar.extractfile(info)
                same = stream is not None and _written(stream, target / member.path, member)
            except _DAMAGED as error:
                raise _broken(source, f"{info.name!r} cannot be read ({error})") from error
            if not same:
                raise _broken(source, f"{info.name!r} was changed after the backup was made")
        if missing:
            raise _broken(source, f"{min(missing)!r} is missing")
    return contents


def _opened(source: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(source, "r:gz")
    except FileNotFoundError as error:
        raise UsageError("there is no such file.", where=str(source)) from error
    except _DAMAGED as error:
        raise ArchiveError(
            f"this is no backup ({error}).", where=str(source), hint="Give a file of `backup`."
        ) from error


def _members(tar: tarfile.TarFile, source: Path) -> Iterator[tarfile.TarInfo]:
    try:
        yield from tar
    except _DAMAGED as error:
        raise _broken(source, f"it is cut short or damaged ({error})") from error


def _contents(tar: tarfile.TarFile, source: Path) -> Contents:
    first = next(_members(tar, source), None)
    stream = tar.extractfile(first) if first is not None and first.isreg() else None
    if first is None or stream is None or first.name != LIST or first.size > LIST_BYTES:
        raise ArchiveError(
            "this is no backup: its list is missing.", where=str(source), hint="Give a file of `backup`."
        )
    try:
        document = json.loads(stream.read())
        rows = document.pop("files")
        members = {
            row["path"]: Member(_plain(row["path"]), int(row["size"]), str(row["sha256"])) for row in rows
        }
        if len(members) != len(rows):
            raise ValueError("a file is named twice")
    except (ValueError, KeyError, TypeError, AttributeError, *_DAMAGED) as error:
        raise _broken(source, f"its list cannot be read ({error})") from error
    if document.get("format") != FORMAT:
        raise ArchiveError(
            f"the backup has format {document.get('format')!r}; this version reads {FORMAT}.",
            where=str(source),
            hint=f"It was made by Barograph {document.get('barograph', '(unknown)')}: restore it with that version.",
        )
    return Contents(document, members)


def _plain(path: str) -> str:
    """The path, which stays below where it is put. Raises ValueError for any other."""
    pure = PurePosixPath(path)
    parts = pure.parts
    if not parts or pure.is_absolute() or ".." in parts or "\\" in path or "\0" in path or str(pure) != path:
        raise ValueError(f"path {path!r} leads elsewhere")
    return path


def _written(stream: IO[bytes], file: Path, member: Member) -> bool:
    """Copy one file; whether it has the hash that the list gives."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    file.touch(mode=0o600)
    with file.open("wb") as out:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest() == member.sha256


def _member(root: Path, file: Path) -> Member:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Member(file.relative_to(root).as_posix(), file.stat().st_size, digest)


def _row(member: Member) -> dict[str, Any]:
    return {"path": member.path, "size": member.size, "sha256": member.sha256}


def _info(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info


def _broken(source: Path, why: str) -> ArchiveError:
    return ArchiveError(f"{why}.", where=str(source), hint="Nothing was restored. Use another backup.")
