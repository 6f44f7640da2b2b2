"""`where` tables of a definition as SQL over a staged source."""

from __future__ import annotations

from barograph.definitions.base import Condition, Scalar, Where
from barograph.signals.sql import literal, quote


def staged(column: str) -> str:
    """Name of a raw column in a staged source (prefixed: raw names are the user's)."""
    return quote(f"c__{column}")


def predicate(*wheres: Where) -> str:
    """SQL that is TRUE for the facts that match all of them, FALSE otherwise, never NULL."""
    parts = [_one(staged(column), test) for where in wheres for column, test in where.items()]
    return " AND ".join(f"coalesce({part}, FALSE)" for part in parts) if parts else "TRUE"


def _one(column: str, test: Scalar | tuple[Scalar, ...] | Condition) -> str:
    if isinstance(test, Condition):
        return _bounds(column, test)
    if isinstance(test, tuple):
        return _any_of(column, test)
    return _equals(column, test)


def _equals(column: str, value: Scalar) -> str:
    if isinstance(value, str):
        return f"CAST({column} AS VARCHAR) = {literal(value)}"
    if isinstance(value, bool):
        return f"TRY_CAST({column} AS BOOLEAN) = {literal(value)}"
    return f"TRY_CAST({column} AS DOUBLE) = {literal(value)}"


def _any_of(column: str, values: tuple[Scalar, ...]) -> str:
    return "(" + " OR ".join(_equals(column, v) for v in values) + ")" if values else "FALSE"


def _bounds(column: str, test: Condition) -> str:
    number = f"TRY_CAST({column} AS DOUBLE)"
    parts: list[str] = []
    for bound, sign in ((test.at_least, ">="), (test.at_most, "<="), (test.above, ">"), (test.below, "<")):
        if bound is not None:
            parts.append(f"{number} {sign} {literal(float(bound))}")
    if test.one_of is not None:
        parts.append(_any_of(column, test.one_of))
    if test.none_of is not None:
        parts.append(f"{column} IS NOT NULL AND NOT {_any_of(column, test.none_of)}")
    if test.present is not None:
        parts.append(f"{column} IS {'NOT ' if test.present else ''}NULL")
    return "(" + " AND ".join(parts) + ")" if parts else "TRUE"
