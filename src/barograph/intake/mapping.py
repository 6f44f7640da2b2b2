"""Mapping files: what is not plain about a source, said once, as data (docs/reference/mapping-file.md)."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    ValidationError,
    field_validator,
    model_validator,
)

from barograph.definitions.tables import TABLES
from barograph.errors import UsageError
from barograph.intake.guesses import nearest
from barograph.intake.names import squash
from barograph.workspace import explain

Scalar = str | int | float | bool
AttributeType = Literal["text", "number", "boolean", "instant"]


class Part(BaseModel):
    """Frozen, and unknown keys are errors: a misspelt key must not silently do nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Reading(Part):
    """How to read the file, and how its values are written.

    `dates` is `iso`, `day-first`, `month-first`, `unix` (seconds), `unix-ms`, or a strptime format. `decimal`
    is the decimal mark; the other mark groups thousands. `timezone` applies to times without a zone.
    `header_row` counts from 1; `sheet` is a name or a number from 1.
    """

    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    header_row: int | None = Field(default=None, ge=1)
    sheet: str | int | None = None
    decimal: Literal[".", ","] = "."
    dates: str = "iso"
    timezone: str | None = None

    @field_validator("dates")
    @classmethod
    def _known_dates(cls, value: str) -> str:
        if value not in {"iso", "day-first", "month-first", "unix", "unix-ms"} and "%" not in value:
            raise ValueError("use iso, day-first, month-first, unix, unix-ms or a strptime format")
        if "%z" in value or "%Z" in value:
            raise ValueError("a format cannot hold a zone; give timezone instead")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                ZoneInfo(value)
            except (ZoneInfoNotFoundError, ValueError, OSError) as error:
                raise ValueError("not an IANA time zone such as Europe/Berlin") from error
        return value


class When(Part):
    """A test of one source column, on its text. Exactly one of the tests is given.

    Texts are compared without regard to case; `below` and `above` compare numbers, and an empty value
    fails both.
    """

    column: str
    equals: Scalar | None = None
    in_: tuple[Scalar, ...] | None = Field(default=None, alias="in", min_length=1)
    not_in: tuple[Scalar, ...] | None = Field(default=None, min_length=1)
    empty: bool | None = None
    below: float | None = Field(default=None, allow_inf_nan=False)
    above: float | None = Field(default=None, allow_inf_nan=False)

    @model_validator(mode="after")
    def _one_test(self) -> When:
        given = [self.equals, self.in_, self.not_in, self.empty, self.below, self.above]
        if sum(test is not None for test in given) != 1:
            raise ValueError("give exactly one of equals, in, not_in, empty, below, above")
        return self


class LeaveOut(When):
    """Rows that are not facts of this table, counted in the report under their reason."""

    reason: str = Field(min_length=1)


