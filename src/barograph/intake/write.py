"""New versions and quarantined rows as files of the lake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from barograph.definitions.tables import Table
from barograph.intake import money
from barograph.intake.load import Context, Loaded
from barograph.intake.sql import files, ident, lit
from barograph.intake.values import DUCK_TYPES
from barograph.intake.versions import PER_ROW, system_columns

NEXT_SEQ = "next_seq"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written of one table: versions by clock, and in all."""

    versions: int
    clocks: dict[str, int]


def write_versions(context: Context, loaded: Loaded) -> Written:
    """Add the versions that are to be kept as one file of `raw/<table>`; none when there is none.

    Sets the mark of the next `_seq`. The file's meta says from which day on results of this table may differ.
    """
    connection, table = context.connection, loaded.table
    by_clock = f"SELECT _clock, count(*) FROM {loaded.name}_new GROUP BY 1 ORDER BY 1"
    counts = dict(connection.execute(by_clock).fetchall())
    total = sum(counts.values())
    if not total:
        return Written(0, {})
    base = context.txn.mark(NEXT_SEQ) or 0
    home = context.workspace.settings.timezone
    path = context.txn.new_path(f"raw/{table.name}")
    days = system_columns(table, loaded.kinds, home)
    connection.execute(
        f"COPY (SELECT {_columns(table, loaded)}, _key, _known_at, {days}, _clock, _digest, "
        f"{base} + _order AS _seq, {lit(context.import_id)} AS _import FROM {loaded.name}_new) "
        f"TO {lit(str(path))} (FORMAT parquet, COMPRESSION zstd)"
    )
    context.txn.add(path, total, _meta(context, loaded, path))
    last = _one(context, f"SELECT max(_seq) FROM {files([path])}")
    context.txn.set_mark(NEXT_SEQ, int(last) + PER_ROW)
    return Written(total, counts)


def write_quarantine(context: Context, loaded: Loaded) -> None:
    """Add the quarantined rows that are not in `quarantine/<table>` already, as one file."""
    connection, table = context.connection, loaded.table
    parts = [
        f"SELECT {lit(source.staged.shown)} AS file, _row AS row, * EXCLUDE (_row) FROM {typed.name}_bad"
        for source, typed in zip(loaded.sources, loaded.typed, strict=True)
        if typed.counts.quarantined
    ]
    if not parts:
        return
    key = "md5(concat_ws(chr(31), file, CAST(row AS VARCHAR), \"column\", coalesce(value, ''), record))"
    found = f"SELECT *, {key} AS _key FROM ({' UNION ALL '.join(parts)})"
    before = context.paths(f"quarantine/{table.name}")
    if before:
        found = f"SELECT * FROM ({found}) q ANTI JOIN (SELECT _key FROM {files(before)}) USING (_key)"
    name = f"q_{table.name}"
    connection.execute(f"CREATE TABLE {name} AS {found}")
    total = _one(context, f"SELECT count(*) FROM {name}")
    if total:
        path = context.txn.new_path(f"quarantine/{table.name}")
        connection.execute(
            f"COPY (SELECT * EXCLUDE (_key), {lit(context.import_id)} AS import_id, "
            f"TIMESTAMP {lit(context.now_text)} AS at, _key FROM {name} ORDER BY file, row) "
            f"TO {lit(str(path))} (FORMAT parquet, COMPRESSION zstd)"
        )
        context.txn.add(path, total, {"import": context.import_id})


def _columns(table: Table, loaded: Loaded) -> str:
    """All columns of the contract (NULL where no source has one), money as reported, then attributes."""
    listed = []
    for column in table.columns:
        listed.append(_column(column.name, column.type, loaded))
        if column.money:
            kinds = ("number", "number", "day")
            listed += [
                _column(f"{column.name}{suffix}", kind, loaded)
                for suffix, kind in zip(money.SUFFIXES, kinds, strict=True)
            ]
    listed += [ident(name) for name in sorted(loaded.attributes)]
    return ", ".join(listed)


def _column(name: str, kind: str, loaded: Loaded) -> str:
    if name in loaded.kinds:
        return ident(name)
    return f"CAST(NULL AS {DUCK_TYPES[kind]}) AS {ident(name)}"


def _meta(context: Context, loaded: Loaded, path: Any) -> dict[str, Any]:
    names = [column.name for column in loaded.table.columns if column.name in loaded.kinds]
    counts = ", ".join(f"count({ident(name)})" for name in names)
    row = (
        context.connection.execute(
            f"SELECT min(_day), max(_day), min(_known_day), max(_known_day), {counts} FROM {files([path])}"
        ).fetchone()
        or ()
    )
    return {
        "import": context.import_id,
        "attributes": {name: loaded.attributes[name] for name in sorted(loaded.attributes)},
        "filled": [name for name, count in zip(names, row[4:], strict=True) if count],
        "day": [row[0], row[1]],
        "known_day": [row[2], row[3]],
    }


def _one(context: Context, query: str) -> Any:
    row = context.connection.execute(query).fetchone()
    return row[0] if row else None
