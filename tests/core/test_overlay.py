"""The overlay (H5). Truths: examples at the edges of every date, a separately written rule for one account at a time
(reference), and properties: the numbers are never touched, nothing is lifted into Growth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.core.arrays import texts
from barograph.core.caps import NO_CEILING
from barograph.core.overlay import (
    DIVERGENCES,
    LIFTS,
    NO_DAY,
    PULSES,
    RULES,
    OverlayWeek,
    Pulses,
    divergence,
    opinion,
    overlay,
    terms,
)
from barograph.core.score import score_week
from barograph.core.thresholds import NONE, TIER_CODES
from barograph.core.tiers import advance, display
from barograph.definitions.overlay import Overlay
from support.score_models import MONDAY, model, signal, week

DAY = MONDAY
TIERS = np.array([0, 1, 2, 3], dtype=np.int8)
ANSWERS = {
    "missing": 0,
    "none": 0,
    "at_risk": 1,
    "lapsed": 1,
    "in_development": 1,
    "active": 2,
    "defensible": 2,
}


def pulse(**facts: Any) -> dict[str, Any]:
    """One account's pulse: recorded a week ago, nothing answered, unless told otherwise."""
    base = {"day": DAY - 7, "sponsor": None, "engagement": None, "narrative": None, "wanted": None,
            "reasoned": False, "signed": None, "signed_tier": None, "open_p1": False, "notice": False,
            "ceiling": NO_CEILING}  # fmt: skip
    return base | facts


def lifted(**facts: Any) -> dict[str, Any]:
    """A pulse that lifts Watch to Healthy, unless something is in its way."""
    return pulse(wanted="healthy", reasoned=True, signed=DAY - 3, signed_tier="healthy") | facts


def columns(rows: list[dict[str, Any]]) -> Pulses:
    def answers(name: str) -> Any:
        return np.array([-1 if r[name] is None else ANSWERS[r[name]] for r in rows], dtype=np.int8)

    def tiers(name: str) -> Any:
        return np.array([NONE if r[name] is None else TIER_CODES[r[name]] for r in rows], dtype=np.int8)

    def days(name: str) -> Any:
        return np.array([NO_DAY if r[name] is None else r[name] for r in rows], dtype=np.int64)

    def flags(name: str) -> Any:
        return np.array([r[name] for r in rows], dtype=bool)

    return Pulses(days("day"), answers("sponsor"), answers("engagement"), answers("narrative"), tiers("wanted"),
                  flags("reasoned"), days("signed"), tiers("signed_tier"), flags("open_p1"))  # fmt: skip


def judged(
    computed: str, *rows: dict[str, Any], rule: Overlay | None = None, **attributes: Any
) -> OverlayWeek:
    size = len(rows)
    return overlay(
        rule or Overlay(),
        columns(list(rows)),
        as_of=DAY,
        account_ids=texts([f"a{i}" for i in range(size)]),
        computed=np.full(size, TIER_CODES[computed], dtype=np.int8),
        tiers=TIERS,
        attributes={"notice_given": texts([r["notice"] for r in rows])}
        | {name: texts([value] * size) for name, value in attributes.items()},
        hard_ceiling=np.array([r["ceiling"] for r in rows], dtype=np.int8),
    )


def shown(week: OverlayWeek, row: int = 0) -> tuple[str, str | None]:
    """(rule, tier shown instead)."""
    tier = int(week.tier[row])
    return RULES[week.rule[row]], None if tier == NONE else {v: k for k, v in TIER_CODES.items()}[tier]


@pytest.mark.parametrize("computed", ["at_risk", "watch", "healthy", "growth"])
@pytest.mark.parametrize(
    ("facts", "rule", "at_most"),
    [
        ({"sponsor": "missing"}, "sponsor_missing", "watch"),
        ({"sponsor": "missing", "narrative": "in_development"}, "sponsor_missing", "watch"),
        ({"sponsor": "missing", "narrative": "missing"}, "sponsor_and_narrative_missing", "at_risk"),
        ({"narrative": "missing"}, "", None),
        ({"sponsor": "at_risk", "engagement": "none", "narrative": "missing"}, "", None),
    ],
)
def test_what_is_missing_caps_at_once(computed: str, facts: Any, rule: str, at_most: str | None) -> None:
    better = at_most is not None and TIER_CODES[computed] > TIER_CODES[at_most]
    assert shown(judged(computed, pulse(**facts))) == ((rule, at_most) if better else ("", None))


