"""Truth: what the files under deploy/ name exists: every verb, option, setting, path, unit and secret (issue 4,
operations). systemd checks its units itself where it is installed; no container is built here."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import typer

from barograph.cli.main import app as library
from barograph_web.cli.__main__ import command
from barograph_web.ops.backup import backup_name
from barograph_web.options import OPTIONS
from support.chain_cli import run

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
UNITS = sorted((DEPLOY / "systemd").iterdir())
VARIABLES = {option.variable for option in OPTIONS}


def parsed(arguments: list[str]) -> Any:
    """The context of a call of `barograph ARGUMENTS`, parsed and not done. Raises a usage error for what does not
    exist."""
    verb, *rest = arguments
    group: Any = typer.main.get_command(command())
    found = group.commands.get(verb)
    if found is None:
        group = typer.main.get_command(library)
        found = group.get_command(group.make_context("barograph", [], resilient_parsing=True), verb)
    assert found is not None, f"there is no verb {verb}"
    return found.make_context(verb, rest)


def calls() -> list[list[str]]:
    """Every call of `barograph` in the files, without the program itself."""
    lists = re.findall(r"^(?:CMD|\s+command:) (\[.*\])$", f"{DOCKERFILE}\n{COMPOSE}", re.MULTILINE)
    found = [json.loads(text) for text in lists]
    for unit in UNITS:
        found += [
            shlex.split(line.partition("barograph ")[2])
            for line in re.findall(
                r"^ExecStart=(/opt/barograph/bin/barograph .*)$", unit.read_text(), re.MULTILINE
            )
        ]
    [first] = re.findall(r"docker compose run --rm --no-deps web (init .*)$", COMPOSE, re.MULTILINE)
    return [*found, shlex.split(first)]


def test_every_call_is_one_that_the_command_line_takes() -> None:
    made = calls()
    assert {call[0] for call in made} == {"serve", "worker", "backup", "init"}
    for call in made:
        parsed(call)
    with pytest.raises(Exception, match="No such option"):
        parsed(["serve", "--no-such-option"])


def test_every_setting_is_one_that_is_read() -> None:
    text = "\n".join([DOCKERFILE, COMPOSE, *(unit.read_text() for unit in UNITS)])
    named = set(re.findall(r"\bBAROGRAPH_[A-Z_]+", text))
    assert {"BAROGRAPH_WORKSPACE", "BAROGRAPH_DATABASE_URL_FILE"} <= named
    unknown = {
        name for name in named if name.removesuffix("_FILE") not in VARIABLES and name not in VARIABLES
    }
    assert unknown == set()


def test_the_image_is_made_of_what_is_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    copied = re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
    names = [name for line in copied for name in line.split()[:-1]]
    assert names
    assert [name for name in names if not (ROOT / name).exists()] == []
    assert "README.md" in names and "LICENSE" in names, "the build reads them"
    for extra in re.findall(r"--extra (\S+)", DOCKERFILE):
        assert extra in project["project"]["optional-dependencies"]
    low, high = re.findall(r"3\.(\d+)", project["project"]["requires-python"])
    for minor in re.findall(r"^FROM python:3\.(\d+)-", DOCKERFILE, re.MULTILINE):
        assert int(low) <= int(minor) < int(high)
    [port] = re.findall(r"^EXPOSE (\d+)$", DOCKERFILE, re.MULTILINE)
    assert port == str(parsed(["serve"]).params["port"])
    assert f"'127.0.0.1', {port}" in DOCKERFILE
    assert f'"127.0.0.1:{port}:{port}"' in COMPOSE


def test_the_compose_file_names_what_it_declares() -> None:
    [dockerfile] = re.findall(r"dockerfile: (\S+)", COMPOSE)
    assert (ROOT / dockerfile).is_file()
    services = set(
        re.findall(
            r"^  (\w+):$", COMPOSE.partition("\nservices:")[2].partition("\nvolumes:")[0], re.MULTILINE
        )
    )
    assert services == {"web", "worker", "database"}
    waited = set(re.findall(r"^      (\w+):\n        condition: service_healthy$", COMPOSE, re.MULTILINE))
    waited |= set(re.findall(r"^    (\w+):\n      condition: service_healthy$", COMPOSE, re.MULTILINE))
    assert waited == {"database", "web"}
    declared = set(re.findall(r"^    file: \./secrets/(\S+)$", COMPOSE, re.MULTILINE))
    used = set(re.findall(r"/run/secrets/([\w-]+)", COMPOSE))
    written = set(re.findall(r"> secrets/([\w-]+)", COMPOSE))
    assert declared == used == written == {"database-password", "database-url"}
    for line in COMPOSE.splitlines():
        assert "\t" not in line


@pytest.mark.parametrize("unit", [unit.name for unit in UNITS])
def test_the_units_are_what_systemd_takes(unit: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze on this machine")
    for each in UNITS:
        # The program is not installed here; everything else is checked as it stands.
        (tmp_path / each.name).write_text(
            each.read_text().replace("/opt/barograph/bin/barograph", "/bin/true")
        )
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / unit)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.strip()) == (0, "")


def test_the_guide_starts_units_that_are_there_and_the_backup_keeps_backups() -> None:
    guide = (ROOT / "docs/guides/operator.md").read_text(encoding="utf-8")
    names = {unit.name for unit in UNITS}
    assert set(re.findall(r"barograph[\w-]*\.(?:service|timer)", guide)) <= names
    assert {name.replace(".timer", ".service") for name in names if name.endswith(".timer")} <= names
    backup = (DEPLOY / "systemd/barograph-backup.service").read_text()
    [pattern] = re.findall(r"ls -1t (\S+)", backup)
    assert fnmatch(backup_name(datetime(2026, 11, 16, tzinfo=UTC)), pattern)


def test_a_workspace_is_made_in_the_folder_that_the_volume_is(tmp_path: Path) -> None:
    """`docker compose run web init /workspace` finds the empty folder of the volume there."""
    (tmp_path / "workspace").mkdir()
    made = run("init", tmp_path / "workspace", "--timezone", "Europe/Berlin")
    assert made.code == 0, made.err
    assert (tmp_path / "workspace/barograph.toml").is_file()
