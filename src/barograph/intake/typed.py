"""One source as rows of one table: typed columns, rows left out, and rows that break the contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from barograph.connectors import ROW
from barograph.definitions.tables import Table
from barograph.intake import money
from barograph.intake.fields import Columns, Field, Layout
from barograph.intake.mapping import LeaveOut
from barograph.intake.sql import ident, lit
from barograph.intake.staging import Staged
from barograph.intake.times import to_local
from barograph.intake.values import DUCK_TYPES
from barograph.intake.versions import digest_of
from barograph.workspace import Currency

SHOWN_VALUE = 200


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows of one source: rows = accepted + quarantined + the sum of `filtered`.

    `assumed_currency` counts accepted rows with money that names no currency.
    """

    rows: int
    accepted: int
    quarantined: int
    filtered: Mapping[str, int]
    assumed_currency: int


@dataclass(frozen=True, slots=True)
class Typed:
    """A scratch table `name` with the accepted rows: `_row`, the fields, and money as reported.

    `kinds` maps each column to its type of the contract (or of the attribute).
    """

    name: str
    kinds: Mapping[str, str]
    counts: Counts


def make_typed(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    relation: str,
    staged: Staged,
    columns: Columns,
    layout: Layout,
    currency: Currency,
    today: str,
) -> Typed:
    """Make the scratch tables `name` (accepted rows) and `name_bad` (quarantined rows).

    `relation` is the source with what is joined to it; `today` an ISO date that money without any date is
    converted at. `name_bad` has `_row`, `column`, `value`, `expected`, `also` (what else is wrong) and
    `record` (the row as JSON).
    """
    table = columns.table
    rules = columns.mapping.leave_out if columns.mapping else ()
    priced = [f for f in layout.visible if f.name in table.by_name and table.by_name[f.name].money]
    inner = ", ".join(
        [
            ROW,
            *(f"v{field.number} AS {ident(field.name)}" for field in layout.visible),
            f"{_left_out(len(rules))} AS _left",
            f"({_holds(table, layout)}) AS _holds",
            f"{_code(layout, priced)} AS _code",
        ]
    )
    hashed = ""
    if not table.identity:
        # Worked out while the rows are at hand: this path is for tables too large to go over twice.
        digest = digest_of([f.name for f in layout.visible], {f.name: f.kind for f in layout.visible})
        hashed = f", {digest} AS _hash"
    extra, priced_ok, join = _reporting(table, layout, priced, currency, today, columns.written.home)
    connection.execute(
        f"CREATE TABLE {name}_all AS SELECT t.*{extra}{hashed}, t._holds AND {priced_ok} AS _ok "
        f"FROM (SELECT {inner} FROM {layout.layers(relation)} s) t {join}"
    )
    counts = _counts(connection, name, staged, rules, priced)
    _make_bad(
        connection, name, relation, staged, columns, layout, currency, priced=bool(priced), counts=counts
    )
    kinds = {field.name: field.kind for field in layout.visible}
    if priced and "currency" not in kinds:
        kinds["currency"] = "text"
    for field in priced:
        kinds |= dict(
            zip((f"{field.name}{s}" for s in money.SUFFIXES), ("number", "number", "day"), strict=True)
        )
    listed = ", ".join(_final(column, kinds, bool(priced)) for column in kinds)
    hashed = "" if table.identity else ", _hash"
    connection.execute(
        f"CREATE VIEW {name} AS SELECT {ROW}, {listed}{hashed} FROM {name}_all WHERE _ok AND _left IS NULL"
    )
    return Typed(name, kinds, counts)


def _final(column: str, kinds: Mapping[str, str], priced: bool) -> str:
    """Currency as it was named, in the column or in the amounts; otherwise the column itself."""
    if column == "currency" and priced:
        return f"nullif(_code, '') AS {ident(column)}"
    return f"CAST({ident(column)} AS {DUCK_TYPES[kinds[column]]}) AS {ident(column)}"


def _left_out(rules: int) -> str:
    """The number of the first rule that leaves a row out; the rules are the first conditions."""
    cases = " ".join(f"WHEN w{index} THEN {index}" for index in range(rules))
    return f"CASE {cases} END" if cases else "NULL::INTEGER"


def _holds(table: Table, layout: Layout) -> str:
    by_name = {field.name: field for field in layout.visible}
    tests = [field.holds for field in layout.visible]
    for group in table.one_of:
        there = [f"v{by_name[name].number} IS NOT NULL" for name in group if name in by_name]
        tests.append(f"({' OR '.join(there)})")
    return " AND ".join(tests)


def _code(layout: Layout, priced: list[Field]) -> str:
    """The currency that a row names; '' when it names none; NULL when it names two."""
    if not priced:
        return "''"
    given = next(
        (f"v{field.number}" for field in layout.visible if field.name == "currency"), "NULL::VARCHAR"
    )
    named = [f"upper({given})", *(field.currency for field in priced if field.currency)]
    distinct = f"list_distinct(list_filter([{', '.join(named)}], lambda code: code IS NOT NULL))"
    one = "CASE len(codes) WHEN 0 THEN '' WHEN 1 THEN codes[1] END"
    return f"list_transform([{distinct}], lambda codes: {one})[1]"


