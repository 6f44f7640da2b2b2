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
    middle_sql,
    pick_sql,
    presence_sql,
    totals_sql,
)
from barograph.signals.grid import Grid


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
        """What fills the slots from the `cur_` sources, in three steps: see SlotProgram."""
        by_interval: dict[Interval, dict[str, str]] = {}
        stretches: list[Stretches] = []
        spelled: list[str] = []
        for block, slot in self.names.items():
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
            Stretches(totals_sql(interval, slots, grid), tuple(slots)) for interval, slots in by_interval.items()
        ]
        return SlotProgram(
            stretches=tuple(stretches),
            spelled=tuple(f"CREATE TEMP TABLE spelled_{i} AS {sql}" for i, sql in enumerate(spelled)),
            join="CREATE TEMP TABLE slots AS SELECT * FROM running "
            + " ".join(f"LEFT JOIN spelled_{i} USING (a, k)" for i in range(len(spelled))),
        )


@dataclass(frozen=True, slots=True)
class Stretches:
    """A query of (a, ks, ke, one number per slot): the number counts at the positions ks <= k < ke of entity a."""

    sql: str
    slots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SlotProgram:
    """How the slots are filled.

    An engine adds the stretches up for every entity and every position into a table `running(a, k, <slots>)` of
    integers, 0 where there is none. `spelled` are statements. `join` makes `slots` of both.
    """

    stretches: tuple[Stretches, ...]
    spelled: tuple[str, ...]
    join: str

    @property
    def running(self) -> tuple[str, ...]:
        """The slots that the stretches fill."""
        return tuple(slot for query in self.stretches for slot in query.slots)
