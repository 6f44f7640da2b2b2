"""The seeded company in the application's database: made once for a run of the tests, projected once per process."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings
from filelock import FileLock

from barograph.workspace import Workspace
from barograph_web.ops.workspace import workspace
from support.chain_cli import run

ACCOUNTS, WEEKS = 100, 16


def company_folder(base: Path) -> Path:
    """The scored workspace under `base`, which all processes of a run share. Read only: `company_copy` for others."""
    folder = base / "web-company"
    with FileLock(base / "web-company.lock"):
        if not (folder / ".made").exists():
            shutil.rmtree(folder, ignore_errors=True)
            made = run("demo", folder, "--accounts", str(ACCOUNTS), "--weeks", str(WEEKS))
            assert made.code == 0, made.err
            (folder / ".made").touch()
    return folder


def company_copy(folder: Path, to: Path) -> Path:
    """A copy that a test may write to; its exports are left out."""
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns("exports", "application"))
    return to


def open_in_application(folder: Path) -> Workspace:
    """From here on the application shows the workspace in `folder`."""
    settings.WORKSPACE = folder
    workspace.cache_clear()
    return workspace()
