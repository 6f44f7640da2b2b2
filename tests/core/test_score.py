"""The score by hand: weights, spreading, coverage, caps and gate in numbers (H2, S6, decisions 7-10)."""

import numpy as np
import pytest

from barograph.core.caps import NO_CEILING, passes
from barograph.core.score import INSUFFICIENT_BECAUSE, score_week
from barograph.core.thresholds import tier_lines, tier_name, tier_names
from barograph.definitions.base import SignalTest
from barograph.errors import BarographError
from support.score_models import model, signal, week

NAN = float("nan")

USE = (signal("users", 40, "use"), signal("depth", 20, "use"))
SUPPORT = (signal("backlog", 30, "support", normalise={"method": "range", "zero": 10, "full": 0}),)
VALUE = (signal("goals", 10, "value"),)


def test_everything_known() -> None:
    """users 5 -> 50 x .4 = 20; depth 10 -> 100 x .2 = 20; backlog 4 -> 60 x .3 = 18; goals 0 -> 0. Sum 58."""
    scores = score_week(
        week({"users": [5], "depth": [10], "backlog": [4], "goals": [0]}), model(*USE, *SUPPORT, *VALUE)
    )
    assert scores.contributions[0].tolist() == pytest.approx([20, 20, 18, 0])
    assert scores.score[0] == pytest.approx(58)
    assert scores.components == ("use", "support", "value")
    assert scores.component_score[0].tolist() == pytest.approx([40 / 60 * 100, 60, 0])
    assert scores.component_contribution[0].tolist() == pytest.approx([40, 18, 0])
    assert scores.coverage[0] == 1
    assert scores.weights[0].tolist() == [40, 20, 30, 10]


def test_missing_goes_to_the_component_first() -> None:
    """depth missing: its 20 go to users (60). 5 -> 50 x .6 = 30; 18; 0. Sum 48, coverage .8."""
    scores = score_week(
        week({"users": [5], "depth": [None], "backlog": [4], "goals": [0]}), model(*USE, *SUPPORT, *VALUE)
    )
    assert scores.weights[0].tolist() == pytest.approx([60, 0, 30, 10])
    assert scores.score[0] == pytest.approx(48)
    assert scores.coverage[0] == pytest.approx(0.8)


def test_an_unknown_component_goes_to_the_others_in_proportion() -> None:
    """support unknown: 30 go to use : value = 60 : 10. use 60 x 100/70, value 10 x 100/70."""
    scores = score_week(
        week({"users": [5], "depth": [10], "backlog": [None], "goals": [10]}), model(*USE, *SUPPORT, *VALUE)
    )
    assert scores.weights[0].tolist() == pytest.approx([40 / 0.7, 20 / 0.7, 0, 10 / 0.7])
    assert scores.score[0] == pytest.approx((20 + 20 + 10) / 0.7)
    assert np.isnan(scores.component_score[0, 1])


def test_neutral_keeps_its_own_weight_only() -> None:
    """goals neutral at 50 x .1 = 5 and takes nothing of the 20 that depth leaves to users."""
    m = model(*USE, *SUPPORT, signal("goals", 10, "value", missing="neutral"))
    scores = score_week(week({"users": [5], "depth": [None], "backlog": [4], "goals": [None]}), m)
    assert scores.weights[0].tolist() == pytest.approx([60, 0, 30, 10])
    assert scores.contributions[0].tolist() == pytest.approx([30, 0, 18, 5])
    assert scores.coverage[0] == pytest.approx(0.8)


def test_neutral_in_the_same_component_is_not_known() -> None:
    """depth neutral (20 x .5 = 10); users missing, so nothing known in use: its 40 go to support : value."""
    m = model(USE[0], signal("depth", 20, "use", missing="neutral"), *SUPPORT, *VALUE)
    scores = score_week(week({"users": [None], "depth": [None], "backlog": [0], "goals": [10]}), m)
    assert scores.weights[0].tolist() == pytest.approx([0, 20, 60, 20])
    assert scores.score[0] == pytest.approx(10 + 60 + 20)


