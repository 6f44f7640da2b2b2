"""The columns of one import, as layers of SQL: what the source says, what that is, what follows from it.

A query in which every step repeats the one before grows beyond what can be planned, so each step is a
subquery of the next and refers to its columns: `r3` is what the source says for field 3 (NULL for nothing),
`v3` its value, `w0` the first condition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from barograph.definitions.tables import Table
from barograph.errors import ImportRefusedError, UsageError
from barograph.intake.guesses import nearest
from barograph.intake.headers import Header
from barograph.intake.mapping import Compute, Scalar, TableMapping, When
from barograph.intake.names import squash, words
from barograph.intake.sql import lit
from barograph.intake.staging import ANY_TRAITS, NO_TRAITS, Traits
from barograph.intake.times import Written, to_local, to_utc
from barograph.intake.values import EXPECTED, as_number, as_text, coerced, currency_in, number_text, present

UNITS = {"minutes": 60, "hours": 3600, "days": 86400}


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column of the source: its name there, an expression, and the type of that.

    `traits` say what its text may hold. A column fetched by a join says in `wanted` which key was looked for
    where, and in `key` its value.
    """

    name: str
    sql: str
    duck: str
    traits: Traits = ANY_TRAITS
    wanted: str = ""
    key: str = "NULL"


@dataclass(frozen=True, slots=True)
class Field:
    """A column to be, or (`hidden`) the input of a computation.

    `raw` is an expression over the source, NULL exactly where that says nothing. `value` is one over `r<n>`
    and, where `late`, over the `v<n>` of other fields. A row breaks the contract in which `raw` is there and
    `value` is not, `check` (over r and v) is false, or a `required` value is missing.
    """

    name: str
    number: int
    kind: str
    raw: str
    value: str
    expected: str
    required: bool = False
    late: bool = False
    hidden: bool = False
    check: str | None = None
    currency: str | None = None
    missing: str = "a value"
    missing_key: str = "NULL"

    @property
    def holds(self) -> str:
        """TRUE when a row has what it must have here; never NULL."""
        there = f"v{self.number} IS NOT NULL"
        if not self.required:
            there = f"(r{self.number} IS NULL OR {there})"
        return there if self.check is None else f"{there} AND coalesce({self.check}, TRUE)"

    @property
    def fault(self) -> str:
        """What is wrong where `holds` is FALSE: a struct of column, value and expected."""
        raw = f"r{self.number}"
        value = f"coalesce(CAST({raw} AS VARCHAR), CAST({self.missing_key} AS VARCHAR))"
        absent = f"{raw} IS NULL AND coalesce({self.check or 'TRUE'}, TRUE)"
        expected = f"CASE WHEN {absent} THEN {lit(self.missing)} ELSE {lit(self.expected)} END"
        return f"{{'column': {lit(self.name)}, 'value': {value}, 'expected': {expected}}}"


@dataclass(slots=True)
class Layout:
    """All fields and conditions of one source as one table. `conditions` are expressions over the source."""

    fields: list[Field] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)

    @property
    def visible(self) -> tuple[Field, ...]:
        return tuple(each for each in self.fields if not each.hidden)

    def layers(self, relation: str) -> str:
        """A FROM item with the source's columns and all r, v and w."""
        tests = [f"{sql} AS w{index}" for index, sql in enumerate(self.conditions)]
        raws = [f"{each.raw} AS r{each.number}" for each in self.fields]
        early = [f"{each.value} AS v{each.number}" for each in self.fields if not each.late]
        late = [f"{each.value} AS v{each.number}" for each in self.fields if each.late]
        query = (
            f"SELECT s.*, {', '.join(tests)} FROM {relation} s" if tests else f"SELECT s.* FROM {relation} s"
        )
        query = f"SELECT s.*, {', '.join(raws)} FROM ({query}) s"
        query = f"SELECT s.*, {', '.join(early)} FROM ({query}) s"
        return f"(SELECT s.*, {', '.join(late)} FROM ({query}) s)" if late else f"({query})"


