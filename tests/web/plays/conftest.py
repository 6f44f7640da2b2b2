"""The small workspace and its people, for every test of plays that needs no scored company."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from barograph.definitions.play import Play
from barograph_web.ops.workspace import workspace
from barograph_web.plays import firing, services_runs
from barograph_web.portfolio.models import (
    Account,
    AccountFact,
    AccountWeek,
    Projection,
    Standing,
    Week,
)
from barograph_web.users.models import Role, Team
from support import web_plays
from support.web_plays import Desk


@pytest.fixture
def place(tmp_path: Path) -> Iterator[None]:
    """The application shows an empty workspace."""
    before = settings.WORKSPACE
    web_plays.small_place(tmp_path / "small")
    yield
    settings.WORKSPACE = before
    workspace.cache_clear()


@pytest.fixture
def desk(place: None, db: None) -> Desk:
    """Who works here. What another test projected for the whole process is out of sight."""
    for rows in (
        Standing.objects, AccountWeek.objects, AccountFact.objects, Projection.objects, Week.every, Account.objects,
    ):  # fmt: skip
        rows.all().delete()
    team = Team.objects.create(name="North")
    return Desk(
        web_plays.person("Carla", team=team),
        web_plays.person("Ned", team=team),
        web_plays.person("Lena", Role.LEADER, team),
        web_plays.person("Otto", Role.OPS),
    )


@pytest.fixture
def with_plays(monkeypatch: pytest.MonkeyPatch) -> object:
    """Have the workspace offer these plays."""

    def offer(*offered: Play) -> None:
        monkeypatch.setattr(firing, "plays", lambda: offered)
        by_name = {play.name: play for play in offered}
        monkeypatch.setattr(services_runs, "play_named", by_name.get)

    return offer
