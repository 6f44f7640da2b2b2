"""A copy of the seeded company that tests may write to, and what they do with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from barograph.workspace import Workspace
from barograph_web.ops.models import RunState
from barograph_web.ops.worker import work_off
from barograph_web.scoring import registry
from support.web_company import company_copy, open_in_application
from support.web_people import People, make_people


@pytest.fixture
def own_company(projected: Path, tmp_path: Path, db: None) -> Workspace:
    """The scored company in a folder of its own, shown by the application."""
    registry.forget()
    return open_in_application(company_copy(projected, tmp_path / "company"))


@pytest.fixture
def crew(own_company: Workspace) -> People:
    """The named people, beside the copy."""
    return make_people()


@pytest.fixture
def worked() -> Callable[[], list[RunState]]:
    """Have the worker do what was asked for."""
    return work_off
