"""Backups, made while the application runs: one moment of the workspace's files, and of the database after it.

Under the workspace's lock, which lasts a moment, the files that count are linked aside: what is published is never
edited, so a link is a copy. The database is copied by its own means (SQLite's backup, or rows as JSON in one snapshot).
It may lag the files by a run, which the next projection makes up for. Static files and other backups are left out.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from barograph import __version__
from barograph.errors import UsageError
from barograph.lake import Lake
from barograph.workspace import SETTINGS_FILE, Workspace
from barograph_web.ops import database_rows
from barograph_web.ops.archive import Contents, write_archive
from barograph_web.ops.running import RunContext
from barograph_web.ops.workspace import workspace

FOLDERS = ("models", "registry", "journal", "mappings")
"""Beside the lake, which is read through its manifest."""
OWN = ("secret-key", "uploads", "reports")
"""What counts under application/, beside the database."""
SQLITE = "application/barograph.sqlite3"
ROWS = "application/rows.jsonl"
LOCK_SECONDS = 300.0
FOLDER = Path("application") / "backups"


def back_up(place: Workspace, target: Path, now: datetime, *, portable: bool = False) -> Contents:
    """Write a backup of the workspace and its database to `target`; what it holds.

    portable: the database as rows, which restore into either database. Waits some minutes for another process that
    holds the workspace. Raises LockedError, UsageError for a target that exists or lies nowhere, BarographError when
    it cannot be written.
    """
    if target.exists():
        raise UsageError("there is a file already.", where=str(target), hint="Name another with -o.")
    if not target.parent.is_dir():
        raise UsageError("the folder does not exist.", where=str(target.parent), hint="Make it first.")
    (place.path / "application").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=place.path / "application") as folder:
        aside = Path(folder)
        generation = _files(place, aside)
        as_rows = portable or connection.vendor != "sqlite"
        if as_rows:
            count = database_rows.dump(aside / ROWS)
        else:
            count = _copy_sqlite(aside / SQLITE)
        about: dict[str, Any] = {
            "barograph": __version__,
            "made_at": now.astimezone(UTC).isoformat(timespec="seconds"),
            "workspace": place.settings.name,
            "lake_generation": generation,
            "database": {
                "kind": "rows" if as_rows else "sqlite",
                "rows": count,
                "migrations": applied_migrations(),
            },
        }
        return write_archive(target, aside, about)


def applied_migrations() -> list[str]:
    """Those of the database, as app.name, sorted."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def backup_name(now: datetime) -> str:
    """barograph-20261116T060000Z.tar.gz"""
    return f"barograph-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.tar.gz"


def run_backup(run: RunContext) -> dict[str, Any]:
    """Handler of RunKind.BACKUP: into application/backups, named by the moment."""
    place = workspace()
    folder = place.path / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / backup_name(run.now)
    with run.step("Backup") as step:
        contents = back_up(place, target, run.now)
        step.count(files=len(contents.members), bytes=target.stat().st_size)
    return {"file": target.name, "bytes": target.stat().st_size}


def _files(place: Workspace, aside: Path) -> int:
    """Link what counts into `aside`, as of one moment; the lake's generation then."""
    lake = Lake(place.path / "lake", place.journal, lock_seconds=LOCK_SECONDS)
    with lake.transaction("backup") as txn:
        manifest = lake.verify()
        names = {entry.path for entries in manifest.datasets.values() for entry in entries}
        for name in sorted(names):
            _link(lake.root / name, aside / "lake" / name)
        if (lake.root / "manifest.json").exists():
            _copy(lake.root / "manifest.json", aside / "lake/manifest.json")
        _copy(place.path / SETTINGS_FILE, aside / SETTINGS_FILE)
        for folder in FOLDERS:
            _copy_tree(place.path / folder, aside / folder)
        for name in OWN:
            _copy_tree(place.path / "application" / name, aside / "application" / name)
        for source in place.settings.sources:
            mapping = place.inside(source.mapping) if source.mapping else None
            if mapping is not None and mapping.is_file() and mapping.is_relative_to(place.path):
                _copy(mapping, aside / mapping.relative_to(place.path))
        return txn.before.generation


def _copy_sqlite(target: Path) -> int:
    """SQLite's own backup: pages as of one moment, while others write. The number of pages."""
    target.parent.mkdir(parents=True, exist_ok=True)
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copy:
        connection.connection.backup(copy, pages=4096, sleep=0.01)
        copy.execute("PRAGMA journal_mode=DELETE")
        pages: int = copy.execute("PRAGMA page_count").fetchone()[0]
    return pages


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:  # a file system without links
        shutil.copyfile(source, target)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _copy_tree(source: Path, target: Path) -> None:
    """Files that may be written to later are copied; names that begin with a point are work in progress."""
    if source.is_file():
        _copy(source, target)
    elif source.is_dir():
        for file in sorted(source.rglob("*")):
            inner = file.relative_to(source)
            if (
                file.is_file()
                and not file.is_symlink()
                and not any(part.startswith(".") for part in inner.parts)
            ):
                _copy(file, target / inner)
