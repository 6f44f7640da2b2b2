"""It is a Wednesday of the seeded company's newest week."""

from __future__ import annotations

import pytest

from support.web_work import stop_the_clock


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    stop_the_clock(monkeypatch)
