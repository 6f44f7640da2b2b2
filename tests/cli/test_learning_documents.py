"""The documents of learning: fixed keys, the reference that explains every key, exit codes (cli.md; L1 to L11).

Truths: contract (the keys that others script against), reference (docs/reference/json-learning.md names every key).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from barograph.cli.learn import render
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.pipeline.refresh import refresh
from barograph.workspace import Workspace
from support.chain_cli import run
from support.renewals import END, NOW, company, planted_model, workspace

REFERENCE = (Path(__file__).parents[2] / "docs/reference/json-learning.md").read_text(encoding="utf-8")
VERBS: dict[str, tuple[str, ...]] = {
    "screen": ("screen",),
    "audit_score": ("audit-score",),
    "milestones": ("milestones", "--permutations", "200"),
    "learn": ("learn",),
    "validate": ("validate",),
    "models": ("models", "list"),
    "model": ("models", "show", "p1"),
    "models_diff": ("models", "diff", "v1", "p1"),
    "models_change": ("models", "approve", "p1", "--reason", "checked"),
}
FIXED: dict[str, set[str]] = {
    "screen": {"horizon_days", "observations", "lost", "signals"},
    "learn": {"proposed", "stage", "refused_because", "missing", "version", "signals"},
    "validate": {"horizons"},
}
SIGNAL_KEYS = {
    "name",
    "category",
    "n",
    "coverage",
    "auc",
    "auc_low",
    "auc_high",
    "spearman",
    "q_value",
    "verdict",
    "reason",
}
MODEL_KEYS = {
    "kind", "signals", "auc", "auc_low", "auc_high", "balanced_accuracy", "log_loss", "ece", "tiers",
}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A company with planted truth and one scored week."""
    found = workspace(
        tmp_path_factory.mktemp("learning") / "ws", company(300, effect=2.0, seed=5).raw, planted_model()
    )
    refresh(found, DuckDBEngine(), as_of=END, weeks=1, now=NOW)
    return found


@pytest.fixture(scope="module")
def documents(place: Workspace) -> dict[str, Any]:
    """Every verb's document, in the order of their use."""
    found = {}
    for name, args in VERBS.items():
        result = run(*args, "-w", place.path, "--format", "json")
        assert result.code == 0, result.err
        found[name] = result.json
    return found


def keys_of(value: Any, path: str = "") -> Iterator[str]:
    """Dotted keys of a document; items of lists share one path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{path}.{key}" if path else key
            yield from keys_of(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in value:
            yield from keys_of(item, f"{path}[]")


def prefixes(key: str) -> Iterator[str]:
    """A written key and everything it lies in: `a[].b.c` gives `a`, `a[].b` and `a[].b.c`."""
    parts = key.split(".")
    for i in range(1, len(parts) + 1):
        yield ".".join(parts[:i]).removesuffix("[]")


@pytest.mark.parametrize("name", VERBS)
def test_every_document_begins_with_the_fixed_keys(documents: dict[str, Any], name: str) -> None:
    document = documents[name]
    assert next(iter(document)) == "schema"
    assert document["schema"] == f"barograph.{name}/1"
    assert set(document) >= {"workspace", "workspace_as_of", "model", "label", "outcomes", "currency"}
    assert set(document) >= FIXED.get(name, set())


def test_fixed_keys_of_lists(documents: dict[str, Any]) -> None:
    assert all(set(signal) >= SIGNAL_KEYS for signal in documents["screen"]["signals"])
    assert all(set(signal) >= {"name", "weight", "data_share"} for signal in documents["learn"]["signals"])
    for horizon in documents["validate"]["horizons"]:
        assert set(horizon) >= {"days", "n", "lost", "models"}
        for model in horizon["models"]:
            assert set(model) >= MODEL_KEYS
            assert all(set(tier) >= {"tier", "n", "lost"} for tier in model["tiers"])


@pytest.mark.parametrize("name", VERBS)
def test_the_reference_names_every_key(documents: dict[str, Any], name: str) -> None:
    section = re.search(rf"^## `barograph\.{name}/1`\n(.*?)(?=^## |\Z)", REFERENCE, re.MULTILINE | re.DOTALL)
    shared = REFERENCE[: REFERENCE.index("## `barograph.")]
    assert section is not None, f"no section for barograph.{name}/1"
    written = set(re.findall(r"`([a-z_0-9\[\].]+)`", shared + section.group(1)))
    paths = {path for key in written for path in prefixes(key)}
    names = {key.rsplit(".", 1)[-1].removesuffix("[]") for key in written}
    ours = {key for key in keys_of(documents[name]) if not key.startswith(("thresholds[].", "figures."))}
    missing = sorted(key for key in ours if key not in paths and key.rsplit(".", 1)[-1] not in names)
    assert missing == []


@pytest.mark.parametrize("name", [name for name in VERBS if name not in ("models_change", "learn")])
def test_tables_and_csv_are_printed(place: Workspace, documents: dict[str, Any], name: str) -> None:
    args = (*VERBS[name], "--no-challenger") if name == "validate" else VERBS[name]
    table = run(*args, "-w", place.path, width=140)
    assert table.code == 0, table.err
    assert len(table.out.splitlines()) > 3
    if name != "validate":
        csv = run(*args, "-w", place.path, "--format", "csv")
        assert csv.code == 0, csv.err
        assert len(csv.out.splitlines()) > 1


def test_the_table_of_learn_names_the_next_step(place: Workspace, documents: dict[str, Any]) -> None:
    shown = "\n".join(str(part) for part in render(documents["learn"]))
    assert documents["learn"]["kind"] == "scorecard"
    assert "Nothing in force has changed." in shown
    assert "barograph models approve planted-p1 --reason REASON" in shown


def test_too_few_outcomes_exit_with_3_and_counts(tmp_path: Path) -> None:
    small = workspace(tmp_path / "ws", company(20, seed=5).raw, planted_model())
    screened = run("screen", "-w", small.path)
    assert screened.code == 3
    assert re.search(r"\d+ resolved outcomes with \d+ lost; 30 with 10 lost are needed", screened.err)
    learnt = run("learn", "-w", small.path, "--format", "json")
    assert (learnt.code, learnt.json["proposed"]) == (3, False)
    assert learnt.json["missing"][0]["outcomes"] > 0


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("screen", "--horizon", "0"), 2, "--horizon"),
        (("audit-score", "--horizon", "30;60"), 2, "not a list of days"),
        (("audit-score", "--table", "nps_scores"), 3, "nps_scores has 0 rows"),
        (("audit-score", "--red-below", "90"), 2, "no lines of a score"),
        (("screen", "--from", "2031-01-01"), 3, "none of"),
        (("models", "show", "v9"), 2, "no model version"),
        (("models", "approve", "p9", "--reason", "r"), 2, "no proposal"),
        (("validate", "--model", "v9"), 2, "no model version"),
    ],
)
def test_bad_input_is_named(place: Workspace, args: tuple[str, ...], code: int, words: str) -> None:
    result = run(*args, "-w", place.path)
    assert result.code == code
    assert words in " ".join(result.err.split())