def test_a_signal_that_does_not_apply_is_no_gap() -> None:
    """users does not apply in onboarding: the rest is scaled by 100/60 and coverage is 1."""
    users = signal("users", 40, "use", variants=[{"when": {"lifecycle": "onboarding"}, "applies": False}])
    scores = score_week(
        week({"users": [None], "depth": [10], "backlog": [4], "goals": [0]}, lifecycle=["onboarding"]),
        model(users, USE[1], *SUPPORT, *VALUE),
    )
    assert scores.weights[0].tolist() == pytest.approx([0, 20 / 0.6, 30 / 0.6, 10 / 0.6])
    assert scores.coverage[0] == pytest.approx(1)
    assert scores.score[0] == pytest.approx((20 + 18) / 0.6)


def test_weights_that_do_not_make_100_are_scaled() -> None:
    scores = score_week(week({"a": [10], "b": [0]}), model(signal("a", 3), signal("b", 1)))
    assert scores.weights[0].tolist() == pytest.approx([75, 25])
    assert scores.score[0] == pytest.approx(75)


@pytest.mark.parametrize(
    ("values", "more", "because"),
    [
        ({"users": [None], "depth": [1], "backlog": [None], "goals": [1]}, {}, "low_coverage"),
        ({"users": [1], "depth": [None], "backlog": [None], "goals": [1]}, {}, "enough"),  # exactly .5
        (
            {"users": [None], "depth": [None], "backlog": [None], "goals": [None]},
            {"min_coverage": 0},
            "nothing_known",
        ),
    ],
)
def test_too_little_known_is_no_score(
    values: dict[str, list[float | None]], more: dict[str, float], because: str
) -> None:
    scores = score_week(week(values), model(*USE, *SUPPORT, *VALUE, **more))
    assert INSUFFICIENT_BECAUSE[scores.insufficient[0]] == because
    assert np.isnan(scores.score[0]) == (because != "enough")


def test_a_required_signal_that_is_missing_leaves_no_score() -> None:
    m = model(*USE, signal("backlog", 30, "support", missing="insufficient"), *VALUE)
    scores = score_week(week({"users": [1], "depth": [1], "backlog": [None], "goals": [1]}), m)
    assert INSUFFICIENT_BECAUSE[scores.insufficient[0]] == "required_missing"
    assert scores.required[0] == 2


def test_nothing_applies() -> None:
    m = model(signal("x", 100, variants=[{"when": {"plan": "free"}, "applies": False}]))
    scores = score_week(week({"x": [1, 1]}, plan=["free", "paid"]), m)
    assert [INSUFFICIENT_BECAUSE[c] for c in scores.insufficient] == ["nothing_applies", "enough"]


def test_only_stand_ins_are_not_a_score() -> None:
    """Stand-ins count for coverage, but unknown is not healthy: one value must be known."""
    banded = {"method": "banded", "bands": [{"below": 5, "points": 0}, {"points": 100}], "missing_points": 80}
    m = model(signal("a", 50, missing="neutral"), signal("b", 50, normalise=banded))
    scores = score_week(week({"a": [None, None], "b": [None, 6]}), m)
    assert scores.coverage.tolist() == [1, 1]
    assert np.isnan(scores.score[0])
    assert scores.score[1] == pytest.approx(25 + 50)


def test_a_model_without_scored_signals_scores_nobody() -> None:
    scores = score_week(week({"a": [1]}), model(signal("a", 0)))
    assert np.isnan(scores.score[0])


def test_no_accounts() -> None:
    scores = score_week(
        week({"users": [], "depth": [], "backlog": [], "goals": []}), model(*USE, *SUPPORT, *VALUE)
    )
    assert scores.score.shape == (0,)
    assert scores.component_score.shape == (0, 3)


def test_a_signal_that_a_cap_needs_must_be_there() -> None:
    m = model(*VALUE, caps=[{"name": "c", "label": "C", "when": [{"signal": "p1"}], "tier_at_most": "watch"}])
    with pytest.raises(BarographError, match="'p1'"):
        score_week(week({"goals": [1]}), m)


CAPS = [
    {"name": "p1", "label": "Open P1", "when": [{"signal": "p1", "at_least": 1}], "tier_at_most": "watch"},
    {
        "name": "notice",
        "label": "Notice",
        "when": [{"signal": "notice", "at_least": 1}],
        "tier_at_most": "at_risk",
        "hard_event": True,
    },
    {
        "name": "debt",
        "label": "Debt",
        "when": [{"signal": "debt", "above": 100}, {"signal": "p1", "missing": False}],
        "scope": {"segment": "smb"},
        "tier_at_most": "healthy",
        "score_at_most": 30,
    },
]