def test_a_missing_sponsor_is_not_outvoted_by_a_signed_lift() -> None:
    assert shown(judged("watch", lifted(sponsor="missing"))) == ("", None)
    assert shown(judged("healthy", lifted(sponsor="missing", wanted="growth"))) == (
        "sponsor_missing",
        "watch",
    )


def test_limits_can_be_set_and_losing_more_never_shows_better() -> None:
    rule = Overlay(sponsor_missing_at_most="at_risk", both_missing_at_most="watch")
    both = judged("growth", pulse(sponsor="missing", narrative="missing"), rule=rule)
    assert shown(both) == ("sponsor_and_narrative_missing", "at_risk")


def test_a_lift_is_one_tier_and_never_into_growth() -> None:
    assert shown(judged("watch", lifted())) == ("lift", "healthy")
    assert shown(judged("at_risk", lifted())) == ("lift", "watch")
    week = judged("healthy", lifted(wanted="growth", signed_tier="growth"))
    assert (shown(week), LIFTS[week.lift[0]]) == (("", None), "never_into_growth")


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"wanted": None}, "not_wanted"),
        ({"wanted": "watch"}, "not_wanted"),
        ({"reasoned": False}, "no_reason"),
        ({"signed": None, "signed_tier": None}, "not_countersigned"),
        ({"signed_tier": "watch"}, "not_countersigned"),
        ({"signed": DAY - 45, "day": DAY - 45}, "given"),
        ({"signed": DAY - 46, "day": DAY - 20}, "countersignature_expired"),
        ({"notice": True}, "notice_given"),
        ({"open_p1": True}, "open_p1"),
        ({"ceiling": 1}, "hard_event"),
        ({}, "given"),
    ],
)
def test_what_stands_in_the_way_of_a_lift_is_named(facts: Any, why: str) -> None:
    week = judged("watch", lifted(**facts))
    assert LIFTS[week.lift[0]] == why
    assert shown(week) == (("lift", "healthy") if why == "given" else ("", None))


def test_lifting_can_be_switched_off() -> None:
    week = judged("watch", lifted(), rule=Overlay(lift=False))
    assert (shown(week), LIFTS[week.lift[0]]) == (("", None), "switched_off")


@pytest.mark.parametrize(("age", "state"), [(1, "in_force"), (45, "in_force"), (46, "expired")])
def test_an_expired_pulse_has_no_force_and_says_so(age: int, state: str) -> None:
    week = judged("growth", pulse(sponsor="missing", day=DAY - age))
    assert PULSES[week.pulse[0]] == state
    assert shown(week)[0] == ("sponsor_missing" if state == "in_force" else "")
    assert week.until[0] == DAY - age + 45
    assert week.divergence[0] == (-1 if state == "in_force" else 0)


def test_validity_follows_the_cadence_of_the_account() -> None:
    cadence = [
        {"when": {"touch_model": "tech_touch"}, "every_days": 90, "valid_days": 120},
        {"tiers": ["at_risk", "watch"], "every_days": 14, "valid_days": 21},
    ]
    rule = Overlay.model_validate({"cadence": cadence})
    found = [
        int(judged(tier, pulse(), rule=rule, touch_model=touch).until[0]) - (DAY - 7)
        for tier, touch in (("watch", "tech_touch"), ("watch", "pooled"), ("healthy", "pooled"))
    ]
    assert found == [120, 21, 45]
    every, _ = terms(rule, TIERS, {"touch_model": texts(["pooled"] * 4)})
    assert every.tolist() == [14, 14, 30, 30]


def test_outside_the_scope_a_pulse_decides_nothing() -> None:
    rule = Overlay(scope={"segment": "smb"})
    week = judged("growth", pulse(sponsor="missing"), rule=rule, segment="enterprise")
    assert (shown(week), PULSES[week.pulse[0]], week.divergence[0]) == (("", None), "out_of_scope", 0)


