"""Inputs and scopes: what is refused, and which accounts a scope means (property of exactness; S7, X5)."""

import numpy as np
import pytest

from barograph.core.arrays import positions, texts
from barograph.core.inputs import KNOWN, NO_DATA, WeekInputs
from barograph.core.scopes import first_scope, in_scope
from barograph.errors import BarographError


def test_missing_values_without_a_reason_are_no_data() -> None:
    inputs = WeekInputs.of(1, ["a", "b"], {"x": [1.0, np.nan]})
    assert inputs.reasons[:, 0].tolist() == [KNOWN, NO_DATA]


@pytest.mark.parametrize(
    ("values", "reasons", "text"),
    [
        ([[np.nan]], [[0]], "value nan with reason 'known'"),
        ([[1.0]], [[1]], "value 1.0 with reason 'no_data'"),
        ([[np.inf]], [[0]], "value inf"),
    ],
)
def test_value_and_reason_must_agree(values: object, reasons: object, text: str) -> None:
    with pytest.raises(BarographError, match=text) as caught:
        WeekInputs(1, texts(["acme"]), ("x",), np.array(values), np.array(reasons, dtype=np.int8))
    assert "signal x, account acme" in str(caught.value)


def test_an_account_twice_is_refused_by_name() -> None:
    with pytest.raises(BarographError, match="'acme' is there twice"):
        WeekInputs.of(1, ["b", "acme", "acme"], {"x": [1, 2, 3]})


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(BarographError, match="attribute segment"):
        WeekInputs.of(1, ["a", "b"], {"x": [1, 2]}, attributes={"segment": ["smb"]})
    with pytest.raises(BarographError, match="must both be"):
        WeekInputs(1, texts(["a"]), ("x", "y"), np.ones((1, 1)), np.zeros((1, 1), dtype=np.int8))


def test_a_signal_that_was_not_computed_is_named() -> None:
    with pytest.raises(BarographError, match=r"no values of signal 'nps'.*there are: x"):
        WeekInputs.of(1, ["a"], {"x": [1]}).value("nps")


def test_take_keeps_rows_together() -> None:
    inputs = WeekInputs.of(1, ["a", "b", "c"], {"x": [1, 2, 3]}, attributes={"segment": ["p", "q", "r"]})
    part = inputs.take(np.array([2, 0]))
    assert part.account_ids.tolist() == ["c", "a"]
    assert part.value("x").tolist() == [3, 1]
    assert part.attributes["segment"].tolist() == ["r", "p"]


ATTRIBUTES = {
    "segment": texts(["smb", "Smb", None, "ent"]),
    "vip": texts([True, False, None, 1]),
    "seats": np.array([1.0, 5.0, np.nan, 5.0]),
    "level": texts([1, True, None, 1.0]),
}


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({}, [True, True, True, True]),
        ({"segment": "smb"}, [True, False, False, False]),
        ({"segment": ("smb", "ent")}, [True, False, False, True]),
        ({"vip": True}, [True, False, False, False]),
        ({"vip": False}, [False, True, False, False]),
        ({"seats": 5}, [False, True, False, True]),
        ({"seats": "5"}, [False, False, False, False]),
        ({"level": 1}, [True, False, False, True]),
        ({"segment": ("smb", "ent"), "seats": 5}, [False, False, False, True]),
        ({"region": "emea"}, [False, False, False, False]),
    ],
)
def test_scope(scope: dict[str, object], expected: list[bool]) -> None:
    assert in_scope(scope, ATTRIBUTES, 4).tolist() == expected  # type: ignore[arg-type]


def test_the_first_scope_wins() -> None:
    chosen = first_scope(({"segment": "ent"}, {"seats": 5}, {}), ATTRIBUTES, 4)
    assert chosen.tolist() == [2, 1, 2, 0]


def test_positions() -> None:
    among = texts(["a", "b", "c"])
    assert positions(texts(["c", "x", "a"]), among).tolist() == [2, -1, 0]
    assert positions(among, among).tolist() == [0, 1, 2]
    assert positions(texts([]), among).tolist() == []
