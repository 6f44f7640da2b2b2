"""A Wednesday in the seeded company, with the state of every account's pulse worked out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings

from barograph_web.options import Options
from support.web_people import People
from support.web_pulses import NOW, TODAY, rebuilt


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("barograph_web.ops.workspace.today", lambda: TODAY)
    monkeypatch.setattr("barograph_web.ops.workspace.now", lambda: NOW)
    monkeypatch.setattr("barograph_web.pulses.queries.present_day", lambda: TODAY)


@pytest.fixture
def option(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`option(pulse_author="csm")`: a setting, for the test."""

    def put(**changed: object) -> None:
        now = settings.OPTIONS_IN_FORCE
        monkeypatch.setattr(settings, "OPTIONS_IN_FORCE", Options({**now.values, **changed}, now.sources))

    return put


@pytest.fixture
def team(people: People) -> People:
    """The people, with what is due known."""
    rebuilt()
    return people
