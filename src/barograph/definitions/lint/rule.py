"""What a lint rule is: an id, how grave it is, why it exists, and a check over one model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from barograph.definitions.lint.schema import Schema
from barograph.definitions.model import ScoreModel
from barograph.definitions.signal import SignalBase

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. error: the model cannot be used as it is; warning: it can, but should not be.

    where: the place in the words of the file (`signal "nps"`), message: what is there, with the value,
    reason: why that matters, fix: what to do.
    """

    rule: str
    severity: Severity
    where: str
    message: str
    reason: str
    fix: str

    def __str__(self) -> str:
        return f"{self.rule} {self.severity}: {self.where}: {self.message} {self.fix}"


@dataclass(frozen=True, slots=True)
class Context:
    """A model and what is known about the tables it reads."""

    model: ScoreModel
    schema: Schema

    @property
    def total(self) -> float:
        """Weight of all scored signals together."""
        return sum(s.weight for s in self.model.scored)


class Rule(ABC):
    """A check. Ids are never used again for something else: people write them into their own notes."""

    id: ClassVar[str]
    severity: ClassVar[Severity]
    title: ClassVar[str]
    reason: ClassVar[str]

    @abstractmethod
    def check(self, context: Context) -> Iterator[Finding]:
        """Findings in the model, in its order."""

    def found(self, where: str, message: str, fix: str) -> Finding:
        """A finding of this rule."""
        return Finding(self.id, self.severity, where, message, self.reason, fix)


def at(signal: SignalBase, key: str = "") -> str:
    """The place of a signal, or of one of its keys, as error messages write it."""
    return f'signal "{signal.name}"' + (f" > {key}" if key else "")


def points(value: float) -> str:
    """A weight for a reader: 12, 12.5."""
    return f"{value:.4g}"
