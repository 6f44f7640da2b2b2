"""Facts summed by week once, for all windows of whole weeks that count them.

The as-of grid steps by weeks, so facts of one account that happened in the same week, became known in the same
week and were superseded in the same week enter and leave every window of whole weeks together. They are summed
once; a window is then a shift: a fact of week `pt`, known in `pf`, superseded in `pk`, counts at the positions
from max(pt + lag, pf) up to min(pt + lag + length, pk).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from barograph.core.arrays import IntArray
from barograph.signals.blocks import Pick, Presence, Total, Window, picked_sql
from barograph.signals.grid import STEP_DAYS, Grid


@dataclass(frozen=True, slots=True)
class Use:
    """A slot that is filled from a column (or flag): `lag` weeks later, for `length` weeks (None: for good).

    least: how many facts of one key make it present.
    """

    slot: str
    column: str
    lag: int
    length: int | None
    least: int = 1

    @classmethod
    def of(cls, slot: str, column: str, window: Window, least: int = 1) -> Use:
        """The shift that is the window."""
        length = None if window.days is None else window.days // STEP_DAYS
        return cls(slot, column, window.back // STEP_DAYS, length, least)

    def window(self, pt: IntArray, pf: IntArray, pk: IntArray) -> tuple[IntArray, IntArray]:
        """First position at which facts count and the position after the last; none where the two cross."""
        begins = np.maximum(np.maximum(pt + self.lag, pf), 0)
        return begins, pk if self.length is None else np.minimum(pt + self.reach, pk)

    @property
    def reach(self) -> int:
        """Weeks after which a fact counts no more, apart from those that count for good."""
        return self.lag + (self.length or 0)


@dataclass(slots=True)
class WeeklySums:
    """Sums by week of one source, by one day column, per account. Asking twice for a number gives one column."""

    source: str
    t: str
    columns: dict[tuple[str, str], str] = field(default_factory=dict)
    """(condition, aggregate expression) -> column."""
    uses: list[Use] = field(default_factory=list)
    picks: list[tuple[Use, str]] = field(default_factory=list)
    """With the expression that is greatest for the fact to pick."""

    def add(self, block: Total | Pick, window: Window, slot: str) -> None:
        """Fill `slot` from here."""
        aggregate = (
            f"sum({block.value})" if isinstance(block, Total) else f"arg_max({block.value}, {block.order})"
        )
        column = self.columns.setdefault((block.interval.where, aggregate), f"w{len(self.columns)}")
        use = Use.of(slot, column, window)
        if isinstance(block, Total):
            self.uses.append(use)
        else:
            self.picks.append((use, block.order.replace(block.value, column)))

    def sql(self, grid: Grid) -> str:
        """SQL: (a, pt, pf, pk, one number per column)."""
        numbers = ", ".join(
            f"{aggregate} FILTER (WHERE {where}) AS {name}"
            for (where, aggregate), name in self.columns.items()
        )
        uses = [*self.uses, *(use for use, _ in self.picks)]
        facts = _facts(self.source, self.t, uses, [where for where, _ in self.columns], grid)
        return f"SELECT a, pt, pf, pk, {numbers} FROM ({facts}) GROUP BY a, pt, pf, pk"

    def picks_sql(self, table: str, grid: Grid) -> list[str]:
        """SQL per picked slot: (a, k, value), from the weekly numbers in `table`."""
        return [picked_sql(_cells(table, use, order), use.slot, grid) for use, order in self.picks]


@dataclass(slots=True)
class KeyedFacts:
    """Facts of one source by one day column, to count how many different keys an account has."""

    source: str
    t: str
    keys: tuple[str, ...]
    flags: dict[str, str] = field(default_factory=dict)
    """Condition -> the name of its flag."""
    uses: list[Use] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """No more flags fit into one word."""
        return len(self.flags) == FLAGS

    def add(self, block: Presence, window: Window, slot: str) -> None:
        """Fill `slot` from here."""
        flag = self.flags.setdefault(block.interval.where, str(len(self.flags)))
        self.uses.append(Use.of(slot, flag, window, block.min_rows))

    def word(self, grid: Grid) -> Word:
        """How the positions and flags of a fact are packed."""
        before = _reach(self.uses) + 1
        return Word(before, (grid.size + before).bit_length(), len(self.flags))

    def sql(self, grid: Grid) -> str:
        """SQL: (a, h, word), one row per fact. `h` is a hash of entity and keys, 64 bits."""
        facts = _facts(self.source, self.t, self.uses, list(self.flags), grid)
        word = self.word(grid)
        packed = [
            *(
                f"CAST({p} + {word.before} AS BIGINT) << {at}"
                for p, at in zip(POSITIONS, word.places, strict=True)
            ),
            *(f"(CASE WHEN {where} THEN {1 << int(flag)} ELSE 0 END)" for where, flag in self.flags.items()),
        ]
        keys, sum_of = ", ".join(self.keys), " + ".join(f"({part})" for part in packed)
        return f"SELECT a, hash(a, {keys}) AS h, {sum_of} AS word FROM ({facts})"


POSITIONS = ("pt", "pf", "pk")
FLAGS = 24


@dataclass(frozen=True, slots=True)
class Word:
    """pt, pf and pk, each `before` more and `bits` wide, then the flags, in one non-negative 64-bit integer.

    Words of one key rise with pt, then pf.
    """

    before: int
    bits: int
    flags: int

    @property
    def places(self) -> tuple[int, int, int]:
        """By how many bits pt, pf and pk are moved up."""
        return self.flags + 2 * self.bits, self.flags + self.bits, self.flags

    @property
    def width(self) -> int:
        """Bits in all."""
        return self.flags + 3 * self.bits


def _reach(uses: Iterable[Use]) -> int:
    return max(use.reach for use in uses)


def _facts(source: str, t: str, uses: Sequence[Use], wheres: Sequence[str], grid: Grid) -> str:
    """SQL: the facts that any of the uses counts, with their positions.

    Weeks after the grid are left out; weeks before the reach of every window are taken together.
    """
    reach = _reach(uses)
    for_good = any(use.length is None for use in uses)
    early = "TRUE" if for_good else f"{t} >= {grid.first - STEP_DAYS * (reach + 1)}"
    wanted = " OR ".join(f"({where})" for where in dict.fromkeys(wheres))
    happened = f"greatest({grid.position(t)}, {-reach - 1})"
    return (
        f"SELECT *, {happened} AS pt, greatest({grid.position('kf')}, {happened}) AS pf, "
        f"greatest(least({grid.position('kt')}, {grid.size}), {-reach - 1}) AS pk FROM src_{source} "
        f"WHERE {t} < {grid.last} AND {early} AND ({wanted})"
    )


def _cells(table: str, use: Use, order: str) -> str:
    ends = "pk" if use.length is None else f"least(pt + {use.reach}, pk)"
    return (
        f"(SELECT * FROM (SELECT a, greatest(greatest(pt + {use.lag}, pf), 0) AS ks, {ends} AS ke, "
        f"arg_max({use.column}, {order}) AS v, max({order}) AS o FROM {table} "
        f"WHERE {use.column} IS NOT NULL GROUP BY ALL) WHERE ks < ke)"
    )
