"""What pydantic finds wrong with a definition file, in the file's words: line, key, value, what is allowed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from barograph.definitions.base import Condition, Definition, SignalTest
from barograph.definitions.model import ScoreModel
from barograph.definitions.nearest import nearest
from barograph.definitions.toml_lines import KeyLines, Step

ARRAYS = {
    "component": "components",
    "signal": "signals",
    "tier": "tiers",
    "threshold": "thresholds",
    "growth_gate": "growth_gate",
    "cap": "caps",
    "target": "targets",
}
"""`[[key]]` in the file -> the model's field."""

SECTIONS = ("model", "population", "outcome", "damping", "rollup", "review", "overlay")
"""`[key]` in the file; `model` holds the plain fields of the model itself."""


@dataclass(frozen=True)
class Layout:
    """How a kind of file writes its definition down.

    root: the class. head: the section that holds the plain fields. sections: all `[key]`, the head first. arrays:
    `[[key]]` -> the field. what: the kind of file in words.
    """

    root: type[Definition]
    head: str
    sections: tuple[str, ...]
    arrays: Mapping[str, str]
    what: str

    @property
    def singular(self) -> dict[str, str]:
        """Field -> its `[[key]]`."""
        return {field: key for key, field in self.arrays.items()}


MODEL_FILE = Layout(ScoreModel, "model", SECTIONS, ARRAYS, "a model file")
_CONDITIONS = ("where", "among", "scope", "when", "unless")
_SORTS = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a table, {key = value}",
    "model_type": "a table, {key = value}",
    "model_attributes_type": "a table, {key = value}",
    "string_pattern_mismatch": "small letters, digits and underscores, beginning with a letter, at most 63",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "above"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "below"),
    "multiple_of": ("multiple_of", "a multiple of"),
    "too_short": ("min_length", "at least"),
    "too_long": ("max_length", "at most"),
}
_VALUE_RULE = "a text, a number, true or false, or a list of those"
_TEST_RULE = (
    "a text, a number, true or false, a list of those, or a condition such as {at_least = 3} "
    f"with {', '.join(Condition.model_fields)}"
)


def explain(
    error: ValidationError, fields: Mapping[str, Any], lines: KeyLines, layout: Layout = MODEL_FILE
) -> list[str]:
    """One sentence for each thing wrong, in file order. `fields` is what was validated (see the layout's class)."""
    places = [(_Place(detail, fields, layout), detail) for detail in error.errors(include_url=False)]
    # Where nothing fits what was meant (a scope takes no condition), what all members say is told.
    meant = [item for item in places if not item[0].meant_otherwise] or places
    found: dict[str, int] = {}
    for place, detail in meant:
        path = place.path
        if detail["type"] == "union_tag_invalid":
            path = (*path, _tag_key(detail["ctx"]))
        found.setdefault(lines.prefix(path) + _sentence(place, detail), lines.line(path) or 0)
    return sorted(found, key=lambda sentence: found[sentence])


class _Place:
    """Where in the file an error is: the location pydantic gives without the names of union members.

    A test on a column is a union of scalars, lists and conditions, and pydantic reports what each of them
    finds wrong. `meant_otherwise` marks what members say that were not meant: a table is a condition.
    """

    def __init__(self, detail: ErrorDetails, fields: Mapping[str, Any], layout: Layout) -> None:
        self.fields = fields
        self.layout = layout
        self.value: Any = fields
        self.classes: list[type[Definition]] = [layout.root]
        self.steps: list[Step] = []
        self.test = False
        """Whether the place is a test on a column, or inside one."""
        self.values_only = False
        """Whether that test takes values, and no condition: it is a scope."""
        tested: Any = None
        behind = inside = False
        for step in detail["loc"]:
            if behind:
                if inside:
                    self._follow(step)
                inside = inside or step == Condition.__name__
            elif self._is_key(step):
                behind = self.test and self.steps[-1] in _CONDITIONS
                self._follow(step)
                tested = self.value
        self.meant_otherwise = behind and isinstance(tested, dict) and not inside

    def _is_key(self, step: Step) -> bool:
        if isinstance(step, int) or self.test:
            return True
        for cls in self.classes:
            if step in cls.model_fields:
                inner = _definitions(cls.model_fields[step].annotation)
                self.test = step in _CONDITIONS and SignalTest not in inner
                self.values_only = self.test and Condition not in inner
                self.classes = [Condition] if self.test else inner or self.classes
                return True
        tagged = [cls for cls in self.classes if step in _tags([cls])]
        if tagged:
            self.classes = tagged
            return False
        return isinstance(self.value, dict) and step in self.value

    def _follow(self, step: Step) -> None:
        self.steps.append(step)
        if isinstance(step, int):
            self.value = self.value[step] if isinstance(self.value, list) and step < len(self.value) else None
        else:
            self.value = self.value.get(step) if isinstance(self.value, dict) else None

    @property
    def path(self) -> tuple[Step, ...]:
        """The place in keys of the file."""
        first = self.steps[0] if self.steps else ""
        if first in self.layout.singular:
            return (self.layout.singular[str(first)], *self.steps[1:])
        return tuple(self.steps) if first in self.layout.sections else (self.layout.head, *self.steps)

    def words(self, path: Iterable[Step] | None = None) -> str:
        """The place for a reader: `signal "active_users" > window_days`."""
        parts: list[str] = []
        for n, step in enumerate(self.path if path is None else path):
            if isinstance(step, int):
                parts[-1] += f" {self._entry(step) if n == 1 else step + 1}"
            else:
                parts.append(step)
        return " > ".join(parts)

    def _entry(self, index: int) -> str:
        entries = self.fields.get(str(self.steps[0]))
        entry = entries[index] if isinstance(entries, list) and index < len(entries) else None
        name = entry.get("name") if isinstance(entry, dict) else None
        return f'"{name}"' if isinstance(name, str) else str(index + 1)


