"""Cadences (P3). Truths: property (the clock is a slow count of days; keys stay the same until something is done),
the requirement clause by clause on written-down histories."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from barograph.core.cadence import CadenceReport, Decision, Done, Duty, cadence
from barograph.core.cadence_facts import CadenceFacts, clock
from barograph.core.calendar import add_working_days
from barograph.core.thresholds import TIER_CODES, WATCH
from barograph.definitions.play_cadence import PlaySettings
from barograph.pipeline.play_settings import shipped_settings
from support.cadence_facts import history_of
from support.trigger_facts import LETTERS, START

SETTINGS = shipped_settings()


def looked_at(facts: CadenceFacts, today: int | None = None, **given: object) -> CadenceReport:
    """The cadence on the last week's day, everything of the next year."""
    day = int(facts.days[-1]) if today is None else today
    return cadence(facts, SETTINGS, today=day, until=day + 365, **given)  # type: ignore[arg-type]


def names(facts: CadenceFacts, **given: object) -> dict[str, Duty]:
    return {duty.name: duty for duty in looked_at(facts, **given).duties}


def test_healthy_is_a_check_in_a_month_and_a_scan_a_quarter() -> None:
    due = names(history_of("hhhh"))
    assert {"check_in", "expansion_scan"} == set(due)
    assert due["check_in"].due_on == START + 30
    assert due["expansion_scan"].due_on == START + 91
    touched = names(history_of("hhhh", touched_on=float(START + 20)))
    assert touched["check_in"].due_on == START + 50, "a touch in the data counts"
    assert touched["expansion_scan"].due_on == START + 91, "and is no scan"


def test_watch_is_reviewed_every_two_weeks_with_a_plan_within_seven_days() -> None:
    facts = history_of("hhw")
    due = names(facts)
    since = START + 14
    assert due["watch_review"].due_on == since + 14
    assert due["action_plan"].due_on == since + 7
    assert "escalation" not in due
    assert "action_plan" not in names(facts, done=Done(plans={"a": since + 3}))
    assert "action_plan" in names(facts, done=Done(plans={"a": since - 3})), (
        "a plan of an earlier time is another"
    )


def test_watch_is_escalated_after_sixty_of_ninety_days() -> None:
    assert "escalation" not in names(history_of("h" + "w" * 9), today=START + 7 + 59)
    due = names(history_of("h" + "w" * 9), today=START + 7 + 60)["escalation"]
    assert (due.due_on, due.clock_days, due.kind) == (START + 7 + 60, 60, "escalation")
    assert "60 of the last 90 days" in due.why


def test_one_good_week_neither_resets_the_clock_nor_ends_the_work() -> None:
    """60 days, cumulative: the good week does not count, and counts for nothing."""
    with_blip = history_of("w" * 5 + "h" + "w" * 4)
    assert "escalation" in names(with_blip, today=START + 67)
    assert "escalation" not in names(with_blip, today=START + 66)
    during = names(history_of("wwwh"))
    assert "watch_review" in during and "check_in" not in during
    assert "check_in" in names(history_of("wwwhh")), "held for two refreshes it is an improvement"


def test_an_improvement_that_held_starts_the_clock_anew() -> None:
    assert "escalation" not in names(history_of("w" * 8 + "hh" + "w" * 4))
    assert "escalation" in names(history_of("w" * 8 + "h" + "w" * 4))


def test_a_pulse_does_not_reset_the_clock() -> None:
    """The tier shown is lifted for weeks, the numbers never improved."""
    lifted = history_of("w" * 6 + "hhh" + "w" * 4, computed="w" * 13)
    assert "escalation" in names(lifted)
    during = names(history_of("w" * 6 + "hhh", computed="w" * 9))
    assert "check_in" in during, "while it lasts the displayed tier is what is worked"


def test_a_new_version_of_the_model_does_not_reset_the_clock() -> None:
    versions = ["m-v1"] * 8 + ["m-v2"] * 6
    assert "escalation" in names(history_of("w" * 8 + "hh" + "w" * 4, versions=versions))


def test_too_little_data_neither_counts_nor_resets() -> None:
    assert "escalation" in names(history_of("w" * 5 + "?" + "w" * 4), today=START + 67)


def test_at_risk_is_reviewed_weekly_planned_and_decided_after_ninety_days() -> None:
    facts = history_of("wr")
    due = names(facts)
    since = START + 7
    assert due["cross_functional_review"].due_on == since + 7
    assert due["recovery_plan"].due_on == add_working_days(since, 5)
    assert due["recovery_plan_review"].owner.rule == "lead"
    assert "decision" not in due
    long = names(history_of("w" + "r" * 14), today=since + 90)["decision"]
    assert (long.kind, long.due_on) == ("decision", since + 90)


