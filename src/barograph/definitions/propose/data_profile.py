"""What a data set has: tables, columns, names and spreads. Plain values; `profile` reads them from a lake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

WORDS_KEPT = 50
"""Different values of a text column up to which all of them are known."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Tenth, fiftieth and ninetieth percentile, smallest and largest."""

    low: float
    median: float
    high: float
    least: float
    greatest: float


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column: `type` is a word of the contract (text, number, ...), rows and accounts are those with a
    value, `words` all values of a text with at most WORDS_KEPT of them (else empty), most frequent first."""

    name: str
    type: str
    rows: int
    accounts: int
    words: tuple[str, ...] = ()
    spread: Spread | None = None


@dataclass(frozen=True, slots=True)
class NamedProfile:
    """One event, metric or milestone by its name.

    spread is, for an event, of the rows per account in the last four weeks (accounts with any); for a
    metric, of its values; for a milestone, of the days from the account's start to it. every_days: usual
    days between two of one account (events and metrics). users: accounts for which the user is known.
    """

    name: str
    rows: int
    accounts: int
    users: int = 0
    spread: Spread | None = None
    every_days: float | None = None


@dataclass(frozen=True, slots=True)
class TableProfile:
    """One table as it is now (of each fact the newest version).

    first_day, last_day: local days of its facts, None without dates. usual_gap_days: days between two days
    with any row, exceeded by one gap in twenty. repeat_days: usual days between two facts of one account.
    """

    name: str
    rows: int
    accounts: int
    columns: Mapping[str, ColumnProfile] = field(default_factory=dict)
    first_day: int | None = None
    last_day: int | None = None
    usual_gap_days: float | None = None
    repeat_days: float | None = None

    def has(self, *names: str) -> bool:
        """Whether every column is there with at least one value."""
        return all(name in self.columns and self.columns[name].rows > 0 for name in names)


@dataclass(frozen=True, slots=True)
class DataProfile:
    """A whole data set. `accounts` counts every account that any table names.

    dated_contracts: share of the contracts with an end date, None without contracts. survey_scales: kind of
    survey ("" where it has none) -> smallest and largest score, for answers whose scale is not given.
    """

    accounts: int
    tables: Mapping[str, TableProfile] = field(default_factory=dict)
    events: tuple[NamedProfile, ...] = ()
    metrics: tuple[NamedProfile, ...] = ()
    milestones: tuple[NamedProfile, ...] = ()
    dated_contracts: float | None = None
    survey_scales: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def known_columns(self) -> dict[str, dict[str, str]]:
        """Table -> column -> type, for `lint`; columns without a single value are left out."""
        return {
            name: {c.name: c.type for c in table.columns.values() if c.rows > 0}
            for name, table in self.tables.items()
        }

    def column(self, table: str, name: str) -> ColumnProfile | None:
        """The column, or None when it is not there or has no value."""
        found = self.tables[table].columns.get(name) if table in self.tables else None
        return found if found is not None and found.rows > 0 else None

    def share(self, accounts: int) -> float:
        """Accounts as a share of all, 0 to 1."""
        return accounts / self.accounts if self.accounts else 0.0
