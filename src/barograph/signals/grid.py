"""The as-of grid as integers: days become positions, and a fact becomes an interval of positions.

A fact that happened on day `t`, became known on day `kf` and was superseded on day `kt` counts at `as_of` D
with a window of W days when max(t, kf) < D <= min(t + W, kt). On a grid D_k = first + 7 k both ends become the
first position after a day, so that every template is a sum over half-open intervals [ks, ke).
"""

from __future__ import annotations

from dataclasses import dataclass

STEP_DAYS = 7
FOREVER = 10_000_000
"""A day number after every other: "not yet", for ends and supersessions that have no date."""
ALWAYS = -10_000_000
"""A day number before every other: "since ever", for beginnings that have no date."""
_LONG_AGO = 10_000_000
"""Weeks added before dividing: a quotient is cut off towards zero, which is down only above zero."""


@dataclass(frozen=True, slots=True)
class Grid:
    """`size` as-of days from `first` on, seven apart."""

    first: int
    size: int

    @property
    def last(self) -> int:
        return self.first + STEP_DAYS * (self.size - 1)

    def after(self, day: str) -> str:
        """SQL: position of the first grid day that is later than the day expression, held to 0..size."""
        return (
            f"(CASE WHEN {day} < {self.first} THEN 0 "
            f"ELSE least({self.size}, ({day} - {self.first}) // {STEP_DAYS} + 1) END)"
        )

    def position(self, day: str) -> str:
        """SQL: the same position without bounds: below 0 for days before the grid; rises with the day."""
        return f"(({day} - {self.first} + {STEP_DAYS * _LONG_AGO}) // {STEP_DAYS} + {1 - _LONG_AGO})"

    def day(self, position: str) -> str:
        """SQL: the as-of day at a position expression."""
        return f"({self.first} + {STEP_DAYS} * {position})"


def latest_of(*days: str) -> str:
    """SQL: the greatest of several day expressions."""
    return days[0] if len(days) == 1 else f"greatest({', '.join(days)})"


def earliest_of(*days: str) -> str:
    """SQL: the least of several day expressions."""
    return days[0] if len(days) == 1 else f"least({', '.join(days)})"
