"""Truth: property. Whatever is tried in whatever order, a hand-over, an ask and an escalation are only ever in states
that their machine has, refuse what their state does not have, write one entry per move, and lose none (P7, P8, E1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph_web.growth import machines
from barograph_web.growth.history import MACHINES
from barograph_web.growth.machines import Machine
from barograph_web.growth.models import Thing
from barograph_web.growth.moves import KINDS

MOVES = sorted({move for machine in MACHINES.values() for _, move in machine.moves})


def walked(machine: Machine, tried: list[str]) -> list[str]:
    """The states that a thing goes through; refused moves leave it where it is."""
    states = [machine.begins]
    for move in tried:
        after = machine.after(states[-1], move)
        if after is not None:
            states.append(after)
    return states


@pytest.mark.parametrize("machine", MACHINES.values(), ids=lambda m: m.name)
@given(tried=st.lists(st.sampled_from(MOVES), max_size=30))
def test_any_order_of_moves_stays_within_the_machine(machine: Machine, tried: list[str]) -> None:
    states = walked(machine, tried)
    assert set(states) <= machine.states
    for state in states[:-1]:
        assert not machine.is_final(state), "nothing follows a final state"


@given(tried=st.lists(st.sampled_from(MOVES), max_size=40))
def test_a_hand_over_is_answered_at_most_once(tried: list[str]) -> None:
    answers = [s for s in walked(machines.HAND_OVER, tried) if s in ("accepted", "refused", "withdrawn")]
    assert len(answers) <= 1


@given(tried=st.lists(st.sampled_from(MOVES), max_size=40))
def test_a_favour_takes_place_only_after_it_was_agreed(tried: list[str]) -> None:
    states = walked(machines.ASK, tried)
    if "done" in states:
        assert states[states.index("done") - 1] == "agreed"


@given(tried=st.lists(st.sampled_from(MOVES), max_size=40))
def test_an_escalation_is_opened_again_only_after_it_was_resolved(tried: list[str]) -> None:
    machine, state, open_again = machines.ESCALATION, machines.ESCALATION.begins, 0
    resolved = 0
    for move in tried:
        after = machine.after(state, move)
        if after is None:
            continue
        resolved += move == "resolve"
        open_again += move == "reopen"
        state = after
        assert 0 <= resolved - open_again <= 1
        assert (state == "resolved") == (resolved > open_again)


def test_every_thing_has_a_machine_and_every_move_of_a_page_is_in_it() -> None:
    assert set(MACHINES) == set(Thing.values)
    assert {kind.model.THING for kind in KINDS.values()} == set(Thing.values)
    for kind in KINDS.values():
        known = {move for _, move in MACHINES[kind.model.THING].moves}
        assert set(kind.moves) <= known
