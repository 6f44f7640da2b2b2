"""What every connector gives: named columns and record batches of values as the source has them.

A connector decides nothing about meaning. It names columns by position (`c0`, `c1`, ...) so that two columns
of the same name stay apart, and adds `_row`: the number a person finds the row under (the row of the sheet,
the record of the file counting title and header rows, the ordinal in a database table).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from barograph.errors import ImportRefusedError

ROW = "_row"
BATCH_ROWS = 65_536


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """What one source may be at most. `file_bytes` is after decompression; see `workspace.Limits`."""

    file_bytes: int = 64 * 2**30
    expansion: float = 200.0
    record_bytes: int = 16 << 20
    columns: int = 2000


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What was declared about how to read a source; None is to be found out.

    `header_row` counts from 1. `sheet` is a name or a number from 1.
    """

    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None
    sheet: str | int | None = None
    limits: ReadLimits = ReadLimits()


@dataclass(frozen=True, slots=True)
class Address:
    """Where a source is: a path or a database URL, with the part after `#` (a sheet or a table)."""

    text: str
    path: Path | None = None
    part: str | None = None

    @property
    def file(self) -> Path:
        """The path; ValueError for a database."""
        if self.path is None:
            raise ValueError(f"{printable(self.text)!r} is not a file")
        return self.path

    @property
    def shown(self) -> str:
        """The name to print and store: a file's name without folders, a URL without its secrets."""
        bare = re.sub(r"//.*@", "//", self.text).split("?", 1)[0]
        name = printable(self.path.name if self.path is not None else bare)
        return f"{name}#{printable(self.part)}" if self.part else name


@dataclass(frozen=True, slots=True)
class Fault:
    """A record that cannot be split into the columns."""

    row: int
    expected: str
    record: str


@dataclass(slots=True)
class Opened:
    """A source that is open. `facts` say how it was read ("encoding": "cp1252", ...).

    `batches` may be called once. `faults` fills while the batches are taken and is complete after the last.
    Every record is either in a batch or in `faults`.
    """

    shown: str
    columns: tuple[str, ...]
    facts: Mapping[str, str]
    batches: Callable[[], Iterator[pa.RecordBatch]]
    faults: list[Fault] = field(default_factory=list)


class Connector(Protocol):
    """A kind of source. Entry points of the group `barograph.connectors` name objects of this shape."""

    name: str

    def accepts(self, address: Address) -> bool:
        """True when this connector reads that kind of address; looks at the address only."""
        ...

    def parts(self, address: Address, options: ReadOptions) -> tuple[Address, ...]:
        """The tables inside, one address each; most sources have one, a workbook has its sheets."""
        ...

    def open(self, address: Address, options: ReadOptions) -> Opened:
        """Open one part. Raises ImportRefusedError, saying what is wrong with the source."""
        ...


class OnePart:
    """Connectors whose sources hold one table each."""

    def parts(self, address: Address, options: ReadOptions) -> tuple[Address, ...]:  # noqa: ARG002  the protocol's
        return (address,)


def printable(text: str) -> str:
    """`text` with control and invisible characters shown as escapes, at most 200 characters."""
    shown = "".join(c if unicodedata.category(c)[0] != "C" else f"\\x{ord(c):02x}" for c in text)
    return shown if len(shown) <= 200 else shown[:197] + "..."


def check_columns(shown: str, columns: tuple[str, ...], limits: ReadLimits) -> None:
    """Raise ImportRefusedError when there is no column, too many, or one name has control characters."""
    if not columns:
        raise ImportRefusedError("there is no column.", where=shown, hint="Give a file with a header row.")
    if len(columns) > limits.columns:
        raise ImportRefusedError(
            f"{len(columns):,} columns; the limit is {limits.columns:,}.",
            where=shown,
            hint="Leave columns out, or raise limits.columns in barograph.toml.",
        )
    for name in columns:
        if re.search(r"[\x00-\x08\x0e-\x1f\x7f]", name):
            raise ImportRefusedError(
                f"column {printable(name)!r} has control characters in its name.",
                where=shown,
                hint="Correct the header row.",
            )


def positional(count: int) -> list[str]:
    """The names that batches use: c0, c1, ..."""
    return [f"c{index}" for index in range(count)]


def text_batch(rows: list[list[str | None]], numbers: list[int], width: int) -> pa.RecordBatch:
    """A batch of text columns from rows of equal width, with their row numbers."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * width
    arrays = [pa.array(column, pa.string()) for column in columns]
    return pa.record_batch([pa.array(numbers, pa.int64()), *arrays], names=[ROW, *positional(width)])
