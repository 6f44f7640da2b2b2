"""Raw tables for signal tests: a hand-fed builder, a seeded random workspace, and Parquet files of both.

A raw workspace is `dict[table, list[row]]`; a row is one version with the system columns of the raw layout
(`_key`, `_known_at`, `_known_day`, `_day`, `_clock`, `_digest`, `_seq`, `_import`). A table that is not a key
is absent, an empty list is a table with files and no rows, a column that no row has is absent.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from barograph.definitions.tables import TABLES
from support.oracle_draws import MAKERS, Draw
from support.oracle_facts import local_day, midnight

Raw = dict[str, list[dict[str, Any]]]

KEY_SEPARATOR = "\u001f"
LONG_AGO = datetime(2000, 1, 1)
ARROW_TYPES = {
    "text": pa.string(),
    "number": pa.float64(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "instant": pa.timestamp("us"),
    "day": pa.date32(),
    "list": pa.list_(pa.string()),
}
SYSTEM_TYPES = {
    "_key": pa.string(),
    "_known_at": pa.timestamp("us"),
    "_known_day": pa.int32(),
    "_day": pa.int32(),
    "_clock": pa.string(),
    "_digest": pa.string(),
    "_seq": pa.int64(),
    "_import": pa.string(),
}
ACCOUNT_IDS = (
    "acme",
    "Ünïcode & Söhne",
    "日本電気",
    'o\'hare "quoted"',
    "back\\slash",
    "12345",
    "NULL",
    "two words",
    "emoji 🚀",
    "Acme",
    "semi;colon,comma",
    "only in accounts",
    "only in facts",
)


class RawTables:
    """Collects versions and fills in their system columns.

    `known` is when the version became known (default: when its fact occurred, else long ago). Rows of tables
    with identity are versions of one key when their identity columns agree.
    """

    def __init__(self, timezone: str = "UTC") -> None:
        self.zone = ZoneInfo(timezone)
        self.tables: Raw = {}
        self._rows = 0

    def table(self, name: str) -> None:
        """Makes sure that the table is there, if only empty."""
        self.tables.setdefault(name, [])

    def add(self, name: str, /, *, known: datetime | None = None, **columns: Any) -> None:
        """Adds one version."""
        table = TABLES[name]
        occurred = columns.get(table.occurred) if table.occurred else None
        if known is None:
            day = local_day(occurred, self.zone)
            known = LONG_AGO if day is None else occurred
            if not isinstance(known, datetime):
                known = midnight(day, self.zone)
        self._rows += 1
        content = hashlib.sha256(repr(sorted(columns.items(), key=str)).encode()).hexdigest()[:32]
        identity = KEY_SEPARATOR.join(str(columns.get(column, "")) for column in table.identity)
        self.tables.setdefault(name, []).append(
            {
                **columns,
                "_key": identity if table.identity else f"{content}:{self._rows}",
                "_known_at": known,
                "_known_day": local_day(known, self.zone),
                "_day": local_day(occurred, self.zone),
                "_clock": "source",
                "_digest": content,
                "_seq": self._rows,
                "_import": "import-1",
            }
        )


def arrow_type(table: str, column: str, values: Iterable[Any]) -> pa.DataType:
    """The type of a column: the contract's, or for an attribute what its values are."""
    if column in SYSTEM_TYPES:
        return SYSTEM_TYPES[column]
    if column in TABLES[table].by_name:
        return ARROW_TYPES[TABLES[table].by_name[column].type]
    known = next((value for value in values if value is not None), "")
    for kind, type_ in ((bool, pa.bool_()), ((int, float), pa.float64()), (datetime, pa.timestamp("us"))):
        if isinstance(known, kind):
            return type_
    return pa.string()


def any_known(rows: Iterable[Mapping[str, Any]], column: str) -> bool:
    """Whether some row has a value in the column."""
    return any(row.get(column) is not None for row in rows)


