"""Reference: the oracle gives the numbers that a person gets by hand (S3, S4, S6)."""

from __future__ import annotations

import pytest

from barograph.definitions.model import Population
from support.oracle import compute
from support.oracle_examples import EXAMPLES
from support.oracle_signals import TEMPLATE_NAMES
from support.oracle_words import AS_OF, ME, Example, raw_of

CASES = [pytest.param(e, id=f"{template}: {e.label}") for template, many in EXAMPLES.items() for e in many]


@pytest.mark.parametrize("example", CASES)
def test_oracle_gives_the_number_worked_out_by_hand(example: Example) -> None:
    rows = compute(raw_of(example), example.signals, Population(rule="accounts"), [AS_OF])
    answer = next(row for row in rows if row.state["account_id"] == ME).answers[example.signal.name]
    value = None if answer.value is None else float(answer.value)
    assert (value, answer.n, answer.why) == (pytest.approx(example.value, abs=1e-12), example.n, example.why)


def test_every_template_has_examples() -> None:
    assert set(EXAMPLES) == set(TEMPLATE_NAMES)
    assert {e.signal.template for many in EXAMPLES.values() for e in many} == set(TEMPLATE_NAMES)
