"""Rules on what a signal reads: tables, columns, types, words, and what a template needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from barograph.definitions.base import Condition, Scalar
from barograph.definitions.lint.rule import Context, Finding, Rule, at
from barograph.definitions.lint.schema import NEEDED_TYPES, Schema, column_uses, condition_sets
from barograph.definitions.nearest import nearest
from barograph.definitions.signal import (
    DERIVED_COLUMNS,
    Change,
    Distinct,
    FromSource,
    OverdueAsOf,
    Signal,
    Slope,
    SourceSignal,
    StakeholderCoverage,
)
from barograph.definitions.tables import TABLES

_BOUNDS = ("at_least", "at_most", "above", "below")
_WORDS = {"number": "a number", "moment": "a time or a day", "flag": "true or false"}


def sourced(context: Context) -> Iterator[SourceSignal]:
    """Signals that read a table."""
    for signal in context.model.signals:
        if isinstance(signal, FromSource):
            yield signal


class KnownTable(Rule):
    id = "BG-E006"
    severity = "error"
    title = "unknown table"
    reason = "A signal reads one table of the data contract."

    def check(self, context: Context) -> Iterator[Finding]:
        for signal in sourced(context):
            if not context.schema.knows_table(signal.source):
                yield self.found(
                    at(signal, "source"),
                    f'there is no table "{signal.source}".',
                    nearest_or_all(signal.source, context.schema),
                )


def nearest_or_all(table: str, schema: Schema) -> str:
    """What to write instead of an unknown table."""
    tables = sorted({*schema.tables, *schema.contract})
    guess = nearest(table, tables)
    return f'Nearest: "{guess}".' if guess else f"Known: {', '.join(tables)}."


class KnownColumn(Rule):
    id = "BG-E007"
    severity = "error"
    title = "unknown column"
    reason = "A column that is not there is never met and never measured; the signal would be missing or 0."

    def check(self, context: Context) -> Iterator[Finding]:
        for signal in sourced(context):
            uses = [(use.key, use.column) for use in column_uses(signal)]
            uses += [(key, column) for key, where in condition_sets(signal) for column in where]
            for key, column in uses:
                problem = context.schema.problem(signal.source, column)
                if problem:
                    yield self.found(at(signal, key), problem, "Correct the name, or import that column.")


class ColumnHasTheType(Rule):
    id = "BG-E008"
    severity = "error"
    title = "column of the wrong type"
    reason = "A sum needs numbers, a window needs times; other values would be read as missing."

    def check(self, context: Context) -> Iterator[Finding]:
        for signal in sourced(context):
            for use in column_uses(signal):
                found = context.schema.type_of(signal.source, use.column)
                if found is not None and use.need != "any" and found not in NEEDED_TYPES[use.need]:
                    yield self.found(
                        at(signal, use.key),
                        f"{use.column} is {found}; {signal.template} needs {_WORDS[use.need]}.",
                        "Name another column, or use a template that counts.",
                    )


class WordIsInTheContract(Rule):
    id = "BG-E009"
    severity = "error"
    title = "word that the contract does not allow in this column"
    reason = "The import puts such rows into quarantine, so the condition could never be met."

    def check(self, context: Context) -> Iterator[Finding]:
        for signal in sourced(context):
            table = TABLES.get(signal.source)
            if table is None:
                continue
            tests: list[tuple[str, str, Scalar]] = [
                (f"{key} > {column}", column, value)
                for key, where in condition_sets(signal)
                for column, test in where.items()
                for value in _compared(test)
            ]
            if isinstance(signal, StakeholderCoverage):
                tests += [("roles", "role", role) for role in signal.roles]
            for key, column, value in tests:
                words = table.by_name[column].values if column in table.by_name else ()
                if words and value not in words:
                    guess = nearest(str(value), words)
                    hint = f'Nearest: "{guess}".' if guess else f"Allowed: {', '.join(words)}."
                    yield self.found(
                        at(signal, key), f'"{value}" is not a word of {signal.source}.{column}.', hint
                    )


class ConditionFitsColumn(Rule):
    id = "BG-E010"
    severity = "error"
    title = "condition that the column's type cannot meet"
    reason = "Bounds compare numbers, true and false compare flags; anything else is never met."

    def check(self, context: Context) -> Iterator[Finding]:
        for signal in sourced(context):
            for key, where in condition_sets(signal):
                for column, test in where.items():
                    kind = context.schema.type_of(signal.source, column)
                    wrong = _misfit(kind, test) if kind is not None else None
                    if wrong:
                        yield self.found(
                            at(signal, f"{key} > {column}"),
                            f"{signal.source}.{column} is {kind}; {wrong}.",
                            "Compare it with what the column holds.",
                        )


def _compared(test: Scalar | tuple[Scalar, ...] | Condition) -> tuple[Scalar, ...]:
    if isinstance(test, Condition):
        return (*(test.one_of or ()), *(test.none_of or ()))
    return test if isinstance(test, tuple) else (test,)


def _misfit(kind: str, test: Scalar | tuple[Scalar, ...] | Condition) -> str | None:
    if isinstance(test, Condition):
        bounds = [bound for bound in _BOUNDS if getattr(test, bound) is not None]
        if bounds and kind not in NEEDED_TYPES["number"]:
            return f"{bounds[0]} compares numbers"
    for value in _compared(test):
        if kind in NEEDED_TYPES["moment"]:
            return "times are tested with windows, begins, ends or present"
        if isinstance(value, bool) != (kind == "boolean"):
            return f"it is compared with {str(value).lower() if isinstance(value, bool) else repr(value)}"
        if isinstance(value, str) and kind in NEEDED_TYPES["number"]:
            return f'it is compared with the text "{value}"'
    return None


class DerivedIsNoCondition(Rule):
    id = "BG-E019"
    severity = "error"
    title = "condition on a derived column"
    reason = "A derived column is a measure, worked out while it is added up; a condition would find nothing in it."

    def check(self, context: Context) -> Iterator[Finding]:
        for signal in sourced(context):
            for key, where in condition_sets(signal):
                yield from self._found(at(signal, f"{key} > {{}}"), signal.source, where)
        lapse = context.model.outcome.lapse
        if lapse is not None:
            yield from self._found("outcome > lapse > where > {}", lapse.source, lapse.where)

    def _found(self, place: str, table: str, where: Mapping[str, object]) -> Iterator[Finding]:
        stored = TABLES[table].by_name if table in TABLES else {}
        for column in where:
            if column in DERIVED_COLUMNS.get(table, ()) and column not in stored:
                yield self.found(
                    place.format(column),
                    f"{table}.{column} is derived.",
                    "Take it as the measure, or compare the columns that it is made of.",
                )


class TemplateHasItsMeasure(Rule):
    id = "BG-E011"
    severity = "error"
    title = "measure missing"
    reason = "A sum, a mean or a number of different values needs the column it is taken of."

    def check(self, context: Context) -> Iterator[Finding]:
        for signal in context.model.signals:
            wanted = _without_measure(signal)
            if wanted:
                yield self.found(at(signal, "measure"), f"{wanted} needs a measure.", "Name a column.")


def _without_measure(signal: Signal) -> str | None:
    match signal:
        case Change(measure=None, of="sum" | "mean" | "distinct"):
            return f"change of {signal.of}"
        case Slope(measure=None, of="sum"):
            return "slope of sum"
        case OverdueAsOf(measure=None, result="sum"):
            return "overdue_as_of with result = sum"
        case Distinct(measure=None, per_day=False):
            return "distinct without per_day"
        case _:
            return None


class TableIsInTheData(Rule):
    id = "BG-W010"
    severity = "warning"
    title = "scored signal on a table that was not imported"
    reason = "It would be missing for every account."

    def check(self, context: Context) -> Iterator[Finding]:
        for signal in sourced(context):
            there = signal.source in context.schema.tables
            if signal.weight > 0 and not there and context.schema.knows_table(signal.source):
                yield self.found(
                    at(signal, "source"),
                    f"your data has no {signal.source}.",
                    "Import that table, or set weight = 0 and spread the points over the others.",
                )


SOURCE_RULES: tuple[Rule, ...] = (
    KnownTable(),
    KnownColumn(),
    ColumnHasTheType(),
    WordIsInTheContract(),
    ConditionFitsColumn(),
    TemplateHasItsMeasure(),
    DerivedIsNoCondition(),
    TableIsInTheData(),
)
