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
from barograph.signals.weekly import KeyedFacts, Use, WeeklySums, Word


@dataclass(slots=True)
class Slots:
    """Block -> the column that will hold its number. Asking twice for the same block gives the same
    column."""

    names: dict[Block, str] = field(default_factory=dict)

    def _slot(self, block: Block) -> str:
        return self.names.setdefault(block, f"s{len(self.names)}")

    def total(self, interval: Interval, value: str = "1") -> str:
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
        """What fills the slots from the `src_` sources: see SlotProgram."""
        by_interval: dict[Interval, dict[str, str]] = {}
        sums: dict[tuple[str, str], WeeklySums] = {}
        keyed: dict[tuple[str, ...], KeyedFacts] = {}
        stretches: list[Stretches] = []
        spelled: list[str] = []
        for block, slot in self.names.items():
            window = _whole_weeks(block)
            if window is not None and isinstance(block, Total | Pick):
                place = (block.interval.source, window.t)
                sums.setdefault(place, WeeklySums(*place)).add(block, window, slot)
                continue
            if window is not None and isinstance(block, Presence):
                keys = (block.interval.source, window.t, *block.keys)
                while keys in keyed and keyed[keys].full:
                    keys = (*keys, "")
                keyed.setdefault(keys, KeyedFacts(keys[0], keys[1], block.keys)).add(block, window, slot)
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
        weekly: list[WeeklyTable] = []
        for number, facts in enumerate(sums.values()):
            weekly.append(WeeklyTable(f"weekly_{number}", facts.sql(grid), tuple(facts.uses)))
            spelled += facts.picks_sql(weekly[-1].name, grid)
        return SlotProgram(
            weekly=tuple(weekly),
            keyed=tuple(KeyedQuery(k.sql(grid), k.word(grid), tuple(k.uses)) for k in keyed.values()),
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
class WeeklyTable:
    """Sums by week (weekly.py), kept under a name, and the slots that are filled from their columns."""

    name: str
    sql: str
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class KeyedQuery:
    """Facts by key (weekly.py), and the slots filled with the number of keys present."""

    sql: str
    word: Word
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class SlotProgram:
    """How the slots are filled.

    An engine makes the weekly tables, then adds up the shifts of their columns, the keys present and the stretches
    for every entity and every position into a table `running(a, k, <slots>)` of integers, 0 where there is none.
    `spelled` are statements, over the sources and the weekly tables. `join` makes `slots` of running and spelled.
    """

    weekly: tuple[WeeklyTable, ...]
    keyed: tuple[KeyedQuery, ...]
    stretches: tuple[Stretches, ...]
    spelled: tuple[str, ...]
    join: str

    @property
    def running(self) -> tuple[str, ...]:
        """The slots that are added up."""
        weekly = [use.slot for table in self.weekly for use in table.uses]
        keyed = [use.slot for query in self.keyed for use in query.uses]
        return (*weekly, *keyed, *(slot for query in self.stretches for slot in query.slots))
