"""Reads a data profile from the raw Parquet files of a workspace with DuckDB, a few passes per table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from barograph.definitions.propose.data_profile import (
    WORDS_KEPT,
    ColumnProfile,
    DataProfile,
    NamedProfile,
    Spread,
    TableProfile,
)
from barograph.definitions.tables import TABLES
from barograph.engines.duckdb.engine import TYPE_WORDS
from barograph.signals.sql import quote

_QUANTILES = "[0.1, 0.5, 0.9]"
_RECENT_DAYS = 28


def profile_lake(sources: Mapping[str, Sequence[Path]], *, memory_limit: str = "2GiB") -> DataProfile:
    """What is in the raw files (table -> files, in the raw layout of the lake).

    Of a fact with several versions the newest counts. Tables that the contract does not name are left out, as
    are tables without files. Days are the local days that the import wrote.
    """
    wanted = {name: tuple(paths) for name, paths in sources.items() if paths and name in TABLES}
    with duckdb.connect() as connection:
        connection.execute(f"SET memory_limit = '{memory_limit}'")
        for name, paths in wanted.items():
            _view(connection, name, paths)
        tables = {name: _table(connection, name) for name in wanted}
        return DataProfile(
            accounts=_accounts(connection, wanted),
            tables=tables,
            events=_events(connection, tables.get("events")),
            metrics=_metrics(connection, tables.get("metrics")),
            milestones=_milestones(connection, tables),
            dated_contracts=_dated(connection, tables.get("contracts")),
            survey_scales=_scales(connection, tables.get("surveys")),
        )


def _view(connection: duckdb.DuckDBPyConnection, name: str, paths: Sequence[Path]) -> None:
    """The newest version of every fact under the table's name. Tables without identity have one of each."""
    files = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    rows = f"SELECT * FROM read_parquet([{files}], union_by_name = true) WHERE account_id IS NOT NULL"
    if TABLES[name].identity:
        newest = "QUALIFY row_number() OVER (PARTITION BY _key ORDER BY _known_at DESC, _seq DESC) = 1"
        connection.execute(f"CREATE TEMP TABLE {quote(name)} AS {rows} {newest}")
    else:
        connection.execute(f"CREATE TEMP VIEW {quote(name)} AS {rows}")


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    return connection.execute(sql).fetchall()


def _int(value: object) -> int:
    return int(str(value)) if value is not None else 0


def _float(value: object) -> float | None:
    return float(str(value)) if value is not None else None


def _spread(quantiles: object, least: object, greatest: object) -> Spread | None:
    low, high = _float(least), _float(greatest)
    if not isinstance(quantiles, list) or low is None or high is None:
        return None
    first, middle, last = (float(q) for q in quantiles)
    return Spread(first, middle, last, low, high)


def _accounts(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, object]) -> int:
    if not tables:
        return 0
    every = " UNION ALL ".join(f"SELECT account_id FROM {quote(name)}" for name in tables)
    return _int(_rows(connection, f"SELECT count(DISTINCT account_id) FROM ({every})")[0][0])


def _table(connection: duckdb.DuckDBPyConnection, name: str) -> TableProfile:
    table = quote(name)
    rows, accounts, first, last = _rows(
        connection, f"SELECT count(*), count(DISTINCT account_id), min(_day), max(_day) FROM {table}"
    )[0]
    gap = repeat = None
    if first is not None:
        gap = _rows(
            connection,
            f"SELECT quantile_cont(gap, 0.95) FROM (SELECT _day - lag(_day) OVER (ORDER BY _day) AS gap "
            f"FROM (SELECT DISTINCT _day FROM {table} WHERE _day IS NOT NULL))",
        )[0][0]
        repeat = _rows(
            connection,
            "SELECT median(gap) FROM (SELECT _day - lag(_day) OVER (PARTITION BY account_id ORDER BY _day) "
            f"AS gap FROM (SELECT DISTINCT account_id, _day FROM {table} WHERE _day IS NOT NULL))",
        )[0][0]
    return TableProfile(
        name=name,
        rows=_int(rows),
        accounts=_int(accounts),
        columns=_columns(connection, table),
        first_day=None if first is None else _int(first),
        last_day=None if last is None else _int(last),
        usual_gap_days=_float(gap),
        repeat_days=_float(repeat),
    )


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, ColumnProfile]:
    types = {
        str(name): TYPE_WORDS[str(kind)]
        for name, kind, *_ in _rows(connection, f"DESCRIBE {table}")
        if not str(name).startswith("_") and str(kind) in TYPE_WORDS
    }
    asked = []
    for name, kind in types.items():
        column = quote(name)
        number, text = kind in ("number", "integer"), kind == "text"
        asked += [
            f"count({column})",
            f"count(DISTINCT account_id) FILTER ({column} IS NOT NULL)",
            f"quantile_cont({column}, {_QUANTILES})" if number else "NULL",
            f"min({column})" if number else "NULL",
            f"max({column})" if number else "NULL",
            f"approx_count_distinct({column})" if text else "NULL",
        ]
    answers = _rows(connection, f"SELECT {', '.join(asked)} FROM {table}")[0]
    found = {}
    for place, (name, kind) in enumerate(types.items()):
        rows, accounts, quantiles, least, greatest, different = answers[6 * place : 6 * place + 6]
        # The estimate is off by a few per cent; the exact list decides.
        few = different is not None and _int(different) <= 2 * WORDS_KEPT
        found[name] = ColumnProfile(
            name=name,
            type=kind,
            rows=_int(rows),
            accounts=_int(accounts),
            words=_words(connection, table, quote(name)) if few and name != "account_id" else (),
            spread=_spread(quantiles, least, greatest),
        )
    return found


