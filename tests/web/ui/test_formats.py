"""Figures as pages show them hold to rules that a reader relies on: unknown is never 0, signs and units are told, what
comes from data is escaped (S6, R1; properties and examples)."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph_web.ui import formats

TODAY = date(2026, 11, 16)


@pytest.mark.parametrize("value", [None, "", math.nan])
def test_unknown_says_so_and_is_not_zero(value: float | None) -> None:
    for told in (
        formats.money(value, "EUR"),
        formats.pct(value),
        formats.delta(value),
        formats.score(value),
        formats.pill(value),
        formats.date_rel(None, TODAY),
    ):
        assert "–" in told and 'class="unknown"' in told and "title=" in told
        assert "0" not in told


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (0, "today"), (1, "tomorrow"), (-1, "yesterday"), (41, "in 41 days"), (-20, "20 days ago"),
        (120, "in 120 days"), (121, "in 4 months"), (-400, "13 months ago"), (1000, "in 3 years"),
    ],
)  # fmt: skip
def test_distances_are_told_in_the_unit_that_people_think_in(days: int, told: str) -> None:
    assert formats.distance(days) == told


@given(st.integers(-20000, 20000))
def test_the_date_is_always_at_hand(days: int) -> None:
    there = TODAY + timedelta(days=days)
    told = formats.date_rel(there, TODAY)
    assert f'datetime="{there.isoformat()}"' in told
    assert formats.distance(days) in told


@given(st.floats(-100, 100, allow_nan=False))
def test_a_change_is_coloured_by_what_it_means(value: float) -> None:
    told = formats.delta(value)
    shown = round(value, 1)
    way = "up" if shown > 0 else "down" if shown < 0 else "same"
    assert f'class="delta {way}"' in told
    assert ("+" in told) == (shown > 0)
    assert ("−" in told) == (shown < 0)


def test_money_is_short_with_the_whole_amount_at_hand() -> None:
    told = formats.money(84_321.6, "EUR")
    assert ">EUR\u00a084\u00a0k<" in told
    assert 'title="EUR 84,322"' in told
    assert ">84\u00a0k<" in formats.money(84_321.6, "EUR", bare=True)
    assert ">EUR\u00a00<" in formats.money(0.0, "EUR"), "nothing is a known amount"


def test_what_comes_from_data_is_escaped() -> None:
    evil = '<img src=x onerror="alert(1)">'
    assert "<img" not in formats.pill("at_risk", evil)
    assert "<img" not in formats.pill(evil)
    assert "<img" not in formats.unknown(evil)


def test_pills_carry_a_word() -> None:
    assert formats.pill("at_risk") == '<span class="pill at-risk">At Risk</span>'
    assert ">Red<" in formats.pill("at_risk", "Red")
