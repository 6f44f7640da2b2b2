"""`barograph restore`: a backup as a new workspace, checked whole before anything is there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from barograph.errors import UsageError
from barograph_web.cli.start import configure, prepare_database
from barograph_web.ops.restore import restore as restore_backup
from barograph_web.options import read_options


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `barograph backup` made.")],
    directory: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="The folder of the restored workspace; new or empty.")
    ] = Path("restored"),
) -> None:
    """Restore a backup. Refuses one that was changed or made by another version, and a folder in use."""
    try:
        database_url = read_options(
            {k: v for k, v in os.environ.items() if k != "BAROGRAPH_WORKSPACE"}
        ).database_url
    except ValueError as error:
        raise UsageError(f"a setting is wrong: {error}.", hint="See docs/reference/settings.md.") from error
    done = restore_backup(file, directory.absolute(), database_url=database_url, load_rows=_load_rows)
    typer.echo(f"{done.folder}: {done.files:,} files as of {done.made_at}, by Barograph {done.version}.")
    typer.echo(f"Next: barograph serve -w {directory}")


def _load_rows(folder: Path, file: Path) -> int:
    configure(folder)
    from django.db import connection  # noqa: PLC0415 - after configure

    from barograph_web.ops.database_rows import load  # noqa: PLC0415

    prepare_database()
    try:
        return load(file)
    finally:
        connection.close()
