"""What type the columns have that the contract does not name, found in their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from barograph.intake.fields import Columns, SourceColumn
from barograph.intake.names import words
from barograph.intake.sql import ident
from barograph.intake.values import as_boolean, coerced

# Codes that look like numbers and are none: adding them up means nothing, and a leading zero counts.
CODES = frozenset(
    {"id", "ids", "key", "code", "zip", "zipcode", "postcode", "postal", "phone", "number", "no", "sku"}
)
SAMPLE = 20_000
TYPED = {
    "BIGINT": "number",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "DATE": "instant",
    "TIMESTAMP": "instant",
    "TIMESTAMP WITH TIME ZONE": "instant",
}


def infer_types(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Columns,
    attributes: Mapping[str, SourceColumn],
) -> dict[str, str]:
    """The type that all values of each attribute have; attributes without any value are left out.

    A number with a leading zero, or a column named like a code, is text. 0 and 1 alone are numbers.
    """
    found = {name: "text" for name, c in attributes.items() if words(name)[-1:] and words(name)[-1] in CODES}
    found |= {name: TYPED[c.duck] for name, c in attributes.items() if name not in found and c.duck in TYPED}
    texts = {name: column for name, column in attributes.items() if name not in found}
    sample = f"(SELECT * FROM {relation} LIMIT {SAMPLE})"
    likely = _fits(connection, sample, columns, texts, ("number", "boolean", "instant"))
    for name, column in texts.items():
        # What holds for the first rows is tried on all of them; text needs no second look.
        kinds = likely[name]
        whole = _fits(connection, relation, columns, {name: column}, kinds)[name] if kinds else ()
        found[name] = whole[0] if whole else "text"
    filled = _filled(connection, relation, columns, attributes)
    return {name: found[name] for name in attributes if name in filled}


def _fits(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Columns,
    texts: Mapping[str, SourceColumn],
    kinds: Iterable[str],
) -> dict[str, tuple[str, ...]]:
    """For each column, those of `kinds` that every value of it has."""
    kinds = tuple(kinds)
    if not texts or not kinds:
        return dict.fromkeys(texts, ())
    raws, tests = [], []
    for index, (name, column) in enumerate(texts.items()):
        raws.append(f"{columns.raw(column, name)} AS r{index}")
        tests += [
            f"bool_and(r{index} IS NULL OR coalesce({_test(kind, f'r{index}', columns)}, FALSE))"
            for kind in kinds
        ]
    row: tuple[Any, ...] = (
        connection.execute(
            f"SELECT {', '.join(tests)} FROM (SELECT {', '.join(raws)} FROM {relation} s)"
        ).fetchone()
        or ()
    )
    answers = iter(row)
    # An empty sample says nothing against any type.
    return {name: tuple(kind for kind in kinds if next(answers) is not False) for name in texts}


def _test(kind: str, raw: str, columns: Columns) -> str:
    """Whether a text can be of `kind`. 0 and 1 alone are numbers, and so are eight digits."""
    if kind == "boolean":
        return f"({as_boolean(raw, 'VARCHAR')}) IS NOT NULL AND {raw} NOT IN ('0', '1')"
    value = coerced(raw, "VARCHAR", kind, columns.written)
    if kind == "number":
        return f"isfinite({value}) AND NOT regexp_matches({raw}, '^[+-]?0[0-9]')"
    return f"({value}) IS NOT NULL AND NOT regexp_full_match({raw}, '[0-9]+')"


def _filled(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Columns,
    attributes: Mapping[str, SourceColumn],
) -> set[str]:
    if not attributes:
        return set()
    counts = ", ".join(
        f"count({columns.raw(column, name)}) AS {ident(name)}" for name, column in attributes.items()
    )
    row = connection.execute(f"SELECT {counts} FROM {relation} s").fetchone() or ()
    return {name for name, count in zip(attributes, row, strict=True) if count}
