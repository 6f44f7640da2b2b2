"""What an uploaded file is, by its first bytes. The name that it came with is not believed."""

from __future__ import annotations

import re
import unicodedata
import zipfile
import zlib
from pathlib import PurePath
from typing import Any, BinaryIO

from barograph.errors import ImportRefusedError

HEAD_BYTES = 65_536
_KINDS = "CSV (also gzip), Excel, OpenDocument, Parquet or NDJSON"
_KNOWN_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "a SQLite database"),
)
_MARKS = (b"\xff\xfe", b"\xfe\xff")
_PARTS_OF = (("xl/workbook.xml", ".xlsx"), ("xl/workbook.bin", ".xlsb"))
NAME_LENGTH = 120


def suffix_of(stream: BinaryIO, shown: str) -> str:
    """The suffix that the content asks for: .csv, .csv.gz, .ndjson, .ndjson.gz, .xlsx, .xlsb, .xls, .ods or .parquet.

    `stream` is read from its beginning and may be left anywhere. Raises ImportRefusedError, saying what the file
    is instead, for empty files, archives, documents, pictures, programs, web pages and other binary content.
    """
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    if not head.strip(b"\x00\t\r\n \xef\xbb\xbf"):
        raise ImportRefusedError("the file is empty.", where=shown, hint=f"Bring {_KINDS}.")
    if head.startswith(b"PAR1"):
        return ".parquet"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return ".xls"
    if head.startswith(b"PK"):
        return _zipped(stream, shown)
    for magic, words in _KNOWN_OTHERS:
        if head.startswith(magic):
            raise _refused(shown, words)
    if head.startswith(b"\x1f\x8b"):
        return f"{_text(_unpacked(head, shown), shown)}.gz"
    return _text(head, shown)


def _zipped(stream: BinaryIO, shown: str) -> str:
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
            for part, suffix in _PARTS_OF:
                if part in names:
                    return suffix
            small = "mimetype" in names and archive.getinfo("mimetype").file_size < 200
            if small and b"opendocument.spreadsheet" in archive.read("mimetype"):
                return ".ods"
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, zlib.error) as error:
        raise ImportRefusedError(
            f"the archive is damaged or cut short ({error}).",
            where=shown,
            hint="Export or copy the file again.",
        ) from error
    raise _refused(shown, "a zip archive", hint="Unpack it and bring the files in it.")


def _unpacked(head: bytes, shown: str) -> bytes:
    """The beginning of what is in a gzip file, at most HEAD_BYTES of it."""
    try:
        return zlib.decompressobj(wbits=31).decompress(head, HEAD_BYTES)
    except zlib.error as error:
        raise ImportRefusedError(
            "the archive is damaged or cut short.", where=shown, hint="Export or copy the file again."
        ) from error


def _text(head: bytes, shown: str) -> str:
    if not head.startswith(_MARKS) and not _wide(head) and b"\0" in head:
        raise _refused(shown, "binary content that is no table")
    start = head.replace(b"\0", b"").lstrip(b"\xff\xfe\xef\xbb\xbf \t\r\n")[:512].lower()
    if re.match(rb"<(!doctype html|html|head|script)", start):
        raise _refused(shown, "a web page", hint="It may be a sign-in page saved in place of the export.")
    if start.startswith((b"<?xml", b"{\\rtf")):
        raise _refused(shown, "a document, not a table")
    if start.startswith(b"["):
        raise _refused(shown, "one JSON list", hint="Bring NDJSON: one object per line, no list around them.")
    return ".ndjson" if start.startswith(b"{") else ".csv"


def _wide(head: bytes) -> bool:
    """UTF-16 without a mark: every second byte of the beginning is zero."""
    sample = head[:2000]
    return len(sample) > 3 and (not any(sample[1::2]) or not any(sample[0::2]))


def _refused(shown: str, what: str, hint: str = "") -> ImportRefusedError:
    return ImportRefusedError(f"this is {what}.", where=shown, hint=hint or f"Bring {_KINDS}.")


def shown_name(name: str, suffix: str) -> str:
    """The name to show and to import under: no folders, no control or pattern characters, with the right suffix.

    `../../etc/pass*wd.csv` is shown as `pass_wd.csv`; a name without anything usable is `upload`.
    """
    plain = unicodedata.normalize("NFC", name).replace("\\", "/")
    stem = PurePath(plain).name
    for ending in (".gz", ".csv", ".tsv", ".txt", ".tab", ".psv", ".ndjson", ".jsonl", ".json", ".parquet",
                   ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"):  # fmt: skip
        if stem.lower().endswith(ending):
            stem = stem[: -len(ending)]
    kept = "".join(c if c.isalnum() or c in " ._-()+" else "_" for c in stem).strip(" .")
    return f"{kept[:NAME_LENGTH] or 'upload'}{suffix}"


def storable(value: Any) -> Any:
    """JSON that every database takes: U+0000, which PostgreSQL does not store, becomes U+FFFD."""
    match value:
        case str():
            return value.replace("\0", "\ufffd")
        case dict():
            return {storable(key): storable(item) for key, item in value.items()}
        case list() | tuple():
            return [storable(item) for item in value]
        case _:
            return value
