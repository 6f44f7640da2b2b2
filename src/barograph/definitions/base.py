"""The frozen base of every definition, and the few types that several of them share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Category = Literal["usage", "engagement", "support", "relationship", "commercial", "value"]
Direction = Literal["up", "down", "free"]
TierName = Literal["at_risk", "watch", "healthy", "growth"]
DisplayedTier = Literal["at_risk", "watch", "healthy", "growth", "insufficient"]

CATEGORIES: tuple[Category, ...] = ("usage", "engagement", "support", "relationship", "commercial", "value")
TIER_ORDER: tuple[TierName, ...] = ("at_risk", "watch", "healthy", "growth")

Scalar = str | bool | int | float
PositiveDays = Annotated[int, Field(ge=1, le=3660)]


class Definition(BaseModel):
    """A piece of the model as data: frozen, and a key it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Condition(Definition):
    """A test on one column: every bound given must hold. A missing value passes only `present = false`."""

    at_least: float | None = None
    at_most: float | None = None
    above: float | None = None
    below: float | None = None
    one_of: tuple[Scalar, ...] | None = None
    none_of: tuple[Scalar, ...] | None = None
    present: bool | None = None


Where = dict[str, Scalar | tuple[Scalar, ...] | Condition]
"""Column -> a value it equals, a list it is in, or a condition. All must hold."""

Scope = dict[str, Scalar | tuple[Scalar, ...]]
"""Account attribute (segment, plan, lifecycle, ...) -> the value or values it must have."""


class SignalTest(Definition):
    """A test on a signal's value, for caps and gates: `signal = "open_p1"`, `at_least = 1`.

    A missing value fails every test except `missing = true`.
    """

    signal: Name
    at_least: float | None = None
    at_most: float | None = None
    above: float | None = None
    below: float | None = None
    missing: bool | None = None

    def sentence(self) -> str:
        """The test in words, for lines a person reads."""
        words = {"at_least": "at least", "at_most": "at most", "above": "above", "below": "below"}
        bounds = {text: getattr(self, key) for key, text in words.items()}
        parts = [f"{text} {bound:g}" for text, bound in bounds.items() if bound is not None]
        if self.missing is not None:
            parts.append("missing" if self.missing else "known")
        return f"{self.signal} {' and '.join(parts)}"
