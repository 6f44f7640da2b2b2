"""The form in which a person says what the columns of a file are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms

from barograph.definitions.tables import TABLES, Column
from barograph_web.ingest.choices import DATES, IGNORE, KEEP, MONTHS, Choices, proposed, scalable

LEAVE = ""
BY_MONTH = " x 12"
"""Ends the choice of a column that holds a year's amount where the file has a month's."""
_DATE_WORDS = {
    "iso": "2026-11-16 (ISO)",
    "day-first": "16.11.2026 or 16/11/2026",
    "month-first": "11/16/2026",
    "unix": "seconds since 1970",
    "unix-ms": "milliseconds since 1970",
}
MOST_WORDS = 40


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One line of the form: a source column with its first values, and what it becomes."""

    source: str
    examples: tuple[str, ...]
    field: forms.BoundField
    confidence: float | None
    problem: str
    required: bool


@dataclass(frozen=True, slots=True)
class WordRow:
    """One word of the source for a column that takes few words."""

    target: str
    word: str
    field: forms.BoundField


class PartForm(forms.Form):
    """What one part of a file is. `choices()` gives the choices; see ingest.choices."""

    table = forms.ChoiceField(required=False, label="These rows are")
    dates = forms.ChoiceField(choices=[(key, _DATE_WORDS[key]) for key in DATES], label="Dates are written")
    decimal = forms.ChoiceField(choices=[(".", "1,234.5"), (",", "1.234,5")], label="Numbers are written")
    known_at = forms.DateField(
        required=False,
        label="True as of",
        help_text="The day on which this export was made. It counts for rows without times of their own: before "
        "that day no score may use them. Empty: they count from today.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    declared = forms.BooleanField(
        required=False,
        label="A snapshot: it counts for rows with times too",
        help_text="Such as a list of today's plans with the day on which each customer began.",
    )

    def __init__(self, part: Mapping[str, Any], chosen: Mapping[str, Any], data: Any = None) -> None:
        self.part = part
        self.chosen = chosen
        self._words: list[tuple[str, str, str]] = []
        super().__init__(data, prefix="part", initial=_initial(chosen))
        tables = [(name, f"{name}: {table.row}") for name, table in TABLES.items()]
        self.fields["table"].choices = [(LEAVE, "nothing: leave this part out"), *tables]
        if chosen["table"]:
            self._add_columns()
            self._add_constants()
            self._add_words()

    def _add_columns(self) -> None:
        targets = [
            (c.name, f"{c.name}{' *' if c.required else ''}") for c in TABLES[self.chosen["table"]].columns
        ]
        targets += [
            (f"{name}{BY_MONTH}", f"{name}, from an amount a month (times 12)")
            for name in scalable(self.chosen["table"])
        ]
        scaled = self.chosen.get("scaled", {})
        options = [(KEEP, "keep as an attribute"), (IGNORE, "leave out"), ("the contract's columns", targets)]
        for i, source in enumerate(self.part["columns"]):
            if source:
                target = self.chosen["columns"].get(source, KEEP)
                shown = f"{target}{BY_MONTH}" if target in scaled else target
                self.fields[f"column_{i}"] = forms.ChoiceField(choices=options, initial=shown, label=source)

    def _add_constants(self) -> None:
        given = set(self.chosen["columns"].values())
        for column in self.open_columns(given):
            words = [("", "–"), *((word, word) for word in column.values)]
            field = forms.ChoiceField(choices=words, required=False) if column.values else forms.CharField(
                required=False, max_length=200
            )  # fmt: skip
            field.label = column.name
            field.initial = self.chosen["constants"].get(column.name, "")
            self.fields[f"constant_{column.name}"] = field

    def open_columns(self, given: set[str]) -> list[Column]:
        """Columns of the contract that no source column gives, the required ones first."""
        table = TABLES[self.chosen["table"]]
        needed = {name for group in table.one_of for name in group} | set(table.required)
        free = [
            c
            for c in table.columns
            if c.name not in given and c.type in ("text", "number", "boolean", "day", "instant")
        ]
        return sorted(free, key=lambda c: c.name not in needed)

    def _add_words(self) -> None:
        table = TABLES[self.chosen["table"]]
        for source, target in self.chosen["columns"].items():
            column = table.by_name.get(target)
            if column is None or not column.values:
                continue
            known = self.chosen["values"].get(target, {})
            strange = [w for w in self.part["distinct"].get(source, ()) if w.lower() not in column.values]
            options = [("", "leave as it is"), *((word, word) for word in column.values)]
            for k, word in enumerate(strange[:MOST_WORDS]):
                self.fields[f"word_{target}_{k}"] = forms.ChoiceField(
                    choices=options, required=False, label=word, initial=known.get(word, "")
                )
                self._words.append((target, word, f"word_{target}_{k}"))

    def choices(self) -> Choices:
        """The choices as they were filled in. A table other than before starts over with its own headers."""
        clean = self.cleaned_data
        if clean["table"] != self.chosen["table"]:
            return proposed(self.part, clean["table"])
        chosen: Choices = {**self.chosen, "dates": clean["dates"], "decimal": clean["decimal"]}
        known = clean["known_at"]
        chosen["known_at"] = known.isoformat() if isinstance(known, date) else ""
        chosen["clock"] = "declared" if clean["declared"] and chosen["known_at"] else ""
        if not clean["table"]:
            return chosen
        taken = {
            source: clean[f"column_{i}"]
            for i, source in enumerate(self.part["columns"])
            if f"column_{i}" in clean
        }
        chosen["columns"] = {source: target.removesuffix(BY_MONTH) for source, target in taken.items()}
        chosen["scaled"] = {
            target.removesuffix(BY_MONTH): MONTHS for target in taken.values() if target.endswith(BY_MONTH)
        }
        chosen["guessed"] = {
            source: sure
            for source, sure in self.chosen["guessed"].items()
            if chosen["columns"].get(source) == self.chosen["columns"].get(source)
        }
        chosen["constants"] = {
            name.removeprefix("constant_"): value
            for name, value in clean.items()
            if name.startswith("constant_") and value
        }
        chosen["values"] = {}
        for target, word, name in self._words:
            if clean.get(name):
                chosen["values"].setdefault(target, {})[word] = clean[name]
        return chosen

    def column_rows(self, problems: Mapping[str, str]) -> list[ColumnRow]:
        """The lines of the form, in the order of the file."""
        table = TABLES.get(self.chosen["table"])
        rows = []
        for i, source in enumerate(self.part["columns"]):
            if f"column_{i}" not in self.fields:
                continue
            target = self.chosen["columns"].get(source, KEEP)
            column = table.by_name.get(target) if table else None
            rows.append(
                ColumnRow(
                    source,
                    tuple(dict.fromkeys(row[i] for row in self.part["rows"] if row[i]))[:3],
                    self[f"column_{i}"],
                    self.chosen["guessed"].get(source),
                    problems.get(f"column:{source}", ""),
                    column is not None and column.required,
                )
            )
        return rows

    def word_rows(self) -> list[WordRow]:
        """The words that the contract does not know, by column."""
        return [WordRow(target, word, self[name]) for target, word, name in self._words]

    def constant_fields(self) -> list[forms.BoundField]:
        """Fixed values for what no column gives, those that are needed first."""
        return [self[name] for name in self.fields if name.startswith("constant_")]


def _initial(chosen: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "table": chosen["table"],
        "dates": chosen["dates"],
        "decimal": chosen["decimal"],
        "known_at": chosen["known_at"] or None,
        "declared": chosen["clock"] == "declared",
    }
