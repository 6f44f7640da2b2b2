"""A workspace: the folder with settings, models, the lake and the audit journal.

`barograph.toml` is written for a person to read and edit; it is checked whole each time it is opened.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tomlkit
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from barograph.errors import UsageError
from barograph.lake import Journal, Lake

SETTINGS_FILE = "barograph.toml"
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Section(BaseModel):
    """Settings are frozen, and an unknown key is an error rather than a silent nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Rate(Section):
    """One unit of `currency` was worth `rate` units of the reporting currency on `date`."""

    currency: CurrencyCode
    date: date
    rate: float = Field(gt=0, allow_inf_nan=False)


class Currency(Section):
    """The one currency that money is reported in, and what the others were worth.

    A row is converted at the latest rate not after its date; before the first rate, at the first.
    """

    reporting: CurrencyCode = "USD"
    rates: tuple[Rate, ...] = ()


class Source(Section):
    """One import that is repeated: a file, folder or database address, and how to read it.

    A relative `path` or `mapping` starts at the workspace. `confirmed` names the guesses of columns that a person
    accepted, as "accounts.start_date = signup_date", so that a repeated import reads them as the first one did.
    """

    path: str = Field(min_length=1)
    table: str | None = None
    mapping: str | None = None
    confirmed: tuple[str, ...] = ()


class Limits(Section):
    """What one imported file may be at most; larger is refused or quarantined, never cut short.

    `file_bytes` counts after decompression, and `expansion` is how many times larger than on disk that may
    be, for files above 64 MiB. `cell_bytes` is one value, `columns` the width, `record_bytes` one row.
    """

    file_bytes: int = Field(default=64 * 2**30, gt=0)
    expansion: float = Field(default=200.0, gt=1)
    cell_bytes: int = Field(default=1 << 20, gt=0)
    record_bytes: int = Field(default=16 << 20, ge=1 << 16)
    columns: int = Field(default=2000, gt=0)
    memory: str = Field(default="4GB", pattern=r"^[0-9]+(MB|GB|MiB|GiB)$")


class Capacity(Section):
    """How many accounts At Risk or on Watch the team can work, by count or by hours; nothing set: not known.

    `accounts_per_csm`, or `hours_per_csm` a week with what one account takes a week in each tier. `csms`: size of the
    team; without it, everybody who owns a scored account. It draws a line across the list and never moves a tier.
    """

    accounts_per_csm: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    hours_per_csm: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    hours_at_risk: float = Field(default=2.0, gt=0, allow_inf_nan=False)
    hours_watch: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    csms: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_measure(self) -> Capacity:
        if self.accounts_per_csm is not None and self.hours_per_csm is not None:
            raise ValueError("set accounts_per_csm or hours_per_csm, not both")
        return self


class Engine(Section):
    """What computes signals. `memory` and `threads` are of one process (of one task on Spark); results do not depend
    on any of these.

    kind: duckdb, or spark (an extra: `pip install 'barograph[spark]'`) with `master` (local[N], spark://host:port
    or sc://host:port), a `folder` that every worker reaches under the same path, and the number of `buckets` that
    the accounts are spread over.
    """

    kind: Literal["duckdb", "spark"] = "duckdb"
    memory: str = Field(default="4GiB", pattern=r"^[0-9]+(MB|GB|MiB|GiB)$")
    threads: int | None = Field(default=None, gt=0)
    master: str = "local[2]"
    folder: str | None = None
    buckets: int = Field(default=16, gt=0, le=100_000)


class Settings(Section):
    """`barograph.toml`. `timezone` is an IANA name; `model` a path from the workspace."""

    name: str = Field(min_length=1, max_length=200)
    timezone: str = "UTC"
    model: str | None = None
    currency: Currency = Currency()
    sources: tuple[Source, ...] = ()
    limits: Limits = Limits()
    capacity: Capacity = Capacity()
    engine: Engine = Engine()
    application: Mapping[str, Any] = Field(default_factory=dict)
    """Settings of the application, which checks them itself (docs/reference/settings.md)."""

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("not an IANA time zone such as Europe/Berlin") from error
        return value


