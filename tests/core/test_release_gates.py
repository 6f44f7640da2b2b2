"""What waits for a person (P9). Truths: examples of going live and of a change of version, property (released weeks are
never held back)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from barograph.core.release_gates import gates, is_going_live

VERSIONS = st.lists(st.tuples(st.sampled_from(["v1", "v2", "v3"]), st.booleans()), min_size=1, max_size=12)


def test_a_history_that_was_filled_in_and_its_first_live_weeks_wait() -> None:
    """Moves of the first live week may be of the history, and wait for confirmations into the next."""
    found = gates(["v1"] * 5, [True, True, False, False, False], 2, None)
    assert list(found.model) == ["going_live"] * 4 + [None]
    assert list(found.others) == ["going_live"] * 3 + [None, None]


def test_a_new_version_waits_in_the_weeks_in_which_it_can_show() -> None:
    found = gates(["v1"] * 4 + ["v2"] * 3, [False] * 7, 2, None)
    assert list(found.model)[2:] == [None, None, "version_not_released", "version_not_released", None]
    assert list(found.others)[1:] == [None] * 6


def test_with_releases_known_a_version_waits_until_it_is_released() -> None:
    versions, filled = ["v1"] * 3 + ["v2"] * 4, [False] * 7
    waits = gates(versions, filled, 2, {"v1"})
    assert list(waits.model) == [None] * 3 + ["version_not_released"] * 4
    assert list(waits.others) == [None] * 7
    assert list(gates(versions, filled, 2, {"v1", "v2"}).model) == [None] * 7


def test_nothing_fires_before_anything_was_released() -> None:
    found = gates(["v1"] * 4, [True, False, False, False], 2, set())
    assert list(found.model) == ["going_live"] * 4
    assert list(found.others) == ["going_live", "going_live", None, None]


@given(VERSIONS, st.integers(1, 4))
def test_what_is_released_is_never_held_back(weeks: list[tuple[str, bool]], settling: int) -> None:
    versions, filled = [v for v, _ in weeks], [f for _, f in weeks]
    free = gates(versions, filled, settling, set(versions))
    assert set(free.model) | set(free.others) == {None}
    assert len(free.model) == len(free.others) == len(weeks)


@given(VERSIONS, st.integers(1, 4), st.sets(st.sampled_from(["v1", "v2", "v3"])))
def test_dates_wait_for_less_than_what_a_model_moves(
    weeks: list[tuple[str, bool]], settling: int, released: set[str]
) -> None:
    versions, filled = [v for v, _ in weeks], [f for _, f in weeks]
    for known in (released, None):
        found = gates(versions, filled, settling, known)
        assert all(m is not None for m, o in zip(found.model, found.others, strict=True) if o is not None)


def test_going_live_is_the_first_live_week() -> None:
    assert is_going_live([False])
    assert is_going_live([True, True, False])
    assert is_going_live([True, True])
    assert not is_going_live([True, False, False])
