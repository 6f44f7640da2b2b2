"""Architecture: `as_of` is an argument (design, rule 4). No clock and no unseeded chance below the
pipeline."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "src" / "barograph"
PURE = ("definitions", "core", "signals", "engines", "learning", "synthetic", "charts")
CLOCKS = {"now", "today", "utcnow", "time", "monotonic", "perf_counter"}
MODULES = sorted(path for folder in PURE for path in (ROOT / folder).rglob("*.py"))


def calls(path: Path) -> list[tuple[int, str, str]]:
    """(line, object, attribute) of every call of the form object.attribute(...)."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found.append((node.lineno, ast.unparse(node.func.value), node.func.attr))
    return found


CLOCK_OWNERS = {"datetime", "date", "time", "datetime.datetime", "datetime.date"}
CHANCE_OWNERS = {"random", "np.random", "numpy.random"}
SEEDED = {"default_rng", "Generator", "SeedSequence", "PCG64", "SFC64", "Random"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_clock_and_no_unseeded_chance(path: Path) -> None:
    for line, owner, attribute in calls(path):
        clock = owner in CLOCK_OWNERS and attribute in CLOCKS
        assert not clock, f"{path.name}:{line} reads the clock"
        unseeded = owner in CHANCE_OWNERS and attribute not in SEEDED
        assert not unseeded, f"{path.name}:{line} uses chance without a seed"
