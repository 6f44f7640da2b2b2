"""Columns fetched from another file or table by a key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from barograph.connectors import printable
from barograph.errors import ImportRefusedError
from barograph.intake.fields import SourceColumn
from barograph.intake.mapping import Join
from barograph.intake.names import squash
from barograph.intake.prepare import Prepared
from barograph.intake.sql import ident
from barograph.intake.staging import Staged
from barograph.intake.values import as_text, present


@dataclass(frozen=True, slots=True)
class Joined:
    """A source with its joins: a FROM item (to be called `s`) and all its columns."""

    relation: str
    columns: tuple[SourceColumn, ...]


def join_all(
    connection: duckdb.DuckDBPyConnection, prepared: Prepared, stored: Callable[[str], str | None]
) -> Joined:
    """Join what the mapping says. `stored` gives a workspace table's latest versions as a FROM item.

    Raises ImportRefusedError when a key is in the other table twice with different values, or that is empty.
    """
    staged = prepared.staged
    columns = [
        SourceColumn(name, f"s.c{index}", duck, traits)
        for index, (name, duck, traits) in enumerate(
            zip(staged.columns, staged.types, staged.traits, strict=True)
        )
    ]
    joins = prepared.item.mapping.joins if prepared.item.mapping else ()
    relation = staged.relation()
    for number, join in enumerate(joins):
        other, ducks, place = _other(connection, prepared, number, join, stored)
        keys = [as_text(_column(there, ducks), ducks[there], is_id=True) for there in join.on.values()]
        inner = [f"{key} AS k{index}" for index, key in enumerate(keys)]
        inner += [f"{_column(there, ducks)} AS t{index}" for index, there in enumerate(join.take.values())]
        fetched = f"(SELECT DISTINCT {', '.join(inner)} FROM {other} s WHERE {keys[0]} IS NOT NULL)"
        _check_unique(connection, fetched, join, place, staged.shown)
        here = [_find(columns, name, staged.shown) for name in join.on]
        tests = [
            f"{as_text(present(column.sql, column.duck), column.duck, is_id=True)} = j.k{index}"
            for index, column in enumerate(here)
        ]
        taken = ", ".join(f"j.t{index} AS j{number}_t{index}" for index in range(len(join.take)))
        relation = f"(SELECT s.*, {taken} FROM {relation} s LEFT JOIN {fetched} j ON {' AND '.join(tests)})"
        wanted = f"a {' and '.join(map(printable, join.on))} that {place} has"
        key = as_text(here[0].sql, here[0].duck)
        columns += [
            SourceColumn(name, f"s.j{number}_t{index}", ducks[there], wanted=wanted, key=key)
            for index, (name, there) in enumerate(join.take.items())
        ]
    return Joined(relation, tuple(columns))


def _other(
    connection: duckdb.DuckDBPyConnection,
    prepared: Prepared,
    number: int,
    join: Join,
    stored: Callable[[str], str | None],
) -> tuple[str, dict[str, str], str]:
    """The other table: a FROM item, the types of its columns, and its name to show."""
    if join.file is not None:
        staged: Staged = prepared.joined[number]
        renamed = ", ".join(f"c{index} AS {ident(name)}" for index, name in enumerate(staged.columns) if name)
        ducks = dict(zip(staged.columns, staged.types, strict=True))
        return f"(SELECT {renamed} FROM {staged.relation()})", ducks, staged.shown
    relation = stored(str(join.table))
    if relation is None:
        raise ImportRefusedError(
            f"the join needs the table {join.table}, which has no row yet.",
            where=prepared.staged.shown,
            hint="Import that table first.",
        )
    described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    ducks = {str(row[0]): str(row[1]) for row in described}
    missing = [name for name in (*join.on.values(), *join.take.values()) if name not in ducks]
    if missing:
        raise ImportRefusedError(
            f"table {join.table} has no column {missing[0]!r}.", where=prepared.staged.shown
        )
    return relation, ducks, str(join.table)


def _check_unique(
    connection: duckdb.DuckDBPyConnection, fetched: str, join: Join, place: str, shown: str
) -> None:
    keys = ", ".join(f"k{index}" for index in range(len(join.on)))
    twice = connection.execute(
        f"SELECT {keys} FROM {fetched} GROUP BY ALL HAVING count(*) > 1 LIMIT 1"
    ).fetchone()
    if twice:
        raise ImportRefusedError(
            f"{', '.join(join.on.values())} = {', '.join(printable(str(part)) for part in twice)} "
            f"is in {place} more than once with different values.",
            where=shown,
            hint="Join by a key that is there once.",
        )


def _column(name: str, ducks: dict[str, str]) -> str:
    return present(f"s.{ident(name)}", ducks[name])


def _find(columns: list[SourceColumn], name: str, shown: str) -> SourceColumn:
    for column in columns:
        if column.name == name or squash(column.name) == squash(name):
            return column
    raise ImportRefusedError(f"there is no column {name!r}, which a join names.", where=shown)
