"""Which tables and columns there are: those of the data contract, or those that a workspace really has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from barograph.definitions.base import Category, Where
from barograph.definitions.nearest import nearest
from barograph.definitions.signal import (
    DERIVED_COLUMNS,
    Change,
    Distinct,
    OpenAsOf,
    OverdueAsOf,
    PowerUserTrend,
    ResponseLatency,
    Share,
    Slope,
    SourceSignal,
    StakeholderCoverage,
    StateAsOf,
)
from barograph.definitions.tables import RECORDED, TABLES

KnownColumns = Mapping[str, Mapping[str, str]]
"""Table -> column -> type (a `ColumnType` of the contract)."""

Need = Literal["any", "number", "moment", "flag"]

NEEDED_TYPES: dict[Need, tuple[str, ...]] = {
    "any": (),
    "number": ("number", "integer"),
    "moment": ("instant", "day"),
    "flag": ("boolean",),
}

FEEDS: dict[Category, tuple[str, ...]] = {
    "usage": ("events", "metrics"),
    "engagement": ("interactions",),
    "support": ("tickets", "escalations"),
    "relationship": ("contacts", "pulses"),
    "commercial": ("contracts", "invoices", "opportunities"),
    "value": ("goals", "milestones"),
}
"""Category -> tables that can feed it on their own."""

ACCOUNT_STATE = (
    "segment",
    "plan",
    "lifecycle",
    "region",
    "industry",
    "touch_model",
    "csm_email",
    "am_email",
    "name",
    "parent_account_id",
)
"""What a scope can test besides attributes of the account."""


RESERVED_NAMES = frozenset(
    {
        *ACCOUNT_STATE,
        "account_id",
        "as_of",
        "start_day",
        "arr",
        "seats",
        "term_end_day",
        "notice_days",
        "opt_out_day",
        "notice_given",
        "last_touch_day",
    }
)
"""Columns that stand beside the signals in every table of signal values."""


def contract_columns() -> dict[str, dict[str, str]]:
    """Every table and column of the data contract with its type, derived columns included."""
    known = {name: {c.name: str(c.type) for c in table.columns} for name, table in TABLES.items()}
    for table, derived in DERIVED_COLUMNS.items():
        known[table].update(dict.fromkeys(derived, "number"))
    return known


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """A column that a signal reads: under which key of the file, and what it has to be."""

    key: str
    column: str
    need: Need


class Schema:
    """Tables and columns as far as they are known.

    With `known` the answer is what the workspace has (columns derived from present ones are added); without
    it the data contract counts, and a column that is not in it may be an attribute of the user's.
    """

    def __init__(self, known: KnownColumns | None) -> None:
        self.from_data = known is not None
        self.contract = contract_columns()
        self.tables: dict[str, dict[str, str]] = (
            self.contract if known is None else {t: dict(columns) for t, columns in known.items()}
        )
        for table in self.tables.keys() & TABLES.keys() if self.from_data else ():
            # Without that column a row is dated by the clock that the import found for it.
            self.tables[table].setdefault(RECORDED.name, str(RECORDED.type))
        for table, derived in DERIVED_COLUMNS.items() if self.from_data else ():
            if table in self.tables:
                self.tables[table].update(dict.fromkeys(derived, "number"))

    def knows_table(self, table: str) -> bool:
        """True for a table of the contract or of the data."""
        return table in self.tables or table in self.contract

    def type_of(self, table: str, column: str) -> str | None:
        """The column's type, or None where it is not known."""
        return self.tables.get(table, {}).get(column)

    def problem(self, table: str, column: str) -> str | None:
        """Why a column cannot be read, with the nearest name; None when it can be, or may be an attribute."""
        columns = self.tables.get(table)
        if columns is None or column in columns:
            return None
        guess = nearest(column, columns)
        hint = f' Nearest: "{guess}".' if guess else f" It has {', '.join(sorted(columns))}."
        if self.from_data:
            if column in self.contract.get(table, {}):
                return f'your {table} have no column "{column}".{hint}'
            return f'{table} has no column "{column}".{hint}'
        return f'{table} has no column "{column}".{hint}' if guess else None

    def feeds(self, category: Category) -> tuple[str, ...]:
        """The tables that are there and can feed the category."""
        return tuple(table for table in FEEDS[category] if table in self.tables)


def column_uses(signal: SourceSignal) -> Iterator[ColumnUse]:
    """Every column that the signal reads of its source, conditions apart."""
    if signal.at is not None:
        yield ColumnUse("at", signal.at, "moment")
    measure = getattr(signal, "measure", None)
    if measure is not None:
        counted = isinstance(signal, Distinct | PowerUserTrend) or signal.template == "breadth"
        named = isinstance(signal, Change | Slope) and signal.of in ("distinct", "count")
        yield ColumnUse("measure", measure, "any" if counted or named else "number")
    match signal:
        case PowerUserTrend():
            yield ColumnUse("flag", signal.flag, "flag")
        case OpenAsOf():
            yield ColumnUse("closed", signal.closed, "moment")
        case OverdueAsOf():
            yield ColumnUse("due", signal.due, "moment")
            yield ColumnUse("done", signal.done, "moment")
        case ResponseLatency():
            yield ColumnUse("start", signal.start, "moment")
            yield ColumnUse("end", signal.end, "moment")
        case StateAsOf() | StakeholderCoverage():
            for key, column in (("begins", signal.begins), ("ends", signal.ends)):
                if column is not None:
                    yield ColumnUse(key, column, "moment")
        case _:
            pass


def condition_sets(signal: SourceSignal) -> Iterator[tuple[str, Where]]:
    """The signal's tests on columns by the key they stand under."""
    yield "where", signal.where
    if isinstance(signal, Share | StateAsOf):
        yield "among", signal.among
