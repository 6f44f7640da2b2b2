"""Identifiers and literals of the SQL dialect, and the few expressions that need care."""

from __future__ import annotations

EPOCH = "DATE '1970-01-01'"
MICRO = 1_000_000
"""Measures are read at six decimals and summed as integers, so that sums do not depend on order."""


def quote(name: str) -> str:
    """A SQL identifier, whatever characters a user's column has."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str | bool | int | float) -> str:
    """A SQL literal. Fractions are written as doubles: a plain 0.1 would be DECIMAL here and not
    elsewhere."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return f"{value}" if isinstance(value, int) else f"CAST({value!r} AS DOUBLE)"


def local_day(column: str, column_type: str, timezone: str) -> str:
    """Local day number of a DATE or (UTC) TIMESTAMP column; NULL for what is neither."""
    if column_type == "DATE":
        return f"CAST({column} - {EPOCH} AS INTEGER)"
    moment = column if column_type == "TIMESTAMP" else f"TRY_CAST({column} AS TIMESTAMP)"
    if timezone != "UTC":
        moment = f"({moment} AT TIME ZONE 'UTC' AT TIME ZONE {literal(timezone)})"
    return f"CAST(CAST({moment} AS DATE) - {EPOCH} AS INTEGER)"


def micro(number: str) -> str:
    """A number at six decimals, as an integer of millionths; NULL when it is not a finite number."""
    return f"TRY_CAST(round(TRY_CAST({number} AS DOUBLE) * 1e6) AS HUGEINT)"


def hours_between(start: str, end: str) -> str:
    """Hours from one moment to another, as a double; NULL when either is not a moment."""
    first, last = f"TRY_CAST({start} AS TIMESTAMP)", f"TRY_CAST({end} AS TIMESTAMP)"
    return f"CAST(epoch_us({last}) - epoch_us({first}) AS DOUBLE) / 3600e6"
