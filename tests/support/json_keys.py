"""Documents against the tables of the reference that name every key with its kind (docs/reference/json.md says how)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
ROW = re.compile(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$")
KINDS: dict[str, type | tuple[type, ...]] = {
    "text": str,
    "number": (int, float),
    "integer": int,
    "object": dict,
    "list": list,
    "null": type(None),
}
Key = tuple[str, str]
"""Section of the reference and path there."""


def reference(*files: str) -> dict[Key, tuple[str, ...]]:
    """Section and path of every key in these files -> the kinds that its value may have."""
    found: dict[Key, tuple[str, ...]] = {}
    for file in files:
        section = ""
        for line in (FOLDER / file).read_text(encoding="utf-8").splitlines():
            if line.startswith("## "):
                section = line.removeprefix("## ").strip("` ")
            row = ROW.match(line)
            if row and (section.startswith(("barograph.", "a ", "every "))):
                path, kinds, meaning = row.groups()
                assert meaning.strip(), f"{path} has no meaning"
                assert (section, path) not in found, f"{path} is there twice in {section}"
                found[section, path] = tuple(kind.strip() for kind in kinds.split(","))
    return found


def keys_of(section: str, known: Mapping[Key, tuple[str, ...]], prefix: str = "") -> dict[str, Key]:
    """Path in a document -> where it is explained, parts that several share (`x[].*`: as ...) included."""
    found: dict[str, Key] = {}
    for (there, path), kinds in known.items():
        if there != section:
            continue
        if path.endswith("*"):
            for kind in kinds:
                found |= keys_of(kind.removeprefix("as "), known, prefix + path.removesuffix("*"))
        else:
            found[prefix + path] = (section, path)
    return found


def unexplained(
    document: Any, section: str, known: Mapping[Key, tuple[str, ...]], seen: set[Key]
) -> list[str]:
    """What of a document the reference does not say, or says otherwise; notes in `seen` what it does say."""
    paths = keys_of("every document", known) | keys_of(section, known)
    wrong = []
    for path, value in _walk(document, "", paths):
        if path not in paths:
            wrong.append(path)
            continue
        seen.add(paths[path])
        if not _fits(value, known[paths[path]]):
            wrong.append(f"{path} = {value!r}, not {' or '.join(known[paths[path]])}")
    return sorted(set(wrong))


def _walk(value: Any, path: str, known: Mapping[str, Key]) -> Iterator[tuple[str, Any]]:
    """(path, value) of every key; below a path that ends with `{}` the keys are data, not names."""
    if isinstance(value, dict):
        for key, inner in value.items():
            here = f"{path}{{}}" if f"{path}{{}}" in known else f"{path}.{key}" if path else key
            yield here, inner
            if not here.endswith("{}"):
                yield from _walk(inner, here, known)
    elif isinstance(value, list):
        for inner in value:
            if not isinstance(inner, dict):
                yield f"{path}[]", inner
            yield from _walk(inner, f"{path}[]", known)


def _fits(value: Any, kinds: tuple[str, ...]) -> bool:
    """Whether a value is of one of the kinds; true is no integer, and a date is one that exists."""
    if isinstance(value, bool):
        return "true or false" in kinds
    if "date" in kinds and isinstance(value, str):
        return bool(date.fromisoformat(value))
    return any(isinstance(value, KINDS[kind]) for kind in kinds if kind in KINDS)
