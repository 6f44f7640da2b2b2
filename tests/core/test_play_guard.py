"""The fleet-wide guard. Truths: planted (a feed that breaks for everybody is one incident, a bad week of a few none),
examples of each look (issue 5: one data incident instead of hundreds of plays)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from barograph.core.calendar import to_date
from barograph.core.firing import Fired
from barograph.core.play_guard import Fleet, hold_back, incident_of, look, moved_most
from barograph.definitions.play_settings import GuardRule
from support.trigger_facts import START, play_of

RULE = GuardRule()
TIER = play_of({"on": "tier_entered", "tiers": ["at_risk"]}, "tier")
DATE = play_of({"on": "date"}, "date")
PLAYS = {play.name: play for play in (TIER, DATE)}


def fleet(*weeks: np.ndarray[Any, Any], versions: list[str] | None = None, stale: Mapping[str, float] | None = None,
          stale_since: int | None = None) -> Fleet:  # fmt: skip
    score = np.stack(weeks, axis=1)
    return Fleet(
        days=np.array([START + 7 * j for j in range(len(weeks))]),
        versions=versions or ["m-v1"] * len(weeks),
        score=score,
        arr=np.full(len(score), 1000.0),
        stale=stale or {},
        stale_since=stale_since,
    )


def week(fall_of: int, by: float = 20.0, size: int = 200, seed: int = 1) -> np.ndarray[Any, Any]:
    """Scores of 200 accounts with a little noise; the first `fall_of` lower."""
    scores = 60.0 + np.random.default_rng(seed).normal(0, 1.5, size)
    scores[:fall_of] -= by
    return scores


def fired_for(count: int, play: str = "tier", day: int = START + 14) -> list[Fired]:
    return [Fired(play, f"a{i}", f"{play}/a{i}", "", day, "", {}, "at_risk", 1.0, 1) for i in range(count)]


def rows(size: int = 200) -> dict[str, int]:
    return {f"a{i}": i for i in range(size)}


def test_a_broken_feed_is_one_incident() -> None:
    found = fleet(week(0), week(0, seed=2), week(150, seed=3))
    fired = [*fired_for(40), *fired_for(5, "date")]
    seen = look(found, fired, rows(), PLAYS, RULE)
    assert seen is not None
    assert (seen.kind, int(seen.rows.sum()), seen.accounts) == ("scores", 150, 200)
    free, held = hold_back(fired, PLAYS)
    assert {one.play for one in free} == {"date"}
    assert {item.because for item in held} == {"data_incident"}
    incident = incident_of(seen, found, held, [("active users", 140)])
    assert incident.plays == {"tier": 40}
    assert incident.share == 0.75
    assert incident.arr == 150_000
    assert (
        "150 of 200 scores fell by 5 points or more since last week; moved most: active users (140)"
        in incident.what
    )


def test_it_is_the_same_incident_in_the_week_in_which_tiers_follow() -> None:
    first = look(fleet(week(0), week(0, seed=2), week(150, seed=3)), [], rows(), PLAYS, RULE)
    later = fleet(week(0), week(0, seed=2), week(150, seed=3), week(150, seed=4))
    second = look(later, fired_for(60, day=START + 21), rows(), PLAYS, RULE)
    assert first is not None and second is not None
    assert (first.kind, first.base) == (second.kind, second.base)
    assert incident_of(first, later, [], []).key == f"incident/scores/{to_date(START + 7)}"


def test_one_that_grows_from_week_to_week_is_one() -> None:
    """A feed that breaks slowly: each week shows a fall of its own, and all have the key of the first."""
    weeks = [
        week(0),
        week(0, seed=2),
        week(120, seed=3),
        week(120, by=30.0, seed=4),
        week(120, by=40.0, seed=5),
    ]
    keys = set()
    for end in (3, 4, 5):
        seen = look(fleet(*weeks[:end]), [], rows(), PLAYS, RULE)
        assert seen is not None
        keys.add((seen.kind, seen.base))
    assert keys == {("scores", START + 7)}


def test_scores_that_come_back_are_no_incident() -> None:
    found = fleet(week(0), week(0, seed=2), week(150, seed=3), week(0, seed=4))
    assert look(found, [], rows(), PLAYS, RULE) is None


def test_a_bad_week_of_a_few_is_none() -> None:
    assert look(fleet(week(0), week(0, seed=2), week(60, seed=3)), fired_for(30), rows(), PLAYS, RULE) is None


def test_a_new_version_is_not_this_guards_business() -> None:
    found = fleet(week(0), week(0, seed=2), week(180, seed=3), versions=["m-v1", "m-v1", "m-v2"])
    assert look(found, [], rows(), PLAYS, RULE) is None


def test_many_plays_in_one_week() -> None:
    quiet = fleet(week(0), week(0, seed=2), week(0, seed=3))
    assert look(quiet, fired_for(49), rows(), PLAYS, RULE) is None
    seen = look(quiet, fired_for(50), rows(), PLAYS, RULE)
    assert seen is not None and seen.kind == "fired"
    assert look(quiet, fired_for(90, "date"), rows(), PLAYS, RULE) is None, "dates are not of the data"
    assert look(quiet, fired_for(90, day=START), rows(), PLAYS, RULE) is None, "what began earlier is no jump"


def test_a_small_portfolio_has_none() -> None:
    small = fleet(week(0, size=15), week(0, size=15), week(15, size=15))
    assert look(small, fired_for(15), rows(15), PLAYS, RULE) is None


def test_a_silent_feed_counts_by_its_weight_and_since_when() -> None:
    args = (week(0), week(0, seed=2))
    heavy = fleet(*args, stale={"active users": 0.2, "change in use": 0.1}, stale_since=START)
    seen = look(heavy, [], rows(), PLAYS, RULE)
    assert seen is not None
    assert (seen.kind, seen.base) == ("feed", START)
    assert seen.what.startswith("active users and change in use brought nothing new")
    assert look(fleet(*args, stale={"NPS": 0.1}), [], rows(), PLAYS, RULE) is None


def test_it_can_be_switched_off_and_set() -> None:
    found = fleet(week(0), week(0, seed=2), week(60, seed=3))
    assert look(found, [], rows(), PLAYS, GuardRule(score_share=0.25)) is not None
    assert look(found, [], rows(), PLAYS, GuardRule(score_share=0.25, enabled=False)) is None


def test_what_moved_most() -> None:
    before = np.array([[10.0, 5.0], [10.0, 5.0], [10.0, np.nan]])
    after = np.array([[2.0, 5.0], [10.0, 5.0], [9.0, 8.0]])
    assert moved_most(before, after, ["users", "tickets"]) == [("tickets", 1), ("users", 1)]