def test_six_months_without_a_decision_are_called_out() -> None:
    facts = history_of("r" * 28)
    due = names(facts, today=START + 182)
    assert due["undecided"].due_on == START + 182
    assert due["decision"].is_overdue(START + 182)
    decided = {"a": Decision("invest", START + 95, START + 180)}
    again = names(facts, today=START + 182, done=Done(decisions=decided))
    assert "undecided" not in again
    assert again["decision"].due_on == START + 180, "the day that the investment named"


def test_an_accepted_loss_stops_everything() -> None:
    facts = history_of("r" * 28)
    report = looked_at(facts, done=Done(decisions={"a": Decision("accept", START + 91)}))
    assert report.duties == ()
    assert report.stopped == ("a",)


def test_four_quarters_of_green_are_audited_and_again_after_four_more() -> None:
    facts = history_of("h" * 30 + "g" * 10 + "w" + "h" * 14)
    due = names(facts, today=START + 7 * 53 + 6)["complacency_audit"]
    assert (due.kind, due.play) == ("audit", "complacency_audit")
    assert "complacency_audit" not in names(history_of("h" * 50))
    done = Done(tasks={("a", "complacency_audit"): START + 370})
    assert "complacency_audit" not in names(history_of("h" * 60), done=done)


def test_rows_of_their_own() -> None:
    """Growth, insufficient data, onboarding, notice given and lost."""
    assert "advocacy_ask" in names(history_of("gg"))
    assert set(names(history_of("??"))) == {"find_data", "check_in"}
    assert "onboarding_check_in" in names(history_of("hh", onboarding="xx"))
    assert "watch_review" in names(history_of("ww", onboarding="xx")), "on Watch it is worked as that"
    assert set(names(history_of("rr", notice=" x"))) == {"save_call", "notice_review"}
    lost = names(history_of("rr.", lost_week=2))
    assert lost["exit_interview"].due_on == START + 14 + 14


def test_touch_models_have_their_own_rows() -> None:
    assert names(history_of("hh", touch_model="pooled"))["check_in"].due_on == START + 91
    assert names(history_of("hh", touch_model="tech_touch")) == {}
    assert names(history_of("hh", touch_model="something else"))["check_in"].due_on == START + 30


def test_going_live_makes_nothing_overdue() -> None:
    """P9: what began long ago counts from the day the cadence is kept."""
    live = START + 7 * 20
    for tiers in ("h" * 21, "w" * 21, "r" * 21):
        for duty in looked_at(history_of(tiers), live_since=live).duties:
            assert duty.due_on >= live


@given(st.text(alphabet="rwwwh?", min_size=3, max_size=20), st.integers(1, 6))
def test_keys_stay_the_same_while_nothing_happens(tiers: str, days: int) -> None:
    """Asked on Monday and again within the week, the same things have the same keys and due days."""
    facts = history_of(tiers)
    today = int(facts.days[-1])
    monday, later = looked_at(facts, today), looked_at(facts, today + days)
    known = {duty.key: duty.due_on for duty in later.duties}
    assert all(known.get(duty.key) == duty.due_on for duty in monday.duties)
    assert len({duty.key for duty in later.duties}) == len(later.duties)


@given(st.text(alphabet="rrwwwwhg?.", min_size=1, max_size=24), st.integers(0, 6))
def test_the_clock_is_a_slow_count(tiers: str, extra: int) -> None:
    """Days on Watch in the last 90, since the last two better weeks in a row; of one version, without pulses."""
    facts = history_of(tiers)
    today = int(facts.days[-1]) + extra
    reset, run = -1, 0
    for j, letter in enumerate(tiers):
        if letter in "hg":
            run += 1
            reset = j if run >= 2 else reset
        elif letter not in "?.":
            run = 0
    counted = 0
    for day in range(today - 90, today):
        week = (day - START) // 7
        if 0 <= week < len(tiers) and week > reset and tiers[week] == "w":
            counted += 1
    found = clock(facts, [WATCH], today, 60, 90, 2)
    assert int(found.days[0]) == counted
    assert TIER_CODES[LETTERS["w"]] == WATCH


def test_every_interval_can_be_set() -> None:
    """A row replaces those of its state and leaves the others as they are shipped."""
    own = PlaySettings.model_validate(
        {"rows": [{"state": "healthy", "duties": [{"name": "call", "title": "Call", "every_days": 10}]}]}
    ).over(SETTINGS)
    due = cadence(history_of("hh"), own, today=START + 7).duties
    assert [(duty.name, duty.due_on) for duty in due] == [("call", START + 10)]
    assert cadence(history_of("ww"), own, today=START + 7).duties
