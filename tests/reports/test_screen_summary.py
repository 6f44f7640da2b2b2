"""The first sentence of `screen` (L1, O3): what stands out, what does not, what was left out (truth: contract)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from barograph.reports.screen import summary


def screening(**verdicts: str) -> Any:
    signals = [
        SimpleNamespace(name=name, verdict=verdict, candidate=SimpleNamespace(label=name.replace("_", " ")))
        for name, verdict in verdicts.items()
    ]
    validated = tuple(s.name for s in signals if s.verdict == "validated")
    return SimpleNamespace(
        outcomes=200, lost=57, tried=len(signals), validated=validated, usable=validated, signals=signals
    )


def test_a_suspect_that_was_left_out_is_not_called_chance() -> None:
    said = summary(screening(adoption="refused", noise="unproven", more_noise="unproven"))
    assert said.startswith("None of 2 candidates can be told from chance on 200 decisions, 57 of them lost.")
    assert said.endswith("Left out until somebody has looked: adoption.")


def test_what_is_validated_is_named_by_its_label() -> None:
    said = summary(screening(a_b="validated", c="validated", d="validated", e="validated", f="unproven"))
    assert said == (
        "On 200 decisions, 57 of them lost, 4 of 5 candidates are validated: a b, c, d and 1 more."
    )


@pytest.mark.parametrize("refused", [0, 2])
def test_nothing_is_said_of_suspects_where_there_are_none(refused: int) -> None:
    said = summary(screening(x="unproven", **{f"r{i}": "refused" for i in range(refused)}))
    assert ("Left out" in said) is bool(refused)
