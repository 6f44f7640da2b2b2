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
from barograph.definitions.toml_errors import ARRAYS, SECTIONS, explain
from barograph.definitions.toml_lines import KeyLines, Step
from barograph.definitions.toml_text import dumps_model
from barograph.errors import DefinitionError

__all__ = ["dumps_model", "load_model", "loads_model", "save_model"]


def load_model(path: Path) -> ScoreModel:
    """The model in a TOML file.

    Raises DefinitionError naming the file, the line, the key in the file's words, the value and what is
    allowed; all errors that can be found are listed at once. Types are taken strictly: "28" is not 28.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DefinitionError("there is no such model file.", where=str(path)) from None
    except UnicodeDecodeError as error:
        raise DefinitionError(
            f"is not UTF-8 text (byte {error.start + 1}).", hint="Save it as UTF-8.", where=str(path)
        ) from None
    except OSError as error:
        raise DefinitionError(f"cannot be read: {error.strerror or error}.", where=str(path)) from None
    return loads_model(text, where=str(path))


def loads_model(text: str, *, where: str = "model") -> ScoreModel:
    """The model in a TOML text; `where` names it in errors. See `load_model`."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(
            f"is not valid TOML: {error}.", hint="Correct the line named and try again.", where=where
        ) from None
    lines = KeyLines(text)
    problems = _misplaced(document, lines)
    for path, moment in _moments(document, ()):
        shown = " > ".join(str(step + 1) if isinstance(step, int) else step for step in path)
        problems.append(f"{lines.prefix(path)}{shown} is {moment}, a date or time; a model file has none")
    if problems:
        raise _failure(problems, where)
    try:
        return ScoreModel.model_validate_json(json.dumps(_fields(document)), strict=True)
    except ValidationError as error:
        raise _failure(explain(error, _fields(document), lines), where) from None


def save_model(model: ScoreModel, path: Path) -> None:
    """Writes the model with comments, aside and then in one step, so that a reader never sees half of it."""
    aside = path.with_name(f".{path.name}.new")
    aside.write_text(dumps_model(model), encoding="utf-8", newline="\n")
    aside.replace(path)


def _fields(document: Mapping[str, Any]) -> dict[str, Any]:
    fields = dict(document.get("model", {}))
    fields.update({key: document[key] for key in SECTIONS[1:] if key in document})
    fields.update({field: document[key] for key, field in ARRAYS.items() if key in document})
    return fields


def _misplaced(document: Mapping[str, Any], lines: KeyLines) -> list[str]:
    known = (*SECTIONS, *ARRAYS)
    problems = []
    for key, value in document.items():
        at = lines.prefix((key,))
        if key in ARRAYS:
            if not (isinstance(value, list) and all(isinstance(item, dict) for item in value)):
                problems.append(f"{at}{key} is written [[{key}]], once for each")
        elif key in SECTIONS:
            if not isinstance(value, dict):
                problems.append(f"{at}{key} is written [{key}], once")
        elif key in ScoreModel.model_fields and key not in ARRAYS.values():
            problems.append(f"{at}{key} belongs under [model]")
        else:
            guess = nearest(key, known)
            hint = f'; nearest: "{guess}"' if guess else f"; known: {', '.join(known)}"
            problems.append(f'{at}unknown key "{key}"{hint}')
    model = document.get("model", {})
    moved = {*SECTIONS[1:], *ARRAYS, *ARRAYS.values()}
    for key in model if isinstance(model, dict) else ():
        if key in moved:
            section = next((k for k, field in ARRAYS.items() if field == key), key)
            written = f"[[{section}]]" if section in ARRAYS else f"[{section}]"
            at = lines.prefix(("model", key))
            problems.append(f"{at}model > {key} is written {written}, beside [model]")
    return problems


def _moments(value: Any, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], Any]]:
    """Dates and times with where they stand: TOML has them, JSON and the classes do not."""
    if isinstance(value, dict | list):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _moments(item, (*path, step))
    elif not isinstance(value, str | bool | int | float):
        yield path, value


def _failure(problems: list[str], where: str) -> DefinitionError:
    if len(problems) == 1:
        return DefinitionError(f"{problems[0]}.", where=where)
    listed = "".join(f"\n  {problem}" for problem in problems)
    return DefinitionError(f"{len(problems)} things to correct{listed}", where=where)
