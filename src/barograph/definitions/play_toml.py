"""Play files: TOML in and out, exactly (`loads_play(dumps_play(p)) == p`). docs/reference/plays.md has every key.

One file holds one play: its plain fields in `[play]`, then `[trigger]`, `[audience]`, `[owner]`, `[[step]]`,
`[success]`, `[sla]` and `[hold_out]`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

import tomlkit
from pydantic import ValidationError
from tomlkit.items import Table

from barograph.definitions.base import Definition
from barograph.definitions.play import Play
from barograph.definitions.play_cadence import PlaySettings
from barograph.definitions.toml_errors import Layout, explain
from barograph.definitions.toml_io import failure, fields_of, read_definition
from barograph.definitions.toml_text import definition_table
from barograph.errors import DefinitionError

PLAY_FILE = Layout(
    root=Play,
    head="play",
    sections=("play", "trigger", "audience", "owner", "success", "sla", "hold_out"),
    arrays={"step": "steps"},
    what="a play file",
)
SETTINGS_FILE = Layout(
    root=PlaySettings,
    head="cadence",
    sections=("cadence", "guard", "workload"),
    arrays={"row": "rows"},
    what="a settings file of plays",
)

_WORDS = {
    "play": "The play itself. priority: 1 goes first, 5 last.",
    "trigger": "What starts it: the change, once, not the state.",
    "audience": "For which accounts.",
    "owner": "Who answers for it, and gets the steps that name nobody.",
    "step": "The steps, in order; due_days are working days after the play opened.",
    "success": "What must be true at the check.",
    "sla": "Service levels in working days; without any, those of the account's tier hold.",
    "hold_out": "Accounts left out at random, so that the effect can be told.",
}


def load_play(path: Path) -> Play:
    """The play in a TOML file. Raises DefinitionError naming file, line, key, value and what is allowed."""
    return loads_play(read_definition(path, "play file"), where=str(path))


def loads_play(text: str, *, where: str = "play") -> Play:
    """The play in a TOML text; `where` names it in errors. Types are taken strictly: "28" is not 28."""
    fields, lines = fields_of(text, PLAY_FILE, where)
    try:
        return Play.model_validate_json(json.dumps(fields), strict=True)
    except ValidationError as error:
        raise failure(explain(error, fields, lines, PLAY_FILE), where) from None


def load_plays(paths: Iterable[Path]) -> tuple[Play, ...]:
    """The plays in several files, by priority and name. Raises DefinitionError listing what is wrong in all of them,
    a name that two files use among it."""
    found: dict[str, tuple[Play, Path]] = {}
    problems: list[str] = []
    for path in paths:
        try:
            play = load_play(path)
        except DefinitionError as error:
            problems.append(str(error))
            continue
        if play.name in found:
            problems.append(f'{path}: the name "{play.name}" is that of {found[play.name][1].name} already.')
        found.setdefault(play.name, (play, path))
    if problems:
        raise DefinitionError("\n".join(problems), hint="No play of this folder is used until it is mended.")
    return tuple(sorted((play for play, _ in found.values()), key=lambda play: (play.priority, play.name)))


def dumps_play(play: Play, *, comments: bool = True) -> str:
    """The play as TOML; `loads_play` gives back an equal play, with and without `comments`."""
    document = tomlkit.document()
    head = definition_table(play)
    for key in (*PLAY_FILE.sections[1:], *PLAY_FILE.arrays.values()):
        if key in head:
            head.remove(key)
    _add(document, "play", head, comments)
    for key in ("trigger", "audience", "owner"):
        _part(document, key, getattr(play, key), comments)
    if comments:
        document.add(tomlkit.comment(_WORDS["step"]))
    steps = tomlkit.aot()
    for step in play.steps:
        table = definition_table(step)
        table.add(tomlkit.nl())
        steps.append(table)
    document.add("step", steps)
    for key in ("success", "sla", "hold_out"):
        _part(document, key, getattr(play, key), comments)
    text = re.sub(r"\n{3,}", "\n\n", document.as_string()).rstrip("\n") + "\n"
    headings = "|".join(re.escape(f"# {words}") for words in _WORDS.values())
    return re.sub(rf"^({headings})\n\n(?=\[)", r"\1\n", text, flags=re.MULTILINE)


def save_play(play: Play, path: Path) -> None:
    """Writes the play aside and then in one step, so that a reader never sees half of it."""
    aside = path.with_name(f".{path.name}.new")
    aside.write_text(dumps_play(play), encoding="utf-8", newline="\n")
    aside.replace(path)


def load_play_settings(path: Path) -> PlaySettings:
    """The settings in a TOML file. Raises DefinitionError naming file, line, key, value and what is allowed."""
    return loads_play_settings(read_definition(path, "settings file of plays"), where=str(path))


def loads_play_settings(text: str, *, where: str = "settings") -> PlaySettings:
    """The settings in a TOML text: `[cadence]`, `[[row]]` with their duties, `[guard]` and `[workload]`."""
    fields, lines = fields_of(text, SETTINGS_FILE, where)
    try:
        return PlaySettings.model_validate_json(json.dumps(fields), strict=True)
    except ValidationError as error:
        raise failure(explain(error, fields, lines, SETTINGS_FILE), where) from None


def _part(document: tomlkit.TOMLDocument, key: str, part: Definition | None, comments: bool) -> None:
    """A section, unless it says nothing that is not so by default."""
    if part is not None and part != Play.model_fields[key].default:
        _add(document, key, definition_table(part), comments)


def _add(document: tomlkit.TOMLDocument, key: str, table: Table, comments: bool) -> None:
    if comments:
        document.add(tomlkit.comment(_WORDS[key]))
    table.add(tomlkit.nl())
    document.add(key, table)
