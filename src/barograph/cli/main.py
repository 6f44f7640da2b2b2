"""The `barograph` command: its verbs, and how errors become a message and an exit code."""

from __future__ import annotations

import os
import sys

import typer
from rich.console import Console
from rich.markup import escape

from barograph import __version__
from barograph.errors import BarographError

app = typer.Typer(
    name="barograph",
    help="Customer-success health scores that are checked against real renewals and turned into work.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def _about(version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    if version:
        typer.echo(f"barograph {__version__}")
        raise typer.Exit


def run() -> None:
    """Entry point. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused for lack of data or evidence."""
    from barograph.cli import verbs  # noqa: PLC0415 - importing them registers them

    verbs.register(app)
    try:
        app()
    except BarographError as e:
        _say(e)
        sys.exit(e.exit_code)
    except BrokenPipeError:
        # The reader (head, less) is gone: nothing is wrong, and nothing more can be printed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        Console(stderr=True).print(
            "Stopped. Nothing half-done was published; run the command again to go on."
        )
        sys.exit(130)


def _say(error: BarographError) -> None:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    kind = "Refused" if error.exit_code == 3 else "Error"
    place = f"{error.where}: " if error.where else ""
    console.print(f"[bold red]{kind}:[/] {escape(place + error.message)}")
    if error.hint:
        console.print(escape(error.hint))
