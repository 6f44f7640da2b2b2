"""The engines that every test here runs on."""

from __future__ import annotations

import pytest

from barograph.engines.base import SignalEngine
from barograph.engines.duckdb.engine import DuckDBEngine


@pytest.fixture(scope="session", params=["duckdb"])
def engine(request: pytest.FixtureRequest) -> SignalEngine:
    """An engine with little memory and two threads, so that order and spilling have a chance to matter."""
    engines = {"duckdb": DuckDBEngine(memory_limit="1GiB", threads=2)}
    return engines[request.param]
