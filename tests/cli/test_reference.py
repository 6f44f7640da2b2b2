"""docs/reference/cli.md against the command itself (truth: reference): every verb, argument and option."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from barograph import __version__, errors
from barograph.cli import main
from support.chain_cli import run

REFERENCE = (Path(__file__).parents[2] / "docs/reference/cli.md").read_text(encoding="utf-8")
SECTION = re.compile(r"^## `barograph ([^`]+)`\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """(words of the verb, command) of every verb, groups taken apart."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


VERBS = dict(commands(typer.main.get_command(main.app)))
WRITTEN = {title: set(NAMED.findall(body)) for title, body in SECTION.findall(REFERENCE)}


def parameters(command: Any) -> set[str]:
    """Arguments by name and options by their longest spelling, as the reference writes them."""
    found = set()
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            found.add(parameter.name.upper())
        elif parameter.name != "help" and not getattr(parameter, "hidden", False):
            found.add(max(parameter.opts, key=len))
    return found


def test_every_verb_is_in_the_reference_and_no_other() -> None:
    assert set(WRITTEN) == set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_argument_and_option_is_in_the_reference_and_no_other(verb: str) -> None:
    assert WRITTEN[verb] == parameters(VERBS[verb])


@pytest.mark.parametrize("verb", VERBS)
def test_help_says_what_each_option_is_for(verb: str) -> None:
    result = run(*verb.split(), "--help")
    assert result.code == 0
    for parameter in VERBS[verb].params:
        if parameter.name != "help":
            assert getattr(parameter, "help", ""), f"{verb}: {parameter.name} has no help"


@pytest.mark.parametrize(
    "error",
    [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, errors.BarographError)],
)
def test_every_exit_code_is_explained(error: type[errors.BarographError]) -> None:
    assert re.search(rf"^\| {error.exit_code} \| \S", REFERENCE, re.MULTILINE)


def test_the_version_is_told() -> None:
    result = run("--version")
    assert (result.code, result.out) == (0, f"barograph {__version__}\n")


def test_without_a_verb_the_help_is_shown() -> None:
    result = run()
    assert result.code == 2
    for verb in VERBS:
        assert f"  {verb.split()[0]} " in result.out + result.err
