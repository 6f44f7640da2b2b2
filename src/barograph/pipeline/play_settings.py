"""Settings of plays in a workspace: `plays/settings.toml` over the shipped cadences."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from barograph.definitions.play_cadence import PlaySettings
from barograph.definitions.play_toml import load_play_settings, loads_play_settings
from barograph.workspace import Workspace

FOLDER = "plays"
SETTINGS = "settings.toml"


def settings_of(workspace: Workspace) -> PlaySettings:
    """The workspace's settings; states that they have no row for, and everything without the file, are as shipped.

    Raises DefinitionError naming file, line, key, value and what is allowed.
    """
    file = workspace.path / FOLDER / SETTINGS
    return load_play_settings(file).over(shipped_settings()) if file.is_file() else shipped_settings()


@cache
def shipped_settings() -> PlaySettings:
    """The settings that come with the product."""
    return loads_play_settings(shipped_settings_text(), where=SETTINGS)


def shipped_settings_text() -> str:
    """The shipped file itself."""
    shipped = files("barograph.definitions.starters") / FOLDER / SETTINGS
    return shipped.read_text(encoding="utf-8")
