"""The `barograph` command: its verbs, and how errors become a message and an exit code."""

from __future__ import annotations

import os
import sys
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape

from barograph import __version__
from barograph.cli import verbs
from barograph.errors import BarographError


class Interrupted(Exception):  # noqa: N818 - it is how a run ended, not an error
    """Ctrl-C. The framework would end with an exit code and not a word."""


class ReaderGone(Exception):  # noqa: N818
    """Whoever read the output (head, less) has closed it. The framework would call that a failure."""


class Verbs(typer.core.TyperGroup):
    """The group of all verbs, which loads the one that is called, and leaves it to `run` to say how it ended early."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "commands": None})
        self.commands = verbs.Commands()

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the framework's signature
        """Names in the order of their use."""
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """The list of verbs in the help, without loading any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, verb.summary) for name, verb in verbs.all_verbs().items()])

    def invoke(self, ctx: Any) -> Any:
        """Run the verb and hand its output over, so that a closed pipe shows here and not at exit."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except KeyboardInterrupt as e:
            raise Interrupted from e
        except BrokenPipeError as e:
            raise ReaderGone from e
        return result


app = typer.Typer(
    name="barograph",
    cls=Verbs,
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
    try:
        app()
    except BarographError as e:
        _say(e)
        sys.exit(e.exit_code)
    except ReaderGone:
        # Nothing is wrong, and nothing more can be printed: not even what is left in the buffer at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Interrupted:
        Console(stderr=True).print(
            "Stopped. Nothing half-done was published; run the command again to go on."
        )
        sys.exit(130)
    except OSError as e:
        _say(BarographError(f"{e.strerror or e}.", where=str(e.filename or "")))
        sys.exit(1)


def _say(error: BarographError) -> None:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    kind = "Refused" if error.exit_code == 3 else "Error"
    place = f"{error.where}: " if error.where else ""
    console.print(f"[bold red]{kind}:[/] {escape(place + error.message)}")
    if error.hint:
        console.print(escape(error.hint))
