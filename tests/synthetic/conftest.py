"""One default company for all tests of this folder; it takes under a second."""

from __future__ import annotations

import pyarrow as pa
import pytest

from barograph.synthetic import CompanySpec, Truth, generate, truth


@pytest.fixture(scope="session")
def spec() -> CompanySpec:
    return CompanySpec()


@pytest.fixture(scope="session")
def company(spec: CompanySpec) -> dict[str, pa.Table]:
    return generate(spec)


@pytest.fixture(scope="session")
def planted(spec: CompanySpec) -> Truth:
    return truth(spec)
