"""What an import did: counts that add up, per table and per file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date

from barograph.intake.guesses import Guess
from barograph.lake import JSON

SCHEMA = "barograph.import/1"


@dataclass(frozen=True, slots=True)
class FileReport:
    """One source file as one table. rows = new + changed + unchanged + quarantined + all of `filtered`.

    `facts` say how it was read (encoding, delimiter, sheet, header row).
    """

    file: str
    rows: int
    new: int
    changed: int
    unchanged: int
    quarantined: int
    filtered: Mapping[str, int]
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """How many rows broke the contract in one column, with the first of them as an example."""

    column: str
    expected: str
    rows: int
    example: str


@dataclass(frozen=True, slots=True)
class TableReport:
    """One table. The counts are sums over `files`, and add up in the same way.

    `new` are facts seen for the first time, `changed` rows that say something else than what was in force
    before, `unchanged` the other rows. `known_accounts_share` is the share of accepted rows whose account is
    in the accounts table, null without one or without rows. `first` and `last` are the days between which
    the accepted facts happened; `fresh_as_of` is the last day on which anything of this table became known.
    `clocks` counts stored versions by how their time was found: source, derived, declared, import, none.
    `currencies` counts accepted rows with money by the currency they name, '' for none.
    """

    table: str
    files: tuple[FileReport, ...]
    known_accounts_share: float | None
    first: date | None
    last: date | None
    fresh_as_of: date | None
    clocks: Mapping[str, int]
    versions: int
    attributes: Mapping[str, str]
    currencies: Mapping[str, int]
    quarantine: tuple[Quarantined, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def new(self) -> int:
        return sum(file.new for file in self.files)

    @property
    def changed(self) -> int:
        return sum(file.changed for file in self.files)

    @property
    def unchanged(self) -> int:
        return sum(file.unchanged for file in self.files)

    @property
    def quarantined(self) -> int:
        return sum(file.quarantined for file in self.files)

    @property
    def filtered(self) -> dict[str, int]:
        total: dict[str, int] = {}
        for file in self.files:
            for reason, count in file.filtered.items():
                total[reason] = total.get(reason, 0) + count
        return total

    def to_json(self) -> dict[str, JSON]:
        return {
            "table": self.table,
            "rows": self.rows,
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "quarantined": self.quarantined,
            "filtered": sum(self.filtered.values()),
            "filtered_reasons": self.filtered,
            "known_accounts_share": self.known_accounts_share,
            "from": _day(self.first),
            "to": _day(self.last),
            "fresh_as_of": _day(self.fresh_as_of),
            "clocks": dict(self.clocks),
            "versions": self.versions,
            "attributes": dict(self.attributes),
            "currencies": dict(self.currencies),
            "quarantine": [asdict(item) for item in self.quarantine],
            "files": [asdict(file) for file in self.files],
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, slots=True)
class ImportReport:
    """One import. `guesses` were not certain: those of tables were used, those of columns only if confirmed.

    `skipped` maps files of a folder that were left alone to the reason. `generation` is the lake's after it.
    """

    import_id: str
    at: str
    generation: int
    reporting_currency: str
    tables: tuple[TableReport, ...]
    guesses: tuple[Guess, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)

    def table(self, name: str) -> TableReport:
        """The report of one table; KeyError when the import had none of it."""
        for found in self.tables:
            if found.table == name:
                return found
        raise KeyError(name)

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(f"{table.table}: {text}" for table in self.tables for text in table.warnings)

    def to_json(self) -> dict[str, JSON]:
        """The document that `barograph import --format json` prints."""
        return {
            "schema": SCHEMA,
            "import": self.import_id,
            "at": self.at,
            "generation": self.generation,
            "reporting_currency": self.reporting_currency,
            "tables": [table.to_json() for table in self.tables],
            "guesses": [asdict(guess) for guess in self.guesses],
            "skipped": dict(self.skipped),
            "warnings": list(self.warnings),
        }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
