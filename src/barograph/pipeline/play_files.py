"""Shipped plays as files of a workspace, to be edited there."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from barograph.definitions.nearest import nearest
from barograph.errors import UsageError
from barograph.pipeline.play_settings import FOLDER, SETTINGS
from barograph.workspace import Workspace


def shipped_files() -> dict[str, str]:
    """Name of each shipped play -> its file's text, by name."""
    folder = files("barograph.definitions.starters") / FOLDER
    found = {
        entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml") and entry.name != SETTINGS
    }
    return dict(sorted(found.items()))


def write_shipped(workspace: Workspace, names: Sequence[str]) -> list[tuple[Path, bool]]:
    """Write shipped plays into the workspace, all of them without names; (file, written) of each.

    A file that is there is left alone. As soon as the folder holds one play, only those in it are in force. Raises
    UsageError for a name that is not shipped; nothing is written then.
    """
    shipped = shipped_files()
    for name in names:
        if name not in shipped:
            near = nearest(name, shipped)
            hint = f"Did you mean {near!r}?" if near else f"There are: {', '.join(shipped)}."
            raise UsageError(f"there is no shipped play {name!r}.", hint=hint)
    folder = workspace.path / FOLDER
    folder.mkdir(exist_ok=True)
    done: list[tuple[Path, bool]] = []
    for name in names or shipped:
        path = folder / f"{name}.toml"
        new = not path.exists()
        if new:
            aside = path.with_name(f".{path.name}.new")
            aside.write_text(shipped[name], encoding="utf-8", newline="\n")
            aside.replace(path)
        done.append((path, new))
    return done