def _reporting(
    table: Table, layout: Layout, priced: list[Field], currency: Currency, today: str, home: str
) -> tuple[str, str, str]:
    """The extra columns of money, the test that its currency is known, and the join with the rates."""
    if not priced:
        return "", "TRUE", ""
    kinds = {field.name: field.kind for field in layout.visible}
    dates = []
    for name in dict.fromkeys((table.occurred, *table.derived_clock)):
        if name in kinds:
            column = f"t.{ident(str(name))}"
            dates.append(column if kinds[str(name)] == "day" else f"CAST({to_local(column, home)} AS DATE)")
    day = f"coalesce({', '.join([*dates, f'DATE {lit(today)}'])})"
    code = f"coalesce(nullif(t._code, ''), {lit(currency.reporting)})"
    join = (
        f"LEFT JOIN {money.rates_relation(currency)} "
        f"ON t._code IS NOT NULL AND rates.code = {code} AND {day} >= rates.first AND {day} < rates.last"
    )
    extra = ""
    for field in priced:
        amount = f"t.{ident(field.name)}"
        given = f"CASE WHEN {amount} IS NOT NULL THEN"
        names = [ident(f"{field.name}{suffix}") for suffix in money.SUFFIXES]
        extra += f", {amount} * rates.rate AS {names[0]}, {given} rates.rate END AS {names[1]}"
        extra += f", {given} rates.rate_date END AS {names[2]}"
    empty = " AND ".join(f"t.{ident(field.name)} IS NULL" for field in priced)
    return extra, f"(rates.code IS NOT NULL OR ({empty}))", join


def _make_bad(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    relation: str,
    staged: Staged,
    columns: Columns,
    layout: Layout,
    currency: Currency,
    *,
    priced: bool,
    counts: Counts,
) -> None:
    connection.execute(
        f'CREATE TABLE {name}_bad (_row BIGINT, "column" VARCHAR, value VARCHAR, expected VARCHAR, '
        "also VARCHAR[], record VARCHAR)"
    )
    if counts.quarantined > len(staged.faults):
        faults = [f"CASE WHEN NOT ({field.holds}) THEN {field.fault} END" for field in layout.visible]
        by_name = {field.name: field for field in layout.visible}
        for group in columns.table.one_of:
            gone = [f"v{by_name[g].number} IS NULL" for g in group if g in by_name]
            fault = _fault(lit(" or ".join(group)), "NULL::VARCHAR", "a value in one of them")
            faults.append(f"CASE WHEN {' AND '.join(gone)} THEN {fault} END")
        if priced:
            code = "coalesce(_bad_code, 'two different ones')"
            faults.append(
                f"CASE WHEN _bad_holds THEN {_fault(lit('currency'), code, money.expected(currency))} END"
            )
        record = ", ".join(
            f"{lit(shown or f'unnamed_{index + 1}')}, left(CAST(c{index} AS VARCHAR), {columns.cell_bytes})"
            for index, shown in enumerate(_distinct(staged.columns))
        )
        bad = (
            f"(SELECT s.*, b._code AS _bad_code, b._holds AS _bad_holds FROM {relation} s "
            f"JOIN (SELECT * FROM {name}_all WHERE NOT _ok AND _left IS NULL) b ON s.{ROW} = b.{ROW})"
        )
        found = f"list_filter([{', '.join(faults)}], lambda x: x IS NOT NULL)"
        told = f"x.column || ' = ' || coalesce(left(x.value, {SHOWN_VALUE}), 'nothing')"
        connection.execute(
            f"INSERT INTO {name}_bad "
            f"SELECT {ROW}, f[1].column, left(f[1].value, {SHOWN_VALUE}), f[1].expected, "
            f"list_transform(f[2:], lambda x: {told} || ': expected ' || x.expected), record "
            f"FROM (SELECT {ROW}, {found} AS f, CAST(json_object({record}) AS VARCHAR) AS record "
            f"FROM {layout.layers(bad)} s)"
        )
    if staged.faults:
        found = pa.table(
            {
                "_row": [fault.row for fault in staged.faults],
                "value": [fault.record[:SHOWN_VALUE] for fault in staged.faults],
                "expected": [fault.expected for fault in staged.faults],
                "record": [fault.record for fault in staged.faults],
            }
        )
        connection.register("connector_faults", found)
        connection.execute(
            f"INSERT INTO {name}_bad "
            "SELECT _row, '', value, expected, []::VARCHAR[], record FROM connector_faults"
        )
        connection.unregister("connector_faults")


def _fault(column: str, value: str, expected: str) -> str:
    return f"{{'column': {column}, 'value': {value}, 'expected': {lit(expected)}}}"


def _distinct(names: tuple[str, ...]) -> list[str]:
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
    count: dict[str, int] = {}
    result = []
    for name in names:
        count[name] = count.get(name, 0) + 1
        result.append(name if seen[name] == 1 or not name else f"{name} ({count[name]})")
    return result


def _counts(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    staged: Staged,
    leave_out: tuple[LeaveOut, ...],
    priced: list[Field],
) -> Counts:
    amounts = " OR ".join(f"{ident(field.name)} IS NOT NULL" for field in priced) or "FALSE"
    counted = connection.execute(
        "SELECT count(*), count(*) FILTER (_ok AND _left IS NULL), "
        f"count(*) FILTER (_ok AND _left IS NULL AND _code = '' AND ({amounts})) FROM {name}_all"
    ).fetchone()
    rows, accepted, assumed = counted or (0, 0, 0)
    left = dict(
        connection.execute(
            f"SELECT _left, count(*) FROM {name}_all WHERE _left IS NOT NULL GROUP BY 1"
        ).fetchall()
    )
    filtered: dict[str, int] = {}
    for index, rule in enumerate(leave_out):
        filtered[rule.reason] = filtered.get(rule.reason, 0) + left.get(index, 0)
    faults = len(staged.faults)
    bad = rows - accepted - sum(filtered.values())
    return Counts(rows + faults, accepted, bad + faults, filtered, assumed)
