"""Stage 1: raw versions of a table become facts with integer days, one relation `src_<table>` per source.

Columns of a staged source: `a` (entity), `t` (local day it happened), `kf` (day it became known), `kt`
(day it was superseded), `c__*` raw columns, `k__*` keys to count, `d__*` local days, `m__*` millionths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from barograph.definitions.signal import DERIVED_COLUMNS
from barograph.definitions.tables import RECORDED, TABLES
from barograph.signals.conditions import staged
from barograph.signals.grid import FOREVER, Grid
from barograph.signals.needs import Needs
from barograph.signals.sql import hours_between, literal, local_day, micro, quote

Columns = Mapping[str, str]
"""Raw column -> SQL type, as the files have it."""
NEXT_KNOWN = "lead(_known_day) OVER (PARTITION BY _key ORDER BY _known_at NULLS LAST, _seq NULLS LAST)"
"""The day on which a version was superseded: when the next version of its fact became known."""


def files_sql(paths: Sequence[Path]) -> str:
    """The raw files of one table as a relation; a column that only some files have is NULL in the others."""
    names = ", ".join(literal(str(p)) for p in paths)
    return f"read_parquet([{names}], union_by_name = true)"


def entities_sql(sources: Mapping[str, Sequence[Path]], columns: Mapping[str, Columns], unit: str) -> str:
    """CREATE `entities(a, entity_id, account_id, product)`: what is scored, numbered in the order of its id.

    With unit "product" there is one entity per product that any contract of the account names, besides the account
    as a whole, which stands for it until the first of them is known.
    """
    named = " UNION ".join(
        f"SELECT account_id FROM {files_sql(paths)} WHERE account_id IS NOT NULL"
        for table, paths in sorted(sources.items())
        if "account_id" in columns[table]
    )
    accounts = (
        f"SELECT DISTINCT account_id FROM ({named})" if named else "SELECT '' AS account_id WHERE FALSE"
    )
    products = "SELECT '' AS account_id, '' AS product WHERE FALSE"
    if unit == "product" and "product" in columns.get("contracts", {}):
        products = (
            f"SELECT DISTINCT account_id, CAST(product AS VARCHAR) AS product "
            f"FROM {files_sql(sources['contracts'])} WHERE product IS NOT NULL"
        )
    return (
        "CREATE TEMP TABLE entities AS SELECT CAST(row_number() OVER (ORDER BY entity_id) - 1 AS INTEGER) "
        "AS a, * FROM ("
        "SELECT accounts.account_id || coalesce(' / ' || products.product, '') AS entity_id, "
        "accounts.account_id, "
        f"products.product FROM ({accounts}) accounts "
        f"JOIN (SELECT * FROM ({products}) UNION ALL SELECT account_id, NULL FROM ({accounts})) products "
        "USING (account_id))"
    )


def source_sql(
    table: str,
    paths: Sequence[Path],
    columns: Columns,
    needs: Needs,
    grid: Grid,
    timezone: str,
) -> str:
    """SELECT of the versions that any grid day can see, of all entities `e`; it ends in its WHERE clause.

    A column `_kt` in the files says when a version was superseded, for files that hold some of the versions only.
    """
    contract = TABLES.get(table)
    later = f"{NEXT_KNOWN} AS _kt" if has_identity(table) else "CAST(NULL AS INTEGER) AS _kt"
    versions = "*" if "_kt" in columns else f"*, {later}"
    selected = [
        "e.a AS a",
        "v._day AS t",
        "v._known_day AS kf",
        f"coalesce(v._kt, {FOREVER}) AS kt",
        *(f"{_raw(c, columns)} AS {staged(c)}" for c in sorted(needs.plain)),
        *(f"{_key(table, c, columns, timezone)} AS {quote('k__' + c)}" for c in sorted(needs.keys)),
        *(f"{_fact_day(c, columns, timezone)} AS {quote('d__' + c)}" for c in sorted(needs.days)),
        *(
            f"{micro(_measure(table, c, columns, timezone))} AS {quote('m__' + c)}"
            for c in sorted(needs.numbers)
        ),
        *(
            f"{micro(hours_between(_raw(a, columns), _raw(b, columns)))} AS {quote(f'm__{a}__{b}')}"
            for a, b in sorted(needs.hours)
        ),
    ]
    if needs.order:
        occurred = contract.occurred if contract else None
        selected += [
            f"{_moment(at or occurred or '', columns)} AS {quote('o__' + at)}" for at in sorted(needs.order)
        ] + ["v._known_at AS o_known", "v._seq AS o_seq"]
    product = " AND (v.product IS NULL OR e.product IS NULL OR CAST(v.product AS VARCHAR) = e.product)"
    match_product = product if "product" in columns else ""
    return (
        f"SELECT {', '.join(selected)} "
        f"FROM (SELECT {versions} FROM {files_sql(paths)}) v "
        f"JOIN entities e ON e.account_id = v.account_id{match_product} "
        f"WHERE v._known_day < {grid.last} AND (v._kt IS NULL OR v._kt > v._known_day)"
    )


def has_identity(table: str) -> bool:
    """Whether rows of the table are versions of facts; else every row is a fact of its own."""
    contract = TABLES.get(table)
    return contract is None or bool(contract.identity)


def empty_source_sql(needs: Needs) -> str:
    """SELECT of no facts, for a table that the workspace does not have."""
    orders = [f"CAST(NULL AS TIMESTAMP) AS {quote('o__' + at)}" for at in sorted(needs.order)]
    if orders:
        orders += ["CAST(NULL AS TIMESTAMP) AS o_known", "CAST(NULL AS BIGINT) AS o_seq"]
    selected = [
        *(f"CAST(NULL AS INTEGER) AS {c}" for c in ("a", "t", "kf", "kt")),
        *(f"CAST(NULL AS VARCHAR) AS {staged(c)}" for c in sorted(needs.plain)),
        *(f"CAST(NULL AS VARCHAR) AS {quote('k__' + c)}" for c in sorted(needs.keys)),
        *(f"CAST(NULL AS INTEGER) AS {quote('d__' + c)}" for c in sorted(needs.days)),
        *(f"CAST(NULL AS HUGEINT) AS {quote('m__' + c)}" for c in sorted(needs.numbers)),
        *(f"CAST(NULL AS HUGEINT) AS {quote(f'm__{a}__{b}')}" for a, b in sorted(needs.hours)),
        *orders,
    ]
    return f"SELECT {', '.join(selected)} FROM entities e WHERE FALSE"


def _raw(column: str, columns: Columns) -> str:
    return f"v.{quote(column)}" if column in columns else "CAST(NULL AS VARCHAR)"


def _key(table: str, column: str, columns: Columns, timezone: str) -> str:
    """A column whose different values are counted; numbers are the same when they are at six decimals."""
    if column not in columns and column in DERIVED_COLUMNS.get(table, {}):
        return micro(_measure(table, column, columns, timezone))
    raw = _raw(column, columns)
    return f"round({raw}, 6)" if columns.get(column) in ("DOUBLE", "FLOAT") else raw


def _fact_day(column: str, columns: Columns, timezone: str) -> str:
    """Local day number of a column that dates a fact; a row that does not say when it was recorded became known
    on the day that the import found."""
    day = day_sql(column, columns, timezone)
    return f"coalesce({day}, v._known_day)" if column == RECORDED.name else day


def _moment(column: str, columns: Columns) -> str:
    """The moment behind `_fact_day`, to tell facts of one day apart."""
    if column != RECORDED.name:
        return _raw(column, columns)
    return f"coalesce({_raw(column, columns)}, v._known_at)" if column in columns else "v._known_at"


def day_sql(column: str, columns: Columns, timezone: str) -> str:
    """Local day number of a raw column; NULL when the source does not have it."""
    return (
        local_day(_raw(column, columns), columns[column], timezone)
        if column in columns
        else "CAST(NULL AS INTEGER)"
    )


def _measure(table: str, column: str, columns: Columns, timezone: str) -> str:
    """A numeric measure: money in the reporting currency, a derived column, or the column itself."""
    if f"{column}_reporting" in columns:
        return _raw(f"{column}_reporting", columns)
    if column in columns:
        return _raw(column, columns)
    number = {c: f"TRY_CAST({_raw(c, columns)} AS DOUBLE)" for c in _DERIVED_FROM.get((table, column), ())}
    match table, column:
        case "surveys", "score_100":
            low, high = number["scale_min"], number["scale_max"]
            return f"({number['score']} - {low}) / nullif({high} - {low}, 0) * 100"
        case "goals", "progress":
            base, target = number["baseline"], number["target"]
            share = f"({number['measured']} - {base}) / nullif({target} - {base}, 0)"
            return f"CASE WHEN {share} < 0 THEN 0 WHEN {share} > 1 THEN 1 ELSE {share} END"
        case "invoices", "days_late":
            paid, due = day_sql("paid_at", columns, timezone), day_sql("due_at", columns, timezone)
            return f"CASE WHEN {paid} IS NULL OR {due} IS NULL THEN NULL ELSE greatest(0, {paid} - {due}) END"
        case "tickets", "resolution_hours" if {"opened_at", "resolved_at"} <= set(columns):
            return hours_between(_raw("opened_at", columns), _raw("resolved_at", columns))
        case _:
            return "NULL"


_DERIVED_FROM = {
    ("surveys", "score_100"): ("score", "scale_min", "scale_max"),
    ("goals", "progress"): ("measured", "baseline", "target"),
}
