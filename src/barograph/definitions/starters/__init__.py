"""The shipped models, as files to read and to copy: saas, evergreen and lapse."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from barograph.definitions.model import ScoreModel
from barograph.definitions.toml_io import loads_model
from barograph.errors import UsageError

StarterName = Literal["saas", "evergreen", "lapse"]
"""saas: annual contracts; evergreen: monthly subscriptions; lapse: no contracts at all."""

STARTERS: tuple[StarterName, ...] = get_args(StarterName)


def starter_text(name: str) -> str:
    """The shipped file itself. Raises UsageError naming the starters there are."""
    if name not in STARTERS:
        raise UsageError(f'there is no shipped model "{name}".', hint=f"Choose one of {', '.join(STARTERS)}.")
    return files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8")


def load_starter(name: str) -> ScoreModel:
    """A shipped model. Raises UsageError naming the starters there are."""
    return _read(name)


@cache
def _read(name: str) -> ScoreModel:
    # Models are frozen, so one object can serve everybody.
    return loads_model(starter_text(name), where=f"{name}.toml")
