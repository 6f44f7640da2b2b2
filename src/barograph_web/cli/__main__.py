"""`python -m barograph_web.cli VERB`: the application's verbs alone, as `serve` starts its worker."""

from __future__ import annotations

import sys
from importlib import import_module

import typer

from barograph.errors import BarographError
from barograph_web.cli.verbs import VERBS


def command() -> typer.Typer:
    """All verbs of the application."""
    app = typer.Typer(
        add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True
    )
    for name, verb in VERBS.items():
        target = getattr(import_module(f"{verb.package}.{verb.module}"), verb.name)
        if isinstance(target, typer.Typer):
            app.add_typer(target, name=name, help=verb.summary)
        else:
            app.command(name)(target)
    return app


if __name__ == "__main__":
    try:
        command()()
    except BarographError as error:
        sys.stderr.write(f"Error: {error}\n")
        sys.exit(error.exit_code)