def test_insufficient_data_stays_insufficient() -> None:
    rows = [pulse(sponsor="missing", narrative="missing"), lifted()]
    week = judged("insufficient", *rows)
    assert [shown(week, row)[1] for row in (0, 1)] == [None, None]
    assert week.divergence.tolist() == [0, 0]


def test_a_tier_that_the_model_does_not_have_is_the_next_worse_one() -> None:
    week = overlay(
        Overlay(),
        columns([pulse(sponsor="missing"), lifted(wanted="watch", signed_tier="watch")]),
        as_of=DAY,
        account_ids=texts(["a", "b"]),
        computed=np.array([2, 0], dtype=np.int8),
        tiers=np.array([0, 2, 3], dtype=np.int8),
        attributes={},
        hard_ceiling=np.full(2, NO_CEILING, dtype=np.int8),
    )
    assert shown(week, 0) == ("sponsor_missing", "at_risk")
    assert shown(week, 1) == ("", None), "one tier up would be further than its author wants"


@pytest.mark.parametrize(
    ("facts", "says", "of_healthy"),
    [
        ({}, None, None),
        ({"sponsor": "active"}, "healthy", None),
        ({"sponsor": "active", "engagement": "lapsed", "narrative": "defensible"}, "healthy", None),
        ({"sponsor": "active", "engagement": "lapsed", "narrative": "in_development"}, "healthy", None),
        ({"sponsor": "at_risk", "engagement": "active", "narrative": "defensible"}, "watch", "worse"),
        ({"sponsor": "active", "engagement": "none"}, "watch", "worse"),
        ({"sponsor": "missing", "narrative": "missing"}, "at_risk", "worse"),
        ({"sponsor": "active", "wanted": "at_risk"}, "at_risk", "worse"),
        ({"sponsor": "missing", "wanted": "healthy"}, "watch", "worse"),
        ({"wanted": "growth"}, "healthy", None),
        ({"day": None, "sponsor": "missing"}, None, None),
    ],
)
def test_divergence_is_the_opinion_against_the_numbers(facts: Any, says: str | None, of_healthy: Any) -> None:
    week = judged("healthy", pulse(**facts))
    assert week.opinion[0] == (NONE if says is None else TIER_CODES[says])
    assert DIVERGENCES[int(week.divergence[0])] == of_healthy
    of_growth = judged("growth", pulse(**facts))
    assert week.divergence[0] == of_growth.divergence[0], "Growth is Healthy and more, not another opinion"


@pytest.mark.parametrize(
    ("facts", "computed", "says"),
    [
        ({"sponsor": "active", "engagement": "active", "narrative": "defensible"}, "watch", "healthy"),
        ({"sponsor": "active", "engagement": "active", "narrative": "in_development"}, "watch", "watch"),
        ({"sponsor": "active", "engagement": "active", "narrative": "in_development"}, "at_risk", "watch"),
        ({"sponsor": "active"}, "watch", "watch"),
        ({"sponsor": "at_risk"}, "at_risk", "at_risk"),
        ({"sponsor": "missing"}, "at_risk", "at_risk"),
        ({"engagement": "none", "wanted": "healthy"}, "at_risk", "healthy"),
    ],
)
def test_a_pulse_between_two_tiers_diverges_from_neither(facts: Any, computed: str, says: str) -> None:
    week = judged(computed, pulse(**facts))
    assert week.opinion[0] == TIER_CODES[says]
    assert bool(week.divergence[0]) == (says != computed)


ROWS = st.fixed_dictionaries(
    {
        "day": st.none() | st.integers(DAY - 60, DAY - 1),
        "sponsor": st.sampled_from([None, "missing", "at_risk", "active"]),
        "engagement": st.sampled_from([None, "none", "lapsed", "active"]),
        "narrative": st.sampled_from([None, "missing", "in_development", "defensible"]),
        "wanted": st.sampled_from([None, "at_risk", "watch", "healthy", "growth"]),
        "reasoned": st.booleans(),
        "signed": st.none() | st.integers(DAY - 60, DAY - 1),
        "signed_tier": st.sampled_from([None, "watch", "healthy", "growth"]),
        "open_p1": st.booleans(),
        "notice": st.booleans(),
        "ceiling": st.sampled_from([0, 1, 3, 3, 3]),
    }
)


