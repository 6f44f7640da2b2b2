"""Documentation: what the pages promise is there: commands, links, and the one test command CI runs."""

import re
import shlex
from pathlib import Path

import pytest
import typer.core
import typer.main

from barograph.cli.main import app

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)#]+)(?:#[^)]*)?\)")
BLOCK = re.compile(r"```sh\n(.*?)```", re.S)


def shell_lines(page: Path) -> list[str]:
    """Lines of the page's shell blocks, continuations joined."""
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    text = "\n".join(blocks).replace("\\\n", " ")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def test_readme_begins_with_two_commands_and_ci_runs_the_second() -> None:
    lines = shell_lines(ROOT / "README.md")
    demo, tests = lines[:2]
    assert demo.endswith("uv run barograph demo")
    assert tests.endswith("uv run pytest")
    assert tests in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_in_pages_exist_with_their_options(page: Path) -> None:
    verbs = typer.main.get_command(app)
    for line in shell_lines(page):
        for part in re.split(r"&&|\|", line):
            words = shlex.split(part, comments=True)
            if "barograph" not in words:
                continue
            check(verbs, words[words.index("barograph") + 1 :], page)


def check(verbs: typer.core.TyperCommand | typer.core.TyperGroup, words: list[str], page: Path) -> None:
    """Follow the words down the command's groups, then look up every option."""
    here = verbs
    while words and isinstance(here, typer.core.TyperGroup) and not words[0].startswith("-"):
        found = here.commands.get(words[0])
        assert found is not None, f"{page.name}: there is no `barograph {words[0]}`"
        here, words = found, words[1:]
    options = {name for parameter in here.params for name in (*parameter.opts, *parameter.secondary_opts)}
    for word in words:
        if word.startswith("-") and not re.fullmatch(r"-\d+", word):
            assert word.split("=")[0] in {*options, "--help"}, f"{page.name}: {here.name} has no {word}"
