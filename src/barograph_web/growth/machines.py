"""Which moves each kind of thing can make, from which state to which. Pure.

A move that its state does not have is refused with words; nothing is ever in a state that is not named here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Machine:
    """begins: the first state. moves: (state, move) -> state after it. A state without moves is final."""

    name: str
    begins: str
    moves: Mapping[tuple[str, str], str]

    def after(self, state: str, move: str) -> str | None:
        """The state after a move; None when the state does not have the move."""
        return self.moves.get((state, move))

    def possible(self, state: str) -> tuple[str, ...]:
        """The moves of a state, in the order they were named."""
        return tuple(move for at, move in self.moves if at == state)

    @property
    def states(self) -> frozenset[str]:
        """Every state that can be reached."""
        return frozenset({self.begins, *self.moves.values()})

    def is_final(self, state: str) -> bool:
        """Whether nothing can follow."""
        return not self.possible(state)


HAND_OVER = Machine(
    "hand-over",
    "asked",
    {
        ("asked", "accept"): "accepted",
        ("asked", "refuse"): "refused",
        ("asked", "withdraw"): "withdrawn",
        ("asked", "send_on"): "asked",
        ("accepted", "conclude"): "concluded",
    },
)
"""`send_on` asks another account manager. A refused or withdrawn one stays so: a new one is made instead."""

ASK = Machine(
    "ask",
    "asked",
    {
        ("asked", "agree"): "agreed",
        ("asked", "refuse"): "refused",
        ("asked", "withdraw"): "withdrawn",
        ("agreed", "done"): "done",
        ("agreed", "fall_through"): "fell_through",
        ("agreed", "withdraw"): "withdrawn",
    },
)

ESCALATION = Machine(
    "escalation",
    "open",
    {
        ("open", "update"): "open",
        ("open", "reassign"): "open",
        ("open", "reclassify"): "open",
        ("open", "resolve"): "resolved",
        ("resolved", "reopen"): "open",
        ("resolved", "update"): "resolved",
    },
)

PLAN = Machine(
    "success plan",
    "proposed",
    {
        ("proposed", "agree"): "agreed",
        ("proposed", "edit"): "proposed",
        ("proposed", "close"): "closed",
        ("agreed", "edit"): "agreed",
        ("agreed", "close"): "closed",
    },
)

GOAL = Machine(
    "goal",
    "open",
    {
        ("open", "edit"): "open",
        ("open", "measure"): "open",
        ("open", "confirm"): "reached",
        ("open", "miss"): "missed",
        ("open", "drop"): "dropped",
        ("reached", "measure"): "reached",
        ("reached", "reopen"): "open",
        ("missed", "reopen"): "open",
        ("dropped", "reopen"): "open",
    },
)
"""A goal is reached when the customer confirms it, not when a number passes the target."""

REQUEST = Machine(
    "request",
    "open",
    {
        ("open", "hand_over"): "handed_over",
        ("open", "decline"): "declined",
        ("declined", "reopen"): "open",
        ("handed_over", "reopen"): "open",
    },
)

OPPORTUNITY = Machine(
    "opportunity",
    "open",
    {
        ("open", "edit"): "open",
        ("open", "win"): "won",
        ("open", "lose"): "lost",
        ("won", "reopen"): "open",
        ("lost", "reopen"): "open",
    },
)

CONSENT = Machine("consent", "standing", {("standing", "withdraw"): "withdrawn"})
