"""Model files: TOML in and out, exactly (`loads_model(dumps_model(m)) == m`).

The file's keys are singular where the objects' are plural: `[[signal]]` fills `ScoreModel.signals`; the
plain settings of the model stand in `[model]`. docs/reference/model-file.md lists every key.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from barograph.definitions.model import ScoreModel
from barograph.definitions.nearest import nearest
from barograph.definitions.toml_errors import MODEL_FILE, Layout, explain
from barograph.definitions.toml_lines import KeyLines, Step
from barograph.definitions.toml_text import dumps_model
from barograph.errors import DefinitionError

__all__ = ["dumps_model", "load_model", "loads_model", "save_model"]


def load_model(path: Path) -> ScoreModel:
    """The model in a TOML file.

    Raises DefinitionError naming the file, the line, the key in the file's words, the value and what is
    allowed; all errors that can be found are listed at once. Types are taken strictly: "28" is not 28.
    """
    return loads_model(read_definition(path, "model file"), where=str(path))


def loads_model(text: str, *, where: str = "model") -> ScoreModel:
    """The model in a TOML text; `where` names it in errors. See `load_model`."""
    fields, lines = fields_of(text, MODEL_FILE, where)
    try:
        return ScoreModel.model_validate_json(json.dumps(fields), strict=True)
    except ValidationError as error:
        raise failure(explain(error, fields, lines), where) from None


def read_definition(path: Path, what: str) -> str:
    """The text of a definition file. Raises DefinitionError naming the file."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DefinitionError(f"there is no such {what}.", where=str(path)) from None
    except UnicodeDecodeError as error:
        raise DefinitionError(
            f"is not UTF-8 text (byte {error.start + 1}).", hint="Save it as UTF-8.", where=str(path)
        ) from None
    except OSError as error:
        raise DefinitionError(f"cannot be read: {error.strerror or error}.", where=str(path)) from None


def fields_of(text: str, layout: Layout, where: str) -> tuple[dict[str, Any], KeyLines]:
    """The fields of the layout's class as a TOML text writes them, and where its keys stand.

    Raises DefinitionError for what is no TOML, for keys in the wrong place, and for dates, which JSON does not have.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(
            f"is not valid TOML: {error}.", hint="Correct the line named and try again.", where=where
        ) from None
    lines = KeyLines(text)
    problems = _misplaced(document, lines, layout)
    for path, moment in _moments(document, ()):
        shown = " > ".join(str(step + 1) if isinstance(step, int) else step for step in path)
        problems.append(f"{lines.prefix(path)}{shown} is {moment}, a date or time; {layout.what} has none")
    if problems:
        raise failure(problems, where)
    return _fields(document, layout), lines


def save_model(model: ScoreModel, path: Path) -> None:
    """Writes the model with comments, aside and then in one step, so that a reader never sees half of it."""
    aside = path.with_name(f".{path.name}.new")
    aside.write_text(dumps_model(model), encoding="utf-8", newline="\n")
    aside.replace(path)


def _fields(document: Mapping[str, Any], layout: Layout) -> dict[str, Any]:
    fields = dict(document.get(layout.head, {}))
    fields.update({key: document[key] for key in layout.sections[1:] if key in document})
    fields.update({field: document[key] for key, field in layout.arrays.items() if key in document})
    return fields


def _misplaced(document: Mapping[str, Any], lines: KeyLines, layout: Layout) -> list[str]:
    sections, arrays, top = layout.sections, layout.arrays, layout.head
    known = (*sections, *arrays)
    problems = []
    for key, value in document.items():
        at = lines.prefix((key,))
        if key in arrays:
            if not (isinstance(value, list) and all(isinstance(item, dict) for item in value)):
                problems.append(f"{at}{key} is written [[{key}]], once for each")
        elif key in sections:
            if not isinstance(value, dict):
                problems.append(f"{at}{key} is written [{key}], once")
        elif key in layout.root.model_fields and key not in arrays.values():
            problems.append(f"{at}{key} belongs under [{top}]")
        else:
            guess = nearest(key, known)
            hint = f'; nearest: "{guess}"' if guess else f"; known: {', '.join(known)}"
            problems.append(f'{at}unknown key "{key}"{hint}')
    head = document.get(top, {})
    moved = {*sections[1:], *arrays, *arrays.values()}
    for key in head if isinstance(head, dict) else ():
        if key in moved:
            section = next((k for k, field in arrays.items() if field == key), key)
            written = f"[[{section}]]" if section in arrays else f"[{section}]"
            at = lines.prefix((top, key))
            problems.append(f"{at}{top} > {key} is written {written}, beside [{top}]")
    return problems


def _moments(value: Any, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], Any]]:
    """Dates and times with where they stand: TOML has them, JSON and the classes do not."""
    if isinstance(value, dict | list):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _moments(item, (*path, step))
    elif not isinstance(value, str | bool | int | float):
        yield path, value


def failure(problems: list[str], where: str) -> DefinitionError:
    """One error that lists everything to correct."""
    if len(problems) == 1:
        return DefinitionError(f"{problems[0]}.", where=where)
    listed = "".join(f"\n  {problem}" for problem in problems)
    return DefinitionError(f"{len(problems)} things to correct{listed}", where=where)
