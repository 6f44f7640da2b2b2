"""`barograph backup`: workspace and database in one file, made while they are in use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from barograph.cli.options import OutputOption, WorkspaceOption, now
from barograph_web.cli.start import configure


def backup(
    workspace: WorkspaceOption = None,
    output: OutputOption = None,
    portable: Annotated[
        bool, typer.Option("--portable", help="The database as rows, to restore into SQLite or PostgreSQL.")
    ] = False,
) -> None:
    """Back up lake, models, registry, journal, settings, secret key, uploads and database, as of one moment.

    The file holds everything, personal data and the key that signs sessions too: keep it like the workspace itself.
    """
    place = configure(workspace)
    from barograph_web.ops.backup import back_up, backup_name  # noqa: PLC0415 - after configure

    moment = now()
    target = output or Path(backup_name(moment))
    contents = back_up(place, target, moment, portable=portable)
    typer.echo(f"{target}: {len(contents.members):,} files, {target.stat().st_size / 2**20:,.1f} MiB.")
