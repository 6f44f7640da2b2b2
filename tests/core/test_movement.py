"""Movement between tiers and the structural alarm, counted by hand (R2)."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.core.movement import STATES, movement, structural_alarm
from barograph.errors import BarographError

NAN = float("nan")
LETTERS = {"A": 0, "W": 1, "H": 2, "G": 3, "-": -1, " ": -2}


def codes(row: str) -> np.ndarray:
    return np.array([LETTERS[c] for c in row], dtype=np.int8)


def test_movement_by_hand() -> None:
    found = movement(codes("HHWA- G"), codes("HWHA-W "), np.array([1, 2, 4, 8, 16, 32, NAN]))
    at = STATES.index
    assert found.count[at("healthy"), at("healthy")] == 1
    assert found.count[at("healthy"), at("watch")] == 1
    assert found.count[at("not_there"), at("watch")] == 1
    assert found.count[at("growth"), at("not_there")] == 1
    assert found.count[at("insufficient"), at("insufficient")] == 1
    assert found.count.sum() == 7
    assert found.revenue[at("watch"), at("healthy")] == 4
    assert (found.up, found.down, found.up_revenue, found.down_revenue) == (1, 1, 4, 2)
    assert found.revenue_unknown == 1
    assert found.revenue.sum() == 63


def test_accounts_absent_in_both_weeks_do_not_count() -> None:
    found = movement(codes("  "), codes(" H"), np.array([NAN, 5.0]))
    assert found.count.sum() == 1
    assert found.revenue_unknown == 0


def test_movement_needs_the_same_accounts() -> None:
    with pytest.raises(BarographError, match="the same are needed"):
        movement(codes("HH"), codes("H"), np.ones(2))


def alarm(before: str, after: str, revenue: list[float], **attributes: list[object]):
    tiers = np.stack([codes(before), codes(after)], axis=1)
    columns = {name: np.array(values, dtype=object) for name, values in attributes.items()}
    return structural_alarm(tiers, np.array(revenue), columns)


def test_ten_per_cent_net_raises_the_alarm() -> None:
    """Ten accounts: two down, one up is a net of one in ten."""
    found = alarm("HHHHHHHHHW", "WWHHHHHHHH", [1.0] * 10)
    assert (found.raised, found.by_count, found.by_revenue) == (True, True, True)
    assert (found.shift.net_count, found.shift.share_count) == (1, 0.1)
    assert not alarm("HHHHHHHHHWW", "WWHHHHHHHHH", [1.0] * 11).raised  # two down, two up


def test_by_revenue_alone() -> None:
    found = alarm("H" * 20, "W" + "H" * 19, [50.0] + [1.0] * 19)
    assert (found.by_count, found.by_revenue) == (False, True)
    assert found.shift.share_revenue == pytest.approx(50 / 69)


def test_breakdown_names_where_it_happened() -> None:
    found = alarm(
        "HHHH", "WWHH", [10, 20, 30, 40], segment=["smb", "smb", "ent", None], csm=["x", "y", "x", "y"]
    )
    segments = dict(found.breakdown["segment"])
    assert next(name for name, _ in found.breakdown["segment"]) == "smb"
    assert (segments["smb"].net_count, segments["smb"].share_revenue) == (2, 1)
    assert segments["unknown"].net_count == 0
    assert [name for name, _ in found.breakdown["csm"]] == ["y", "x"]
    assert sum(s.net_count for s in segments.values()) == found.shift.net_count


def test_those_who_left_or_lack_data_are_told_apart() -> None:
    found = alarm("HHH-", "W -H", [1, 2, 4, 8])
    assert (found.shift.accounts, found.shift.net_count) == (1, 1)
    assert (found.left, found.left_revenue) == (1, 2)


def test_the_largest_shift_of_the_quarter_counts_and_older_weeks_do_not() -> None:
    tiers = np.full((10, 20), LETTERS["H"], dtype=np.int8)
    tiers[:3, 15:] = LETTERS["W"]  # fell five weeks ago
    tiers[3:, :5] = LETTERS["G"]  # higher, but more than a quarter ago
    found = structural_alarm(tiers, np.ones(10), {})
    assert found.shift.net_count == 3
    assert found.weeks == 13


def test_a_rise_earlier_in_the_quarter_does_not_hide_a_fall() -> None:
    tiers = np.full((10, 14), LETTERS["H"], dtype=np.int8)
    tiers[:3, :4] = LETTERS["W"]  # rose ten weeks ago
    tiers[:3, 9:] = LETTERS["W"]  # and fell again five weeks ago
    found = structural_alarm(tiers, np.ones(10), {})
    assert (found.raised, found.shift.net_count, found.weeks) == (True, 3, 9)


def test_one_week_raises_nothing() -> None:
    assert not structural_alarm(codes("HW")[:, None], np.ones(2), {}).raised
