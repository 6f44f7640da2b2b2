"""One table of an import: from its prepared sources to new files in the lake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from barograph.connectors import ROW
from barograph.definitions.tables import TABLES, Table
from barograph.errors import UsageError
from barograph.intake.attributes import infer_types
from barograph.intake.content_keys import make_content_keys, new_by_file
from barograph.intake.fields import Columns, SourceColumn
from barograph.intake.headers import Header
from barograph.intake.joins import Joined, join_all
from barograph.intake.mapping import Scalar, TableMapping
from barograph.intake.merge import merge, row_classes
from barograph.intake.names import squash
from barograph.intake.prepare import Prepared
from barograph.intake.sql import ident, lit
from barograph.intake.stored import attributes_of, keys_relation, widen
from barograph.intake.times import Written, local_day
from barograph.intake.typed import Typed, make_typed
from barograph.intake.values import DUCK_TYPES
from barograph.intake.versions import make_versions
from barograph.lake import Lake, Transaction, checkpoint
from barograph.lake.days import midnight
from barograph.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Context:
    """What all tables of one import share."""

    workspace: Workspace
    lake: Lake
    txn: Transaction
    connection: duckdb.DuckDBPyConnection
    import_id: str
    now: datetime
    known_at: date | datetime | None

    @property
    def now_text(self) -> str:
        """`now` as a UTC timestamp without zone, as SQL reads it."""
        return self.now.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")

    def paths(self, dataset: str) -> list[Path]:
        """Files of a dataset as they will be after the commit."""
        return [self.lake.root / entry.path for entry in self.txn.entries(dataset)]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A table worked out: the scratch views `accepted` (rows) and `name_new` (versions to be stored).

    `classes` are the new and the changed rows of each file.
    """

    table: Table
    name: str
    accepted: str
    kinds: Mapping[str, str]
    attributes: Mapping[str, str]
    sources: tuple[Prepared, ...]
    typed: tuple[Typed, ...]
    classes: Mapping[int, tuple[int, int]]
    widened: tuple[str, ...]


def load_table(
    context: Context, table: Table, sources: tuple[Prepared, ...], stored: Callable[[str], str | None]
) -> Loaded:
    """Type, version and merge all sources of one table; writes nothing but rewritten attribute types."""
    connection, home = context.connection, context.workspace.settings.timezone
    written = [_written(source, home) for source in sources]
    joined = [join_all(connection, source, stored) for source in sources]
    limits = context.workspace.settings.limits
    columns = [
        Columns(source.staged.shown, table, j.columns, source.item.mapping, w, limits.cell_bytes)
        for source, j, w in zip(sources, joined, written, strict=True)
    ]
    attributes, widened = _attribute_types(context, table, sources, joined, columns)
    typed = []
    for index, source in enumerate(sources):
        header = _without_empty(source.header, attributes)
        layout = columns[index].layout(header, attributes)
        typed.append(
            make_typed(
                connection,
                f"t_{table.name}_{index}",
                joined[index].relation,
                source.staged,
                columns[index],
                layout,
                context.workspace.settings.currency,
                context.now.astimezone(context.workspace.zone).date().isoformat(),
            )
        )
    checkpoint("import.typed")
    kinds: dict[str, str] = {}
    for each in typed:
        kinds |= each.kinds
    accepted = _accepted(context, table, sources, typed, kinds)
    name = f"v_{table.name}"
    classes = _merged(context, table, sources, name, accepted, kinds)
    used = {column: kind for column, kind in attributes.items() if column in kinds}
    return Loaded(table, name, accepted, kinds, used, sources, tuple(typed), classes, widened)


def _merged(
    context: Context,
    table: Table,
    sources: tuple[Prepared, ...],
    name: str,
    accepted: str,
    kinds: Mapping[str, str],
) -> dict[int, tuple[int, int]]:
    """Make the view `name_new` of what is to be stored; returns (new, changed) rows for each file."""
    connection, home, now = context.connection, context.workspace.settings.timezone, context.now_text
    entries = context.txn.entries(f"raw/{table.name}")
    if not table.identity:
        days = _days(connection, accepted, table, kinds, home)
        stored = keys_relation(context.lake, entries, days)
        make_content_keys(connection, name, accepted, table, kinds, stored, now=now, home=home)
        checkpoint("import.merged")
        return new_by_file(connection, name)
    known_with = _known_with(table, sources)
    make_versions(connection, name, accepted, table, kinds, known_with=known_with, now=now, home=home)
    merge(connection, name, keys_relation(context.lake, entries, None), now=now)
    checkpoint("import.merged")
    return row_classes(connection, name)


def _known_with(table: Table, sources: tuple[Prepared, ...]) -> dict[str, str]:
    """Attributes that are known only from a later step: as declared, and those that its time is made from."""
    found: dict[str, str] = {}
    clocks = {phase.clock for phase in table.phases}
    for source in sources:
        mapping = source.item.mapping
        if mapping is None:
            continue
        for target, compute in mapping.compute.items():
            if target in clocks:
                inputs = {squash(name) for name in compute.inputs}
                found |= {
                    n: target
                    for n, p in source.header.attributes.items()
                    if squash(source.names[p]) in inputs
                }
        found |= mapping.known_with
    return found


def _written(source: Prepared, home: str) -> Written:
    mapping = source.item.mapping
    if mapping is None:
        return Written(home, home)
    return Written(mapping.read.timezone or home, home, mapping.read.decimal, mapping.read.dates)