class Columns:
    """The columns that one source has, and how they become fields of its table."""

    def __init__(
        self,
        shown: str,
        table: Table,
        columns: tuple[SourceColumn, ...],
        mapping: TableMapping | None,
        written: Written,
        cell_bytes: int,
    ) -> None:
        self.shown = shown
        self.table = table
        self.columns = columns
        self.mapping = mapping
        self.written = written
        self.cell_bytes = cell_bytes

    def layout(self, header: Header, kinds: Mapping[str, str]) -> Layout:
        """All fields of the source; `kinds` gives the type of each attribute."""
        layout = Layout()
        for rule in self.mapping.leave_out if self.mapping else ():
            self._condition(layout, rule)
        for target, position in header.targets.items():
            self._mapped(layout, target, self.columns[position], header.factors.get(target), kinds)
        constants: dict[str, Scalar] = dict(header.implied)
        constants |= self.mapping.constants if self.mapping else {}
        for target, constant in constants.items():
            self._add(layout, target, lit(constant_text(constant)), "VARCHAR", kinds, plain=True)
        for target, compute in (self.mapping.compute if self.mapping else {}).items():
            self._computed(layout, target, compute, kinds)
        for name, position in header.attributes.items():
            self._mapped(layout, name, self.columns[position], None, kinds)
        return layout

    def find(self, name: str, what: str) -> SourceColumn:
        """The source column called `name`. Raises ImportRefusedError naming the nearest ones."""
        exact = [column for column in self.columns if column.name == name]
        found = exact or [column for column in self.columns if squash(column.name) == squash(name)]
        if len(found) == 1:
            return found[0]
        names = tuple(column.name for column in self.columns if column.name)
        raise ImportRefusedError(
            f"there is {'no' if not found else 'more than one'} column {name!r}, which {what} names.",
            where=self.shown,
            hint=f"Nearest: {', '.join(map(repr, nearest(name, names) or names[:12]))}.",
        )

    def raw(self, column: SourceColumn, target: str = "") -> str:
        """The column's value with NULL for blanks and for the words that mean empty there."""
        value = present(column.sql, column.duck, blanks=column.traits.blanks)
        empty: set[str] = set()
        for name, listed in (self.mapping.empties if self.mapping else {}).items():
            if name == "*" or squash(name) in {squash(column.name), squash(target)}:
                empty.update(word.strip().lower() for word in listed)
        if not empty:
            return value
        text = f"lower({as_text(value, column.duck)})"
        return f"CASE WHEN {text} IN ({', '.join(map(lit, sorted(empty)))}) THEN NULL ELSE {value} END"

    def _condition(self, layout: Layout, when: When) -> str:
        """Add `when` as a condition that is TRUE or FALSE, never NULL; returns its name."""
        column = self.find(when.column, "a condition")
        raw = self.raw(column)
        if when.empty is not None:
            sql = f"({raw}) IS {'' if when.empty else 'NOT '}NULL"
        elif when.below is not None or when.above is not None:
            number = as_number(raw, column.duck, self.written)
            sign, limit = ("<", when.below) if when.below is not None else (">", when.above)
            sql = f"coalesce(({number}) {sign} {lit(limit)}, FALSE)"
        else:
            listed = (when.equals,) if when.equals is not None else when.in_ or when.not_in or ()
            text = f"lower({as_text(raw, column.duck)})"
            words = ", ".join(lit(constant_text(word).lower()) for word in listed)
            sql = f"coalesce({text} IN ({words}), FALSE)"
            sql = f"NOT {sql}" if when.not_in is not None else sql
        layout.conditions.append(sql)
        return f"w{len(layout.conditions) - 1}"

    def _mapped(
        self,
        layout: Layout,
        target: str,
        column: SourceColumn,
        factor: float | None,
        kinds: Mapping[str, str],
        *,
        when: str = "",
    ) -> None:
        raw, duck = self.raw(column, target), column.duck
        raw = f"CASE WHEN {when} THEN {raw} END" if when else raw
        swaps = next(
            (
                v
                for k, v in (self.mapping.values if self.mapping else {}).items()
                if squash(k) == squash(target)
            ),
            {},
        )
        if swaps:
            text = as_text(raw, duck)
            cases = " ".join(
                f"WHEN {lit(old.strip().lower())} THEN {lit(constant_text(new))}"
                for old, new in swaps.items()
            )
            raw, duck = f"CASE lower({text}) {cases} ELSE {text} END", "VARCHAR"
        contract = self.table.by_name.get(target)
        self._add(
            layout,
            target,
            raw,
            duck,
            kinds,
            traits=column.traits,
            factor=factor,
            missing=(column.wanted, column.key) if column.wanted else None,
            currency=currency_in(present(column.sql, duck), duck) if contract and contract.money else None,
        )

    def _computed(self, layout: Layout, target: str, compute: Compute, kinds: Mapping[str, str]) -> None:
        what = f"compute.{target}"
        when = self._condition(layout, compute.when) if compute.when is not None else ""
        if compute.copy_ is not None:
            self._mapped(layout, target, self.find(compute.copy_, what), None, kinds, when=when)
            return
        if compute.value is not None:
            chosen = [
                lit(None if w is None else constant_text(w)) for w in (compute.value, compute.otherwise)
            ]
            word = f"CASE WHEN {when} THEN {chosen[0]} ELSE {chosen[1]} END"
            self._add(layout, target, word, "VARCHAR", kinds, plain=True)
            return
        inputs: list[Field] = []

        def read(name: str, kind: str) -> str:
            inputs.append(self._input(layout, name, kind, what))
            from_day = kind == "instant" and inputs[-1].kind == "day"
            value = f"v{inputs[-1].number}"
            return to_utc(f"CAST({value} AS TIMESTAMP)", self.written.home) if from_day else value

        if compute.start is not None:
            step = read(compute.plus, "number") if compute.plus is not None else lit(compute.plus_value)
            micros = f"CAST(round({step} * {UNITS[compute.unit]} * 1000000) AS BIGINT)"
            value, kind = f"{read(compute.start, 'instant')} + to_microseconds({micros})", "instant"
        elif compute.column is not None:
            by = read(compute.times, "number") if isinstance(compute.times, str) else lit(compute.times)
            value, kind = f"{read(compute.column, 'number')} * {by}", "number"
        else:
            value = f" || {lit(compute.with_)} || ".join(read(name, "text") for name in compute.join or ())
            kind = "text"
        value = self._converted(target, value, kind, kinds)
        value = f"CASE WHEN {when} THEN {value} END" if when else value
        readable = " AND ".join(f"(r{each.number} IS NULL OR v{each.number} IS NOT NULL)" for each in inputs)
        unread = ", ".join(f"CASE WHEN v{each.number} IS NULL THEN r{each.number} END" for each in inputs)
        self._add(
            layout,
            target,
            "NULL",
            "",
            kinds,
            late=value,
            check=readable,
            expected=" and ".join(f"{each.expected} in {each.name!r}" for each in inputs),
            missing=("a value", f"coalesce({unread}, NULL)"),
        )

    def _converted(self, target: str, value: str, kind: str, kinds: Mapping[str, str]) -> str:
        """A computed value of `kind` as the type that the target has."""
        wanted = self._kind(target, kinds)
        match kind, wanted:
            case _ if kind == wanted:
                return value
            case "instant", "day":
                return f"CAST({to_local(value, self.written.home)} AS DATE)"
            case "number", "text":
                return number_text(value)
            case "text", _:
                return coerced(value, "VARCHAR", wanted, self.written)
        raise UsageError(f"compute.{target} gives a {kind}, and {target} is a {wanted}.", where=self.shown)

    def _input(self, layout: Layout, name: str, kind: str, what: str) -> Field:
        """What a computation reads: a source column, else a contract column mapped before."""
        if not any(squash(column.name) == squash(name) for column in self.columns):
            for each in layout.visible:
                if each.name == name and (each.kind == kind or (each.kind, kind) == ("day", "instant")):
                    return each
        column = self.find(name, what)
        number = len(layout.fields)
        value = coerced(f"r{number}", column.duck, kind, self.written, is_id=is_id(name))
        made = Field(column.name, number, kind, self.raw(column), value, EXPECTED[kind], hidden=True)
        layout.fields.append(made)
        return made

    def _kind(self, target: str, kinds: Mapping[str, str]) -> str:
        contract = self.table.by_name.get(target)
        return contract.type if contract is not None else kinds.get(target, "text")

    def _add(
        self,
        layout: Layout,
        target: str,
        raw: str,
        duck: str,
        kinds: Mapping[str, str],
        *,
        plain: bool = False,
        traits: Traits = NO_TRAITS,
        factor: float | None = None,
        late: str | None = None,
        check: str | None = None,
        expected: str | None = None,
        missing: tuple[str, str] | None = None,
        currency: str | None = None,
    ) -> None:
        """Add a field; `plain` values come from the mapping, and so are written the common way."""
        number = len(layout.fields)
        contract = self.table.by_name.get(target)
        kind = self._kind(target, kinds)
        written = Written(self.written.home, self.written.home) if plain else self.written
        value = late or coerced(f"r{number}", duck, kind, written, is_id=is_id(target))
        value = value if factor is None else f"({value}) * {lit(factor)}"
        checks, said = [check] if check else [], expected or EXPECTED[kind]
        if kind in {"text", "list"} and duck == "VARCHAR":
            if traits.longest > self.cell_bytes:
                checks.append(f"strlen(r{number}) <= {self.cell_bytes}")
            if traits.controls:
                checks.append(f"NOT contains(r{number}, chr(0))")
            said = f"text without NUL, of at most {self.cell_bytes:,} bytes"
        if contract is not None and (target in self.table.identity or is_id(target)) and duck == "VARCHAR":
            if traits.controls:
                checks.append(f"NOT regexp_matches(r{number}, '[\\x01-\\x1f\\x7f]')")
            said = f"an id of at most {self.cell_bytes:,} bytes without control characters"
        if kind == "number":
            checks.append(f"isfinite(v{number})")
        if contract is not None and contract.values:
            value = f"regexp_replace(lower({value}), '[\\s-]+', '_', 'g')"
            checks.append(f"v{number} IN ({', '.join(map(lit, contract.values))})")
            said = f"one of {', '.join(contract.values)} (a mapping file can map other words)"
        layout.fields.append(
            Field(
                target,
                number,
                kind,
                raw,
                value,
                said,
                required=contract is not None and contract.required,
                late=late is not None,
                check=" AND ".join(f"coalesce({each}, TRUE)" for each in checks) or None,
                currency=currency,
                missing=missing[0] if missing else "a value",
                missing_key=missing[1] if missing else "NULL",
            )
        )


def is_id(name: str) -> bool:
    """True for the name of an id: such a column is text also where it looks like a number."""
    return words(name)[-1:] == ("id",)


def constant_text(value: Scalar) -> str:
    """A constant of a mapping file as the text that a source would have."""
    match value:
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)
