"""Options that several verbs share, and the clock: the command line is where "now" enters."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from barograph.cli.output import Format
from barograph.core.calendar import day_number, grid_day, to_date
from barograph.errors import UsageError
from barograph.workspace import Workspace

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "-w", "--workspace", envvar="BAROGRAPH_WORKSPACE", help="The workspace folder (default: here)."
    ),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the result.")]
OutputOption = Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="DATE", help="A date, YYYY-MM-DD (default: the latest Monday not after today)."
    ),
]


def open_workspace(path: Path | None) -> Workspace:
    """The workspace that `-w`, the environment or the current folder names."""
    return Workspace.open(path or Path())


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def today(workspace: Workspace) -> date:
    """Today's date in the workspace's time zone."""
    return now().astimezone(workspace.zone).date()


def requested_day(as_of: str | None, workspace: Workspace) -> int:
    """The day that a report is asked for: any date, by default the latest Monday not after today."""
    if as_of is None:
        return grid_day(day_number(today(workspace)))
    return day_number(parse_date(as_of, "--as-of"))


def week_of(as_of: str | None, workspace: Workspace) -> int:
    """The week that `--as-of` names: the latest Monday not after it, or after today without one.

    Says so on standard error when the date given is not a Monday itself.
    """
    asked = requested_day(as_of, workspace)
    monday = grid_day(asked)
    if monday != asked:
        given = to_date(asked)
        sys.stderr.write(f"{given} is a {given:%A}: the week of Monday {to_date(monday)} is taken.\n")
    return monday


def optional_day(text: str | None, option: str) -> int | None:
    """The day number of a date that may be left out."""
    return None if text is None else day_number(parse_date(text, option))


def parse_date(text: str, option: str) -> date:
    """A date given on the command line. Raises UsageError naming the option and the value."""
    try:
        return date.fromisoformat(text)
    except ValueError as e:
        raise UsageError(
            f"{option} {text!r} is not a date.", hint="Write it as YYYY-MM-DD, for example 2026-11-16."
        ) from e
