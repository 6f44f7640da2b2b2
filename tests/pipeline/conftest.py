"""Workspaces that the tests of the pipeline share. Tests that write take a copy."""

from __future__ import annotations

import pytest

from barograph.workspace import Workspace
from support.chain import copied, imported, refreshed
from support.chain_company import Company, company

WEEKS = 6


@pytest.fixture(scope="session")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The small company, imported and not scored. Read only."""
    return imported(tmp_path_factory.mktemp("chain") / "raw")


@pytest.fixture(scope="session")
def scored(raw: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The small company with its last six weeks scored in one refresh. Read only."""
    place = copied(raw, tmp_path_factory.mktemp("chain") / "scored")
    refreshed(place, WEEKS)
    return place


@pytest.fixture(scope="session", name="company")
def _company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The seeded company through the demo. Read only."""
    return company(tmp_path_factory.getbasetemp())
