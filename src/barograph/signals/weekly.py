"""Facts summed by week once, for all windows of whole weeks that count them.

The as-of grid steps by weeks, so facts of one account that happened in the same week, became known in the same
week and were superseded in the same week enter and leave every window of whole weeks together. They are summed
once; a window is then a shift: a fact of week `pt`, known in `pf`, superseded in `pk`, counts at the positions
from max(pt + lag, pf) up to min(pt + lag + length, pk).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from barograph.signals.blocks import Interval, Pick, Presence, Total, Window, picked_sql
from barograph.signals.grid import STEP_DAYS, Grid


@dataclass(frozen=True, slots=True)
class Use:
    """A slot that is filled from a column of weekly numbers: `lag` weeks later, for `length` weeks (None: for good).

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

    @property
    def reach(self) -> int:
        """Weeks after which a fact counts no more, apart from those that count for good."""
        return self.lag + (self.length or 0)


@dataclass(slots=True)
class WeeklyFacts:
    """The weekly numbers of one source by one day column, per account and, with `keys`, per key of it.

    Asking twice for the same number gives the same column.
    """

    source: str
    t: str
    keys: tuple[str, ...] = ()
    columns: dict[tuple[str, str], str] = field(default_factory=dict)
    """(condition, aggregate expression) -> column."""
    uses: list[Use] = field(default_factory=list)
    picks: list[tuple[Use, str]] = field(default_factory=list)
    """With the expression that is greatest for the fact to pick."""

    def _column(self, interval: Interval, aggregate: str) -> str:
        return self.columns.setdefault((interval.where, aggregate), f"w{len(self.columns)}")

    def add(self, block: Total | Presence | Pick, window: Window, slot: str) -> None:
        """Fill `slot` from here."""
        match block:
            case Total():
                column = self._column(block.interval, f"sum({block.value})")
                self.uses.append(Use.of(slot, column, window))
            case Presence():
                column = self._column(block.interval, "sum(rows)")
                self.uses.append(Use.of(slot, column, window, block.min_rows))
            case Pick():
                column = self._column(block.interval, f"arg_max({block.value}, {block.order})")
                self.picks.append((Use.of(slot, column, window), block.order.replace(block.value, column)))

    def sql(self, grid: Grid) -> str:
        """SQL: (a, pt, pf, pk, one number per column); with keys also `h`, a hash that tells an account's keys apart.

        Weeks after the grid are left out; weeks before the reach of every window are taken together.
        """
        reach = max(use.reach for use in (*self.uses, *(use for use, _ in self.picks)))
        numbers = ", ".join(
            f"{aggregate} FILTER (WHERE {where}) AS {name}"
            for (where, aggregate), name in self.columns.items()
        )
        for_good = any(use.length is None for use in (*self.uses, *(use for use, _ in self.picks)))
        early = "TRUE" if for_good else f"{self.t} >= {grid.first - STEP_DAYS * (reach + 1)}"
        wanted = " OR ".join(f"({where})" for where in dict.fromkeys(where for where, _ in self.columns))
        keys = "".join(f", {key} AS key{i}" for i, key in enumerate(self.keys))
        happened = f"greatest({grid.position(self.t)}, {-reach - 1})"
        facts = (
            f"SELECT *, {happened} AS pt, greatest({grid.position('kf')}, {happened}) AS pf, "
            f"least({grid.position('kt')}, {grid.size}) AS pk{keys} FROM cur_{self.source} "
            f"WHERE {self.t} < {grid.last} AND {early} AND ({wanted})"
        )
        if not self.keys:
            return f"SELECT a, pt, pf, pk, {numbers} FROM ({facts}) GROUP BY a, pt, pf, pk"
        names = ", ".join(f"key{i}" for i in range(len(self.keys)))
        return (
            f"SELECT a, CAST(hash({names}) >> 1 AS BIGINT) AS h, pt, pf, pk, {numbers} FROM ({facts}) "
            f"GROUP BY a, {names}, pt, pf, pk"
        )

    def picks_sql(self, table: str, grid: Grid) -> list[str]:
        """SQL per picked slot: (a, k, value), from the weekly numbers in `table`."""
        return [picked_sql(_cells(table, use, order), use.slot, grid) for use, order in self.picks]


def _cells(table: str, use: Use, order: str) -> str:
    ends = "pk" if use.length is None else f"least(pt + {use.reach}, pk)"
    return (
        f"(SELECT * FROM (SELECT a, greatest(greatest(pt + {use.lag}, pf), 0) AS ks, {ends} AS ke, "
        f"arg_max({use.column}, {order}) AS v, max({order}) AS o FROM {table} "
        f"WHERE {use.column} IS NOT NULL GROUP BY ALL) WHERE ks < ke)"
    )
