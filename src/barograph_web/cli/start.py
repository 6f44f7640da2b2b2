"""Before any verb of the application: which workspace, its settings, and Django ready for both."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured

from barograph.errors import UsageError
from barograph.lake.store import user_name
from barograph.workspace import Workspace


def configure(workspace: Path | None) -> Workspace:
    """Have Django work on the workspace that `-w`, the environment or the current folder names.

    Once per process. Raises UsageError for a folder that is no workspace, and settings that are wrong.
    """
    folder = (workspace or Path(os.environ.get("BAROGRAPH_WORKSPACE") or ".")).resolve()
    place = Workspace.open(folder)
    os.environ["BAROGRAPH_WORKSPACE"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "barograph_web.settings")
    try:
        django.setup()
    except (ValueError, ImproperlyConfigured) as error:
        raise UsageError(f"a setting is wrong: {error}.", hint="See docs/reference/settings.md.") from error
    return place


def prepare_database() -> None:
    """Bring the database to this version: migrations, and the table of rate limits."""
    from django.core.management import call_command  # noqa: PLC0415 - after configure
    from django.db import DatabaseError  # noqa: PLC0415

    try:
        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
        call_command("createcachetable", verbosity=0)
    except DatabaseError as error:
        raise UsageError(
            f"the database cannot be used: {str(error).splitlines()[0]}.",
            hint="Check BAROGRAPH_DATABASE_URL.",
        ) from error


@contextmanager
def at_the_command_line() -> Iterator[None]:
    """Writes within are those of the operating system's user."""
    from barograph_web.ops.current import acting_as  # noqa: PLC0415 - after configure

    with acting_as(None, via="cli", name=f"{user_name()} at the command line"):
        yield
