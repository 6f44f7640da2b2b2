"""Which plays somebody can begin by hand on an account."""

from __future__ import annotations

from dataclasses import dataclass

from barograph_web.plays.library import plays
from barograph_web.plays.models import PlayRun, RunState


@dataclass(frozen=True, slots=True)
class Choice:
    """A play that can be chosen. is_open: it is open for the account already, and cannot be opened again."""

    name: str
    title: str
    purpose: str
    steps: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """Plays by urgency, then title; `pairs` are those that can be opened now."""

    plays: tuple[Choice, ...]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [(one.name, one.title) for one in self.plays if not one.is_open]


def choice_of_plays(account_id: str) -> Choices:
    """The enabled plays of the workspace for one account. Raises what the library raises for a file that is wrong."""
    going = set(
        PlayRun.objects.filter(account_id=account_id, state=RunState.OPEN).values_list("play", flat=True)
    )
    found = sorted((play for play in plays() if play.enabled), key=lambda p: (p.priority, p.title.casefold()))
    return Choices(tuple(Choice(p.name, p.title, p.purpose, len(p.steps), p.name in going) for p in found))