class Compute(Part):
    """A column worked out from others, in one of five ways.

    - `start` plus `plus` (a column of numbers) or `plus_value`, in `unit`: a later moment.
    - `column` times `times` (a number, or another column): a scaled number.
    - `join`: columns joined with `with`, for an id that the source spreads over several.
    - `copy`: another column's value, usually with `when`.
    - `value` where `when` holds, else `otherwise`: a word for a condition.

    With `when`, the first four are empty where the test fails. Names are source columns, or contract columns
    of this table that are mapped from one.
    """

    start: str | None = None
    plus: str | None = None
    plus_value: float | None = Field(default=None, allow_inf_nan=False)
    unit: Literal["minutes", "hours", "days"] = "hours"
    column: str | None = None
    times: FiniteFloat | str | None = None
    join: tuple[str, ...] | None = Field(default=None, min_length=1)
    with_: str = Field(default=":", alias="with")
    copy_: str | None = Field(default=None, alias="copy")
    value: Scalar | None = None
    otherwise: Scalar | None = None
    when: When | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Compute:
        ways = [self.start, self.column, self.join, self.copy_, self.value]
        if sum(way is not None for way in ways) != 1:
            raise ValueError("give exactly one of start, column, join, copy, value")
        if self.start is not None and (self.plus is None) == (self.plus_value is None):
            raise ValueError("start needs plus (a column) or plus_value (a number)")
        if self.column is not None and self.times is None:
            raise ValueError("column needs times")
        if self.value is not None and self.when is None:
            raise ValueError("value needs when; a value for all rows goes to constants")
        if self.value is None and self.otherwise is not None:
            raise ValueError("otherwise goes with value")
        return self

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the columns that the result is made from."""
        named = (self.start, self.plus, self.column, self.copy_, *(self.join or ()))
        factor = (self.times,) if isinstance(self.times, str) else ()
        return tuple(name for name in (*named, *factor) if name is not None)


class Join(Part):
    """Columns fetched from another file or table of the same source by a key.

    `file` is a name in the same folder, or `table` a table in the workspace. `on` maps columns here to
    columns there; `take` maps new names here to columns there, or lists columns that keep their name. Each
    key may be there once only; a row without a match gets empty values.
    """

    file: str | None = None
    table: str | None = None
    on: dict[str, str] = Field(min_length=1)
    take: dict[str, str] = Field(min_length=1)
    read: Reading = Reading()

    @field_validator("take", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return {str(name): str(name) for name in value} if isinstance(value, list) else value

    @model_validator(mode="after")
    def _one_place(self) -> Join:
        if (self.file is None) == (self.table is None):
            raise ValueError("give either file or table")
        if self.table is not None and self.table not in TABLES:
            raise ValueError(f"{self.table!r} is not a table")
        return self


class TableMapping(Part):
    """How some files become one table. `files` are names or patterns, without regard to case.

    `columns` maps contract columns (or new attribute names) to source columns; a list names spellings of
    which one is in each file. `types` fixes the type of attributes. `known_at` declares when the rows became
    known, for rows that do not say it themselves; with `clock = "declared"` it stands over the clock derived
    from the table's own timestamps. `ignore` lists source columns that are not kept.
    """

    table: str
    files: tuple[str, ...] = Field(min_length=1)
    columns: dict[str, str | tuple[str, ...]] = {}
    values: dict[str, dict[str, Scalar]] = {}
    constants: dict[str, Scalar] = {}
    compute: dict[str, Compute] = {}
    empties: dict[str, tuple[str, ...]] = {}
    types: dict[str, AttributeType] = {}
    known_with: dict[str, str] = {}
    ignore: tuple[str, ...] = ()
    joins: tuple[Join, ...] = ()
    leave_out: tuple[LeaveOut, ...] = ()
    known_at: date | datetime | None = None
    clock: Literal["declared"] | None = None
    read: Reading = Reading()

    @field_validator("table")
    @classmethod
    def _known_table(cls, value: str) -> str:
        if value not in TABLES:
            near = nearest(value, tuple(TABLES))
            raise ValueError(f"not a table; nearest: {', '.join(near) or ', '.join(TABLES)}")
        return value

    @model_validator(mode="after")
    def _known_clocks(self) -> TableMapping:
        clocks = [phase.clock for phase in TABLES[self.table].phases]
        for name, clock in self.known_with.items():
            if clock not in clocks:
                raise ValueError(
                    f"known_with.{name}: {clock!r} is not a later step of {self.table}; "
                    f"its steps are {', '.join(clocks) or 'none'}"
                )
        return self

    @model_validator(mode="after")
    def _declared_when(self) -> TableMapping:
        if self.clock == "declared" and self.known_at is None:
            raise ValueError('clock = "declared" needs known_at')
        targets = [*self.columns, *self.constants, *self.compute]
        for name in targets:
            if not squash(name).isidentifier():
                raise ValueError(f"{name!r} cannot be the name of a column")
        if len({squash(name) for name in targets}) != len(targets):
            raise ValueError("a column is given twice among columns, constants and compute")
        return self

    def fits(self, name: str) -> bool:
        """True when a file or part of this name (`book.xlsx#Sheet`) is one of `files`."""
        names = (name.lower(), name.split("#", maxsplit=1)[0].lower())
        return any(fnmatch(each, pattern.lower()) for pattern in self.files for each in names)


class Mapping(Part):
    """A mapping file. One source file may fit several tables; it is then read into each."""

    name: str = ""
    tables: tuple[TableMapping, ...] = Field(min_length=1)
    skip: tuple[str, ...] = ()

    def for_file(self, name: str) -> tuple[TableMapping, ...]:
        return tuple(table for table in self.tables if table.fits(name))

    def joins_in(self, name: str) -> bool:
        """True when the rows of this file are joined to those of another one."""
        return any(str(join.file).lower() == name.lower() for table in self.tables for join in table.joins)

    def skips(self, name: str) -> bool:
        """True when the mapping says that this file is not to be imported."""
        return any(fnmatch(name.lower(), pattern.lower()) for pattern in self.skip)


def read_mapping(file: Path) -> Mapping:
    """The mapping in `file`. Raises UsageError naming file, key, value and what was expected."""
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(
            "the mapping file does not exist.", where=str(file), hint="Check the path."
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"not a TOML file: {error}.", where=str(file), hint="Correct that line.") from error
    try:
        return Mapping.model_validate(raw)
    except ValidationError as error:
        raise UsageError(explain(error), where=str(file), hint="Nothing was imported.") from error
