"""A request compiled to statements: stage the sources, fill the slots shard by shard, select the signals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from barograph.definitions import signal as s
from barograph.signals.accounts import (
    CONTRACT_NEEDS,
    account_needs,
    membership,
    scored_predicate,
    state_select,
    state_statements,
)
from barograph.signals.feeds import feed_spans, feed_statements, stale_predicate, watched
from barograph.signals.grid import ALWAYS, Grid
from barograph.signals.needs import Needs, needs_by_source
from barograph.signals.request import SignalRequest
from barograph.signals.slots import SlotProgram, Slots
from barograph.signals.sources import Columns, empty_source_sql, entities_sql, source_sql
from barograph.signals.sql import quote
from barograph.signals.templates import WHY, Measured, measured


@dataclass(frozen=True, slots=True)
class Script:
    """What an engine does, in order.

    entities: statement that numbers what is scored. sources: table -> SELECT that ends in its WHERE clause, to be had
    as `src_<table>`. spans: table -> SELECT over the sources, of which the rows of parts of the accounts, put
    together, are the rows of all. shared: statements over those tables; what they make holds for every account.
    Then, per range of entities, over sources narrowed to it: `state`, the slot program, and `select`, which yields
    the rows of the range; `cleanup` drops what was made.
    """

    entities: str
    sources: Mapping[str, str]
    spans: Mapping[str, str]
    shared: tuple[str, ...]
    state: tuple[str, ...]
    slots: SlotProgram
    select: str

    @property
    def cleanup(self) -> tuple[str, ...]:
        made = (*self.state, *self.slots.spelled, self.slots.join)
        weekly = (table.name for table in self.slots.weekly)
        return tuple(f"DROP TABLE {name}" for name in (*(s.split()[3] for s in made), *weekly))


def compile_script(request: SignalRequest, columns: Mapping[str, Columns]) -> Script:
    """The statements of a request.

    columns: table -> raw column -> SQL type, of the tables that have files. A table or column that is not
    there has no facts: its signals are `no_data`.
    """
    grid = Grid(request.days[0], len(request.days))
    population = request.population
    source_signals = [signal for signal in request.signals if isinstance(signal, s.FromSource)]
    needs = needs_by_source(request.signals)
    has_accounts = "accounts" in columns
    account_columns = columns.get("accounts", {})
    _merge(needs, "accounts", account_needs(account_columns))
    _merge(needs, "contracts", CONTRACT_NEEDS)
    needs.setdefault("interactions", Needs())
    if population.source:
        needs.setdefault(population.source, Needs())
    if population.rule == "accounts" and not has_accounts:
        for table in columns:
            needs.setdefault(table, Needs())

    slots = Slots()
    member = membership(slots, population, set(columns), has_accounts, request.unit)
    values = {signal.name: measured(signal, slots, grid) for signal in source_signals}
    feeds = watched(source_signals)

    sources = {
        table: source_sql(table, request.sources[table], columns[table], need, grid, request.timezone)
        if table in columns
        else empty_source_sql(need)
        for table, need in sorted(needs.items())
    }
    zeros = [signal for signal in source_signals if signal.absent == "zero"]
    select = _select(
        request,
        values,
        scored=scored_predicate(population, member, has_accounts),
        start=f"coalesce(given_start, {member.first_contract})",
        state=state_select(population, member, account_columns),
    )
    program = slots.program(grid)
    state = state_statements(grid, population, account_columns)
    return Script(
        entities=entities_sql(request.sources, columns, request.unit),
        sources=sources,
        spans={**feed_spans(feeds, grid), **_begun_spans(zeros, grid)},
        shared=(*feed_statements(feeds, grid), *_begun_statements(zeros, grid)),
        state=tuple(state),
        slots=program,
        select=select,
    )


def _merge(needs: dict[str, Needs], table: str, more: Needs) -> None:
    have = needs.setdefault(table, Needs())
    have.plain |= more.plain
    have.days |= more.days
    have.numbers |= more.numbers


def _begun_spans(signals: Sequence[s.FromSource], grid: Grid) -> dict[str, str]:
    """Table -> SQL of (ks, ke): when a source has any fact, of whatever account.

    Records without a day count from when they are known, for the templates that read states.
    """
    made: dict[str, str] = {}
    for number, signal in enumerate({_begun(signal): signal for signal in signals}.values()):
        t = quote(f"d__{signal.at}") if signal.at else "t"
        if isinstance(signal, s.StateAsOf | s.StakeholderCoverage):
            t = f"coalesce({t}, {ALWAYS})"
        made[f"begun_spans_{number}"] = (
            f"SELECT DISTINCT {grid.after(f'greatest({t}, kf)')} AS ks, {grid.after('kt')} AS ke "
            f"FROM src_{signal.source} WHERE {t} IS NOT NULL"
        )
    return made


def _begun_statements(signals: Sequence[s.FromSource], grid: Grid) -> list[str]:
    """SQL that makes `begun(k, as_of, ...)` of the spans: does the source have any fact at D?"""
    made: list[str] = []
    columns = ""
    joins = ""
    for number, name in enumerate({_begun(signal): signal for signal in signals}):
        made.append(
            f"CREATE TEMP TABLE begun_{number} AS SELECT DISTINCT unnest(range(ks, ke)) AS k, TRUE AS there "
            f"FROM begun_spans_{number} WHERE ks < ke"
        )
        columns += f", coalesce(begun_{number}.there, FALSE) AS {name}"
        joins += f" LEFT JOIN begun_{number} ON begun_{number}.k = days.k"
    days = f"SELECT k, {grid.day('k')} AS as_of FROM range({grid.size}) positions(k)"
    made.append(f"CREATE TEMP TABLE begun AS SELECT days.k, days.as_of{columns} FROM ({days}) days{joins}")
    return made


def _begun(signal: s.FromSource) -> str:
    undated = "undated" if isinstance(signal, s.StateAsOf | s.StakeholderCoverage) else ""
    return quote(f"begun {signal.source} {signal.at or ''} {undated}")


def _select(
    request: SignalRequest, values: Mapping[str, Measured], *, scored: str, start: str, state: str
) -> str:
    """SQL of the result: the state, then value, facts and reason of every signal in the order asked for."""
    joined = (
        f"SELECT *, {start} AS start_day FROM slots LEFT JOIN accounts_at USING (a, k) "
        "LEFT JOIN contracts_at USING (a, k) JOIN begun USING (k) JOIN feeds USING (k)"
    )
    read = [signal for signal in request.signals if isinstance(signal, s.FromSource)]
    raw = ", ".join(_raw_columns(signal, values[signal.name]) for signal in read)
    measured_rows = (
        f"SELECT entity_id AS account_id, CAST(as_of AS INTEGER) AS as_of, "
        f"{state}{', ' + raw if raw else ''} "
        f"FROM ({joined}) JOIN entities USING (a) WHERE {scored}"
    )
    final = ", ".join(_final_columns(signal, request) for signal in request.signals)
    inner = ", ".join(quote(f"{signal.name}{part}") for signal in read for part in ("__v", "__n", "__why"))
    keep = f"* EXCLUDE ({inner})" if inner else "*"
    return f"SELECT {keep}{', ' + final if final else ''} FROM ({measured_rows}) ORDER BY as_of, account_id"


def _raw_columns(signal: s.FromSource, m: Measured) -> str:
    absent = f"NOT ({m.covered})"
    if signal.absent == "zero":
        absent += f" AND NOT {_begun(signal)}"
    arms = [(stale_predicate(signal), "stale_feed"), (absent, "no_data")]
    if signal.min_history_days:
        arms.append(
            (
                f"coalesce(as_of - coalesce(start_day, {m.first}) < {signal.min_history_days}, FALSE)",
                "too_new",
            )
        )
    cases = " ".join(f"WHEN {test} THEN {WHY[reason]}" for test, reason in arms)
    support = (
        f"WHEN {m.n} < {signal.min_support} THEN {WHY['too_little_support']} " if signal.min_support else ""
    )
    why = f"CASE {cases} WHEN {m.own} <> 0 THEN {m.own} {support}ELSE 0 END"
    return (
        f"{m.value} AS {quote(signal.name + '__v')}, {m.n} AS {quote(signal.name + '__n')}, "
        f"{why} AS {quote(signal.name + '__why')}"
    )


@dataclass(frozen=True, slots=True)
class _Result:
    value: str
    n: str
    why: str


def _result(signal: s.Signal, request: SignalRequest) -> _Result:
    """Expressions over the measured rows; a derived signal is written out in terms of those it divides."""
    if isinstance(signal, s.FromSource):
        return _Result(*(quote(f"{signal.name}{part}") for part in ("__v", "__n", "__why")))
    by_name = {other.name: other for other in request.signals}
    top = _result(by_name[signal.numerator], request)
    arms: list[str] = []
    if signal.min_history_days:
        young = f"coalesce(as_of - start_day < {signal.min_history_days}, FALSE)"
        arms.append(f"WHEN {young} THEN {WHY['too_new']}")
    arms.append(f"WHEN {top.why} <> 0 THEN {top.why}")
    if isinstance(signal, s.Ratio):
        low = _result(by_name[signal.denominator], request)
        value = f"CAST({signal.scale!r} AS DOUBLE) * ({top.value}) / nullif({low.value}, 0)"
        arms.append(f"WHEN {low.why} <> 0 THEN {low.why}")
        empty = f"coalesce({low.value}, 0) = 0"
    else:
        value = f"({top.value}) / nullif(seats, 0)"
        empty = "coalesce(seats, 0) = 0"
    arms.append(f"WHEN {empty} THEN {WHY['undefined']}")
    if signal.min_support:
        arms.append(f"WHEN {top.n} < {signal.min_support} THEN {WHY['too_little_support']}")
    return _Result(f"({value})", top.n, f"(CASE {' '.join(arms)} ELSE 0 END)")


def _final_columns(signal: s.Signal, request: SignalRequest) -> str:
    r = _result(signal, request)
    return (
        f"CASE WHEN {r.why} = 0 THEN {r.value} END AS {quote(signal.name)}, {r.n} AS "
        f"{quote(signal.name + '__n')}, "
        f"CAST({r.why} AS TINYINT) AS {quote(signal.name + '__why')}"
    )
