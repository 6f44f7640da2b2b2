"""The building blocks that every template is made of, and their SQL.

A block reads facts of one staged source, each as a half-open interval of grid positions, and yields one
number per entity and position (a "slot"). Totals and presences become values over half-open stretches of
positions, which an engine adds up along the grid; extremes and medians are spelled out per position.
"""

from __future__ import annotations

from dataclasses import dataclass

from barograph.signals.grid import STEP_DAYS, Grid


@dataclass(frozen=True, slots=True)
class Window:
    """Facts dated by `t` count in the `days` days before D - `back`; in all days before it when `days` is None."""

    t: str
    days: int | None
    back: int = 0

    @property
    def in_weeks(self) -> bool:
        """Whether both ends fall on the same weekday as `t`, so that facts of a week stay together."""
        return self.back % STEP_DAYS == 0 and (self.days or 0) % STEP_DAYS == 0


@dataclass(frozen=True, slots=True)
class Interval:
    """Facts of `source` that match `where` count at D when `start` < D <= `end` (day expressions).

    window: the same said as a window of days, for those that are one.
    """

    source: str
    where: str
    start: str
    end: str
    window: Window | None = None

    def cells(self, grid: Grid, extra: str, group: bool = True) -> str:
        """SQL: entity, ks, ke and the `extra` columns of the facts that any grid day counts."""
        inner = (
            f"SELECT a, {grid.after(self.start)} AS ks, {grid.after(self.end)} AS ke, {extra} "
            f"FROM src_{self.source} WHERE {self.where}" + (" GROUP BY ALL" if group else "")
        )
        return f"(SELECT * FROM ({inner}) WHERE ks < ke)"


@dataclass(frozen=True, slots=True)
class Total:
    """Sum of `value` (an integer expression) over the facts in the interval."""

    interval: Interval
    value: str


@dataclass(frozen=True, slots=True)
class Presence:
    """How many different `keys` have at least `min_rows` facts in the interval; exact, without
    COUNT(DISTINCT)."""

    interval: Interval
    keys: tuple[str, ...]
    min_rows: int = 1


@dataclass(frozen=True, slots=True)
class Pick:
    """`value` of the fact that is greatest by `order` among those in the interval."""

    interval: Interval
    value: str
    order: str


@dataclass(frozen=True, slots=True)
class Middle:
    """Median of `value` over the facts in the interval."""

    interval: Interval
    value: str


Block = Total | Presence | Pick | Middle


def totals_sql(interval: Interval, slots: dict[str, str], grid: Grid) -> str:
    """SQL: (a, ks, ke, one value per slot) for several totals over the same interval."""
    sums = ", ".join(f"CAST(sum({value}) AS HUGEINT) AS {slot}" for slot, value in slots.items())
    return f"SELECT * FROM {interval.cells(grid, sums)}"


def presence_sql(block: Presence, slot: str, grid: Grid) -> str:
    """SQL: (a, ks, ke, number of keys present over just that stretch)."""
    keys = ", ".join(f"{key} AS key{i}" for i, key in enumerate(block.keys))
    partition = ", ".join(["a", *(f"key{i}" for i in range(len(block.keys)))])
    if block.min_rows == 1:
        stretches = _islands(block, keys, partition, grid)
    else:
        stretches = _crossings(block, keys, partition, grid)
    return f"SELECT a, ks, ke, count(*) AS {slot} FROM ({stretches}) GROUP BY a, ks, ke"


def _islands(block: Presence, keys: str, partition: str, grid: Grid) -> str:
    """Overlapping intervals of one key merged by the running maximum of their ends, so each key counts
    once."""
    cells = block.interval.cells(grid, keys)
    longest = f"SELECT {partition}, ks, max(ke) AS ke FROM {cells} GROUP BY ALL"
    merged = (
        f"SELECT a, greatest(ks, coalesce(max(ke) OVER (PARTITION BY {partition} ORDER BY ks "
        f"ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)) AS ks, ke FROM ({longest})"
    )
    return f"SELECT * FROM ({merged}) WHERE ks < ke"


def _crossings(block: Presence, keys: str, partition: str, grid: Grid) -> str:
    """Where the running number of facts of one key reaches `min_rows`."""
    cells = block.interval.cells(grid, f"{keys}, count(*) AS facts")
    steps = (
        f"SELECT {partition}, k, sum(step) AS step FROM (SELECT {partition}, unnest([ks, ke]) AS k, "
        f"unnest([facts, -facts]) AS step FROM {cells}) GROUP BY ALL"
    )
    level = (
        f"SELECT a, k AS ks, coalesce(lead(k) OVER same, {grid.size}) AS ke, "
        f"sum(step) OVER same >= {block.min_rows} AS present "
        f"FROM ({steps}) WINDOW same AS (PARTITION BY {partition} ORDER BY k)"
    )
    return f"SELECT a, ks, ke FROM ({level}) WHERE present AND ks < {grid.size}"


def pick_sql(block: Pick, slot: str, grid: Grid) -> str:
    """SQL: (a, k, value)."""
    best = f"arg_max({block.value}, {block.order}) AS v, max({block.order}) AS o"
    return picked_sql(block.interval.cells(grid, best), slot, grid)


def picked_sql(cells: str, slot: str, grid: Grid) -> str:
    """SQL: (a, k, v of the greatest o) of cells (a, ks, ke, v, o). Those that stay to the end of the grid are
    carried along; the others are spelled out."""
    carried = (
        "SELECT a, unnest(range(ks, until)) AS k, v, o FROM (SELECT a, ks, "
        f"coalesce(lead(ks) OVER (PARTITION BY a ORDER BY ks), {grid.size}) AS until, "
        "arg_max(v, o) OVER running AS v, max(o) OVER running AS o "
        f"FROM cells WHERE ke = {grid.size} WINDOW running AS (PARTITION BY a ORDER BY ks))"
    )
    spelled = f"SELECT a, unnest(range(ks, ke)) AS k, v, o FROM cells WHERE ke < {grid.size}"
    return (
        f"WITH cells AS MATERIALIZED (SELECT * FROM {cells}) "
        f"SELECT a, k, arg_max(v, o) AS {slot} FROM ({carried} UNION ALL {spelled}) GROUP BY a, k"
    )


def middle_sql(block: Middle, slot: str, grid: Grid) -> str:
    """SQL: (a, k, median)."""
    cells = block.interval.cells(grid, f"{block.value} AS v", group=False)
    spelled = f"SELECT a, unnest(range(ks, ke)) AS k, v FROM {cells}"
    return f"SELECT a, k, median(v) AS {slot} FROM ({spelled}) GROUP BY a, k"