def one_account(computed: int, row: dict[str, Any]) -> int | None:
    """The published rule for one account, in the words of the requirement; None: the computed tier is shown."""
    if row["day"] is None or DAY - row["day"] > 45 or computed < 0:
        return None
    if row["sponsor"] == "missing":
        limit = 0 if row["narrative"] == "missing" else 1
        return limit if limit < computed else None
    if row["wanted"] is None or row["signed"] is None or row["signed_tier"] is None:
        return None
    agreed = min(TIER_CODES[row["wanted"]], TIER_CODES[row["signed_tier"]])
    blocked = row["notice"] or row["open_p1"] or not row["reasoned"] or DAY - row["signed"] > 45
    lift = computed + 1
    if agreed >= lift and lift <= TIER_CODES["healthy"] and not blocked and lift <= row["ceiling"]:
        return lift
    return None


@given(st.lists(st.tuples(st.sampled_from([-1, 0, 1, 2, 3]), ROWS), min_size=1, max_size=30))
@settings(max_examples=150, deadline=None)
def test_many_accounts_at_once_are_as_the_rule_says_of_each(drawn: list[tuple[int, dict[str, Any]]]) -> None:
    computed = np.array([c for c, _ in drawn], dtype=np.int8)
    rows = [row for _, row in drawn]
    found = overlay(
        Overlay(),
        columns(rows),
        as_of=DAY,
        account_ids=texts([str(i) for i in range(len(rows))]),
        computed=computed,
        tiers=TIERS,
        attributes={"notice_given": texts([r["notice"] for r in rows])},
        hard_ceiling=np.array([r["ceiling"] for r in rows], dtype=np.int8),
    )
    expected = [one_account(c, row) for c, row in drawn]
    assert found.tier.tolist() == [NONE if tier is None else tier for tier in expected]
    assert ((found.rule != 0) == (found.tier != NONE)).all()
    raised = (found.tier != NONE) & (found.tier > computed)
    assert (found.tier[raised] <= TIER_CODES["healthy"]).all()
    assert (found.tier[raised] == computed[raised] + 1).all()


@given(st.lists(ROWS, min_size=1, max_size=10))
@settings(max_examples=60, deadline=None)
def test_divergence_is_silent_without_an_opinion_or_a_score(rows: list[dict[str, Any]]) -> None:
    says = opinion(columns(rows), np.full(len(rows), 1, dtype=np.int8))
    assert (says <= TIER_CODES["healthy"]).all()
    assert not divergence(says, np.full(len(rows), -1, dtype=np.int8)).any()
    assert not divergence(np.full(len(rows), NONE, dtype=np.int8), np.ones(len(rows), dtype=np.int8)).any()


def test_what_is_shown_never_moves_the_computed_state_and_dates_its_own_tier() -> None:
    """H5: the computed score and tier are never altered."""
    plain = model(signal("users", 100))
    scores = [score_week(week({"users": [9.0]}, DAY + 7 * k), plain) for k in range(4)]
    cap, none = np.array([1], dtype=np.int8), np.array([NONE], dtype=np.int8)
    shown_states, quiet = None, None
    seen = []
    for scored, tier in zip(scores, (none, cap, cap, none), strict=True):
        quiet = advance(quiet, scored)
        shown_states = display(shown_states, advance(shown_states, scored), tier)
        assert shown_states.computed.tolist() == quiet.computed.tolist()
        assert shown_states.level.tolist() == quiet.level.tolist()
        assert shown_states.pending.tolist() == quiet.pending.tolist()
        seen.append((int(shown_states.displayed[0]), int(shown_states.since[0])))
    assert seen == [(3, DAY), (1, DAY + 7), (1, DAY + 7), (3, DAY + 21)]
