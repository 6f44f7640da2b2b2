"""The seeded company through the demo: 120 accounts, ten scored weeks, made once for all tests of a run."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from barograph.core.calendar import day_number, last_grid_days
from barograph.synthetic import CompanySpec
from barograph.workspace import Workspace
from support.chain_cli import run
from support.cli import Result

ACCOUNTS, WEEKS = 120, 10
DAYS = last_grid_days(day_number(CompanySpec().end), WEEKS)


class Company(NamedTuple):
    """The workspace, and what the demo printed. Read only: tests that write take a copy."""

    place: Workspace
    demo: Result


@cache
def company(base: Path) -> Company:
    """The company in a folder under `base`, the run's temporary folder."""
    folder = base / "company"
    demo = run("demo", folder, "--accounts", str(ACCOUNTS), "--weeks", str(WEEKS))
    assert demo.code == 0, demo.err
    return Company(Workspace.open(folder), demo)
