"""Property: engines equal the naive oracle on arbitrary small workspaces and arbitrary signals (S3, S4).

The random workspaces of test_against_oracle.py are wide; these are small, mix options freely and shrink to
the few versions that matter when an engine is wrong (in the long run only: shrinking takes minutes).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from barograph.definitions.model import Population
from barograph.engines.base import SignalEngine
from support.oracle import compute
from support.oracle_compare import disagreements, run
from support.oracle_signals import TEMPLATE_NAMES
from support.oracle_strategies import SmallCase, small_cases

EVERYBODY = Population(rule="accounts")
CALM = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


def check(engine: SignalEngine, case: SmallCase) -> None:
    expected = compute(case.raw, case.signals, EVERYBODY, case.days, case.timezone)
    with tempfile.TemporaryDirectory() as folder:
        table = run(
            engine,
            Path(folder),
            case.raw,
            case.signals,
            case.days,
            population=EVERYBODY,
            timezone=case.timezone,
        )
    assert disagreements(table, expected, case.signals) == []


@pytest.mark.parametrize("template", TEMPLATE_NAMES)
@settings(CALM, max_examples=3, phases=[Phase.generate])
@given(data=st.data())
def test_template(engine: SignalEngine, template: str, data: st.DataObject) -> None:
    check(engine, data.draw(small_cases(template)))


@pytest.mark.slow
@pytest.mark.parametrize("template", TEMPLATE_NAMES)
@settings(CALM, max_examples=150, phases=[Phase.generate, Phase.shrink])
@given(data=st.data())
def test_template_at_length(engine: SignalEngine, template: str, data: st.DataObject) -> None:
    check(engine, data.draw(small_cases(template)))
