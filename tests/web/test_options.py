"""Truth: each setting is read from where it was given, a wrong one is named, and the page of the reference is this
table (issue 4, start; settings as one documented table)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from barograph_web.options import OPTIONS, read_options

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "settings.md"


def shown(value: object) -> str:
    if isinstance(value, tuple):
        value = ",".join(value)
    if isinstance(value, bool):
        value = str(value).lower()
    return f"`{value}`" if str(value) else ""


def test_the_reference_is_the_table() -> None:
    lines = [
        f"| `{o.name}` | `{o.variable}` | {o.kind}{', secret' if o.secret else ''} | {shown(o.default)} | {o.help} |"
        for o in OPTIONS
    ]
    page = PAGE.read_text(encoding="utf-8").splitlines()
    table = [line for line in page if line.startswith("| `")]
    assert table == lines, "write docs/reference/settings.md anew from barograph_web/options.py"


def test_environment_goes_before_file_before_workspace_before_default(tmp_path: Path) -> None:
    (tmp_path / "barograph.toml").write_text(
        'name = "a"\n[application]\nrefresh_time = "07:00"\nhistory_weeks = 52\nallowed_hosts = ["a", "b"]\n'
    )
    (tmp_path / "secret").write_text("  from a file \n")
    options = read_options(
        {
            "BAROGRAPH_WORKSPACE": str(tmp_path),
            "BAROGRAPH_HISTORY_WEEKS": "26",
            "BAROGRAPH_SECRET_KEY_FILE": str(tmp_path / "secret"),
        }
    )
    assert (options.history_weeks, options.sources["history_weeks"]) == (26, "environment")
    assert (options.secret_key, options.sources["secret_key"]) == ("from a file", "file")
    assert (options.refresh_time, options.sources["refresh_time"]) == ("07:00", "barograph.toml")
    assert options.allowed_hosts == ("a", "b")
    assert (options.debug, options.sources["debug"]) == (False, "default")
    with pytest.raises(AttributeError):
        _ = options.nothing


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"BAROGRAPH_HISTORY_WEEKS": "many"}, "BAROGRAPH_HISTORY_WEEKS: 'many' is not a whole number"),
        ({"BAROGRAPH_HISTORY_WEEKS": "0"}, "BAROGRAPH_HISTORY_WEEKS: 0 is below 1"),
        ({"BAROGRAPH_DEBUG": "perhaps"}, "BAROGRAPH_DEBUG: 'perhaps' is neither true nor false"),
        ({"BAROGRAPH_REFRESH_WEEKDAY": "mondays"}, "'mondays' is none of monday"),
        ({"BAROGRAPH_SECRET_KEY_FILE": "/nowhere/at/all"}, "BAROGRAPH_SECRET_KEY_FILE"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value(environment: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_options(environment)


@pytest.mark.parametrize(
    ("section", "words"),
    [("nonsense = 1", "'nonsense' is not a setting"), ('secret_key = "x"', "'secret_key' is a secret")],
)
def test_the_workspace_file_names_settings_and_no_secrets(tmp_path: Path, section: str, words: str) -> None:
    (tmp_path / "barograph.toml").write_text(f'name = "a"\n[application]\n{section}\n')
    with pytest.raises(ValueError, match=words):
        read_options({"BAROGRAPH_WORKSPACE": str(tmp_path)})


def test_looking_at_the_settings_writes_nothing(tmp_path: Path) -> None:
    modules = (
        "barograph_web.options, barograph_web.cli.serve, barograph_web.cli.restore, barograph_web.cli.user"
    )
    done = subprocess.run([sys.executable, "-c", f"import {modules}"], cwd=tmp_path, check=False)
    assert done.returncode == 0
    assert list(tmp_path.iterdir()) == []