def _words(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> tuple[str, ...]:
    found = _rows(
        connection,
        f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL GROUP BY {column} "
        f"ORDER BY count(*) DESC, {column} LIMIT {WORDS_KEPT + 1}",
    )
    return tuple(str(word) for (word,) in found) if len(found) <= WORDS_KEPT else ()


def _events(connection: duckdb.DuckDBPyConnection, table: TableProfile | None) -> tuple[NamedProfile, ...]:
    if table is None or not table.has("event") or table.last_day is None:
        return ()
    users = "count(user_id) > 0" if table.has("user_id") else "FALSE"
    recent = f"_day > {table.last_day - _RECENT_DAYS}"
    found = _rows(
        connection,
        "WITH days AS (SELECT event, account_id, _day, count(*) AS rows, "
        f"CASE WHEN {recent} THEN count(*) ELSE 0 END AS recent, {users} AS users, "
        "_day - lag(_day) OVER (PARTITION BY event, account_id ORDER BY _day) AS gap "
        "FROM events WHERE event IS NOT NULL GROUP BY event, account_id, _day), "
        "gaps AS (SELECT event, median(gap) AS every_days FROM days GROUP BY event), "
        "each AS (SELECT event, account_id, sum(rows) AS rows, sum(recent) AS recent, "
        "bool_or(users) AS users FROM days GROUP BY event, account_id) "
        "SELECT event, sum(rows), count(*), count(*) FILTER (users), any_value(every_days), "
        f"quantile_cont(recent, {_QUANTILES}) FILTER (recent > 0), "
        "min(recent) FILTER (recent > 0), max(recent) FILTER (recent > 0) "
        "FROM each JOIN gaps USING (event) GROUP BY event ORDER BY count(*) DESC, event",
    )
    return tuple(
        NamedProfile(str(name), _int(rows), _int(accounts), _int(users), _spread(*ends), _float(gap))
        for name, rows, accounts, users, gap, *ends in found
    )


def _metrics(connection: duckdb.DuckDBPyConnection, table: TableProfile | None) -> tuple[NamedProfile, ...]:
    if table is None or not table.has("metric", "value"):
        return ()
    found = _rows(
        connection,
        "SELECT metric, count(*), count(DISTINCT account_id), median(gap), "
        f"quantile_cont(value, {_QUANTILES}), min(value), max(value) FROM ("
        "SELECT *, _day - lag(_day) OVER (PARTITION BY metric, account_id ORDER BY _day) AS gap "
        "FROM metrics WHERE metric IS NOT NULL AND value IS NOT NULL) GROUP BY metric "
        "ORDER BY count(DISTINCT account_id) DESC, metric",
    )
    return tuple(
        NamedProfile(str(name), _int(rows), _int(accounts), 0, _spread(*ends), _float(gap))
        for name, rows, accounts, gap, *ends in found
    )


def _milestones(
    connection: duckdb.DuckDBPyConnection, tables: Mapping[str, TableProfile]
) -> tuple[NamedProfile, ...]:
    table = tables.get("milestones")
    if table is None or not table.has("milestone"):
        return ()
    starts = [
        "SELECT account_id, min(date_diff('day', DATE '1970-01-01', CAST(start_date AS DATE))) AS day, "
        f"{order} AS o FROM {name} WHERE start_date IS NOT NULL GROUP BY account_id"
        for order, name in enumerate(("accounts", "contracts"))
        if name in tables and tables[name].has("start_date")
    ]
    start = (
        f"SELECT account_id, arg_min(day, o) AS day FROM ({' UNION ALL '.join(starts)}) GROUP BY account_id"
        if starts
        else "SELECT '' AS account_id, 0 AS day WHERE FALSE"
    )
    found = _rows(
        connection,
        f"SELECT milestone, count(*), count(DISTINCT account_id), quantile_cont(took, {_QUANTILES}), "
        "min(took), max(took) FROM ("
        "SELECT m.milestone, m.account_id, m._day - s.day AS took FROM milestones m "
        f"LEFT JOIN ({start}) s USING (account_id) WHERE m.milestone IS NOT NULL) GROUP BY milestone "
        "ORDER BY count(DISTINCT account_id) DESC, milestone",
    )
    return tuple(
        NamedProfile(str(name), _int(rows), _int(accounts), 0, _spread(*ends))
        for name, rows, accounts, *ends in found
    )


def _dated(connection: duckdb.DuckDBPyConnection, table: TableProfile | None) -> float | None:
    if table is None or table.rows == 0:
        return None
    if not table.has("end_date"):
        return 0.0
    return _float(_rows(connection, "SELECT count(end_date) / count(*) FROM contracts")[0][0])


def _scales(
    connection: duckdb.DuckDBPyConnection, table: TableProfile | None
) -> dict[str, tuple[float, float]]:
    if table is None or not table.has("score"):
        return {}
    given = [f"{column} IS NOT NULL" for column in ("scale_min", "scale_max") if table.has(column)]
    unknown = f"NOT ({' AND '.join(given)})" if len(given) == 2 else "TRUE"
    kind = "coalesce(kind, '')" if table.has("kind") else "''"
    found = _rows(
        connection,
        f"SELECT {kind}, min(score), max(score) FROM surveys WHERE score IS NOT NULL AND {unknown} "
        "GROUP BY 1 ORDER BY count(*) DESC",
    )
    return {str(word): (float(str(low)), float(str(high))) for word, low, high in found}
