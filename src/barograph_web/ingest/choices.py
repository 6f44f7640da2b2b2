"""What a person decides about the columns of a file, and the mapping file that follows from it.

Choices of one part, as JSON: `table` ("" leaves the part out), `columns` (source column -> a column of the contract,
"+" to keep it as an attribute, "-" to leave it out), `values` (column of the contract -> the source's word -> the
contract's), `constants` (column of the contract -> the same value in each row), `dates`, `decimal`,
`scaled` (column of the contract -> what the source's number is multiplied by: 12 for monthly revenue),
`known_at`, `clock` ("declared": `known_at` stands over the rows' own times), and the `sheet` that the part is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import tomlkit
from pydantic import ValidationError

from barograph.definitions.tables import TABLES
from barograph.errors import BarographError
from barograph.intake import Mapping as MappingFile
from barograph.intake.headers import match_header
from barograph.intake.names import squash
from barograph.workspace import explain
from barograph_web.ingest.inspecting import likely_table, match

KEEP, IGNORE = "+", "-"
MONTHLY = re.compile(r"mrr|monthly.*(revenue|amount|price|fee|value)")
MONTHS, SURE_OF_MONTHLY = 12.0, 0.8
DATES = ("iso", "day-first", "month-first", "unix", "unix-ms")
Choices = dict[str, Any]


def proposed(part: Mapping[str, Any], table: str | None = None) -> Choices:
    """The choices to begin with: what the library matches, its guesses, and everything else kept as attributes.

    `guessed` names the source columns of guesses with their confidence; a person confirms them by going on.
    """
    columns = tuple(part["columns"])
    if table is None:
        likely = likely_table(part["part"], columns)
        table, why = likely.table, likely.why
    else:
        why = "chosen"
    chosen: dict[str, str] = {name: KEEP for name in columns if name}
    guessed: dict[str, float] = {}
    if table:
        header = match(table, part["part"], columns)
        for target, position in header.targets.items():
            chosen[columns[position]] = target
        for guess in header.guesses:
            chosen[guess.column] = guess.target
            guessed[guess.column] = guess.confidence
    scaled: dict[str, float] = {}
    for target in scalable(table):
        monthly = [n for n, kept in chosen.items() if kept == KEEP and MONTHLY.match(squash(n))]
        if len(monthly) == 1 and target not in chosen.values():
            chosen[monthly[0]], guessed[monthly[0]] = target, SURE_OF_MONTHLY
            scaled[target] = MONTHS
    return {
        "table": table,
        "sheet": part["sheet"],
        "why": why,
        "columns": chosen,
        "guessed": guessed,
        "values": {},
        "constants": {},
        "scaled": scaled,
        "dates": "iso",
        "decimal": ".",
        "known_at": "",
        "clock": "",
    }


def scalable(table: str) -> list[str]:
    """Columns of a table that hold a year's amount, and that exports often have by the month."""
    return [column.name for column in TABLES[table].columns if column.scale] if table else []


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to change. field: "table", "column:<source>", "constant:<target>", "known_at"; "" for the whole."""

    field: str
    text: str


def problems(part: Mapping[str, Any], choices: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the choices of one part, with the field to change. Empty when it can be imported."""
    if not choices["table"]:
        return []
    table = TABLES[choices["table"]]
    found: list[Problem] = []
    used: dict[str, str] = {}
    for source, target in choices["columns"].items():
        if target in (KEEP, IGNORE):
            continue
        if target in used:
            found.append(
                Problem(f"column:{source}", f"{used[target]!r} is {target} already: choose one of the two.")
            )
        used[target] = source
    for target in choices["constants"]:
        if target in used:
            found.append(
                Problem(f"constant:{target}", f"Column {used[target]!r} gives it: leave one of the two out.")
            )
    filled = {*used, *choices["constants"], *_implied(part, choices)}
    missing = [name for name in table.required if name not in filled]
    missing += [" or ".join(group) for group in table.one_of if not filled & set(group)]
    if missing:
        found.append(
            Problem(
                "table",
                f"Nothing gives {', '.join(missing)} yet: choose the column that does, or a fixed value.",
            )
        )
    return found or _refusals(part, choices)


def _implied(part: Mapping[str, Any], choices: Mapping[str, Any]) -> set[str]:
    """What the name of a source column says about others: a churn_date is the date of a churn."""
    header = match(choices["table"], part["part"], tuple(part["columns"]))
    kept = set(choices["columns"].values())
    return set(header.implied) if kept & set(header.targets) else set()


def _refusals(part: Mapping[str, Any], choices: Mapping[str, Any]) -> list[Problem]:
    """What the library's own rules say against it."""
    try:
        rules = MappingFile.model_validate(document({part["part"]: choices}, part["part"]))
    except ValidationError as error:
        return [Problem("", explain(error))]
    mapped = rules.tables[0]
    try:
        match_header(
            TABLES[mapped.table],
            tuple(part["columns"]),
            shown=part["part"],
            given=mapped.columns,
            elsewhere=(*mapped.constants, *mapped.compute),
            ignore=mapped.ignore,
        )
    except BarographError as error:
        return [Problem("table", f"{error.message} {error.hint}".strip())]
    return []


def document(parts: Mapping[str, Mapping[str, Any]], file: str) -> dict[str, Any]:
    """The mapping file of the parts of `file` as data (docs/reference/mapping-file.md), without those left out."""
    return {"tables": [_table(choices, file) for choices in parts.values() if choices["table"]]}


def _table(choices: Mapping[str, Any], file: str) -> dict[str, Any]:
    columns = {
        target: source for source, target in choices["columns"].items() if target not in (KEEP, IGNORE)
    }
    # A factor stands beside a column that gives the target; it goes with it.
    scaled = {target: by for target, by in choices.get("scaled", {}).items() if target in columns}
    compute = {target: {"column": columns.pop(target), "times": by} for target, by in scaled.items()}
    entry: dict[str, Any] = {"table": choices["table"], "files": [file], "columns": columns}
    ignored = [source for source, target in choices["columns"].items() if target == IGNORE]
    read = {key: choices[key] for key, plain in (("dates", "iso"), ("decimal", ".")) if choices[key] != plain}
    if choices["sheet"]:
        read["sheet"] = choices["sheet"]
    optional = {
        "ignore": ignored,
        "values": {
            target: words for target, words in choices["values"].items() if words and target in columns
        },
        "constants": dict(choices["constants"]),
        "compute": compute,
        "known_at": choices["known_at"],
        "clock": choices["clock"] if choices["known_at"] else "",
        "read": read,
    }
    return entry | {key: value for key, value in optional.items() if value}


def mapping_text(parts: Mapping[str, Mapping[str, Any]], file: str) -> str:
    """The mapping file as TOML, for a file of that name."""
    text = tomlkit.document()
    text.add(tomlkit.comment(f"How {file} is read. `barograph import FILE --mapping THIS` does the same."))
    for key, value in document(parts, file).items():
        text.add(key, tomlkit.item(value))
    return tomlkit.dumps(text)


def mapping_file(parts: Mapping[str, Mapping[str, Any]], file: str) -> MappingFile:
    """The mapping as the library takes it: the text that can be downloaded is what is done.

    Raises pydantic's ValidationError for choices that `problems` refuses.
    """
    return MappingFile.model_validate(tomllib.loads(mapping_text(parts, file)))
