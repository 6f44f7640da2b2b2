"""Triggers. Truths: property (a slow reading of the rules week by week agrees; a replay gives the same keys; nothing
fires twice while it goes on), examples of each kind of trigger (issue 5: transitions only; P1, P9)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.core.firing import Fired, HeldBack
from barograph.core.trigger_facts import CARRY_DAYS, TriggerFacts
from barograph.core.triggers import Gates, fire
from barograph.definitions.play import Play
from support.small_model import small_model
from support.trigger_facts import START, facts_of, play_of

MODEL = small_model()
WEEKS = st.text(alphabet="rrrwwwhhhg?.", min_size=2, max_size=14)
NAN = float("nan")


def fired_by(
    play: Play, facts: TriggerFacts, first: int | None = None, gates: Gates | None = None
) -> tuple[list[Fired], list[HeldBack]]:
    """What the last week, or those from `first` on, set off."""
    width = facts.shape[1]
    open_gates = Gates([None] * width, [None] * width)
    return fire([play], facts, MODEL, width - 1 if first is None else first, gates or open_gates)


def until(weeks: str, j: int) -> TriggerFacts:
    return facts_of([weeks[: j + 1]])


def entering_weeks(weeks: str, tiers: str) -> list[int]:
    """The rule, read slowly: in a known week on a tier, while the last known week of the past 28 days was not."""
    found = []
    last: tuple[int, bool] | None = None
    for j, letter in enumerate(weeks):
        if letter in "?.":
            continue
        inside = letter in tiers
        held = (
            last is not None and last[1] and all(7 * (k - last[0]) <= CARRY_DAYS for k in range(last[0], j))
        )
        if inside and not held:
            found.append(j)
        last = (j, inside)
    return found


@given(WEEKS.filter(lambda w: w[-1] != "."))
def test_entered_fires_in_the_week_it_begins_and_in_no_other(weeks: str) -> None:
    play = play_of({"on": "tier_entered", "tiers": ["at_risk", "watch"]})
    seen = [j for j in range(1, len(weeks)) if fired_by(play, until(weeks, j))[0]]
    assert seen == [j for j in entering_weeks(weeks, "rw") if j > 0]


@given(WEEKS.filter(lambda w: w[-1] != "."))
def test_looking_at_several_weeks_gives_what_began_last_and_still_holds(weeks: str) -> None:
    """After a release the weeks since are looked at at once: the keys are those of week by week (no new ones)."""
    play = play_of({"on": "tier_entered", "tiers": ["at_risk", "watch"]})
    weekly = {one.key for j in range(1, len(weeks)) for one in fired_by(play, until(weeks, j))[0]}
    facts = until(weeks, len(weeks) - 1)
    fired, held = fired_by(play, facts, first=1)
    assert {one.key for one in fired} <= weekly
    assert len(fired) + len(held) <= 1
    assert all(item.because == "over" for item in held)
    stands = weeks[-1] in "rw" and any(w not in "rw" for w in weeks[:1])
    assert not stands or fired


@given(st.lists(WEEKS.filter(lambda w: len(w) >= 6).map(lambda w: w[:6]), min_size=1, max_size=6))
def test_the_same_week_again_gives_the_same(weeks: list[str]) -> None:
    facts = facts_of(weeks)
    for trigger in (
        {"on": "tier_entered", "tiers": ["at_risk"]},
        {"on": "tier_left", "tiers": ["healthy", "growth"]},
        {"on": "tier_held", "tiers": ["watch"], "for_days": 14},
    ):
        play = play_of(trigger)
        once, again = fired_by(play, facts), fired_by(play, facts)
        assert once == again
        keys = [one.key for one in once[0]]
        assert len(keys) == len(set(keys))


@given(WEEKS.filter(lambda w: w[-1] != "."), st.integers(1, 6))
def test_held_fires_once_for_each_stay(weeks: str, weeks_held: int) -> None:
    play = play_of({"on": "tier_held", "tiers": ["healthy", "growth"], "for_days": 7 * weeks_held})
    seen = [j for j in range(1, len(weeks)) if fired_by(play, until(weeks, j))[0]]
    begins = entering_weeks(weeks, "hg")
    for j in seen:
        assert any(j - b >= weeks_held for b in begins if b <= j)
    for one, other in pairwise(seen):
        assert any(one < b <= other for b in begins), "a second time only after it began anew"


@pytest.mark.parametrize(
    ("trigger", "tiers", "fires"),
    [
        ({"on": "tier_entered", "tiers": ["watch"], "from_tiers": ["healthy"]}, "hhw", True),
        ({"on": "tier_entered", "tiers": ["watch"], "from_tiers": ["healthy"]}, "rrw", False),
        ({"on": "tier_entered", "tiers": ["watch"], "from_tiers": ["healthy"]}, "h?w", True),
        ({"on": "tier_entered", "tiers": ["watch"], "from_tiers": ["healthy"]}, "..w", False),
        ({"on": "tier_entered", "tiers": ["watch"]}, "..w", True),
        ({"on": "tier_entered", "tiers": ["insufficient"]}, "hh?", True),
        ({"on": "tier_entered", "tiers": ["at_risk"]}, "r?r", False),
        ({"on": "tier_left", "tiers": ["healthy", "growth"]}, "gw", True),
        ({"on": "tier_left", "tiers": ["healthy", "growth"]}, "hg", False),
        ({"on": "tier_left", "tiers": ["healthy"], "to_tiers": ["growth"]}, "hw", False),
        ({"on": "tier_left", "tiers": ["healthy"]}, "h?", False),
        ({"on": "tier_held", "tiers": ["watch"], "for_days": 14}, "hwww", True),
        ({"on": "tier_held", "tiers": ["watch"], "for_days": 14}, "hwwww", False),
        ({"on": "tier_held", "tiers": ["watch"], "for_days": 14, "of_days": 35}, "wwhhw", True),
        ({"on": "tier_held", "tiers": ["watch"], "for_days": 21, "of_days": 28}, "wwhhw", False),
    ],
)
def test_tiers(trigger: dict[str, Any], tiers: str, fires: bool) -> None:
    fired, held = fired_by(play_of(trigger), facts_of([tiers]))
    assert bool(fired) is fires
    assert not held


def test_an_outage_of_four_weeks_is_no_change_and_a_longer_one_is() -> None:
    play = play_of({"on": "tier_entered", "tiers": ["at_risk"]})
    assert not fired_by(play, facts_of(["r????r"]))[0]
    assert fired_by(play, facts_of(["r?????r"]))[0]


def test_component_below_waits_for_its_weeks_and_passes_over_unknown_ones() -> None:
    play = play_of({"on": "component_below", "components": ["adoption"], "below": 40, "for_weeks": 2})
    scores = [[50, 30, NAN, 35], [50, 30, 35, 35], [50, 50, 30, 30], [50, 41, 39, 45]]
    fired, _ = fired_by(play, facts_of(["hhhh"] * 4, components={"adoption": scores}))
    assert [one.account_id for one in fired] == ["a0", "a2"]
    assert fired[0].reason == "Adoption is at 35, under 40 for 2 weeks"
    assert fired[0].evidence["components"] == {"adoption": 35.0}


def test_components_by_category_are_those_of_the_model() -> None:
    play = play_of({"on": "component_below", "categories": ["support"], "below": 40})
    facts = facts_of(["hh"], components={"support": [[80, 20]], "adoption": [[10, 10]]})
    assert [one.reason for one in fired_by(play, facts)[0]] == ["Support is at 20, under 40"]


def test_score_change_within_weeks_and_never_over_a_new_version() -> None:
    play = play_of({"on": "score_change", "points": 10, "over_weeks": 2})
    score = [[70, 70, 60], [70, 66, 61], [70, 58, 59]]
    fired, _ = fired_by(play, facts_of(["hhh"] * 3, score=score))
    assert [one.account_id for one in fired] == ["a0", "a2"]
    assert fired[0].reason == "score fell from 70 to 60 within 2 weeks"
    versions = ["m-v1", "m-v1", "m-v2"]
    assert not fired_by(play, facts_of(["hhh"] * 3, score=score, versions=versions))[0]


def test_signal_change_as_share_and_as_value() -> None:
    share = play_of({"on": "signal_change", "signal": "active_users", "by": 0.3, "over_weeks": 1})
    value = play_of(
        {
            "on": "signal_change",
            "signal": "tickets",
            "by": 3,
            "measure": "value",
            "direction": "up",
            "over_weeks": 1,
        }
    )
    facts = facts_of(
        ["hhh"] * 3,
        signals={
            "active_users": [[30, 30, 21], [30, 30, 22], [0, 0, 5]],
            "tickets": [[0, 0, 2], [0, 0, 3], [NAN, NAN, 9]],
        },
    )
    (one,) = fired_by(share, facts)[0]
    assert (one.account_id, one.reason) == ("a0", "active users fell from 30 to 21 within a week")
    (two,) = fired_by(value, facts)[0]
    assert (two.account_id, two.evidence["value_before"]) == ("a1", 0.0)


def test_several_signals_at_once() -> None:
    play = play_of(
        {
            "on": "signals",
            "all_of": [{"signal": "active_users", "below": 5}],
            "any_of": [{"signal": "tickets", "at_least": 3}, {"signal": "oldest_p1", "missing": True}],
        }
    )
    facts = facts_of(
        ["hh"] * 4,
        signals={
            "active_users": [[9, 3], [9, 3], [9, 9], [9, 3]],
            "tickets": [[0, 4], [0, 0], [0, 4], [0, 0]],
            "oldest_p1": [[0, 0], [0, 0], [0, 0], [0, NAN]],
        },
    )
    assert [one.account_id for one in fired_by(play, facts)[0]] == ["a0", "a3"]


@pytest.mark.parametrize(
    ("left", "milestone"),
    [
        ([97, 90], 90),
        ([91, 84], 90),
        ([90, 83], None),
        ([35, 28], 30),
        ([7, 0], None),
        ([NAN, 45], 60),
        ([3, -4], None),
        ([400, 20], 30),
    ],
)
def test_dates_pass_each_milestone_once(left: list[float], milestone: int | None) -> None:
    days = [START, START + 7]
    play = play_of({"on": "date", "days_before": [90, 60, 30]})
    opt_out = [[day + distance for day, distance in zip(days, left, strict=True)]]
    fired, _ = fired_by(play, facts_of(["hh"], opt_out=opt_out))
    assert [one.milestone for one in fired] == ([] if milestone is None else [milestone])
    if fired:
        assert fired[0].cause == str(milestone)
        assert fired[0].key.endswith(f"/{milestone}")
        assert fired[0].deadline == opt_out[0][1]


def test_a_date_corrected_by_a_few_days_passes_nothing_again() -> None:
    play = play_of({"on": "date", "days_before": [90, 60, 30]})
    days = [START, START + 7]
    moved = facts_of(["hh"], opt_out=[[days[0] + 50.0, days[0] + 53.0]])
    assert not fired_by(play, moved)[0]
    renewed = facts_of(["hh"], opt_out=[[days[0] + 20.0, days[1] + 385.0]])
    assert not fired_by(play, renewed)[0]


def test_a_pulse_that_says_it_for_the_first_time() -> None:
    play = play_of({"on": "pulse", "sponsor_status": ["missing", "at_risk"]})
    said = {
        "sponsor_status": [
            ["active", "missing"],
            ["missing", "missing"],
            [None, "at_risk"],
            ["active", "missing"],
        ]
    }
    ages = [[3, 2], [3, 10], [NAN, 2], [3, 60]]
    fired, _ = fired_by(play, facts_of(["hh"] * 4, pulses=said, pulse_age=ages))
    assert [one.account_id for one in fired] == ["a0", "a2"]
    assert fired[0].reason == "pulse says sponsor missing"


def test_about_to_turn() -> None:
    play = play_of({"on": "trajectory", "heading": "about_to_turn"})
    facts = facts_of(["hhh"] * 2, about_to_turn=[[False, False, True], [False, True, True]])
    assert [one.account_id for one in fired_by(play, facts)[0]] == ["a0"]


def test_manual_never_fires_by_itself() -> None:
    assert fired_by(play_of({"on": "manual"}), facts_of(["hr"])) == ([], [])


def test_audience() -> None:
    """All that is given must hold; an unknown value matches nothing, and leaves nobody out."""
    trigger = {"on": "tier_entered", "tiers": ["at_risk"]}
    facts = facts_of(
        ["hr"] * 4,
        attributes={
            "segment": ["smb", "enterprise", "enterprise", None],
            "notice_given": [False, False, True, None],
        },
        arr=[10, 20, 30, NAN],
    )

    def who(**audience: Any) -> list[str]:
        fired, held = fired_by(play_of(trigger, audience=audience), facts)
        assert {item.because for item in held} <= {"audience"}
        assert len(fired) + len(held) == 4
        return sorted(one.account_id for one in fired)

    assert who(where={"segment": "enterprise"}) == ["a1", "a2"]
    assert who(unless={"segment": "enterprise"}) == ["a0", "a3"]
    assert who(unless={"segment": "smb", "notice_given": True}) == ["a1", "a3"], "either leaves out"
    assert who(arr_at_least=20) == ["a1", "a2"]
    assert who(arr_below=20) == ["a0"]
    assert who(notice_given=False) == ["a0", "a1", "a3"]
    assert who(tiers=["watch"]) == []


def test_more_urgent_and_larger_come_first() -> None:
    trigger = {"on": "tier_entered", "tiers": ["at_risk"]}
    plays = [play_of(trigger, "low", priority=4), play_of(trigger, "high", priority=1)]
    facts = facts_of(["hr"] * 3, arr=[10, NAN, 30])
    fired, _ = fire(plays, facts, MODEL, 1, Gates([None, None], [None, None]))
    assert [(one.play, one.account_id) for one in fired] == [
        ("high", "a2"), ("high", "a0"), ("high", "a1"), ("low", "a2"), ("low", "a0"), ("low", "a1"),
    ]  # fmt: skip


def test_gates_hold_back_by_the_week_in_which_it_began() -> None:
    """P9: what a model can move waits behind the gate of its week; dates and pulses have their own."""
    tier = play_of({"on": "tier_entered", "tiers": ["at_risk"]}, "tier")
    date = play_of({"on": "date", "days_before": [90]}, "date")
    facts = facts_of(["hr"], opt_out=[[START + 95.0, START + 95.0]])
    gates = Gates([None, "version_not_released"], [None, None])
    fired, held = fire([tier, date], facts, MODEL, 1, gates)
    assert [one.play for one in fired] == ["date"]
    assert [(item.fired.play, item.because) for item in held] == [("tier", "version_not_released")]
    assert held[0].words


def test_too_little_known_holds_back_what_the_score_says() -> None:
    play = play_of({"on": "component_below", "components": ["adoption"], "below": 40})
    _, held = fired_by(play, facts_of(["h?"], components={"adoption": [[50, 30]]}))
    assert [item.because for item in held] == ["insufficient"]


def test_what_decides_the_tier_besides_the_score_is_told() -> None:
    play = play_of({"on": "tier_entered", "tiers": ["watch"]})
    facts = facts_of(["hw"], score=[[88, 88]])
    facts.computed[0] = 2
    (one,) = fired_by(play, facts)[0]
    assert one.reason.endswith("score 88, by the pulse; by the numbers it is Healthy")
    assert one.evidence["computed_tier"] == "healthy"


def test_fifty_thousand_accounts() -> None:
    """Vectorised: a year of tiers for 50,000 accounts, three plays, in far less than a refresh takes."""
    rng = np.random.default_rng(7)
    letters = np.array(list("rwhg?"))
    weeks = ["".join(row) for row in letters[rng.integers(0, 5, (500, 56))]]
    facts = facts_of(weeks * 100)
    plays = [
        play_of({"on": "tier_entered", "tiers": ["at_risk"]}, "a"),
        play_of({"on": "tier_held", "tiers": ["healthy", "growth"], "for_days": 182}, "b"),
        play_of({"on": "tier_held", "tiers": ["watch"], "for_days": 60, "of_days": 90}, "c"),
    ]
    fired, held = fire(plays, facts, MODEL, 55, Gates([None] * 56, [None] * 56))
    assert facts.shape == (50_000, 56)
    assert len(fired) + len(held) > 1000
