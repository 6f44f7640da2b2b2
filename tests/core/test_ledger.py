"""The ledger by hand: every kind of line, and what is said where there is none (H2, decision 8)."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.core.arrays import texts
from barograph.core.ledger import ledger
from barograph.core.ledger_lines import LATE_ROWS, SPREAD, STATEMENTS, Ledger
from barograph.core.overlay import Decided
from barograph.core.score import score_week
from barograph.core.thresholds import HEALTHY, NONE, WATCH
from support.score_models import MONDAY, model, signal, week

M = model(signal("users", 40, "use"), signal("depth", 20, "use"), signal("goals", 40, "value"))
OLD = MONDAY - 7


def lines(found: Ledger, row: int = 0) -> list[tuple[str, str, str, float]]:
    return [(i.kind, i.cause, i.name, round(i.points, 6)) for i in found.items(row)]


def test_values_move() -> None:
    """users 8 -> 3: -50 x .4 = -20; goals 5 -> 6: +10 x .4 = +4."""
    before = score_week(week({"users": [8], "depth": [5], "goals": [5]}, OLD), M)
    after = score_week(week({"users": [3], "depth": [5], "goals": [6]}), M)
    found = ledger(before, after)
    assert lines(found) == [("data", "moved", "users", -20), ("data", "moved", "goals", 4)]
    item = found.items(0)[0]
    assert (item.value_before, item.value_after, item.weight_before, item.weight_after) == (8, 3, 40, 40)
    assert found.before[0] == pytest.approx(62)
    assert found.after[0] == pytest.approx(46)


def test_a_value_goes_missing() -> None:
    """depth (10 -> 100 x .2 = 20) goes; its 20 go to users: 5 -> 50 x .2 = +10."""
    before = score_week(week({"users": [5], "depth": [10], "goals": [5]}, OLD), M)
    after = score_week(
        week({"users": [5], "depth": [None], "goals": [5]}, reasons={"depth": ["stale_feed"]}), M
    )
    found = ledger(before, after)
    assert lines(found) == [("stale", "missing", "depth", -20), ("stale", "missing", SPREAD, 10)]


def test_missing_and_moving_are_told_apart() -> None:
    """As above, and then users 5 -> 6 at its new weight of 60: +6."""
    before = score_week(week({"users": [5], "depth": [10], "goals": [5]}, OLD), M)
    after = score_week(week({"users": [6], "depth": [None], "goals": [5]}), M)
    expected = [
        ("stale", "missing", "depth", -20),
        ("stale", "missing", SPREAD, 10),
        ("data", "moved", "users", 6),
    ]
    assert lines(ledger(before, after)) == expected


def test_a_value_arrives() -> None:
    """depth arrives at 0: users gives back its 20 (80 x .2 = 16)."""
    before = score_week(week({"users": [8], "depth": [None], "goals": [5]}, OLD), M)
    after = score_week(week({"users": [8], "depth": [4], "goals": [5]}), M)
    assert lines(ledger(before, after)) == [("data", "arrived", SPREAD, -16), ("data", "arrived", "depth", 8)]


def test_the_model_changes() -> None:
    """users 40 -> 20 at 80: -16; goals 40 -> 60 at 50: +10. Then users 8 -> 7 at the new weight: -2."""
    new = model(signal("users", 20, "use"), signal("depth", 20, "use"), signal("goals", 60, "value"))
    before = score_week(week({"users": [8], "depth": [5], "goals": [5]}, OLD), M)
    after = score_week(week({"users": [7], "depth": [5], "goals": [5]}), new)
    expected = [
        ("weights", "model", "users", -16),
        ("weights", "model", "goals", 10),
        ("data", "moved", "users", -2),
    ]
    assert lines(ledger(before, after)) == expected


def test_a_signal_that_is_new_in_the_model_is_held_at_todays_value() -> None:
    new = model(signal("users", 40, "use"), signal("nps", 20, "use"), signal("goals", 40, "value"))
    before = score_week(week({"users": [5], "depth": [5], "goals": [5]}, OLD), M)
    after = score_week(week({"users": [5], "nps": [9], "goals": [5]}), new)
    found = ledger(before, after)
    assert lines(found) == [("weights", "model", "nps", 18), ("weights", "model", "depth", -10)]
    nps = found.items(0)[0]
    assert np.isnan(nps.value_before)
    assert (nps.weight_before, nps.weight_after) == (0, 20)


def test_a_signal_measured_in_another_way_is_not_compared() -> None:
    """depth is counted over another window: the jump of its value belongs to the model, not to the data."""
    new = model(
        signal("users", 40, "use"), signal("depth", 20, "use", window_days=90), signal("goals", 40, "value")
    )
    before = score_week(week({"users": [5], "depth": [2], "goals": [5]}, OLD), M)
    after = score_week(week({"users": [5], "depth": [9], "goals": [5]}), new)
    assert lines(ledger(before, after)) == [("weights", "model", "depth", 14)]
    relabelled = model(
        signal("users", 40, "use"),
        signal("depth", 20, "use", label="new", note="n"),
        signal("goals", 40, "value"),
    )
    again = score_week(week({"users": [5], "depth": [9], "goals": [5]}), relabelled)
    assert lines(ledger(before, again)) == [("data", "moved", "depth", 14)]


def test_the_account_moves_to_another_scope() -> None:
    """Out of onboarding users is held to 20 instead of 10: 5 scores 25 instead of 50, -25 x .4 = -10."""
    easy = {"when": {"lifecycle": "onboarding"}, "normalise": {"method": "range", "zero": 0, "full": 10}}
    hard = {"method": "range", "zero": 0, "full": 20}
    m = model(signal("users", 40, "use", normalise=hard, variants=[easy]), signal("goals", 60, "value"))
    before = score_week(week({"users": [5], "goals": [5]}, OLD, lifecycle=["onboarding"]), m)
    after = score_week(week({"users": [5], "goals": [5]}, lifecycle=["mature"]), m)
    assert lines(ledger(before, after)) == [("weights", "scope", "users", -10)]


def test_a_signal_begins_to_apply() -> None:
    """users (score 20) applies now: goals (100) falls from weight 100 to 60: -40; users adds 40 x .2 = 8."""
    off = {"when": {"lifecycle": "onboarding"}, "applies": False}
    m = model(signal("users", 40, "use", variants=[off]), signal("goals", 60, "value"))
    before = score_week(week({"users": [2], "goals": [10]}, OLD, lifecycle=["onboarding"]), m)
    after = score_week(week({"users": [2], "goals": [10]}, lifecycle=["mature"]), m)
    assert lines(ledger(before, after)) == [
        ("weights", "scope", SPREAD, -40),
        ("weights", "scope", "users", 8),
    ]


def test_the_peers_move() -> None:
    """a0 stays at 3 of 1..5 (50 points); the others pass it (rank 1 of 5: 10 points)."""
    m = model(signal("users", 100, normalise={"method": "percentile", "within": "segment", "min_peers": 5}))
    before = score_week(week({"users": [3, 1, 2, 4, 5]}, OLD, segment=["smb"] * 5), m)
    after = score_week(week({"users": [3, 6, 7, 8, 9]}, segment=["smb"] * 5), m)
    found = ledger(before, after)
    assert lines(found, 0) == [("peers", "peers", "users", -40)]
    # a1 went from 1 (rank 1) to 6: unmoved it would be rank 1 of 5 still, so all of it is data: 10 -> 30
    assert lines(found, 1) == [("data", "moved", "users", 20)]


CAP = {"name": "p1", "label": "P1", "when": [{"signal": "p1", "at_least": 1}], "tier_at_most": "watch"}


def test_caps_in_points_and_caps_on_the_tier_alone() -> None:
    """users 6 -> 8 (+20) under a cap at 50: the score moves 60 -> 50, the cap takes 30."""
    pointed = model(signal("users", 100), signal("p1"), caps=[CAP | {"score_at_most": 50}])
    plain = model(signal("users", 100), signal("p1"), caps=[CAP])
    for m, points, score in ((pointed, -30, 50), (plain, 0, 80)):
        before = score_week(week({"users": [6], "p1": [0]}, OLD), m)
        after = score_week(week({"users": [8], "p1": [1]}), m)
        found = ledger(before, after)
        assert sorted(lines(found)) == [("cap", "cap", "p1", points), ("data", "moved", "users", 20)]
        assert found.after[0] == pytest.approx(score)
        cap = next(i for i in found.items(0) if i.kind == "cap")
        assert (cap.value_before, cap.value_after) == (0, 1)
        lifted = ledger(
            score_week(week({"users": [8], "p1": [1]}, OLD), m),
            score_week(week({"users": [8], "p1": [0]}), m),
        )
        assert lines(lifted) == [("cap", "cap", "p1", -points)]


def test_late_rows_are_a_line_of_their_own() -> None:
    """Last week said 70; what is known of it now gives 62."""
    before = score_week(week({"users": [8], "depth": [5], "goals": [5]}, OLD), M)
    after = score_week(week({"users": [8], "depth": [5], "goals": [6]}), M)
    found = ledger(before, after, published=np.array([70.0]))
    assert lines(found) == [("data", "restated", LATE_ROWS, -8), ("data", "moved", "goals", 4)]
    assert found.before[0] == 70


def test_the_overlay_has_no_points() -> None:
    before = score_week(week({"users": [5, 5], "depth": [5, 5], "goals": [5, 5]}, OLD), M)
    after = score_week(week({"users": [5, 5], "depth": [5, 5], "goals": [5, 5]}), M)
    ids = before.account_ids
    was = Decided(ids, texts(["", "lift"]), np.array([NONE, HEALTHY], dtype=np.int8))
    now = Decided(ids, texts(["sponsor_missing", "lift"]), np.array([WATCH, HEALTHY], dtype=np.int8))
    found = ledger(before, after, overlay_before=was, overlay_after=now)
    (line,) = found.items(0)
    assert np.isnan(line.value_before) and line.value_after == WATCH
    gone = ledger(before, after, overlay_before=now)
    assert np.isnan(gone.items(0)[0].value_after) and gone.items(0)[0].value_before == WATCH
    assert lines(found, 0) == [("overlay", "overlay", "sponsor_missing", 0)]
    assert lines(found, 1) == []


def test_what_is_said_when_there_is_no_difference_to_explain() -> None:
    before = score_week(
        week(
            {"users": [5, None, None, 5], "depth": [5, None, None, 5], "goals": [5, None, None, 5]},
            OLD,
            ids=["a", "b", "c", "r"],
        ),
        M,
    )
    after = score_week(
        week(
            {"users": [None, 5, None, 5, 5], "depth": [None, 5, None, 5, 5], "goals": [None, 5, None, 5, 5]},
            ids=["a", "b", "c", "d", "r"],
        ),
        M,
    )
    published = before.score.copy()
    found = ledger(before, after, published=published)
    said = [STATEMENTS[s] for s in found.statement]
    assert said == ["became_insufficient", "was_insufficient", "still_insufficient", "first_week", "items"]
    assert len(found.points) == 0
    published[1] = 44.0  # last week had a score that its facts no longer support
    assert STATEMENTS[ledger(before, after, published=published).statement[1]] == "restated"
    assert {STATEMENTS[s] for s in ledger(None, after).statement} == {"first_week"}
    assert ledger(None, after).totals().tolist() == [0] * 5