@dataclass(frozen=True)
class Workspace:
    """A workspace on disk, with the settings as they were when it was opened."""

    path: Path
    settings: Settings

    @staticmethod
    def open(path: Path) -> Workspace:
        """The workspace at `path`. Raises UsageError naming file, key and value when settings are wrong."""
        file = path / SETTINGS_FILE
        if not file.is_file():
            raise UsageError(
                f"there is no {SETTINGS_FILE}.",
                where=str(path),
                hint="Make a workspace with `barograph init DIR`, or name one with -w.",
            )
        return Workspace(path, read_settings(file))

    @staticmethod
    def create(
        path: Path,
        *,
        name: str | None = None,
        timezone: str = "UTC",
        currency: str = "USD",
        rates: tuple[Rate, ...] = (),
        model: str | None = None,
        sources: tuple[Source, ...] = (),
    ) -> Workspace:
        """Make the folder with its settings. Raises UsageError where a workspace is already."""
        file = path / SETTINGS_FILE
        if file.exists():
            raise UsageError("there is a workspace already.", where=str(file), hint="Choose another folder.")
        settings = _checked(
            {
                "name": name or path.resolve().name or "workspace",
                "timezone": timezone,
                "model": model,
                "currency": {"reporting": currency, "rates": [rate.model_dump() for rate in rates]},
                "sources": [source.model_dump() for source in sources],
            },
            file,
        )
        path.mkdir(parents=True, exist_ok=True)
        (path / "models").mkdir(exist_ok=True)
        _write(file, settings_text(settings))
        return Workspace(path, settings)

    def with_source(self, source: Source) -> Workspace:
        """Add a source to the settings file, keeping its comments; the same source twice is one."""
        if source in self.settings.sources:
            return self
        file = self.path / SETTINGS_FILE
        document = tomlkit.parse(file.read_text(encoding="utf-8"))
        if "sources" not in document:
            document["sources"] = tomlkit.aot()
        document["sources"].append(_source_table(source))
        _write(file, tomlkit.dumps(document))
        return Workspace.open(self.path)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.timezone)

    @cached_property
    def journal(self) -> Journal:
        return Journal(self.path / "journal")

    @cached_property
    def lake(self) -> Lake:
        return Lake(self.path / "lake", self.journal)

    def inside(self, path: str) -> Path:
        """A path from the settings: relative ones start at the workspace."""
        return self.path / Path(path).expanduser()

    def model_file(self) -> Path:
        """The model in force: the one that the settings name, else the only one under models/.

        Raises UsageError when it is missing or the choice is open.
        """
        if self.settings.model is not None:
            file = self.inside(self.settings.model)
            if not file.is_file():
                raise UsageError(
                    f"key 'model': {self.settings.model!r} is not a file.",
                    where=str(self.path / SETTINGS_FILE),
                    hint="Name a model file that exists.",
                )
            return file
        found = sorted((self.path / "models").glob("*.toml"))
        if len(found) == 1:
            return found[0]
        names = ", ".join(file.name for file in found) or "none"
        raise UsageError(
            f"the model is not clear: models/ has {names}.",
            where=str(self.path / SETTINGS_FILE),
            hint='Name one, for example: model = "models/saas.toml".',
        )


def read_settings(file: Path) -> Settings:
    """The settings in `file`. Raises UsageError naming the key, the value and what was expected."""
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"not TOML: {error}.", where=str(file), hint="Correct that line.") from error
    return _checked(raw, file)


def _checked(raw: Mapping[str, Any], file: Path) -> Settings:
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        raise UsageError(explain(error), where=str(file), hint="Nothing was done.") from error


def explain(error: ValidationError) -> str:
    """What is wrong with a TOML document, one sentence per key."""
    lines = []
    for item in error.errors(include_url=False):
        key = ".".join(str(part) for part in item["loc"]) or "the document"
        if item["type"] == "extra_forbidden":
            lines.append(f"key '{key}' is not a setting.")
        elif item["type"] == "missing":
            lines.append(f"key '{key}' is missing.")
        else:
            lines.append(f"key '{key}': {item['input']!r} is refused: {item['msg']}.")
    return " ".join(lines)


def settings_text(settings: Settings) -> str:
    """A settings file with the comments a person needs to edit it."""
    document = tomlkit.document()
    document.add(tomlkit.comment("Settings of a Barograph workspace."))
    document.add("name", tomlkit.string(settings.name))
    document.add(tomlkit.nl())
    document.add(tomlkit.comment("Days begin at midnight in this time zone (IANA name)."))
    document.add("timezone", tomlkit.string(settings.timezone))
    document.add(tomlkit.nl())
    document.add(tomlkit.comment("The model in force. Without it, the only file under models/ counts."))
    if settings.model is None:
        document.add(tomlkit.comment('model = "models/saas.toml"'))
    else:
        document.add("model", tomlkit.string(settings.model))
    document.add(tomlkit.nl())
    money = tomlkit.table()
    money.add(tomlkit.comment("Money is reported in this currency. Each other currency needs a rate:"))
    money.add(tomlkit.comment("how many of the reporting currency one unit was worth on that date."))
    money.add("reporting", settings.currency.reporting)
    if settings.currency.rates:
        rates = tomlkit.array()
        for rate in settings.currency.rates:
            line = tomlkit.inline_table()
            line.update(rate.model_dump())
            rates.append(line)
        money.add("rates", rates.multiline(True))
    else:
        money.add(tomlkit.comment('rates = [{ currency = "EUR", date = 2026-01-01, rate = 1.08 }]'))
    document.add("currency", money)
    document.add(tomlkit.nl())
    document.add(
        tomlkit.comment("How many accounts At Risk or on Watch one CSM can work at a time. The review then")
    )
    document.add(tomlkit.comment("draws a line where the team's capacity ends; it moves no tier."))
    document.add(tomlkit.comment("[capacity]"))
    document.add(tomlkit.comment("accounts_per_csm = 12"))
    if settings.sources:
        sources = tomlkit.aot()
        for source in settings.sources:
            sources.append(_source_table(source))
        document.add("sources", sources)
    return tomlkit.dumps(document)


def _source_table(source: Source) -> tomlkit.items.Table:
    table = tomlkit.table()
    for key, value in source.model_dump(exclude_none=True, exclude_defaults=True, mode="json").items():
        table.add(
            key,
            tomlkit.array(json.dumps(value, ensure_ascii=False)).multiline(True)
            if isinstance(value, list)
            else value,
        )
    return table


def _write(file: Path, text: str) -> None:
    aside = file.with_suffix(".aside")
    with aside.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(file)
