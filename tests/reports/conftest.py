"""Workspaces that the tests of the reports share. Tests that write take a copy."""

from __future__ import annotations

import pytest

from barograph.workspace import Workspace
from support.chain import imported, refreshed
from support.chain_company import Company, company
from support.validated import Validated, validated


@pytest.fixture(scope="session")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The small company with its last six weeks scored. Read only."""
    place = imported(tmp_path_factory.mktemp("reports") / "scored")
    refreshed(place, 6)
    return place


@pytest.fixture(scope="session", name="company")
def _company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The seeded company through the demo. Read only."""
    return company(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session", name="validated")
def _validated(tmp_path_factory: pytest.TempPathFactory) -> Validated:
    """A validation of the planted company. Read only."""
    return validated(tmp_path_factory.getbasetemp())
