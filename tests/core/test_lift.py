"""What would lift an account: each step is checked by taking it and scoring again (explain, H2)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.core.inputs import KNOWN, WeekInputs
from barograph.core.inverse import Target, best_target, value_for_points
from barograph.core.lift import LiftStep, lift
from barograph.core.score import score_week
from barograph.core.tiers import advance
from barograph.definitions.model import ScoreModel
from barograph.definitions.normalise import BandedShape, PercentileShape
from barograph.definitions.signal import Signal
from support.score_models import MONDAY, SHAPES, model, random_model, random_week, signal, week

NAN = float("nan")


def one(shape: dict[str, Any], **more: Any) -> Signal:
    return model(signal("x", 100, normalise=shape, **more)).scored[0]


SHARE = {"template": "share", "window_days": 28}
MEAN = {"template": "mean", "measure": "quantity", "window_days": 28}
UP = {"method": "range", "zero": 0, "full": 10}


@pytest.mark.parametrize(
    ("shape", "more", "needed", "now", "expected"),
    [
        (UP, {}, 55, 2, Target("at_least", 6, 60)),  # a count: whole
        (UP, MEAN, 55, 2, Target("at_least", 5.5, 55)),
        ({"method": "range", "zero": 10, "full": 0}, {}, 55, 9, Target("at_most", 4, 60)),
        ({"method": "range", "zero": 0, "full": 2}, SHARE, 50, 0.1, Target("at_least", 1, 50)),
        ({"method": "range", "zero": 0, "full": 2}, SHARE, 51, 0.1, None),  # a share ends at 1
        ({"method": "log", "zero": 0, "full": 99}, MEAN, 50, 1, Target("at_least", 9, 50)),
        ({"method": "decay", "half_life": 30}, MEAN, 25, 90, Target("at_most", 60, 25)),
        ({"method": "decay", "half_life": 30}, {}, 25.1, 90, Target("at_most", 59, 100 * 2 ** (-59 / 30))),
        (SHAPES[5], {}, 45, 1, Target("at_least", 2, 45)),
        (SHAPES[5], {}, 46, NAN, Target("at_least", 6, 95)),
        (SHAPES[6], {}, 50, 9, Target("at_most", 4, 80)),
        (SHAPES[6], MEAN, 50, 9, Target("below", 5, 80)),
        (SHAPES[6], {}, 81, 9, None),
        (SHAPES[6], {}, 20, 9, Target("exactly", 9, 20)),
    ],
)
def test_inverse_by_hand(
    shape: dict[str, Any], more: dict[str, Any], needed: float, now: float, expected: object
) -> None:
    found = value_for_points(one(shape, **more), one(shape, **more).normalise, needed, now)
    if expected is None or found is None:
        assert found == expected
    else:
        assert isinstance(expected, Target)
        assert found.relation == expected.relation
        assert (found.value, found.normalised) == pytest.approx((expected.value, expected.normalised))


def test_yes_or_no() -> None:
    sponsor = one(UP | {"full": 1}, template="state_as_of")
    assert value_for_points(sponsor, sponsor.normalise, 50, 0) == Target("exactly", 1, 100)
    gone = one({"method": "range", "zero": 1, "full": 0}, template="milestone", milestone="churn_risk")
    assert best_target(gone, gone.normalise, 1) == Target("exactly", 0, 100)


M = model(
    signal("users", 40, "use"),
    signal("backlog", 30, "support", normalise={"method": "range", "zero": 10, "full": 0}),
    signal(
        "sponsor", 30, "people", template="state_as_of", normalise={"method": "range", "zero": 0, "full": 1}
    ),
    signal("p1"),
    caps=[
        {"name": "p1", "label": "Open P1", "when": [{"signal": "p1", "at_least": 1}], "tier_at_most": "watch"}
    ],
    growth_gate=[{"signal": "sponsor", "at_least": 1}],
)


def explain(values: dict[str, list[float | None]], of: ScoreModel = M):
    scores = score_week(week(values), of)
    return lift(scores, advance(None, scores), 0)


def test_lift_by_hand() -> None:
    """users 2 (8), backlog 6 (12), sponsor no (0): 20, At Risk. Watch from 40 + 5: 25 more.

    sponsor alone gives 30. users alone 80 x .4 = 32, and 25 take 62.5 points: 8.25, so 9. backlog at best 18.
    """
    found = explain({"users": [2], "backlog": [6], "sponsor": [0], "p1": [0]})
    assert (found.tier, found.line, found.missing_points, found.confirmations) == ("watch", 45, 25, 2)
    assert found.held_by == ()
    steps = {s.signal: s for s in found.steps}
    assert [s.signal for s in found.steps] == ["users", "sponsor", "backlog"]
    assert steps["users"].target == Target("at_least", 9, pytest.approx(90))
    assert steps["users"].points == pytest.approx(28)
    assert steps["sponsor"].points == pytest.approx(30)
    assert steps["backlog"].reaches is False
    assert steps["backlog"].target == Target("at_most", 0, 100)
    assert steps["backlog"].points == pytest.approx(18)


def test_a_missing_value_that_becomes_known_takes_its_weight_back() -> None:
    """sponsor unknown: users and backlog hold 100. With it known, they hold 70."""
    found = explain({"users": [5], "backlog": [5], "sponsor": [None], "p1": [0]})
    sponsor = next(s for s in found.steps if s.signal == "sponsor")
    assert np.isnan(sponsor.value)
    assert sponsor.points == pytest.approx(65 - 50)
    assert sponsor.reaches


def test_what_holds_below_the_line_is_named() -> None:
    held = explain({"users": [9], "backlog": [1], "sponsor": [1], "p1": [1]})
    assert (held.tier, held.missing_points, held.held_by, held.steps) == ("healthy", 0, ("p1",), ())
    assert held.line == 60  # the numbers hold Healthy on their own: no hysteresis
    gate = explain({"users": [10], "backlog": [0], "sponsor": [0], "p1": [0]})
    assert gate.held_by == ("growth_gate",)
    assert gate.missing_points == 15


def test_nothing_above_the_top_or_without_a_score() -> None:
    assert explain({"users": [10], "backlog": [0], "sponsor": [1], "p1": [0]}).tier is None
    assert explain({"users": [None], "backlog": [None], "sponsor": [None], "p1": [0]}).tier is None


def test_nobody_is_told_to_mend_a_feed() -> None:
    scores = score_week(
        week(
            {"users": [2], "backlog": [9], "sponsor": [None], "p1": [0]}, reasons={"sponsor": ["stale_feed"]}
        ),
        M,
    )
    assert "sponsor" not in {s.signal for s in lift(scores, advance(None, scores), 0).steps}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_every_step_does_what_it_says(seed: int) -> None:
    """Taking the step gives the points promised, and the line where it says so."""
    rng = np.random.default_rng(seed)
    m = random_model(rng, plain=True)
    inputs = random_week(rng, m, 30)
    scores = score_week(inputs, m)
    states = advance(None, scores)
    for row in rng.choice(30, 5, replace=False).tolist():
        found = lift(scores, states, row)
        for step in found.steps:
            after = take(inputs, m, row, step)
            assert after - scores.uncapped[row] == pytest.approx(step.points, abs=1e-6)
            assert (after >= found.line - 1e-6) == step.reaches


def take(inputs: WeekInputs, m: ScoreModel, row: int, step: LiftStep) -> float:
    column = inputs.column(step.signal)
    values, reasons = inputs.values.copy(), inputs.reasons.copy()
    below = 1e-9 if step.target.relation == "below" else 0.0
    values[row, column], reasons[row, column] = step.target.value - below, KNOWN
    changed = WeekInputs(MONDAY, inputs.account_ids, inputs.signals, values, reasons, inputs.attributes)
    return float(score_week(changed, m).uncapped[row])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_step_that_reaches_is_the_smallest(seed: int) -> None:
    """One unit less does not reach the line (shapes that are monotone; counts move in whole steps)."""
    rng = np.random.default_rng(seed)
    m = random_model(rng, plain=True)
    inputs = random_week(rng, m, 30, missing=0.0)
    scores = score_week(inputs, m)
    states = advance(None, scores)
    for row in range(10):
        found = lift(scores, states, row)
        for step in (s for s in found.steps if s.reaches):
            shape = m.signal(step.signal).normalise
            if isinstance(shape, PercentileShape | BandedShape) or m.signal(step.signal).variants:
                continue
            back = -1.0 if step.target.relation == "at_least" else 1.0
            less = LiftStep(
                step.signal, step.value, Target("exactly", step.target.value + back, 0), 0, False, 0
            )
            assert take(inputs, m, row, less) < found.line + 1e-6
