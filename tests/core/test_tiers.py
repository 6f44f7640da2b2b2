"""The tier machine: scenarios week by week, each with its reason (H3, decisions 10 and 11)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from barograph.core.arrays import texts
from barograph.core.calendar import WEEK
from barograph.core.score import score_week
from barograph.core.thresholds import NONE, TIER_CODES, TierLines, tier_name
from barograph.core.tiers import TIER_REASONS, Ceilings, TierStates, advance, advance_arrays
from barograph.definitions.model import Damping
from barograph.errors import BarographError
from support.score_models import MONDAY, model, signal, week

NAN = float("nan")
LINES = TierLines(np.arange(4, dtype=np.int8), np.array([[0.0, 40.0, 60.0, 80.0]]))


def run(
    scores: Sequence[float],
    *,
    caps: Sequence[str] = (),
    hard: Sequence[str] = (),
    damping: Damping | None = None,
    days: Sequence[int] = (),
) -> list[TierStates]:
    """The states of one account over the weeks. caps, hard: ceiling per week, "" for none."""
    states: TierStates | None = None
    history = []
    for i, score in enumerate(scores):
        soft, name = Ceilings.open(1).soft.copy(), texts([""])
        strict = soft.copy()
        for ceiling, given in ((soft, caps), (strict, hard), (soft, hard)):
            if i < len(given) and given[i]:
                ceiling[0], name[0] = TIER_CODES[given[i]], "cap"
        states = advance_arrays(
            states,
            days[i] if days else MONDAY + WEEK * i,
            texts(["acme"]),
            np.array([score]),
            LINES,
            Ceilings(soft, name, strict),
            damping or Damping(),
        )
        history.append(states)
    return history


def shown(history: list[TierStates]) -> str:
    """One letter per week: A at risk, W watch, H healthy, G growth, - insufficient."""
    return "".join("AWHG-"[int(s.computed[0])] for s in history)


@pytest.mark.parametrize(
    ("scores", "expected", "what"),
    [
        ([50], "W", "the first week has the plain tier"),
        ([60, 59, 59], "HHW", "down after two weeks under the line"),
        ([60, 59, 61, 59, 61], "HHHHH", "one week under the line moves nothing"),
        ([59, 61, 64, 64], "WWWW", "up only five points over the line"),
        ([59, 65, 65], "WWH", "up after two weeks there"),
        ([59, 65, 64.9, 65, 65], "WWWWH", "in a row"),
        ([66, 58, 62, 58, 57], "HHHHW", "between the lines it stays where it is"),
        ([60, 46, 46], "HHW", "14 points under the line wait"),
        ([60, 45], "HW", "15 points under the line do not"),
        ([60, 10], "HA", "a fall goes as deep as it is"),
        ([85, 55, 35, 35], "GWWA", "30 under, then once more under the next"),
        ([85, 70, 39], "GGA", "21 under the line of the tier"),
        ([85, 79, 59, 59], "GGWW", "down: to what the last score says"),
        ([35, 65, 50, 50], "AAWW", "up: only as far as both say"),
        ([35, 65, 85, 85], "AAHG", "up one step at a time, each confirmed"),
        ([60, NAN, 60], "H-H", "insufficient at once, and back without dwell"),
        ([60, 59, NAN, 59], "HH-W", "the return is unset"),
        ([85, 79.9999999, 79.9999999], "GGG", "rounded to six places before the line"),
    ],
)
def test_by_numbers(scores: list[float], expected: str, what: str) -> None:
    assert shown(run(scores)) == expected, what


@pytest.mark.parametrize(
    ("scores", "caps", "hard", "expected", "what"),
    [
        ([70] * 3, ["watch"] * 3, [], "WWW", "a cap in the first week holds"),
        ([70] * 3, ["", "watch", "watch"], [], "HHW", "a cap waits like the numbers"),
        ([70] * 3, ["", "watch", ""], [], "HHH", "a cap of one week changes nothing"),
        ([70] * 2, [], ["", "at_risk"], "HA", "a hard event does not wait"),
        ([62] * 5, ["", "watch", "watch"], [], "HHWWH", "lifted: back without hysteresis, but confirmed"),
        (
            [62, 62, 62, 59, 62, 62],
            ["", "watch", "watch", ""],
            [],
            "HHWWWW",
            "it fell under the line meanwhile",
        ),
        (
            [62, 62, 62, 62, 66, 66],
            ["watch"] * 3,
            [],
            "WWWWH",
            "held from the first week: the numbers held it",
        ),
        ([64] * 4, ["", "", "", ""], ["", "at_risk", "", ""], "HAAH", "after a hard event too"),
        ([85, 85, 59], ["", "watch", ""], [], "GGW", "a cap and the numbers agree in direction"),
        (
            [70, 45, 45],
            ["", "at_risk", "at_risk"],
            [],
            "HWA",
            "far under: to its plain tier; the cap waits on",
        ),
        ([70, 55, 55], [], ["", "watch", ""], "HWW", "the hard event is past, the numbers are there"),
        ([50, 90, 90], ["healthy"] * 3, [], "WWH", "up to the cap"),
    ],
)
def test_caps(scores: list[float], caps: list[str], hard: list[str], expected: str, what: str) -> None:
    assert shown(run(scores, caps=caps, hard=hard)[: len(expected)]) == expected, what


def test_what_is_told_about_a_state() -> None:
    history = run([66, 58, 57, 57])
    assert [tier_name(s.raw[0]) for s in history] == ["healthy", "watch", "watch", "watch"]
    pending = [(int(s.pending[0]), int(s.pending_weeks[0])) for s in history]
    assert pending == [(NONE, 0), (TIER_CODES["watch"], 1), (NONE, 0), (NONE, 0)]
    assert [int(s.since[0]) for s in history] == [MONDAY, MONDAY, MONDAY + 14, MONDAY + 14]
    assert [TIER_REASONS[s.reason[0]] for s in history] == ["first", "first", "numbers", "numbers"]


@pytest.mark.parametrize(
    ("arguments", "reasons"),
    [
        ({"scores": [60, 30]}, ["first", "immediate_drop"]),
        ({"scores": [60, NAN, 60]}, ["first", "insufficient", "returned"]),
        ({"scores": [70] * 3, "caps": ["", "watch", "watch"]}, ["first", "first", "cap"]),
        ({"scores": [70] * 2, "hard": ["", "watch"]}, ["first", "hard_event"]),
        ({"scores": [62] * 4, "caps": ["watch", "watch", ""]}, ["first", "first", "first", "lifted"]),
        ({"scores": [60, 30], "damping": Damping(enabled=False)}, ["plain", "plain"]),
    ],
)
def test_reasons(arguments: dict[str, object], reasons: list[str]) -> None:
    assert [TIER_REASONS[s.reason[0]] for s in run(**arguments)] == reasons  # type: ignore[arg-type]


def test_what_holds_an_account_is_named_while_it_holds() -> None:
    history = run([62] * 5, caps=["", "watch", "watch", "", ""])
    assert [s.held_by[0] for s in history] == ["", "cap", "cap", "", ""]
    assert [tier_name(s.level[0]) for s in history] == ["healthy"] * 5
    below = run([50], caps=["healthy"])
    assert below[0].held_by[0] == ""  # the cap is there, but the numbers are lower anyway


def test_without_damping_every_week_has_its_plain_tier() -> None:
    off = Damping(enabled=False)
    assert shown(run([60, 59, 61, 39, 80], damping=off)) == "HWHAG"
    assert shown(run([60, 60, 60], caps=["", "watch", ""], damping=off)) == "HWH"


def test_one_confirmation_moves_at_once() -> None:
    one = Damping(confirmations=1)
    assert shown(run([60, 59, 64, 65], damping=one)) == "HWWH"


def test_a_gap_breaks_a_run() -> None:
    days = [MONDAY, MONDAY + 7, MONDAY + 21, MONDAY + 28]
    assert shown(run([60, 59, 59, 59], days=days)) == "HHHW"


def test_looking_between_two_mondays_moves_nothing_but_shows_events() -> None:
    monday = run([60, 59])[-1]
    for score, expected in ((59.0, "healthy"), (45.0, "watch")):
        wednesday = advance_arrays(
            monday, MONDAY + 9, monday.account_ids, np.array([score]), LINES, Ceilings.open(1), Damping()
        )
        assert tier_name(wednesday.computed[0]) == expected
    next_monday = advance_arrays(
        monday, MONDAY + 14, monday.account_ids, np.array([59.0]), LINES, Ceilings.open(1), Damping()
    )
    assert tier_name(next_monday.computed[0]) == "watch"


def test_weeks_are_added_in_order() -> None:
    state = run([60])[-1]
    with pytest.raises(BarographError, match="the week to add is day 20773"):
        advance_arrays(state, MONDAY, state.account_ids, np.array([60.0]), LINES, Ceilings.open(1), Damping())


def test_accounts_come_and_go() -> None:
    first = run([60])[-1]
    ids = texts(["new", "acme"])
    lines = TierLines(LINES.codes, np.repeat(LINES.lines, 2, axis=0))
    both = advance_arrays(first, MONDAY + 7, ids, np.array([50.0, 59.0]), lines, Ceilings.open(2), Damping())
    assert [tier_name(c) for c in both.displayed] == ["watch", "healthy"]
    assert both.since.tolist() == [MONDAY + 7, MONDAY]
    alone = advance_arrays(
        both, MONDAY + 14, texts(["acme"]), np.array([59.0]), LINES, Ceilings.open(1), Damping()
    )
    assert tier_name(alone.computed[0]) == "watch"


GATED = model(signal("x", 100), signal("wins"), growth_gate=[{"signal": "wins", "at_least": 1}])


def gated(*pairs: tuple[float, float | None]) -> list[TierStates]:
    states: TierStates | None = None
    history = []
    for i, (x, wins) in enumerate(pairs):
        states = advance(states, score_week(week({"x": [x], "wins": [wins]}, MONDAY + 7 * i), GATED))
        history.append(states)
    return history


def test_a_top_score_that_fails_the_gate_is_healthy_and_says_so() -> None:
    history = gated((9, 0), (9, None), (9, 1), (9, 1), (9, 0), (9, 0))
    assert shown(history) == "HHHGGH"
    assert history[0].held_by[0] == "growth_gate"
    assert tier_name(history[0].raw[0]) == "growth"
    assert history[3].held_by[0] == ""


def test_the_overlay_changes_what_is_shown_and_nothing_else() -> None:
    scores = score_week(week({"x": [9, 5], "wins": [1, 1]}), GATED)
    overlay = np.array([TIER_CODES["watch"], NONE], dtype=np.int8)
    with_, without = advance(None, scores, overlay), advance(None, scores)
    assert [tier_name(c) for c in with_.displayed] == ["watch", "watch"]
    assert [tier_name(c) for c in with_.computed] == ["growth", "watch"]
    later = score_week(week({"x": [9, 5], "wins": [1, 1]}, MONDAY + 7), GATED)
    after_with, after_without = advance(with_, later), advance(without, later)
    assert after_with.computed.tolist() == after_without.computed.tolist()
    assert after_with.since.tolist() == [
        MONDAY + 7,
        MONDAY,
    ]  # shown again as computed: a change of the display
    assert after_with.computed_since.tolist() == [MONDAY, MONDAY]


def test_a_model_with_three_tiers_takes_over_states_with_four() -> None:
    state = run([85])[-1]
    three = TierLines(np.array([0, 1, 2], dtype=np.int8), np.array([[0.0, 40.0, 60.0]]))
    after = advance_arrays(
        state, MONDAY + 7, state.account_ids, np.array([85.0]), three, Ceilings.open(1), Damping()
    )
    assert tier_name(after.computed[0]) == "healthy"