def write_raw(
    directory: Path,
    raw: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    files: int = 1,
    shuffle: int | None = None,
) -> dict[str, list[Path]]:
    """Writes every table as Parquet files and returns their paths by table.

    `files` splits each table; such a file leaves out the columns that are null in all of its rows.
    `shuffle` seeds another order of rows, columns and files.
    """
    rng = random.Random(shuffle)  # noqa: S311 - test data
    directory.mkdir(parents=True, exist_ok=True)
    written: dict[str, list[Path]] = {}
    for table, rows in raw.items():
        names = sorted({column for row in rows for column in row}) or [*TABLES[table].by_name, *SYSTEM_TYPES]
        types = {name: arrow_type(table, name, (row.get(name) for row in rows)) for name in names}
        ordered = list(rows)
        if shuffle is not None:
            rng.shuffle(ordered)
            rng.shuffle(names)
        parts = min(files, max(1, len(ordered)))
        for part in range(parts):
            chosen = ordered[part::parts]
            kept = names
            if parts > 1:
                kept = [name for name in names if name in SYSTEM_TYPES or any_known(chosen, name)]
            path = directory / f"{table}-{part}.parquet"
            columns = {name: pa.array([row.get(name) for row in chosen], types[name]) for name in kept}
            pq.write_table(pa.table(columns), path, compression="zstd")
            written.setdefault(table, []).append(path)
        if shuffle is not None:
            rng.shuffle(written[table])
    return written


def build_raw(
    seed: int,
    days: Sequence[int],
    *,
    timezone: str = "UTC",
    accounts: Sequence[str] = ACCOUNT_IDS,
    tables: Sequence[str] = tuple(MAKERS),
    empty: Sequence[str] = (),
) -> Raw:
    """A workspace of `tables` around the as_of `days`, the same for the same arguments.

    Facts are nulled, tied, duplicated, known late (or before they happen), corrected (a changed where-column
    or measure, a backdated or withdrawn closing, another day, another account) and put one second around
    local midnights. `empty` names tables that are there without a row.
    """
    rows = RawTables(timezone)
    draw = Draw(seed, rows.zone, days)
    for name in empty:
        rows.table(name)
    for name in tables:
        maker, about = MAKERS[name]
        versions: list[tuple[datetime, dict[str, Any]]] = []
        for account in accounts:
            if account == ("only in facts" if name == "accounts" else "only in accounts"):
                continue
            size = 1 if name == "accounts" else draw.rng.randint(0, 2 * about)
            for _ in range(size):
                versions += _versions(draw, name, {"account_id": account, **maker(draw)}, accounts)
        draw.rng.shuffle(versions)
        rows.table(name)
        for known, columns in versions:
            rows.add(name, known=known, **columns)
    return rows.tables


def _versions(
    draw: Draw, name: str, columns: dict[str, Any], accounts: Sequence[str]
) -> list[tuple[datetime, dict[str, Any]]]:
    """One fact as one or more versions; without identity one or two equal rows."""
    table = TABLES[name]
    known = draw.known(columns.get(table.occurred) if table.occurred else None)
    found = [(known, columns)]
    if not table.identity:
        return found * draw.pick(1, 1, 1, 2)
    while draw.rng.random() < 0.35:
        fresh = MAKERS[name][0](draw)
        changing = [column for column in fresh if column not in table.identity]
        if not changing:
            break
        changed = draw.rng.sample(changing, k=min(len(changing), draw.pick(1, 1, 2, 3)))
        columns = {**columns, **{column: fresh[column] for column in changed}}
        if "account_id" not in table.identity and draw.rng.random() < 0.08:
            columns["account_id"] = draw.pick(*accounts)
        delay = draw.pick(0, 1, 86_400, draw.rng.randrange(60 * 86_400), -draw.rng.randrange(10 * 86_400))
        known += timedelta(seconds=delay)
        found.append((known, columns))
    return found
