"""What a rule on plays is: a check over all plays and the model that they are for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from barograph.definitions.base import SignalTest
from barograph.definitions.lint.rule import Finding, Severity
from barograph.definitions.lint.schema import Schema
from barograph.definitions.model import ScoreModel
from barograph.definitions.play import Play
from barograph.definitions.play_cadence import PlaySettings


@dataclass(frozen=True, slots=True)
class PlayContext:
    """Plays, the model they are for, the settings of their cadences, and the tables that there are."""

    plays: Sequence[Play]
    model: ScoreModel
    settings: PlaySettings
    schema: Schema

    @property
    def enabled(self) -> list[Play]:
        """Plays that are switched on."""
        return [play for play in self.plays if play.enabled]


class PlayRule(ABC):
    """A check over all plays. Ids are never used again for something else."""

    id: ClassVar[str]
    severity: ClassVar[Severity]
    title: ClassVar[str]
    reason: ClassVar[str]

    @abstractmethod
    def check(self, context: PlayContext) -> Iterator[Finding]:
        """Findings, in the order of the plays."""

    def found(self, where: str, message: str, fix: str) -> Finding:
        """A finding of this rule."""
        return Finding(self.id, self.severity, where, message, self.reason, fix)


def place(play: Play, key: str = "") -> str:
    """The place of a play, or of one of its keys, as error messages write it."""
    return f'play "{play.name}"' + (f" > {key}" if key else "")


def success_tests(play: Play) -> tuple[SignalTest, ...]:
    """Tests on signals that the success of a play depends on."""
    return play.success.signals if play.success is not None else ()
