"""Architecture: a module can be read in one sitting (design: 80 to 250 lines as a habit, 600 is the
limit; migrations are written by a command and read by nobody)."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(path for folder in ("src", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py"))
MODULES = [path for path in MODULES if path.parent.name != "migrations"]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_module_is_longer_than_600_lines(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 600, f"{path.relative_to(ROOT)} has {lines} lines: split it by what its parts are about"
