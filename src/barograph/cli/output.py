"""One way out for every verb: a table for people, one JSON document or CSV for scripts, to a screen or a
file."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType

from barograph.errors import UsageError

Cell = str | int | float | bool | None
Document = Mapping[str, Any]
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Screen(Console):
    """Standard output for people. A reader that went away is for the command to handle, not a failure."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


class Format(StrEnum):
    """What a command prints."""

    table = "table"
    json = "json"
    csv = "csv"


def emit(
    document: Document,
    *,
    table: Callable[[], Sequence[RenderableType]],
    rows: Callable[[], Sequence[Mapping[str, Cell]]],
    format: Format,
    output: Path | None,
) -> None:
    """Print or write one result.

    document: the JSON form, with its `schema`. table: what a person sees. rows: the flat form for CSV.
    """
    match format:
        case Format.json:
            text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False, default=str) + "\n"
        case Format.csv:
            text = csv_text(rows())
        case Format.table:
            if output is None:
                console = Screen()
                for part in table():
                    console.print(part)
                return
            buffer = io.StringIO()
            wide = Console(file=buffer, width=140, color_system=None)
            for part in table():
                wide.print(part)
            text = buffer.getvalue()
    write_text(text, output)


def write_text(text: str, output: Path | None) -> None:
    """To `output`, whole or not at all, or to the screen without it. Raises UsageError when that cannot be done."""
    if output is None:
        sys.stdout.write(text)
        return
    if not output.parent.is_dir():
        raise UsageError(
            "the folder does not exist.", where=str(output.parent), hint="Make it, or choose another."
        )
    if output.is_dir():
        raise UsageError("this is a folder, not a file.", where=str(output), hint="Add a file's name to it.")
    aside = output.with_name(f".{output.name}.aside")
    try:
        aside.write_text(text, encoding="utf-8")
        aside.replace(output)
    except OSError as e:
        aside.unlink(missing_ok=True)
        raise UsageError(
            f"the file cannot be written ({e.strerror}).", where=str(output), hint="Choose another."
        ) from e


def csv_text(rows: Sequence[Mapping[str, Cell]]) -> str:
    """CSV (RFC 4180) with a header; empty without rows. A text that a spreadsheet would run as a formula gets a
    leading apostrophe."""
    buffer = io.StringIO()
    if rows:
        writer = csv.DictWriter(buffer, fieldnames=list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows({key: _safe(value) for key, value in row.items()} for row in rows)
    return buffer.getvalue()


def _safe(value: Cell) -> Cell:
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
