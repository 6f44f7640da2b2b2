"""Normalising: reference values worked out by hand, and properties of every shape (decisions 6, S7, S6)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from barograph.core.inputs import REASON_CODE
from barograph.core.normalise import DEFAULT, apply_shape, normalise
from barograph.core.peers import peers_of
from barograph.definitions.normalise import Shape
from support.score_models import model, signal, week

shapes: TypeAdapter[Shape] = TypeAdapter(Shape)
NAN = float("nan")


def points(shape: dict[str, object], *values: float) -> list[float]:
    return apply_shape(shapes.validate_python(shape), np.array(values)).tolist()


@pytest.mark.parametrize(
    ("shape", "values", "expected"),
    [
        ({"method": "range", "zero": 10, "full": 50}, (0, 10, 20, 50, 99), (0, 0, 25, 100, 100)),
        ({"method": "range", "zero": 30, "full": 0}, (45, 30, 15, 0, -5), (0, 0, 50, 100, 100)),
        ({"method": "log", "zero": 0, "full": 99}, (-3, 0, 9, 99, 500), (0, 0, 50, 100, 100)),
        ({"method": "log", "zero": 9, "full": 0}, (9, 0, np.sqrt(10) - 1), (0, 100, 50)),
        ({"method": "decay", "half_life": 30}, (-1, 0, 30, 60, 90), (100, 100, 50, 25, 12.5)),
    ],
)
def test_reference_values(
    shape: dict[str, object], values: tuple[float, ...], expected: tuple[float, ...]
) -> None:
    assert points(shape, *values) == pytest.approx(expected, abs=1e-12)


BANDS = {
    "method": "banded",
    "bands": [{"below": 0, "points": 10}, {"below": 5, "points": 60}, {"points": 30}],
}


def test_a_bound_belongs_to_the_band_above_it() -> None:
    assert points(BANDS, -0.001, 0, 4.999, 5, 1e9) == [10, 60, 60, 30, 30]


SINGLE = (
    {"method": "range", "zero": 2, "full": 9},
    {"method": "log", "zero": 9, "full": 1},
    {"method": "decay", "half_life": 3},
    BANDS,
)


@given(st.sampled_from(SINGLE), st.floats(-1e9, 1e9))
def test_points_are_bounded_and_missing_stays_missing(shape: dict[str, object], value: float) -> None:
    result = points(shape, value, NAN)
    assert 0 <= result[0] <= 100
    assert np.isnan(result[1])


def test_missing_has_its_own_band_but_a_stopped_feed_does_not() -> None:
    banded = BANDS | {"missing_points": 20}
    m = model(signal("x", 100, normalise=banded))
    inputs = week({"x": [1, None, None, None]}, reasons={"x": ["known", "no_data", "stale_feed", "too_new"]})
    result = normalise(inputs, m.scored)
    assert result.stand_in[:, 0].tolist() == pytest.approx([NAN, 20, NAN, 20], nan_ok=True)
    assert result.points[:, 0].tolist() == pytest.approx([60, NAN, NAN, NAN], nan_ok=True)


def test_variants_first_match_wins_and_may_not_apply() -> None:
    m = model(
        signal(
            "x",
            100,
            variants=[
                {"when": {"lifecycle": "onboarding"}, "applies": False},
                {"when": {"segment": "ent"}, "normalise": {"method": "range", "zero": 0, "full": 100}},
                {
                    "when": {"segment": ("ent", "mid")},
                    "normalise": {"method": "range", "zero": 0, "full": 20},
                },
                {"when": {"segment": "smb"}},
            ],
        )
    )
    inputs = week(
        {"x": [5, 5, 5, 5, 5]},
        segment=["ent", "ent", "mid", "smb", None],
        lifecycle=["onboarding", "mature", "mature", "mature", "mature"],
    )
    result = normalise(inputs, m.scored)
    assert result.points[:, 0].tolist() == pytest.approx([NAN, 5, 25, 50, 50], nan_ok=True)
    assert result.variant[:, 0].tolist() == [0, 1, 2, 3, DEFAULT]
    assert result.applies[:, 0].tolist() == [False, True, True, True, True]


def percentile_model(direction: str = "up", min_peers: int = 5, **more: object):
    shape = {"method": "percentile", "within": "segment", "min_peers": min_peers}
    return model(signal("x", 100, normalise=shape, direction=direction, **more))


def test_percentile_by_hand() -> None:
    """Mid-rank: (lower + half of the equal, oneself included) / all. Of 1, 2, 2, 3, 9: 10, 40, 40, 70, 90."""
    inputs = week({"x": [1, 2, 2, 3, 9]}, segment=["smb"] * 5)
    assert normalise(inputs, percentile_model().scored).points[:, 0].tolist() == [10, 40, 40, 70, 90]
    reverse = normalise(inputs, percentile_model("down").scored).points[:, 0]
    assert reverse.tolist() == [90, 60, 60, 30, 10]


def test_small_groups_fall_back_to_everyone_and_few_are_missing() -> None:
    inputs = week({"x": [1, 2, 3, 4, 5, 6, None]}, segment=["smb"] * 5 + ["ent", None])
    result = normalise(inputs, percentile_model().scored)
    assert result.points[:5, 0].tolist() == [10, 30, 50, 70, 90]
    assert result.points[5, 0] == pytest.approx((5 + 0.5) / 6 * 100)  # ent alone: among all six
    few = normalise(week({"x": [1, 2, 3, 4]}, segment=["smb"] * 4), percentile_model().scored)
    assert np.isnan(few.points).all()
    assert (few.reasons == REASON_CODE["too_little_support"]).all()


def test_peers_are_those_judged_by_the_same_shape() -> None:
    """S7: a new account is not compared with a mature one."""
    m = percentile_model(variants=[{"when": {"lifecycle": "onboarding"}, "applies": False}])
    lifecycles = ["mature"] * 5 + ["onboarding"] * 5
    inputs = week({"x": [1, 2, 3, 4, 5, 100, 100, 100, 100, 100]}, segment=["smb"] * 10, lifecycle=lifecycles)
    assert normalise(inputs, m.scored).points[:5, 0].tolist() == [10, 30, 50, 70, 90]


def test_last_bits_do_not_break_ties() -> None:
    values = [0.1 + 0.2, 0.3, 1, 2, 3]
    points_ = normalise(week({"x": values}, segment=["smb"] * 5), percentile_model().scored).points[:, 0]
    assert points_[0] == points_[1]


@given(st.lists(st.integers(0, 6), min_size=5, max_size=30), st.data())
def test_percentile_against_counting(values: list[int], data: st.DataObject) -> None:
    """Reference: the definition, counted pair by pair."""
    inputs = week({"x": [float(v) for v in values]}, segment=["smb"] * len(values))
    found = normalise(inputs, percentile_model().scored).points[:, 0]
    i = data.draw(st.integers(0, len(values) - 1))
    lower = sum(v < values[i] for v in values)
    equal = sum(v == values[i] for v in values)
    assert found[i] == pytest.approx((lower + equal / 2) / len(values) * 100)


@given(st.lists(st.integers(0, 6), min_size=5, max_size=20), st.integers(0, 6), st.data())
def test_a_value_judged_in_its_own_place(values: list[int], other: int, data: st.DataObject) -> None:
    """Ranking another value against the peers equals the percentile it would have had there itself."""
    i = data.draw(st.integers(0, len(values) - 1))
    column = np.array(values, dtype=float)
    groups = np.array(["g"] * len(values), dtype=object)
    peers = peers_of(column, groups, min_peers=5)
    judged = peers.rank(np.array([float(other)]), groups[:1], column[i : i + 1])
    changed = column.copy()
    changed[i] = other
    assert judged[0] == peers_of(changed, groups, min_peers=5).rank(changed, groups, changed)[i]


def test_an_account_from_elsewhere_is_ranked_as_one_more() -> None:
    groups = np.array(["g"] * 5 + ["h"], dtype=object)
    peers = peers_of(np.array([1.0, 2, 3, 4, 5, 9]), groups, min_peers=5)
    judged = peers.rank(np.array([3.0]), groups[:1], np.array([9.0]), groups[5:])
    assert judged[0] == pytest.approx((2 + 0.5 * 2) / 6 * 100)
