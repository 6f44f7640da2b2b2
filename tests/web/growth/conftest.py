"""The day on which the seeded company's success is looked at."""

from __future__ import annotations

from importlib import import_module

import pytest

from support.web_success import NOW, TODAY


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    # Views that are read for the first time under the patch would keep its day for other tests.
    import_module("barograph_web.urls")
    for module in (
        "ops.workspace",
        "growth.views",
        "growth.views_common",
        "growth.views_things",
        "growth.exports",
    ):
        monkeypatch.setattr(f"barograph_web.{module}.today", lambda: TODAY)
    for module in ("ops.workspace", "growth.views", "growth.views_common"):
        monkeypatch.setattr(f"barograph_web.{module}.now", lambda: NOW)
