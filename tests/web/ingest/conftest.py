"""A workspace without data, and people who bring some."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from barograph.definitions.starters import starter_text
from barograph.workspace import Workspace
from barograph_web.ingest import services
from barograph_web.ingest.models import Upload
from barograph_web.ops.current import acting_as
from barograph_web.ops.models import RunState
from barograph_web.ops.worker import work_off
from barograph_web.users.models import User
from support.web_company import open_in_application
from support.web_people import People, make_people


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    """A workspace with a model file and no data, shown by the application."""
    folder = tmp_path / "bare"
    made = Workspace.create(folder, name="Bare", currency="EUR")
    (made.path / "models" / "saas.toml").write_text(starter_text("saas"), encoding="utf-8")
    return open_in_application(folder)


@pytest.fixture
def crew(place: Workspace, db: None) -> People:
    """The named people, beside an empty workspace."""
    return make_people()


@pytest.fixture
def bring(place: Workspace) -> Callable[..., Upload]:
    """Take one file in as a person would, and read it."""

    def brought(by: User, name: str, content: bytes, *, most: int = 10**7) -> Upload:
        with acting_as(by, via="web"):
            [found] = services.receive(place, [(name, BytesIO(content))], by, most_bytes=most)
        assert found.upload is not None, found.problem
        return found.upload

    return brought


@pytest.fixture
def settled() -> Callable[..., Upload]:
    """Choose what columns become, leaving the others as proposed."""

    def settle(upload: Upload, columns: dict[str, str], **more: object) -> Upload:
        part = next(iter(upload.choices))
        chosen = upload.choices[part]
        chosen = {**chosen, "columns": {**chosen["columns"], **columns}, **more}
        return services.settle(upload.pk, part, chosen, revision=upload.revision)

    return settle


@pytest.fixture
def worked() -> Callable[[], list[RunState]]:
    """Have the worker do what was asked for."""
    return work_off
