"""What an uploaded file holds, part by part: its columns, its first rows, and which table it is likely to be.

The headers are matched by the library; nothing is written. A part is the file, or one sheet of a workbook.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from barograph.connectors import ROW, Address, Opened, address_of, connector_for
from barograph.definitions.tables import TABLES, Table
from barograph.errors import BarographError, ImportRefusedError
from barograph.intake.guesses import guess_table
from barograph.intake.headers import Header, match_header
from barograph.intake.mapping import Reading
from barograph.intake.sources import read_options
from barograph.workspace import Limits

SHOWN_ROWS = 6
SCANNED_ROWS = 5_000
MOST_DISTINCT = 24
VALUE_LENGTH = 200
NAME_SURE = 0.8


@dataclass(frozen=True, slots=True)
class Part:
    """One table inside a file. sheet: its sheet, "" where a file is one table. names: its columns as written.
    rows: the first ones, as text, "" where empty. distinct: column -> its different values in the first 5,000 rows,
    for columns that have few."""

    name: str
    sheet: str
    names: tuple[str, ...]
    facts: Mapping[str, str]
    rows: tuple[tuple[str, ...], ...]
    distinct: Mapping[str, tuple[str, ...]]
    scanned: int

    def to_json(self) -> dict[str, Any]:
        """For Upload.preview."""
        return {
            "part": self.name,
            "sheet": self.sheet,
            "columns": list(self.names),
            "facts": dict(self.facts),
            "rows": [list(row) for row in self.rows],
            "distinct": {name: list(values) for name, values in self.distinct.items()},
            "scanned": self.scanned,
        }


def inspect(path: Path, limits: Limits) -> list[Part]:
    """The parts of a file, with their first rows.

    Raises ImportRefusedError for a file that its connector cannot read, that would unpack to more than the limits
    allow, or that has no header.
    """
    address = address_of(path)
    connector = connector_for(address)
    options = read_options(Reading(), limits)
    parts = []
    for part in connector.parts(address, options):
        try:
            opened = connector.open(part, options)
        except ImportRefusedError:
            if part.part is None:
                raise
            continue  # a sheet without a table, such as a cover page
        parts.append(_part(part, opened))
    if not parts:
        raise ImportRefusedError("no sheet holds a table with a header row.", where=address.shown)
    return parts


def _part(address: Address, opened: Opened) -> Part:
    rows: list[tuple[str, ...]] = []
    values: list[dict[str, None]] = [{} for _ in opened.columns]
    scanned = 0
    for batch in opened.batches():
        for record in batch.slice(0, SCANNED_ROWS - scanned).to_pylist():
            record.pop(ROW)
            texts = tuple("" if value is None else str(value)[:VALUE_LENGTH] for value in record.values())
            scanned += 1
            if len(rows) < SHOWN_ROWS:
                rows.append(texts)
            for seen, text in zip(values, texts, strict=True):
                if text and len(seen) <= MOST_DISTINCT:
                    seen[text] = None
        if scanned >= SCANNED_ROWS:
            break
    few = {
        name: tuple(seen)
        for name, seen in zip(opened.columns, values, strict=True)
        if seen and len(seen) <= MOST_DISTINCT
    }
    return Part(
        address.shown, address.part or "", opened.columns, dict(opened.facts), tuple(rows), few, scanned
    )


@dataclass(frozen=True, slots=True)
class Likely:
    """The table that a part is likely to hold. why: in words. confidence from 0 to 1; table "" when none fits."""

    table: str
    confidence: float
    why: str


def likely_table(name: str, columns: tuple[str, ...]) -> Likely:
    """Which table a part of that name and header holds: by its name when the header fits, else by its header."""
    named = guess_table(name.rpartition("#")[2]) or guess_table(name.split("#", maxsplit=1)[0])
    fits = {table.name: _fit(table, columns) for table in TABLES.values()}
    if named is not None and named[1] >= NAME_SURE and fits[named[0]][0] > 0:
        return Likely(named[0], named[1], "by its name")
    full = {table: score for table, (share, score) in fits.items() if share == 1}
    if full:
        best = max(full, key=lambda table: (full[table], -list(TABLES).index(table)))
        return Likely(best, 0.7, "by its columns")
    if named is not None:
        return Likely(named[0], named[1] / 2, "by its name only; its columns do not fit")
    return Likely("", 0.0, "neither its name nor its columns say it")


def match(table: str, part: str, columns: tuple[str, ...]) -> Header:
    """The columns of a part as those of a table, as far as they can be matched; open choices stay unmatched."""
    try:
        return match_header(TABLES[table], columns, shown=part, strict=False)
    except BarographError:
        return Header({}, {}, {}, {}, ())


def _fit(table: Table, columns: tuple[str, ...]) -> tuple[float, float]:
    """(share of the required columns that are found or guessed, columns matched; a guess counts half)."""
    header = match(table.name, "", columns)
    found = {*header.targets, *header.implied}
    guessed = {guess.target for guess in header.guesses}
    wanted = [{name} for name in table.required] + [set(group) for group in table.one_of]
    share = sum(bool(group & (found | guessed)) for group in wanted) / len(wanted) if wanted else 1.0
    own = found - {"account_id", "recorded_at"}
    return share, len(own) + len(guessed) / 2