def _attribute_types(
    context: Context,
    table: Table,
    sources: tuple[Prepared, ...],
    joined: list[Joined],
    columns: list[Columns],
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The type of every attribute that has a value, and those that become text in the lake because of it.

    An attribute keeps the type that it has in the lake, unless a mapping declares it text. Sources that
    differ make it text.
    """
    before = attributes_of(context.txn.entries(f"raw/{table.name}"))
    found: dict[str, str] = {}
    declared: dict[str, str] = {}
    for source, relation, known in zip(sources, joined, columns, strict=True):
        mapping, header = source.item.mapping, source.header
        declared |= dict(mapping.types) if mapping else {}
        named = {n: relation.columns[p] for n, p in (*header.attributes.items(), *header.targets.items())}
        free: dict[str, SourceColumn] = {n: c for n, c in named.items() if n not in table.by_name}
        inferred = infer_types(context.connection, relation.relation, known, free)
        inferred |= _made_types(mapping, table)
        for name, kind in inferred.items():
            found[name] = kind if found.get(name, kind) == kind else "text"
    changes = {}
    for name, kind in tuple(found.items()):
        wanted = declared.get(name) or before.get(name) or kind
        if before.get(name, wanted) != wanted:
            if wanted != "text":
                raise UsageError(
                    f"the mapping declares attribute {name!r} of {table.name} as {wanted}; "
                    f"the workspace has it as {before[name]}.",
                    hint="An attribute can become text, and otherwise keeps its type.",
                )
            changes[name] = before[name]
        found[name] = wanted
    if changes:
        widen(context.connection, context.lake, context.txn, f"raw/{table.name}", changes)
    return found, tuple(changes)


def _made_types(mapping: TableMapping | None, table: Table) -> dict[str, str]:
    """Types of attributes that a mapping makes from constants and computations."""
    if mapping is None:
        return {}
    made = {name: _constant_type(value) for name, value in mapping.constants.items()}
    for name, compute in mapping.compute.items():
        made[name] = (
            "instant" if compute.start is not None else "number" if compute.column is not None else "text"
        )
    return {name: kind for name, kind in made.items() if name not in table.by_name}


def _constant_type(value: Scalar) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "text" if isinstance(value, str) else "number"


def _without_empty(header: Header, kinds: Mapping[str, str]) -> Header:
    attributes = {name: position for name, position in header.attributes.items() if name in kinds}
    return Header(header.targets, header.factors, header.implied, attributes, header.guesses)


def _accepted(
    context: Context,
    table: Table,
    sources: tuple[Prepared, ...],
    typed: list[Typed],
    kinds: Mapping[str, str],
) -> str:
    """A scratch view of all accepted rows of the table, numbered through, with what was declared for them."""
    parts, offset = [], 0
    for index, (source, each) in enumerate(zip(sources, typed, strict=True)):
        listed = ", ".join(
            ident(column) if column in each.kinds else f"CAST(NULL AS {DUCK_TYPES[kind]}) AS {ident(column)}"
            for column, kind in kinds.items()
        )
        declared, forced = _declared(context, source.item.mapping)
        parts.append(
            f"SELECT {listed}, {offset} + {ROW} AS _ord, {index} AS _file, {declared} AS _declared, "
            f"{lit(forced)} AS _force{'' if table.identity else ', _hash'} FROM {each.name}"
        )
        last = context.connection.execute(f"SELECT coalesce(max({ROW}), 0) FROM {each.name}").fetchone()
        offset += (last[0] if last else 0) + 1
    name = f"a_{table.name}"
    context.connection.execute(f"CREATE VIEW {name} AS {' UNION ALL '.join(parts)}")
    return name


def _declared(context: Context, mapping: TableMapping | None) -> tuple[str, bool]:
    """When the rows were declared to be known, as SQL, and whether that stands over derived clocks.

    Raises UsageError for a declaration after now: nobody can know that yet.
    """
    moment = context.known_at if context.known_at is not None else mapping.known_at if mapping else None
    if moment is None:
        return "NULL::TIMESTAMP", False
    zone = context.workspace.zone
    if isinstance(moment, datetime):
        instant = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    else:
        instant = midnight(moment, zone)
    if instant > context.now:
        raise UsageError(f"the rows are declared to be known at {moment}, which is after now.")
    forced = mapping is not None and mapping.clock == "declared"
    return f"TIMESTAMP {lit(instant.replace(tzinfo=None).isoformat(sep=' '))}", forced


def _days(
    connection: duckdb.DuckDBPyConnection, name: str, table: Table, kinds: Mapping[str, str], home: str
) -> tuple[int, int] | None:
    """First and last day on which the versions' facts happened; None when that is not known."""
    if table.occurred is None or table.occurred not in kinds or kinds[table.occurred] != "instant":
        return None
    day = local_day(ident(table.occurred), home)
    row = connection.execute(f"SELECT min({day}), max({day}) FROM {name}").fetchone()
    return (row[0], row[1]) if row and row[0] is not None else None


def table_order(names: set[str], sources: Mapping[str, tuple[Prepared, ...]]) -> list[Table]:
    """The tables in an order in which each comes after those that it is joined to."""
    needs = {
        name: {
            join.table
            for source in sources[name]
            for join in (source.item.mapping.joins if source.item.mapping else ())
            if join.table in names and join.table != name
        }
        for name in names
    }
    ordered: list[Table] = []
    waiting = [name for name in TABLES if name in names]
    while waiting:
        ready = next((n for n in waiting if not needs[n] - {t.name for t in ordered}), None)
        if ready is None:
            raise UsageError(f"the joins between {', '.join(waiting)} go round in a circle.")
        ordered.append(TABLES[ready])
        waiting.remove(ready)
    return ordered