def _sentence(place: _Place, detail: ErrorDetails) -> str:
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    where = place.words()
    if kind == "extra_forbidden":
        known = _keys(place.classes, place.layout)
        guess = nearest(str(place.steps[-1]), known)
        advice = f'nearest: "{guess}"' if guess else f"known: {', '.join(known)}"
        return f'{place.words(place.path[:-1])} > unknown key "{place.steps[-1]}"; {advice}'
    if kind == "missing":
        return f"{where} is missing"
    if kind == "union_tag_not_found":
        return f"{where} > {_tag_key(context)} is missing; known: {', '.join(_tags(place.classes))}"
    if kind == "union_tag_invalid":
        return _unknown_word(f"{where} > {_tag_key(context)}", context["tag"], _tags(place.classes))
    if kind == "literal_error":
        return _unknown_word(where, value, re.findall(r"'([^']*)'", str(context["expected"])))
    if kind == "value_error":
        return f"{where}: {context['error']}"
    if kind in ("too_short", "too_long"):
        return f"{where}: there are {context['actual_length']}; must be {_limit(kind, context)}"
    if place.test and place.steps[-1] not in Condition.model_fields:
        return f"{where} is {_shown(place.value)}; must be {_VALUE_RULE if place.values_only else _TEST_RULE}"
    limit = _limit(kind, context)
    return f"{where} is {_shown(value)}; {f'must be {limit}' if limit else detail['msg'].lower()}"


def _limit(kind: str, context: Mapping[str, Any]) -> str:
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        return f"{words} {context[key]:g}"
    return _SORTS.get(kind, "")


def _keys(classes: Iterable[type[Definition]], layout: Layout) -> list[str]:
    """The keys these classes have in the file; the parts of a model stand beside [model], not in it."""
    fields = {field for cls in classes for field in cls.model_fields}
    apart = {*layout.arrays.values(), *layout.sections}
    return sorted(fields - apart if layout.root in classes else fields)


def _unknown_word(where: str, value: Any, known: Iterable[str]) -> str:
    words = list(known)
    guess = nearest(value, words) if isinstance(value, str) else None
    advice = f'nearest: "{guess}"; ' if guess else ""
    return f"{where} is {_shown(value)}; {advice}known: {', '.join(words)}"


def _tag_key(context: Mapping[str, Any]) -> str:
    return str(context["discriminator"]).strip("'")


def _tags(classes: Iterable[type[Definition]]) -> list[str]:
    """What `template`, `method` or `on` is in these classes."""
    found: list[str] = []
    for cls in classes:
        for key in ("template", "method", "on"):
            if key in cls.model_fields:
                found += [str(word) for word in get_args(cls.model_fields[key].annotation)]
    return found


def _definitions(annotation: Any) -> list[type[Definition]]:
    """The definition classes inside a type, in order."""
    if isinstance(annotation, type) and issubclass(annotation, Definition):
        return [annotation]
    if get_origin(annotation) is Literal:
        return []
    return [cls for part in get_args(annotation) for cls in _definitions(part)]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