def test_caps_hold_tiers_and_take_points_only_when_declared() -> None:
    m = model(signal("goals", 100), signal("p1"), signal("notice"), signal("debt"), caps=CAPS)
    inputs = week(
        {
            "goals": [9] * 5,
            "p1": [0, 1, 1, 0, None],
            "notice": [0, 0, 1, 0, None],
            "debt": [0, 0, 0, 101, 101],
        },
        segment=["smb", "smb", "smb", "smb", "smb"],
    )
    scores = score_week(inputs, m)
    assert [tier_name(c) for c in scores.caps.ceiling] == ["growth", "watch", "at_risk", "healthy", "growth"]
    assert scores.caps.ceiling_cap.tolist() == [-1, 0, 1, 2, -1]
    assert scores.caps.hard_cap.tolist() == [-1, -1, 1, -1, -1]
    assert scores.cap_points.tolist() == pytest.approx([0, 0, 0, -60, 0])
    assert scores.score.tolist() == pytest.approx([90, 90, 90, 30, 90])
    assert scores.uncapped.tolist() == pytest.approx([90] * 5)


def test_caps_have_a_scope() -> None:
    m = model(signal("goals", 100), signal("p1"), signal("notice"), signal("debt"), caps=CAPS)
    inputs = week({"goals": [9], "p1": [0], "notice": [0], "debt": [500]}, segment=["ent"])
    assert score_week(inputs, m).caps.ceiling.tolist() == [NO_CEILING]


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ({"at_least": 2}, [False, True, True, False]),
        ({"above": 2}, [False, False, True, False]),
        ({"at_most": 2}, [True, True, False, False]),
        ({"below": 2}, [True, False, False, False]),
        ({"at_least": 2, "below": 3}, [False, True, False, False]),
        ({"missing": True}, [False, False, False, True]),
        ({"missing": False}, [True, True, True, False]),
        ({"missing": True, "at_least": 1}, [False, False, False, False]),
        ({}, [True, True, True, False]),
    ],
)
def test_a_missing_value_fails_every_test_but_missing(test: dict[str, object], expected: list[bool]) -> None:
    found = passes(SignalTest.model_validate({"signal": "x", **test}), np.array([1, 2, 3, NAN]))
    assert found.tolist() == expected


def test_the_gate_names_the_first_test_that_fails() -> None:
    gate = [{"signal": "a", "at_least": 5}, {"signal": "b", "at_least": 5}]
    scores = score_week(
        week({"a": [5, 5, None], "b": [5, 4, 9]}), model(signal("a", 100), signal("b"), growth_gate=gate)
    )
    assert scores.gate.ok.tolist() == [True, False, False]
    assert scores.gate.failed.tolist() == [-1, 1, 0]


def test_lines_by_segment() -> None:
    m = model(
        signal("a", 100),
        thresholds=[
            {"when": {"segment": "ent"}, "from_score": {"healthy": 70}},
            {"when": {"segment": ("ent", "mid")}, "from_score": {"watch": 70}},
        ],
    )
    lines = tier_lines(m, week({"a": [0, 0, 0]}, segment=["ent", "mid", "smb"]).attributes, 3)
    # the second moves watch over healthy: lines never cross, healthy is raised
    assert lines.lines.tolist() == [[0, 40, 70, 80], [0, 70, 70, 80], [0, 40, 60, 80]]
    assert lines.reached(np.array([69.9999999, 69, NAN])).tolist() == [2, 0, -1]


def test_scores_are_rounded_to_six_places_before_a_line() -> None:
    lines = tier_lines(model(signal("a", 100)), {}, 3)
    places = lines.reached(np.array([59.99999999999999, 59.9999996, 59.999999]))
    assert places.tolist() == [2, 2, 1]


def test_tier_names() -> None:
    assert tier_names(np.array([0, 3, -1, -2], dtype=np.int8)).tolist() == [
        "at_risk",
        "growth",
        "insufficient",
        None,
    ]
