"""Each test of the portfolio begins with nothing remembered: rows change under their numbers when a test ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from barograph_web.portfolio.remembered import forget


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    forget()
    yield
    forget()
