"""The lines of a change ledger in columns, and one account's lines as objects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import (
    AnyArray,
    BoolArray,
    CodeArray,
    FloatArray,
    IntArray,
    TextArray,
    group_sum,
    texts,
)

KINDS = ("data", "peers", "weights", "stale", "cap", "overlay")
CAUSES = ("moved", "arrived", "restated", "peers", "model", "scope", "missing", "cap", "overlay")
"""What lies behind a line: a value moved or arrived, late rows changed last week's picture, the peers moved,
the model or the account's scope in it changed, a value went missing, a cap or the overlay came or went."""

SPREAD = "weight_spread"
"""Name of the line for weight that was spread anew over the other signals."""
LATE_ROWS = "late_rows"
"""Name of the line for facts recorded after last week's score was published."""

STATEMENTS = (
    "items",
    "first_week",
    "was_insufficient",
    "became_insufficient",
    "still_insufficient",
    "restated",
)
"""What a ledger says of an account, by code; only with `items` do its lines add up to a difference.

restated: a score was published last week that today's record of that week no longer supports.
"""
ITEMS, FIRST_WEEK, WAS_INSUFFICIENT, BECAME_INSUFFICIENT, STILL_INSUFFICIENT, RESTATED = range(
    len(STATEMENTS)
)

NEGLIGIBLE = 1e-12
"""Points below this are the last bits of floats, not a line."""


@dataclass(frozen=True, slots=True)
class LedgerItem:
    """One line. Values are raw signal values (for caps 1 active, 0 not), NaN where there is none.

    why_before, why_after: codes into REASONS. weight_*: effective weights in points of 100.
    """

    kind: str
    name: str
    cause: str
    points: float
    value_before: float
    value_after: float
    why_before: int
    why_after: int
    weight_before: float
    weight_after: float


@dataclass(frozen=True, slots=True)
class Ledger:
    """The change of every account of a week against the week before, and its lines in columns.

    before, after: scores, NaN for null. statement: code into STATEMENTS per account. account: row of the
    account for each line, ascending; kind and cause are codes into KINDS and CAUSES.
    """

    account_ids: TextArray
    before: FloatArray
    after: FloatArray
    statement: CodeArray
    account: IntArray
    kind: CodeArray
    name: TextArray
    cause: CodeArray
    points: FloatArray
    value_before: FloatArray
    value_after: FloatArray
    why_before: CodeArray
    why_after: CodeArray
    weight_before: FloatArray
    weight_after: FloatArray

    def items(self, row: int) -> tuple[LedgerItem, ...]:
        """The lines of one account, largest first; lines without points at the end."""
        first, last = np.searchsorted(self.account, [row, row + 1])
        order = sorted(range(int(first), int(last)), key=lambda i: (-abs(self.points[i]), str(self.name[i])))
        return tuple(
            LedgerItem(
                KINDS[self.kind[i]],
                str(self.name[i]),
                CAUSES[self.cause[i]],
                float(self.points[i]),
                float(self.value_before[i]),
                float(self.value_after[i]),
                int(self.why_before[i]),
                int(self.why_after[i]),
                float(self.weight_before[i]),
                float(self.weight_after[i]),
            )
            for i in order
        )

    def totals(self) -> FloatArray:
        """Sum of the lines per account; after - before within 1e-9 where the statement is `items`."""
        return group_sum(self.account, self.points, len(self.account_ids))


@dataclass(frozen=True, slots=True)
class Facts:
    """What stood on both sides of each cell, n x s each."""

    value_before: FloatArray
    value_after: FloatArray
    why_before: CodeArray
    why_after: CodeArray
    weight_before: FloatArray
    weight_after: FloatArray

    @classmethod
    def none(cls, shape: tuple[int, ...]) -> Facts:
        empty, known = np.full(shape, np.nan), np.zeros(shape, dtype=np.int8)
        return cls(empty, empty, known, known, empty, empty)

    def columns(self) -> tuple[AnyArray, ...]:
        return (
            self.value_before,
            self.value_after,
            self.why_before,
            self.why_after,
            self.weight_before,
            self.weight_after,
        )


class Lines:
    """Lines while they are gathered, as blocks of parallel columns."""

    def __init__(self) -> None:
        self._blocks: list[tuple[AnyArray, ...]] = []

    def add_cells(
        self,
        rows: IntArray,
        kind: str,
        cause: str,
        names: tuple[str, ...],
        points: FloatArray,
        facts: Facts | None = None,
        keep: BoolArray | None = None,
    ) -> None:
        """One line per cell of `points` (rows x names) that has points, or that `keep` names."""
        cells = np.abs(points) > NEGLIGIBLE if keep is None else keep
        at, which = np.nonzero(cells)
        count = len(at)
        sides = Facts.none(points.shape) if facts is None else facts
        self._blocks.append(
            (
                rows[at],
                np.full(count, KINDS.index(kind), dtype=np.int8),
                texts(names)[which],
                np.full(count, CAUSES.index(cause), dtype=np.int8),
                points[at, which],
                *(column[at, which] for column in sides.columns()),
            )
        )

    def collect(
        self, account_ids: TextArray, before: FloatArray, after: FloatArray, statement: CodeArray
    ) -> Ledger:
        if not self._blocks:
            self.add_cells(np.empty(0, dtype=np.int64), "data", "moved", (), np.empty((0, 0)))
        columns = [np.concatenate(parts) for parts in zip(*self._blocks, strict=True)]
        order = np.argsort(columns[0], kind="stable")
        return Ledger(account_ids, before, after, statement, *(column[order] for column in columns))
