"""Reference: engines give the numbers that a person gets by hand (S3, S4, S6).

The examples of a template are computed together, each as its own account and under its own signal names, so
that what accounts and signals share in the engine is shared here; examples that other accounts take part in
are computed alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from barograph.definitions.model import Population
from barograph.definitions.signal import REASONS
from barograph.engines.base import SignalEngine
from support.oracle_compare import run
from support.oracle_examples import EXAMPLES
from support.oracle_examples_accounts import STATE_EXAMPLES
from support.oracle_signals import TEMPLATE_NAMES
from support.oracle_words import AS_OF, ME, Example, lay, raw_of
from support.signal_data import RawTables

EVERYBODY = Population(rule="accounts")
SHARED = [
    pytest.param(example, id=f"{template}: {example.label}")
    for template, many in EXAMPLES.items()
    for example in many
    if example.shared
]


def outcome(row: dict[str, Any], name: str) -> tuple[float | None, int, str]:
    return row[name], row[f"{name}__n"], REASONS[row[f"{name}__why"]]


def expected(example: Example) -> tuple[Any, int, str]:
    value = None if example.value is None else pytest.approx(example.value, rel=1e-9, abs=1e-9)
    return value, example.n, example.why


def renamed(signals: tuple[Any, ...], prefix: str) -> tuple[Any, ...]:
    """The same signals under names of their own, references among them included."""
    keys = ("name", "numerator", "denominator")
    return tuple(
        signal.model_copy(update={k: prefix + getattr(signal, k) for k in keys if hasattr(signal, k)})
        for signal in signals
    )


@pytest.mark.parametrize("template", TEMPLATE_NAMES)
def test_examples_of_a_template(engine: SignalEngine, tmp_path: Path, template: str) -> None:
    examples = {f"e{i}_": e for i, e in enumerate(EXAMPLES[template]) if not e.shared}
    rows, signals = RawTables(), []
    for prefix, example in examples.items():
        lay(rows, example, prefix + ME)
        signals += renamed(example.signals, prefix)
    table = run(engine, tmp_path, rows.tables, signals, [AS_OF], population=EVERYBODY)
    by_account = {row["account_id"]: row for row in table.to_pylist()}
    got = {e.label: outcome(by_account[p + ME], p + e.signal.name) for p, e in examples.items()}
    assert got == {example.label: expected(example) for example in examples.values()}


@pytest.mark.parametrize("example", SHARED)
def test_example_in_which_other_accounts_matter(
    engine: SignalEngine, tmp_path: Path, example: Example
) -> None:
    table = run(engine, tmp_path, raw_of(example), example.signals, [AS_OF], population=EVERYBODY)
    row = next(row for row in table.to_pylist() if row["account_id"] == ME)
    assert outcome(row, example.signal.name) == expected(example)


@pytest.mark.parametrize("company", sorted({example.company for example in STATE_EXAMPLES}))
def test_account_state(engine: SignalEngine, tmp_path: Path, company: str) -> None:
    same = [example for example in STATE_EXAMPLES if example.company == company]
    examples = {f"{i} {ME}": example for i, example in enumerate(same)}
    rows = RawTables()
    for account, example in examples.items():
        example.lay(rows, account)
    table = run(engine, tmp_path, rows.tables, (), [AS_OF], population=same[0].population)
    found = {row["account_id"]: row for row in table.to_pylist()}
    got = {
        example.label: {column: found[account][column] for column in example.expect or ()}
        if account in found
        else None
        for account, example in examples.items()
    }
    assert got == {example.label: example.expect for example in same}
