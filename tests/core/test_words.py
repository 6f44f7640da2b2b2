"""Sentences: each written out as a CSM would read it; no jargon, no exclamation marks (R1, explain)."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.core.attention import AttentionInputs, attention
from barograph.core.inputs import REASON_CODE
from barograph.core.inverse import Target
from barograph.core.ledger import ledger
from barograph.core.lift import lift
from barograph.core.score import score_week
from barograph.core.tiers import advance
from barograph.core.trajectory import trajectory
from barograph.core.words import (
    condition_words,
    day_words,
    decline_start,
    listed,
    missing_words,
    money,
    moved_words,
    number,
    sentence,
    target_words,
    value_words,
)
from barograph.core.words_ledger import insufficient_words, item_words, points_words, statement_words
from barograph.core.words_tiers import lift_words, priority_words, tier_words, trajectory_words
from barograph.definitions.base import SignalTest
from barograph.definitions.signal import REASONS, Signal
from support.score_models import MONDAY, model, random_model, random_week, signal, week

NAN = float("nan")


def one(label: str, **more: Any) -> Signal:
    return model(signal("x", 100, label=label, **more)).scored[0]


SHARE = {"template": "share", "window_days": 28}
CHANGE = {"template": "change", "window_days": 28}
SINCE = {"template": "days_since", "unit": "days"}
STATE = {"template": "state_as_of", "unit": "yes_no"}
MEAN = {"template": "mean", "measure": "score", "window_days": 90}
SUM = {"template": "sum", "measure": "amount", "window_days": 90}


@pytest.mark.parametrize(
    ("spec", "before", "after", "expected"),
    [
        ({"label": "active users"}, 31, 12, "active users fell from 31 to 12"),
        ({"label": "open tickets", "unit": "tickets"}, 2, 1500, "open tickets rose from 2 to 1,500"),
        (
            {"label": "share of licences in use", **SHARE},
            0.62,
            0.48,
            "share of licences in use fell from 62% to 48%",
        ),
        ({"label": "share in use", **SHARE}, 0.6214, 0.6198, "share in use fell from 62.1% to 62%"),
        (
            {"label": "change in use", "unit": "change", **CHANGE},
            0.05,
            -0.3,
            "change in use fell from +5% to -30%",
        ),
        ({"label": "days since a review", **SINCE}, 40, 47, "days since a review rose from 40 to 47"),
        ({"label": "last review", **SINCE}, 40, 1, "last review fell from 40 days to 1 day"),
        ({"label": "active sponsor", **STATE}, 1, 0, "active sponsor: was yes, now no"),
        ({"label": "mean score", **MEAN}, 7.26, 7.3, "mean score rose from 7.26 to 7.3"),
        ({"label": "mean score", **MEAN}, 7.25, 7.25, "mean score stayed at 7.2"),
        (
            {"label": "overdue amount", "unit": "money", **SUM},
            50,
            12400,
            "overdue amount rose from EUR 50 to EUR 12,400",
        ),
        ({"label": "spend", "unit": "USD", **SUM}, 50, 40, "spend fell from USD 50 to USD 40"),
        ({"label": "uptime", "unit": "%", **MEAN}, 99.5, 98, "uptime fell from 99.5% to 98%"),
        (
            {"label": "time to answer", "unit": "hours", **MEAN},
            1.5,
            26,
            "time to answer rose from 1.5 hours to 26 hours",
        ),
    ],
)
def test_moves(spec: dict[str, Any], before: float, after: float, expected: str) -> None:
    assert moved_words(one(**spec), before, after, "EUR") == expected


@pytest.mark.parametrize(
    ("spec", "why", "expected"),
    [
        ({"label": "NPS answer", "template": "latest", "measure": "score", "expiry_days": 180}, "no_recent",
         "no NPS answer for 180 days"),
        ({"label": "meetings", **MEAN}, "no_recent", "no meetings for 90 days"),
        ({"label": "review", **SINCE}, "no_recent", "no review yet"),
        ({"label": "invoices"}, "no_data", "no data on invoices"),
        ({"label": "active users"}, "stale_feed", "the source of active users has stopped sending"),
        ({"label": "NPS", "min_support": 5}, "too_little_support",
         "too little to go by for NPS (at least 5 needed)"),
        ({"label": "use"}, "known", ""),
    ],
)  # fmt: skip
def test_missing(spec: dict[str, Any], why: str, expected: str) -> None:
    assert missing_words(one(**spec), REASON_CODE[why]) == expected


def test_every_reason_has_words() -> None:
    said = [missing_words(one("use"), code) for code in range(len(REASONS))]
    assert len(set(said)) == len(REASONS)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (31, "31"),
        (1240, "1,240"),
        (12.5, "12.5"),
        (0.3333, "0.3"),
        (-0.0001, "0"),
        (-3, "-3"),
        (2.0004, "2"),
        (100, "100"),
        (149.6, "150"),
    ],
)
def test_numbers(value: float, expected: str) -> None:
    assert number(value) == expected


def test_small_words() -> None:
    assert money(12_400.4, "EUR") == "EUR 12,400"
    assert money(9.5) == "9.5"
    assert value_words(one("x"), NAN) == "unknown"
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a", "b", "c", "d", "e", "f"]) == "a, b, c and 3 more"
    assert day_words(MONDAY, MONDAY) == "16 Nov"
    assert day_words(MONDAY - 365, MONDAY) == "16 Nov 2025"
    assert sentence("active users fell") == "Active users fell."
    assert sentence("Done.") == "Done."
    assert sentence("") == ""
    assert points_words(-6) == "-6 points"
    assert points_words(1) == "+1 point"
    assert points_words(0.04) == "+0.1 points or less"
    assert points_words(0) == "no points"


@pytest.mark.parametrize(
    ("spec", "target", "expected"),
    [
        ({"label": "users"}, Target("at_least", 25, 0), "at least 25"),
        ({"label": "share", **SHARE}, Target("at_least", 0.4213, 0), "at least 43%"),
        ({"label": "share", **SHARE}, Target("at_least", 0.43, 0), "at least 43%"),
        ({"label": "mean", **MEAN}, Target("at_most", 7.29, 0), "at most 7.2"),
        ({"label": "review", **SINCE}, Target("at_most", 43, 0), "at most 43 days"),
        ({"label": "sponsor", **STATE}, Target("exactly", 1, 0), "yes"),
        ({"label": "delay", "unit": "days", **MEAN}, Target("below", 5, 0), "below 5 days"),
    ],
)
def test_targets_are_rounded_to_the_safe_side(spec: dict[str, Any], target: Target, expected: str) -> None:
    assert target_words(one(**spec), target) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([50, 50, 40, 30, 20], 2),
        ([20, 30, 50, 45, 47, 30], 3),  # a small recovery does not end it
        ([80, 20, 60, 50], 3),  # an earlier low does: the fall from 60
        ([80, 48, 60, 50], 3),  # lower by 12, more than half of the fall of 10
        ([80, 56, 60, 50], 1),  # lower by 4
        ([80, 60, 62, 58, 61, 40], 1),
        ([50, NAN, 40, NAN, 30], 2),
        ([10, 20, 30], None),
        ([30, 30, 30], None),
        ([30], None),
        ([NAN, NAN], None),
        ([50, 30, 30, 30], 1),  # a plateau belongs to the fall before it
    ],
)
def test_since_when_it_declines(values: list[float], expected: int | None) -> None:
    days = [MONDAY + 7 * k for k in range(len(values))]
    found = decline_start(np.array(values, dtype=float), days)
    assert found == (None if expected is None else days[expected])


M = model(
    signal("users", 40, "use", label="active users"),
    signal("nps", 20, "voice", label="NPS answer", template="latest", measure="score", expiry_days=180),
    signal(
        "sponsor",
        40,
        "people",
        label="active sponsor",
        **STATE,
        normalise={"method": "range", "zero": 0, "full": 1},
    ),
    signal("p1", label="open P1 tickets"),
    caps=[
        {
            "name": "p1",
            "label": "P1 open for over a week",
            "when": [{"signal": "p1", "at_least": 1}],
            "tier_at_most": "watch",
        }
    ],
    growth_gate=[{"signal": "sponsor", "at_least": 1}],
)
OLD = MONDAY - 7


def test_ledger_lines_in_words() -> None:
    before = score_week(week({"users": [9], "nps": [8], "sponsor": [1], "p1": [0]}, OLD), M)
    now = week({"users": [4], "nps": [None], "sponsor": [0], "p1": [2]}, reasons={"nps": ["no_recent"]})
    found = ledger(before, score_week(now, M))
    said = [f"{item_words(i, M)} ({points_words(i.points)})" for i in found.items(0)]
    assert said == [
        "active sponsor: was yes, now no (-50 points)",
        "active users fell from 9 to 4 (-25 points)",
        "weight spread over the rest (+19 points)",
        "no NPS answer for 180 days (last known: 8) (-16 points)",
        "P1 open for over a week: no better than Watch (no points)",
    ]
    assert statement_words(found, 0) == ""


def test_model_lines_in_words() -> None:
    new = model(
        signal("users", 60, "use", label="active users"),
        signal("goals", 40, "value", label="goals met"),
    )
    before = score_week(week({"users": [9], "nps": [8], "sponsor": [1], "p1": [0]}, OLD), M)
    found = ledger(before, score_week(week({"users": [9], "goals": [5]}), new))
    assert {item_words(i, new, M) for i in found.items(0)} == {
        "the model no longer looks at active sponsor",
        "the model no longer looks at NPS answer",
        "the model now looks at goals met",
        "active users now weighs 60 instead of 40 points of 100",
    }


def test_insufficient_in_words() -> None:
    inputs = week(
        {"users": [None, None], "nps": [7, None], "sponsor": [None, None], "p1": [0, 0]},
        reasons={"users": ["stale_feed", "no_data"]},
    )
    scores = score_week(inputs, M)
    states = advance(None, scores)
    assert insufficient_words(scores, 0) == (
        "only 20% of what the model looks at is known, 50% is needed: the source of active users has stopped "
        "sending and no data on active sponsor"
    )
    assert insufficient_words(scores, 1).startswith("nothing is known yet: no data on active users")
    assert tier_words(scores, states, 0).startswith("Insufficient data since 16 Nov: only 20%")


def test_tiers_in_words() -> None:
    first = score_week(week({"users": [9], "nps": [10], "sponsor": [1], "p1": [0]}, OLD), M)
    states = advance(None, first)
    assert tier_words(first, states, 0) == "Growth since 9 Nov: first week, score 96, over the line of 80"
    second = score_week(week({"users": [3], "nps": [10], "sponsor": [1], "p1": [0]}), M)
    states = advance(states, second)
    assert tier_words(second, states, 0) == (
        "Growth since 9 Nov: first week, score 72, under the line of 80; "
        "Healthy shows if the next score agrees"
    )
    held = score_week(week({"users": [9], "nps": [10], "sponsor": [1], "p1": [1]}, OLD), M)
    assert tier_words(held, advance(None, held), 0).endswith(
        "; no better than Watch: P1 open for over a week"
    )


def test_the_gate_in_words() -> None:
    gated = model(signal("users", 100, label="active users"), signal("wins", label="expansion deals"),
                  growth_gate=[{"signal": "wins", "at_least": 2}])  # fmt: skip
    scores = score_week(week({"users": [9], "wins": [1]}), gated)
    assert tier_words(scores, advance(None, scores), 0).endswith(
        "; the score reaches Growth, but the growth condition is not met: expansion deals at least 2 (is 1)"
    )


@pytest.mark.parametrize(
    ("test", "value", "expected"),
    [
        ({"signal": "users", "at_least": 5, "below": 9}, None, "active users at least 5 and below 9"),
        ({"signal": "sponsor", "at_least": 1}, 0, "active sponsor: yes (is no)"),
        ({"signal": "sponsor", "at_most": 0}, None, "active sponsor: no"),
        ({"signal": "nps", "missing": True}, None, "NPS answer unknown"),
    ],
)
def test_conditions(test: dict[str, Any], value: float | None, expected: str) -> None:
    assert condition_words(SignalTest.model_validate(test), M, value) == expected


def test_lift_in_words() -> None:
    scores = score_week(week({"users": [2], "nps": [5], "sponsor": [0], "p1": [0]}), M)
    assert lift_words(lift(scores, advance(None, scores), 0), M) == (
        "27 points to Watch; active users at least 9 (now 2): +28 points; "
        "active sponsor yes (now no): +40 points"
    )
    held = score_week(week({"users": [9], "nps": [9], "sponsor": [1], "p1": [1]}), M)
    assert (
        lift_words(lift(held, advance(None, held), 0), M)
        == "nothing does while this holds: P1 open for over a week"
    )


def test_trajectory_in_words() -> None:
    scores = np.array([[77.0 - 2 * k for k in range(8)]])
    tiers = np.full((1, 8), 2, dtype=np.int8)
    lines = score_week(week({"users": [5], "nps": [5], "sponsor": [1], "p1": [0]}), M).lines
    path = trajectory(scores, tiers, np.array([MONDAY - 49]), MONDAY, lines)
    assert trajectory_words(path, 0, M, 2) == (
        "Healthy for 7 weeks, declining by about 2 points a week, "
        "about to leave its tier (in 2 weeks at this rate)"
    )


def test_priority_in_words() -> None:
    inputs = AttentionInputs(
        np.array(["a"], dtype=object), np.array([0], dtype=np.int8), np.array([1], dtype=np.int8),
        np.array([120_000.0]), np.array([15.0]), np.array([62.0]), np.array([False]), np.array([False]),
    )  # fmt: skip
    assert priority_words(attention(inputs, 5), inputs, 0, M, "EUR") == (
        "EUR 120,000 x 1 (At Risk) x 3 (lost 15 points in four weeks and tier down this week) x 2.31 "
        "(62 days to the opt-out deadline)"
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_whatever_happens_has_words(seed: int) -> None:
    """Every line, tier, gap and step can be said, without codes, NaN or exclamation marks."""
    rng = np.random.default_rng(seed)
    old, new = random_model(rng), random_model(rng)
    ids = [f"a{i}" for i in range(20)]
    before = score_week(random_week(rng, old, 20, OLD, ids=ids), old)
    after = score_week(random_week(rng, new, 20, MONDAY, ids=ids), new)
    states = advance(advance(None, before), after)
    found = ledger(before, after)
    texts = []
    for row in range(20):
        texts += [item_words(item, new, old) for item in found.items(row)]
        texts += [tier_words(after, states, row), lift_words(lift(after, states, row), new)]
        assert bool(insufficient_words(after, row)) == bool(np.isnan(after.score[row]))
    for text in texts:
        assert not re.search(r"nan|None|!|_|inf\b", text), text
