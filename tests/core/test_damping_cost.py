"""What damping costs: histories of a few weeks counted by hand (H3)."""

import numpy as np
import pytest

from barograph.core.damping_cost import count_flips, damping_cost
from barograph.errors import BarographError

LETTERS = {"A": 0, "W": 1, "H": 2, "G": 3, "-": -1, " ": -2}


def codes(*rows: str) -> np.ndarray:
    return np.array([[LETTERS[c] for c in row] for row in rows], dtype=np.int8)


@pytest.mark.parametrize(
    ("tiers", "flips"),
    [
        ("HWH", 1),
        ("HWHW", 2),
        ("HWWWWWWWWH", 1),  # eight weeks in between
        ("HWWWWWWWWWH", 0),  # nine: a real stay
        ("HWA", 0),
        ("HW-WH", 0),  # a gap in between is no flip
        ("H-H", 0),
        ("HH", 0),
    ],
)
def test_flips(tiers: str, flips: int) -> None:
    assert count_flips(codes(tiers)) == flips


def test_flips_do_not_cross_accounts() -> None:
    assert count_flips(codes("HHW", "HHH")) == 0


def test_cost_by_hand() -> None:
    raw = codes("HWHWWWHHH", "HHWWWWWWW", "HAAAHHHHH")
    shown = codes("HHHHWWWWH", "HHHWWWWWW", "HAAAAHHHH")
    cost = damping_cost(raw, shown)
    # raw: H-W-H, W-H-W, H-W-H of the first, H-A-H of the third; shown: H-W-H and H-A-H
    assert (cost.flips_raw, cost.flips_shown, cost.flips_avoided) == (4, 2, 2)
    # down shown: week 4 of the first (raw in 3 already), week 3 of the second (raw in 2), third: at once
    assert (cost.moves_down_shown, cost.late_moves_down) == (3, 2)
    assert cost.mean_weeks_late == pytest.approx(2 / 3)
    assert cost.max_weeks_late == 1
    assert cost.weeks_shown_better == 3  # first: weeks 1 and 3; second: week 2
    assert cost.weeks_shown_worse == 3  # first: weeks 6 and 7; third: week 4
    assert cost.never_shown == 1  # the first dip of the first
    assert (cost.accounts, cost.account_weeks) == (3, 27)
    assert "avoided 2 of 4" in cost.sentence()


def test_weeks_without_a_tier_do_not_count() -> None:
    cost = damping_cost(codes("HW-WH", "     "), codes("HH-WW", "     "))
    assert cost.account_weeks == 4
    assert cost.accounts == 1
    assert cost.moves_down_shown == 0
    assert cost.sentence().endswith("in 1 of 4 account-weeks a tier better than the plain one was shown.")


def test_histories_must_be_of_one_size() -> None:
    with pytest.raises(BarographError, match="the same accounts"):
        damping_cost(codes("HW"), codes("H"))
