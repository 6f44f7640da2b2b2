"""Restoring a backup into a new workspace: everything is checked first, and the folder appears whole or not at all.

Nothing of Django is needed for a backup with SQLite's file; rows need the database of the settings, empty.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from barograph import __version__
from barograph.errors import UsageError
from barograph.workspace import Workspace
from barograph_web.ops.archive import Contents, extract, read_contents

ROWS = "application/rows.jsonl"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and where."""

    folder: Path
    made_at: str
    version: str
    files: int
    rows: int


def restore(
    source: Path,
    target: Path,
    *,
    database_url: str = "",
    load_rows: Callable[[Path, Path], int] | None = None,
) -> Restored:
    """Restore the backup `source` as the workspace `target`, which must not exist or be empty.

    database_url: that of the settings; empty is SQLite in the workspace. load_rows(folder, file) migrates the database
    of the workspace in `folder` and puts the rows of `file` into it.

    Raises ArchiveError when anything is not as it was written, UsageError for a folder in use, another version, or a
    database that the backup does not go into. Nothing is left behind then.
    """
    _free(target)
    contents = read_contents(source)
    _fits(contents, source, database_url)
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.restoring-", dir=target.parent))
    try:
        extract(source, aside)
        Workspace.open(aside).lake.verify()
        rows = 0
        file = aside / ROWS
        if file.exists():
            if load_rows is None:
                raise UsageError("the backup holds rows, and no database was named.", where=str(source))
            rows = load_rows(aside, file)
            file.unlink()
        _free(target)
        aside.replace(target)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    about = contents.about
    return Restored(
        target, str(about.get("made_at")), str(about.get("barograph")), len(contents.members), rows
    )


def _free(target: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(
            "there is something here already; a backup is restored into a new folder.",
            where=str(target),
            hint="Name another folder, or move this one away first.",
        )


def _fits(contents: Contents, source: Path, database_url: str) -> None:
    made_by = str(contents.about.get("barograph", ""))
    if made_by.split(".")[:2] != __version__.split(".")[:2]:
        raise UsageError(
            f"the backup was made by Barograph {made_by or '(unknown)'}; this is {__version__}.",
            where=str(source),
            hint=f"Install barograph=={made_by}, restore with it, and upgrade afterwards.",
        )
    kind = dict(contents.about.get("database") or {}).get("kind")
    if kind == "sqlite" and database_url:
        raise UsageError(
            "the backup holds a SQLite database, and the settings name another one.",
            where=str(source),
            hint="Unset BAROGRAPH_DATABASE_URL, or make the backup with --portable.",
        )
    if kind not in ("sqlite", "rows"):
        raise UsageError(f"the backup's database is of kind {kind!r}.", where=str(source))
