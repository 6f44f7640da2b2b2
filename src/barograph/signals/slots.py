"""The blocks a set of signals needs, each once, and the SQL statements that fill their slots."""

from __future__ import annotations

from dataclasses import dataclass, field

from barograph.signals.blocks import (
    Block,
    Interval,
    Middle,
    Pick,
    Presence,
    Total,
    Window,
    middle_sql,
    pick_sql,
    presence_sql,
    totals_sql,
)
from barograph.signals.grid import Grid
from barograph.signals.weekly import Use, WeeklyFacts


@dataclass(slots=True)
class Slots:
    """Block -> the column that will hold its number. Asking twice for the same block gives the same
    column."""

    names: dict[Block, str] = field(default_factory=dict)

    def _slot(self, block: Block) -> str:
        return self.names.setdefault(block, f"s{len(self.names)}")

    def total(self, interval: Interval, value: str = "rows") -> str:
        """SQL of the total as a HUGEINT, 0 where there is no fact."""
        return f"coalesce({self._slot(Total(interval, value))}, 0)"

    def presence(self, interval: Interval, *keys: str, min_rows: int = 1) -> str:
        """SQL of the number of different keys, 0 where there is no fact."""
        return f"coalesce({self._slot(Presence(interval, keys, min_rows))}, 0)"

    def pick(self, interval: Interval, value: str, order: str) -> str:
        """SQL of the picked value, NULL where there is no fact."""
        return self._slot(Pick(interval, value, order))

    def greatest(self, interval: Interval, value: str) -> str:
        """SQL of the greatest value, NULL where there is no fact."""
        return self.pick(interval, value, value)

    def least(self, interval: Interval, value: str) -> str:
        """SQL of the least value, NULL where there is no fact."""
        return self.pick(interval, value, f"-{value}")

    def middle(self, interval: Interval, value: str) -> str:
        """SQL of the median, NULL where there is no fact."""
        return self._slot(Middle(interval, value))

    def program(self, grid: Grid) -> SlotProgram:
        """What fills the slots from the `cur_` sources: see SlotProgram."""
        by_interval: dict[Interval, dict[str, str]] = {}
        weekly: dict[tuple[str, ...], WeeklyFacts] = {}
        stretches: list[Stretches] = []
        spelled: list[str] = []
        for block, slot in self.names.items():
            window = _whole_weeks(block)
            if window is not None and not isinstance(block, Middle):
                keys = block.keys if isinstance(block, Presence) else ()
                place = (block.interval.source, window.t, *keys)
                facts = weekly.setdefault(place, WeeklyFacts(block.interval.source, window.t, keys))
                facts.add(block, window, slot)
                continue
            match block:
                case Total():
                    by_interval.setdefault(block.interval, {})[slot] = block.value
                case Presence():
                    stretches.append(Stretches(presence_sql(block, slot, grid), (slot,)))
                case Pick():
                    spelled.append(pick_sql(block, slot, grid))
                case Middle():
                    spelled.append(middle_sql(block, slot, grid))
        stretches += [
            Stretches(totals_sql(interval, slots, grid), tuple(slots))
            for interval, slots in by_interval.items()
        ]
        by_week: list[WeeklyQuery] = []
        for number, facts in enumerate(weekly.values()):
            by_week.append(
                WeeklyQuery(f"weekly_{number}", facts.sql(grid), bool(facts.keys), tuple(facts.uses))
            )
            spelled += facts.picks_sql(by_week[-1].name, grid)
        return SlotProgram(
            weekly=tuple(by_week),
            stretches=tuple(stretches),
            spelled=tuple(f"CREATE TEMP TABLE spelled_{i} AS {sql}" for i, sql in enumerate(spelled)),
            join="CREATE TEMP TABLE slots AS SELECT * FROM running "
            + " ".join(f"LEFT JOIN spelled_{i} USING (a, k)" for i in range(len(spelled))),
        )


def _whole_weeks(block: Block) -> Window | None:
    """The window of a block that weekly numbers are enough for: sums, keys, and the first and last day of facts."""
    window = block.interval.window
    if window is None or not window.in_weeks:
        return None
    match block:
        case Total():
            return window
        case Presence():
            return window if block.keys else None
        case Pick():
            by_day = block.value == window.t and block.order.removeprefix("-") == block.value
            return window if by_day else None
        case Middle():
            return None


@dataclass(frozen=True, slots=True)
class Stretches:
    """A query of (a, ks, ke, one number per slot): the number counts at the positions ks <= k < ke of entity a."""

    sql: str
    slots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WeeklyQuery:
    """Weekly numbers (weekly.py) and the slots filled from them; `keyed`: by key, as numbers of keys present."""

    name: str
    sql: str
    keyed: bool
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class SlotProgram:
    """How the slots are filled.

    An engine keeps the weekly numbers without keys as tables, then adds the shifts of all weekly numbers and the
    stretches up for every entity and every position into a table `running(a, k, <slots>)` of integers, 0 where there
    is none. `spelled` are statements, over the sources and the weekly tables. `join` makes `slots` of running and
    spelled.
    """

    weekly: tuple[WeeklyQuery, ...]
    stretches: tuple[Stretches, ...]
    spelled: tuple[str, ...]
    join: str

    @property
    def tables(self) -> tuple[WeeklyQuery, ...]:
        """The weekly numbers that are kept as tables."""
        return tuple(query for query in self.weekly if not query.keyed)

    @property
    def running(self) -> tuple[str, ...]:
        """The slots that weekly numbers and stretches fill."""
        by_week = [use.slot for query in self.weekly for use in query.uses]
        return (*by_week, *(slot for query in self.stretches for slot in query.slots))
