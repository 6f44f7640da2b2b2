"""The documents of the learning verbs as they are today, of a company with planted truth (L1, L4, L2, L5, L10).

Truth: golden. Names, words and counts are held exactly, figures to a thousandth: an optimiser of another release may
end a hair away, and nothing that a person would read differently passes. After a change that was meant:
BAROGRAPH_WRITE_GOLDEN=1 pytest tests/cli/test_learning_goldens.py
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.pipeline.refresh import refresh
from barograph.workspace import Workspace
from support.chain_cli import run
from support.renewals import END, NOW, company, planted_model, workspace

GOLDEN = Path(__file__).parents[1] / "golden" / "cli"
CHANGING = {"path", "at", "created_by", "fingerprint", "command"}
FIGURE = re.compile(r"-?\d+(?:\.\d+)?")
NEAR = 1e-3
MOST = 3
"""Entries that a golden list keeps: the first ones show its form."""
VERBS: dict[str, tuple[str, ...]] = {
    "screen": ("screen",),
    "milestones": ("milestones", "--permutations", "200"),
    "learn": ("learn",),
    "validate": ("validate", "--horizon", "60,90"),
    "audit_score": ("audit-score",),
}


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    made = company(160, effect=1.4, seed=7)
    place = workspace(tmp_path_factory.mktemp("goldens") / "ws", made.raw, planted_model())
    refresh(place, DuckDBEngine(), as_of=END, weeks=1, now=NOW)
    return {name: steady(ask(place, *args)) for name, args in VERBS.items()}


def ask(place: Workspace, *args: str) -> Any:
    result = run(*args, "-w", place.path, "--format", "json")
    assert result.code == 0, result.err
    return result.json


def steady(value: Any, key: str = "") -> Any:
    """Without times and places, long lists cut, floats at six decimals."""
    if key in CHANGING and isinstance(value, str):
        return "(left out)"
    if isinstance(value, dict):
        return {k: steady(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [steady(v) for v in value[:MOST]]
    return round(value, 6) if isinstance(value, float) else value


def differences(found: Any, kept: Any, where: str = "") -> list[str]:
    """What is not the same, by its place in the document."""
    if isinstance(found, dict) and isinstance(kept, dict):
        lost = [f"{where}.{k}: {'new' if k in found else 'gone'}" for k in sorted(found.keys() ^ kept.keys())]
        return lost + [
            d for k in found.keys() & kept.keys() for d in differences(found[k], kept[k], f"{where}.{k}")
        ]
    if isinstance(found, list) and isinstance(kept, list):
        if len(found) != len(kept):
            return [f"{where}: {len(found)} entries, were {len(kept)}"]
        return [
            d
            for i, (a, b) in enumerate(zip(found, kept, strict=True))
            for d in differences(a, b, f"{where}[{i}]")
        ]
    numbers = (int, float)
    if (isinstance(found, float) and isinstance(kept, numbers)) or (
        isinstance(kept, float) and isinstance(found, numbers)
    ):
        return [] if abs(found - kept) <= NEAR * max(1.0, abs(kept)) else [f"{where}: {found}, was {kept}"]
    if isinstance(found, str) and isinstance(kept, str) and FIGURE.sub("#", found) == FIGURE.sub("#", kept):
        pairs = zip(FIGURE.findall(found), FIGURE.findall(kept), strict=True)
        far = [(a, b) for a, b in pairs if abs(float(a) - float(b)) > max(0.011, 0.011 * abs(float(b)))]
        return [f"{where}: {found!r}, was {kept!r}"] if far else []
    return [] if found == kept and type(found) is type(kept) else [f"{where}: {found!r}, was {kept!r}"]


@pytest.mark.parametrize("name", VERBS)
def test_the_document_is_the_golden_one(documents: dict[str, Any], name: str) -> None:
    file = GOLDEN / f"{name}.json"
    if os.environ.get("BAROGRAPH_WRITE_GOLDEN"):
        file.write_text(json.dumps(documents[name], indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert differences(documents[name], json.loads(file.read_text(encoding="utf-8"))) == []


def test_a_difference_is_seen() -> None:
    """The comparison itself: a hair is none; a word, a count, a key, a figure or a length is one."""
    kept = {"auc": 0.71, "n": 12, "why": "lost 9 of 22 (41 %)", "list": [1.0]}
    assert differences({**kept, "auc": 0.7101}, kept) == []
    changed = (
        {"auc": 0.72},
        {"n": 13},
        {"why": "lost 8 of 22 (36 %)"},
        {"list": []},
        {"new": 1},
        {"why": "kept"},
    )
    assert all(differences({**kept, **change}, kept) for change in changed)
