"""Text files as UTF-8 streams: gzip, byte-order marks, old encodings, and limits on what unpacks.

The whole file is read once before anything is made of it, so that a damaged archive, binary content or an
encoding that changes midway is found before the first row.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from barograph.connectors.base import ReadLimits, printable
from barograph.errors import ImportRefusedError

CHUNK = 1 << 20
SMALL = 64 << 20
GZIP_MAGIC = b"\x1f\x8b"
UTF8 = ("utf-8", "utf-8-sig")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Bytes that Windows-1252 leaves undefined.
_NOT_CP1252 = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file that was read through once. `size` is in bytes after decompression."""

    path: Path
    shown: str
    encoding: str
    how: str
    size: int
    quotes: int
    compressed: bool

    @contextmanager
    def utf8(self) -> Iterator[BinaryIO]:
        """The content as UTF-8 without byte-order mark."""
        with _bytes(self.path, self.compressed) as raw:
            if self.encoding in UTF8:
                if raw.read(3) != codecs.BOM_UTF8:
                    raw.seek(0)
                yield raw
            else:
                yield cast(BinaryIO, io.BufferedReader(_Recoded(raw, self.encoding), CHUNK))


def inspect(path: Path, shown: str, declared: str | None, limits: ReadLimits) -> TextFile:
    """Read `path` through and say how to read it.

    Without a declared encoding: a byte-order mark decides; else UTF-8 if all of it is valid; else UTF-16 if
    every second byte of the beginning is zero; else Windows-1252, or Latin-1 where that has no such byte.
    Raises ImportRefusedError for binary content, a damaged archive, a wrong declaration, or too much data.
    """
    try:
        on_disk = path.stat().st_size
        with path.open("rb") as stream:
            compressed = stream.read(2) == GZIP_MAGIC
        facts = _Scan()
        with _bytes(path, compressed) as raw:
            while chunk := raw.read(CHUNK):
                facts.add(chunk)
                _check_size(shown, facts.size, on_disk, limits)
        facts.finish()
    except (OSError, EOFError, zlib.error) as error:
        if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
            raise ImportRefusedError(
                f"the file cannot be read: {error.strerror or error}.", where=shown
            ) from error
        raise ImportRefusedError(
            "the archive is damaged or cut short.", where=shown, hint="Export or copy the file again."
        ) from error
    encoding, how = (declared, "declared") if declared else facts.encoding()
    if encoding == "binary":
        raise ImportRefusedError(
            f"NUL byte at position {facts.nul:,}: the file is not text.",
            where=shown,
            hint="Export the file as UTF-8 text.",
        )
    found = TextFile(path, shown, _codec(encoding, shown), how, facts.size, facts.quotes, compressed)
    if found.encoding in UTF8:
        if facts.nul >= 0:
            raise ImportRefusedError(
                f"NUL byte at position {facts.nul:,}: the file is not text.", where=shown
            )
        if not facts.valid:
            raise _wrong_encoding(shown, found.encoding)
        return found
    return found if how == "detected" and not found.encoding.startswith("utf") else _checked(found)


class _Scan:
    """What one pass over the bytes tells."""

    def __init__(self) -> None:
        self.size = 0
        self.quotes = 0
        self.nul = -1
        self.valid = True
        self.head = b""
        self.undefined = False
        self._utf8 = codecs.getincrementaldecoder("utf-8")()

    def add(self, chunk: bytes) -> None:
        if self.size == 0:
            self.head = chunk[:4096]
        if self.nul < 0 and (at := chunk.find(b"\0")) >= 0:
            self.nul = self.size + at
        self.quotes += chunk.count(b'"')
        if self.valid:
            try:
                self._utf8.decode(chunk)
            except UnicodeDecodeError:
                self.valid = False
        self.undefined = self.undefined or any(byte in chunk for byte in _NOT_CP1252)
        self.size += len(chunk)

    def finish(self) -> None:
        if self.valid:
            try:
                self._utf8.decode(b"", final=True)
            except UnicodeDecodeError:
                self.valid = False

    def encoding(self) -> tuple[str, str]:
        for mark, name in _MARKS:
            if self.head.startswith(mark):
                return name, "byte-order mark"
        if self.nul >= 0:
            even, odd = self.head[0::2].count(0), self.head[1::2].count(0)
            half = len(self.head) // 2
            if odd > 0.6 * half and even == 0:
                return "utf-16-le", "detected"
            if even > 0.6 * half and odd == 0:
                return "utf-16-be", "detected"
            return "binary", "detected"
        if self.valid:
            return "utf-8", "detected"
        return ("latin-1" if self.undefined else "cp1252"), "detected"


class _Recoded(io.RawIOBase):
    """A stream of one encoding, read as UTF-8."""

    def __init__(self, raw: BinaryIO, encoding: str) -> None:
        self._raw = raw
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._ready and not self._ended:
            chunk = self._raw.read(CHUNK)
            self._ended = not chunk
            self._ready = self._decoder.decode(chunk, final=self._ended).encode("utf-8")
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count


def _checked(file: TextFile) -> TextFile:
    """Read it through in its encoding, since only then it is known to be in it."""
    quotes = 0
    try:
        with file.utf8() as stream:
            while chunk := stream.read(CHUNK):
                if b"\0" in chunk:
                    raise ImportRefusedError(
                        f"NUL character: the file is not {file.encoding} text.", where=file.shown
                    )
                quotes += chunk.count(b'"')
    except UnicodeError as error:
        raise _wrong_encoding(file.shown, file.encoding) from error
    return TextFile(file.path, file.shown, file.encoding, file.how, file.size, quotes, file.compressed)


def _wrong_encoding(shown: str, encoding: str) -> ImportRefusedError:
    return ImportRefusedError(
        f"the file is not {encoding} throughout.",
        where=shown,
        hint="Declare another encoding in the mapping file, for example encoding = 'cp1252'.",
    )


def _codec(name: str, shown: str) -> str:
    try:
        found = codecs.lookup(name).name
    except LookupError:
        found = ""
    found = {"iso8859-1": "latin-1", "ascii": "utf-8"}.get(found, found)
    if not found or not getattr(codecs.lookup(found), "_is_text_encoding", True):
        raise ImportRefusedError(
            f"encoding {printable(name)!r} is not known.",
            where=shown,
            hint="Use for example utf-8 or cp1252.",
        )
    return found


def _check_size(shown: str, size: int, on_disk: int, limits: ReadLimits) -> None:
    if size > limits.file_bytes:
        raise ImportRefusedError(
            f"more than {limits.file_bytes:,} bytes of text.",
            where=shown,
            hint="Split the file, or raise limits.file_bytes in barograph.toml.",
        )
    if size > SMALL and size > on_disk * limits.expansion:
        raise ImportRefusedError(
            f"it unpacks to more than {limits.expansion:g} times its {on_disk:,} bytes.",
            where=shown,
            hint="If that is right, raise limits.expansion in barograph.toml.",
        )


def _bytes(path: Path, compressed: bool) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path, "rb")) if compressed else path.open("rb")
