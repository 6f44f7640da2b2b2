"""`barograph import`: bring tables in by the data contract, and say what became of every row."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from barograph.cli.options import FormatOption, OutputOption, WorkspaceOption, now, open_workspace
from barograph.cli.output import Cell, Format, emit
from barograph.connectors import address_of
from barograph.errors import UsageError
from barograph.intake import Guess, ImportReport, TableReport, import_paths
from barograph.intake.report import SCHEMA
from barograph.reports.workspace_head import workspace_head


def import_files(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Files, folders, book.xlsx#Sheet, or a database URL#table."),
    ],
    workspace: WorkspaceOption = None,
    table: Annotated[
        str | None, typer.Option(help="The table all of them hold (default: from their names).")
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(help="A mapping file that says what is not plain.", exists=True, dir_okay=False),
    ] = None,
    known_at: Annotated[
        str | None,
        typer.Option(
            metavar="CLOCK", help="When rows that do not say so became known: a date or a moment, ISO 8601."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Use guessed column names without asking.")] = False,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """Bring tables in. Importing the same rows again changes nothing."""
    place = open_workspace(workspace)
    check_paths(paths)
    report = import_paths(
        place,
        list(paths),
        table=table,
        mapping=mapping,
        known_at=_clock(known_at),
        now=now(),
        confirm=confirmation(yes),
        step=_say,
    )
    emit(
        {**workspace_head(place, SCHEMA), **report.to_json()},
        table=lambda: import_tables(report),
        rows=lambda: [_row(report, i) for i in range(len(report.tables))],
        format=format,
        output=output,
    )


def check_paths(paths: list[str]) -> None:
    """Raises UsageError for the first path, without its `#part`, at which there is nothing."""
    for text in paths:
        file = address_of(text).path
        if file is not None and not file.exists():
            raise UsageError("there is nothing at this path.", where=str(file), hint="Check the path.")


def confirmation(yes: bool) -> Callable[[Guess], bool] | None:
    """How guesses are confirmed: `--yes`, a question on a terminal, or not at all."""
    if yes:
        return lambda _guess: True
    if sys.stdin.isatty() and sys.stdout.isatty():
        return lambda guess: typer.confirm(f"{guess}. Is that right?", default=False)
    return None


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _clock(text: str | None) -> date | datetime | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text) if len(text) == len("2026-11-16") else datetime.fromisoformat(text)
    except ValueError as e:
        raise UsageError(
            f"--known-at {text!r} is neither a date nor a moment.",
            hint="Write 2026-11-16 or 2026-11-16T06:00:00Z.",
        ) from e


_COUNTS: dict[str, Callable[[TableReport], int]] = {
    "rows": lambda t: t.rows,
    "new": lambda t: t.new,
    "changed": lambda t: t.changed,
    "unchanged": lambda t: t.unchanged,
    "quarantined": lambda t: t.quarantined,
    "left out": lambda t: sum(t.filtered.values()),
}


def import_tables(report: ImportReport) -> list[RenderableType]:
    """The report as people read it: one line per table, then what needs a look."""
    columns = {name: [count(t) for t in report.tables] for name, count in _COUNTS.items()}
    shown = [name for name, counts in columns.items() if name in ("rows", "new") or any(counts)]
    grid = Table(title="Imported", title_justify="left", box=None, pad_edge=False)
    grid.add_column("table", no_wrap=True)
    for name in (*shown, "known accounts"):
        grid.add_column(name, justify="right")
    for name in ("from", "to"):
        grid.add_column(name, no_wrap=True)
    for i, t in enumerate(report.tables):
        share = "" if t.known_accounts_share is None else f"{t.known_accounts_share:.0%}"
        counts = (f"{columns[name][i]:,}" for name in shown)
        grid.add_row(t.table, *counts, share, str(t.first or ""), str(t.last or ""))
    parts: list[RenderableType] = [grid]
    for t in report.tables:
        notes = [
            f"{t.table}: {q.rows:,} {'row' if q.rows == 1 else 'rows'} in quarantine, "
            f"{q.column or 'shape of the row'}: {q.expected} (for example {q.example})"
            for q in t.quarantine
        ]
        notes += [f"{t.table}: {count:,} rows left out: {reason}" for reason, count in t.filtered.items()]
        notes += [f"{t.table}: {warning}" for warning in t.warnings]
        parts += [Text(note) for note in notes]
    parts += [Text(f"taken from the names, please check: {guess}") for guess in report.guesses]
    parts += [Text(f"not read: {name}: {why}") for name, why in report.skipped.items()]
    return parts


def _row(report: ImportReport, i: int) -> dict[str, Cell]:
    t = report.tables[i]
    return {
        "table": t.table,
        "rows": t.rows,
        "new": t.new,
        "changed": t.changed,
        "unchanged": t.unchanged,
        "quarantined": t.quarantined,
        "known_accounts_share": t.known_accounts_share,
        "from": str(t.first or ""),
        "to": str(t.last or ""),
        "fresh_as_of": str(t.fresh_as_of or ""),
    }
