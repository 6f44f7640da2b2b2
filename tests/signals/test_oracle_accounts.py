"""Reference: account state and population of the oracle are those worked out by hand (S3, O2)."""

from __future__ import annotations

import pytest

from support.oracle import compute
from support.oracle_examples_accounts import STATE_EXAMPLES, StateExample
from support.oracle_words import AS_OF, ME
from support.signal_data import RawTables


@pytest.mark.parametrize("example", STATE_EXAMPLES, ids=lambda example: example.label)
def test_oracle_knows_the_account_as_a_person_would(example: StateExample) -> None:
    tables = RawTables()
    example.lay(tables)
    rows = compute(tables.tables, (), example.population, [AS_OF])
    state = {row.state["account_id"]: row.state for row in rows}.get(ME)
    if example.expect is None:
        assert state is None
    else:
        assert state is not None
        assert {column: state[column] for column in example.expect} == example.expect
