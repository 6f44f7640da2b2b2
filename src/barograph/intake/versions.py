"""From accepted rows to versions of facts: identity, the two clocks, digests.

A row of a source is one version or several. What a later step of its life says (a ticket's resolution) is
known from that step on, so such a row becomes one version per step; see `definitions.tables.Phase`.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from barograph.definitions.tables import Table
from barograph.intake.sql import ident, lit
from barograph.intake.times import day_number, local_day, to_utc
from barograph.intake.values import canonical

NEVER = "TIMESTAMP '1970-01-01 00:00:00'"
# More than the phases of any table, so that versions of one row number within it.
PER_ROW = 8


def clocked(accepted: str, table: Table, kinds: Mapping[str, str], *, now: str, home: str) -> str:
    """A query of the rows of `accepted` with `_base`, when each became known, and `_base_clock`, how we know.

    In this order: the source's `recorded_at`; a declaration that stands over derived clocks; the table's own
    times; a declaration; else the beginning of time, which the clock `none` marks as no knowledge at all. A
    derived time after `now` is `now`: we hold the row already.
    """
    moments = [_moment(column, kinds, home) for column in table.derived_clock if column in kinds]
    derived = _not_after(f"coalesce({', '.join(moments)})", now) if moments else "NULL::TIMESTAMP"
    recorded = "recorded_at" if "recorded_at" in kinds else "NULL::TIMESTAMP"
    clock = (
        f"CASE WHEN {recorded} IS NOT NULL THEN 'source' WHEN _force THEN 'declared' "
        f"WHEN {derived} IS NOT NULL THEN 'derived' "
        "WHEN _declared IS NOT NULL THEN 'declared' ELSE 'none' END"
    )
    return (
        f"SELECT *, CASE _base_clock WHEN 'source' THEN {recorded} WHEN 'declared' THEN _declared "
        f"WHEN 'derived' THEN {derived} ELSE {NEVER} END AS _base "
        f"FROM (SELECT *, {clock} AS _base_clock FROM {accepted})"
    )


def make_versions(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    accepted: str,
    table: Table,
    kinds: Mapping[str, str],
    *,
    known_with: Mapping[str, str],
    now: str,
    home: str,
) -> None:
    """Make the scratch table `name` with one row per version of the rows of `accepted`.

    `accepted` has the columns of `kinds` and `_ord` (number of the row in the import), `_file`, `_declared`
    (UTC, or NULL) and `_force` (the declaration stands over derived clocks). `known_with` ties attributes to
    the clock of a phase. `now` is a UTC timestamp.

    The versions have the same columns and `_ord`, `_phase` (from 1), `_last` (the row's last version),
    `_known_at`, `_clock`, `_loose` (not a clock of the source or declared), `_declared`, `_key`, `_digest`.
    """
    based = clocked(accepted, table, kinds, now=now, home=home)
    phases = [phase for phase in table.phases if phase.clock in kinds]
    hidden: dict[str, str] = {}
    steps = []
    for number, phase in enumerate(phases):
        moment = _moment(phase.clock, kinds, home)
        own = "_base_clock IN ('source', 'declared')"
        steps.append(f"CASE WHEN {own} THEN {moment} ELSE {_not_after(moment, now)} END AS _step{number}")
        shown = f"_step{number} IS NULL OR _step{number} <= _known_at"
        for column in (*phase.columns, *(name for name, clock in known_with.items() if clock == phase.clock)):
            if column in kinds:
                hidden[column] = f"CASE WHEN {shown} THEN {ident(column)} END"
    if phases:
        later = ", ".join(f"_step{number}" for number in range(len(phases)))
        times = f"list_concat([_base], list_sort(list_distinct(list_filter([{later}], lambda t: t > _base))))"
        timed = f"SELECT *, {times} AS _times FROM (SELECT *, {', '.join(steps)} FROM ({based}))"
        exploded = (
            "SELECT *, _times[_phase] AS _known_at, _phase = len(_times) AS _last FROM "
            f"(SELECT *, unnest(range(1, len(_times) + 1)) AS _phase FROM ({timed}))"
        )
    else:
        exploded = f"SELECT *, 1 AS _phase, _base AS _known_at, TRUE AS _last FROM ({based})"
    listed = ", ".join(f"{hidden.get(column, ident(column))} AS {ident(column)}" for column in kinds)
    # The later steps of a row that carries its own clock are dated by the row's other times.
    clock = "CASE WHEN _phase > 1 THEN 'derived' ELSE _base_clock END"
    rows = (
        f"SELECT {listed}, _ord, _file, CAST(_phase AS INTEGER) AS _phase, _last, _known_at, "
        f"{clock} AS _clock, _base_clock IN ('derived', 'none') AS _loose, _declared FROM ({exploded})"
    )
    digest = digest_of([column for column in kinds if column != "recorded_at"], kinds)
    connection.execute(
        f"CREATE TABLE {name} AS SELECT *, {_key(table, kinds)} AS _key, {digest} AS _digest FROM ({rows})"
    )


def digest_of(columns: list[str], kinds: Mapping[str, str]) -> str:
    """MD5 over the values that are there, by column name: a column nobody filled changes nothing."""
    parts = [
        f"{lit(column + '=')} || {canonical(ident(column), kinds[column])}" for column in sorted(columns)
    ]
    return f"md5(concat_ws(chr(31), {', '.join(parts)}))"


def system_columns(table: Table, kinds: Mapping[str, str], home: str) -> str:
    """`_known_day` and `_day` of a version, as select items."""
    known = f"{local_day('_known_at', home)} AS _known_day"
    occurred = table.occurred
    if occurred is None or occurred not in kinds:
        return f"{known}, NULL::INTEGER AS _day"
    column = ident(occurred)
    day = day_number(column) if kinds[occurred] == "day" else local_day(column, home)
    return f"{known}, {day} AS _day"


def _key(table: Table, kinds: Mapping[str, str]) -> str:
    parts = [
        f"coalesce({canonical(ident(column), kinds[column])}, '')" if column in kinds else "''"
        for column in table.identity
    ]
    return parts[0] if len(parts) == 1 else f"concat_ws(chr(31), {', '.join(parts)})"


def _not_after(moment: str, now: str) -> str:
    """The moment or `now`, whichever is earlier; NULL for NULL, which `least` would pass over."""
    return f"CASE WHEN {moment} > TIMESTAMP {lit(now)} THEN TIMESTAMP {lit(now)} ELSE {moment} END"


def _moment(column: str, kinds: Mapping[str, str], home: str) -> str:
    """A column as a UTC time; a day is its first moment in the workspace's zone."""
    if kinds[column] == "day":
        return to_utc(f"CAST({ident(column)} AS TIMESTAMP)", home)
    return ident(column)
