"""Capacity (P10). Truths: hand-worked sums, property (moves bring an owner under the line or none are left)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.core.arrays import texts
from barograph.core.cadence import cadence
from barograph.core.cadence_facts import STATES
from barograph.core.workload import NO_HOURS, Capacities, Workload, WorkloadFacts, steady_hours, workload
from barograph.definitions.play_cadence import PlaySettings, WorkloadRule
from barograph.pipeline.play_settings import shipped_settings
from support.cadence_facts import history_of
from support.trigger_facts import START

SETTINGS = shipped_settings()
NAN = float("nan")


def facts_of(*rows: tuple[str | None, str, str | None, float, float]) -> WorkloadFacts:
    """(owner, state, touch model, revenue, days to opt-out)"""
    return WorkloadFacts(
        account_ids=texts([f"a{i}" for i in range(len(rows))]),
        owner=texts([row[0] for row in rows]),
        state=[STATES.index(row[1]) if row[1] else -1 for row in rows],
        touch_model=texts([row[2] for row in rows]),
        arr=np.array([row[3] for row in rows]),
        days_to_opt_out=np.array([row[4] for row in rows]),
    )


def test_hours_are_those_of_the_cadence() -> None:
    """At Risk: a review of an hour every week. Healthy: 0.75 h every 30 days and 0.5 h every 91."""
    found = workload(facts_of(("c", "at_risk", None, 10, NAN), ("c", "healthy", None, 20, NAN)), SETTINGS)
    (load,) = found.loads
    assert load.hours == pytest.approx(1.0 + 0.75 * 7 / 30 + 0.5 * 7 / 91)
    assert load.by_state == pytest.approx({"at_risk": 1.0, "healthy": load.hours - 1.0})
    assert (load.accounts, load.arr, load.overloaded) == (2, 30.0, False)


def test_what_is_due_once_is_spread_over_the_weeks() -> None:
    facts = facts_of(("c", "watch", None, 10, NAN))
    due = cadence(history_of("hw"), SETTINGS, today=START + 7, until=START + 35).duties
    assert {duty.name for duty in due} == {"watch_review", "action_plan"}
    renamed = tuple(duty for duty in due)
    found = workload(
        WorkloadFacts(
            texts(["a"]), facts.owner, facts.state, facts.touch_model, facts.arr, facts.days_to_opt_out
        ),
        SETTINGS,
        renamed,
        weeks=4,
    )
    assert found.loads[0].hours == pytest.approx(1.0 * 7 / 14 + 1.5 / 4)


def test_moves_are_calm_small_and_far_from_renewal() -> None:
    facts = facts_of(
        ("c", "at_risk", None, 5, NAN),
        ("c", "healthy", "high_touch", 100, NAN),
        ("c", "healthy", "high_touch", 10, NAN),
        ("c", "healthy", "high_touch", 1, 30),
        ("c", "healthy", "tech_touch", 1, NAN),
        ("c", "growth", "high_touch", 9_000, NAN),
    )
    rule = PlaySettings(rows=SETTINGS.rows, workload=WorkloadRule(hours_per_week=0.5, move_arr_below=5000))
    found = workload(facts, rule)
    assert found.loads[0].overloaded
    assert [move.account_id for move in found.moves] == ["a2", "a1"], "most hours for its revenue first"
    assert found.moves[0].saves == pytest.approx(steady_hours(rule, STATES.index("healthy"), "high_touch"))


def test_revenue_that_nobody_works() -> None:
    facts = facts_of(
        (None, "healthy", None, 7, NAN),
        ("c", "at_risk", None, 10, NAN),
        ("c", "at_risk", None, 30, NAN),
        ("c", "watch", None, 50, NAN),
    )
    found = workload(facts, SETTINGS, capacities=Capacities(1.2))
    assert (found.unowned, found.unowned_arr) == (("a0",), 7.0)
    assert found.beyond == ("a1", "a3"), "the largest of the most urgent state is worked"
    assert found.unworked_arr == 67.0


def test_other_work_counts() -> None:
    facts = facts_of(("c", "at_risk", None, 10, NAN))
    found = workload(facts, SETTINGS, capacities=Capacities(28, {"c": 10}, {"c": 12}))
    assert (found.loads[0].hours, found.loads[0].capacity, found.loads[0].overloaded) == (13.0, 10, True)


def test_work_and_no_hours_is_a_number_too() -> None:
    found = workload(facts_of(("c", "at_risk", None, 10, NAN)), SETTINGS, capacities=Capacities(28, {"c": 0}))
    assert (found.loads[0].ratio, found.loads[0].overloaded) == (NO_HOURS, True)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["c", "d", None]),
            st.sampled_from([*STATES, ""]),
            st.sampled_from(["high_touch", "pooled", "tech_touch", None]),
            st.floats(0, 1e6),
            st.one_of(st.just(NAN), st.floats(-100, 400)),
        ),
        max_size=30,
    ),
    st.floats(0.1, 10),
)
def test_moves_bring_under_the_line_or_none_are_left(
    rows: list[tuple[str | None, str, str | None, float, float]], each: float
) -> None:
    facts = facts_of(*rows)
    rule = PlaySettings(rows=SETTINGS.rows, workload=WorkloadRule(hours_per_week=each))
    found: Workload = workload(facts, rule)
    assert found.hours == pytest.approx(sum(load.hours for load in found.loads))
    assert [load.ratio for load in found.loads] == sorted((load.ratio for load in found.loads), reverse=True)
    for load in found.loads:
        mine = [move for move in found.moves if move.owner == load.owner]
        assert not mine or load.overloaded
        saved = sum(move.saves for move in mine)
        if mine and load.hours - saved <= load.capacity + 1e-6:
            assert load.hours - (saved - mine[-1].saves) > load.capacity - 1e-6, "no more than it takes"
    assert len({move.account_id for move in found.moves}) == len(found.moves)
