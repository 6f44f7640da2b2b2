"""The learning verbs from the command line (L1 to L8, cli.md): every option works, every refusal is named.

Truths: contract (each option of the reference is used here and does what it says; exit codes 0, 2, 3), golden (the
documents of the registry, which no statistics can move), metamorphic (the same seed, the same document).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from barograph.cli import verbs
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.pipeline.refresh import refresh
from barograph.workspace import Workspace
from support.chain import copied, refreshed
from support.chain_cli import run
from support.cli import Result
from support.proposals import put_proposal
from support.renewals import END, NOW, company, planted_model, workspace
from support.small_model import small_model
from support.small_workspace import MONDAY

GOLDEN = Path(__file__).parents[1] / "golden" / "cli"
EVERYWHERE = {"--workspace", "--format", "--output", "--help"}

USED: dict[str, tuple[tuple[str, ...], ...]] = {
    "audit-score": (
        ("--table", "legacy_scores", "--horizon", "45,120", "--red-below", "40", "--green-from", "80"),
        ("--from", "2025-06-01", "--to", "2026-03-31", "--seed", "4", "--as-of", "2026-06-01"),
    ),
    "screen": (
        ("--horizon", "60", "--confirm", "adoption", "--confirm", "noise_0"),
        ("--from", "2025-06-01", "--to", "2026-06-30", "--seed", "4", "--as-of", "2026-08-03"),
    ),
    "milestones": (("--permutations", "200", "--seed", "4", "--as-of", "2026-10-05"),),
    "learn": (
        ("--max-signals", "1", "--name", "other", "--horizon", "60", "--accept-shapes"),
        ("--confirm", "adoption", "--from", "2025-03-01", "--to", "2026-08-31", "--seed", "4",
         "--as-of", "2026-10-05"),
    ),
    "models list": (("--as-of", "2026-11-16"),),
    "models show": (("v1", "--as-of", "2026-11-16"),),
    "models diff": (("v1", "p1", "--as-of", "2026-11-16"),),
    "models shadow": (("p1", "--reason", "to see", "--as-of", "2026-11-16"), ("p1", "--stop")),
    "models approve": (
        ("p1", "--reason", "checked", "--override", "the board wants it", "--as-of", "2026-11-16"),
    ),
    "models rollback": (("--reason", "it cried wolf", "--to", "v1", "--as-of", "2026-11-23"),),
}  # fmt: skip
"""Verb -> calls that together use each of its options."""


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """200 accounts whose adoption decides, one week scored. Read only."""
    made = company(200, effect=1.4, seed=7)
    place = workspace(tmp_path_factory.mktemp("verbs") / "ws", made.raw, planted_model())
    refresh(place, DuckDBEngine(), as_of=END, weeks=1, now=NOW)
    return place


@pytest.fixture(scope="module")
def small(raw: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The small company with a proposal that passed and one that did not. Read only."""
    place = copied(raw, tmp_path_factory.mktemp("registry") / "ws")
    refreshed(place, 2, as_of=MONDAY - 7)
    put_proposal(place, better())
    put_proposal(place, small_model({"active_users": 30, "usage_change": 10}), promoted=False)
    return place


def better() -> Any:
    return small_model({"active_users": 40, "usage_change": 0}, stage="predictive", outcomes_behind=412)


@pytest.fixture
def own(small: Workspace, tmp_path: Path) -> Workspace:
    return copied(small, tmp_path / "own")


def options_of(command: Any) -> set[str]:
    return {max(p.opts, key=len) for p in command.params if p.param_type_name == "option"} - EVERYWHERE


def learning_verbs() -> Iterator[tuple[str, Any]]:
    for name in ("audit-score", "screen", "milestones", "learn"):
        yield name, verbs.load(name)
    for name, command in verbs.load("models").commands.items():
        yield f"models {name}", command


def ask(place: Workspace, *args: str, code: int = 0) -> Result:
    result = run(*args, "-w", place.path, "--format", "json")
    assert result.code == code, (args, result.err)
    return result


@pytest.mark.parametrize("verb", dict(learning_verbs()))
def test_every_option_is_used_here(verb: str) -> None:
    used = {word for call in USED[verb] for word in call if word.startswith("--")}
    elsewhere = {"--target"} if verb == "learn" else set()
    assert used | elsewhere == options_of(dict(learning_verbs())[verb])


@pytest.mark.parametrize("verb", [verb for verb in USED if not verb.startswith("models")])
def test_every_option_of_a_verb_of_statistics_works(planted: Workspace, tmp_path: Path, verb: str) -> None:
    place = copied(planted, tmp_path / "w") if verb == "learn" else planted
    found = [ask(place, verb, *call).json for call in USED[verb]]
    again = ask(place, verb, *USED[verb][-1]).json
    assert {**again, "notices": None} == {**found[-1], "notices": None}, "the same seed, the same document"
    if verb == "audit-score":
        assert [h["days"] for h in found[0]["horizons"]] == [45, 120]
        assert found[0]["lines"] == {"red_below": 40, "green_from": 80}
        assert "2025-06-01" <= found[1]["from"] <= found[1]["to"] <= "2026-03-31"
        assert found[1]["workspace_as_of"] == "2026-06-01"
    if verb == "screen":
        assert found[0]["horizon_days"] == 60
        assert {s["verdict"] for s in found[0]["signals"] if s["name"] == "adoption"} == {"validated"}
        assert "2025-06-01" <= found[1]["from"] <= found[1]["to"] <= "2026-06-30"
        assert found[1]["observations"] < found[0]["observations"]
    if verb == "learn":
        name = "planted" if found[0]["kind"] == "label" else "other"
        assert (found[0]["version"], found[0]["horizon_days"]) == (f"{name}-p1", 60)
        assert found[1]["workspace_as_of"] == "2026-10-05"
        assert found[1]["decisions"] < found[0]["decisions"]


def test_at_most_so_many_signals_are_searched(planted: Workspace, tmp_path: Path) -> None:
    found = ask(copied(planted, tmp_path / "w"), "learn", "--max-signals", "1").json
    searched = [m for m in found["models"] if m["kind"] == "predictive"]
    assert [m["signals"] for m in searched] == [1]


def test_every_option_of_the_registry_works(own: Workspace) -> None:
    """In the order of their use: look, shadow, approve, go back."""
    calls = [(verb, call) for verb in USED if verb.startswith("models") for call in USED[verb]]
    found = {(verb, call): ask(own, *verb.split(), *call).json for verb, call in calls}
    (approved,) = [d for (verb, _), d in found.items() if verb == "models approve"]
    assert (approved["version"], approved["override"], approved["reason"]) == ("small-v2", None, "checked")
    assert approved["effective_from"] == "2026-11-16"
    (back,) = [d for (verb, _), d in found.items() if verb == "models rollback"]
    assert (back["version"], back["before"], back["effective_from"]) == ("small-v3", "small-v2", "2026-11-23")
    started, stopped = [d for (verb, _), d in found.items() if verb == "models shadow"]
    assert (started["running"], started["shadows"]) == (
        True,
        [{"version": "small-p1", "since": "2026-11-16"}],
    )
    assert (stopped["running"], stopped["shadows"]) == (False, [])


@pytest.mark.parametrize(
    "args",
    [
        *(("screen",), ("milestones", "--permutations", "200"), ("audit-score",)),
        *(("models", "list"), ("models", "show", "v1"), ("models", "diff", "v1", "v1")),
    ],
    ids=" ".join,
)
def test_every_form_of_output_works_to_a_file_too(
    planted: Workspace, tmp_path: Path, args: tuple[str, ...]
) -> None:
    for kind in ("table", "json", "csv"):
        shown = run(*args, "-w", planted.path, "--format", kind)
        assert shown.code == 0, shown.err
        file = tmp_path / f"out.{kind}"
        written = run(*args, "-w", planted.path, "--format", kind, "-o", file)
        assert (written.code, written.out) == (0, "")
        if kind != "table":
            assert file.read_text(encoding="utf-8").splitlines() == shown.out.splitlines()
        else:
            assert file.read_text(encoding="utf-8").strip()


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("screen", "--confirm", "adoptoin"), 2, "Did you mean 'adoption'?"),
        (("screen", "--as-of", ""), 2, "--as-of '' is not a date"),
        (("learn", "--as-of", "soon"), 2, "--as-of 'soon' is not a date"),
        (("milestones", "--as-of", ""), 2, "--as-of '' is not a date"),
        (("audit-score", "--as-of", ""), 2, "--as-of '' is not a date"),
        (("models", "list", "--as-of", ""), 2, "--as-of '' is not a date"),
        (("screen", "--from", ""), 2, "--from '' is not a date"),
        (("learn", "--horizon", "0"), 2, "--horizon"),
        (("learn", "--max-signals", "9"), 2, "--max-signals"),
        (("learn", "--target", "growth"), 2, "--target"),
        (("learn", "--horizon", "700"), 3, "700 days before it (0 observations)"),
        (
            ("screen", "--horizon", "700"),
            3,
            "30 with 10 lost are needed|0 observations|none can be looked back",
        ),
        (("screen", "--to", "2020-01-01"), 3, "none of 200 decisions falls in the period"),
        (("milestones", "--permutations", "10"), 2, "--permutations"),
        (("models", "shadow", "p1"), 2, "no proposal 'planted-p1'"),
        (("models", "rollback", "--reason", "r"), 2, "no earlier version of planted"),
        (("models", "show", "nonsense"), 2, "no model version"),
        (("models", "diff", "v1", "v2"), 2, "no model version 'planted-v2'"),
        (("scores", "--model", "v2"), 2, "no model version 'planted-v2'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_bad_input_is_named(planted: Workspace, args: tuple[str, ...], code: int, words: str) -> None:
    result = run(*args, "-w", planted.path)
    said = " ".join(result.err.split())
    assert result.code == code, said
    assert any(part in said for part in words.split("|")), said


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("approve", "p1"), 2, "--reason"),
        (("approve", "p1", "--reason", " "), 2, "a version needs a reason"),
        (("approve", "p9", "--reason", "r"), 2, "There are: small-p1, small-p2"),
        (("approve", "v1", "--reason", "r"), 2, "no proposal"),
        (
            ("approve", "p2", "--reason", "r"),
            3,
            "did not pass the acceptance test: it does not hold out of time",
        ),
        (("approve", "p2", "--reason", "r", "--override", " "), 2, "an override needs a reason"),
        (("rollback",), 2, "--reason"),
        (("rollback", "--reason", ""), 2, "going back needs a reason"),
        (("rollback", "--reason", "r", "--to", "v7"), 2, "no model version 'small-v7'"),
        (("rollback", "--reason", "r", "--to", "v1"), 2, "small-v1 is that definition already"),
        (("shadow", "v1"), 2, "which is in force"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_the_registry_refuses_and_nothing_changes(
    small: Workspace, args: tuple[str, ...], code: int, words: str
) -> None:
    before = small.lake.manifest(), small.model_file().read_text()
    result = run("models", *args, "-w", small.path)
    assert result.code == code, result.err
    assert words in " ".join(result.err.split())
    assert (small.lake.manifest(), small.model_file().read_text()) == before
    assert [e["version"] for e in ask(small, "models", "list").json["versions"]] == ["small-v1"]


def test_approving_twice_and_with_an_override(own: Workspace) -> None:
    done = ask(own, "models", "approve", "2", "--reason", "r", "--override", "the board wants it").json
    assert (done["version"], done["override"]) == ("small-v2", "the board wants it")
    again = run("models", "approve", "p2", "--reason", "r", "--override", "x", "-w", own.path)
    assert (again.code, "small-p2 is in force already, as small-v2" in again.err) == (2, True)
    other = run("models", "approve", "p1", "--reason", "r", "-w", own.path)
    assert other.code == 2
    assert "was compared with small-v1, and small-v2 is in force now" in " ".join(other.err.split())
    shown = run("models", "list", "-w", own.path, width=160)
    assert "(override: the board wants it)" in shown.out


def test_without_outcomes_every_verb_says_what_is_missing(tmp_path: Path) -> None:
    raw = {k: v for k, v in company(20, seed=2).raw.items() if k not in ("outcomes", "contracts")}
    place = workspace(tmp_path / "w", raw, planted_model(population={"rule": "accounts"}))
    for verb in ("screen", "learn", "milestones", "audit-score"):
        result = run(verb, "-w", place.path)
        assert (result.code, result.out) == (3, ""), verb
        assert re.search(r"outcomes|decision", result.err), verb


def test_a_shadow_is_told_wherever_the_reference_says(own: Workspace) -> None:
    """models shadow, refresh, status, scores --model, models show, models diff (issue 3, item 7)."""
    week = ("--as-of", "2026-11-16")
    assert run("scores", "--model", "p1", "-w", own.path, *week).code == 3
    started = run("models", "shadow", "p1", "-w", own.path, *week)
    assert "small-p1 is scored beside small-v1 from the next refresh on." in started.out
    assert "was scored" in run("models", "shadow", "p1", "-w", own.path, *week).out
    said = run("refresh", "-w", own.path, *week, "--no-validate")
    assert "In the shadow: small-p1 scored 1 week beside it." in said.out
    moved = ask(own, "status").json["shadows"][0]
    assert re.search(
        rf"In the shadow: small-p1, since 2026-11-16: {moved['moved']} of {moved['accounts']} accounts",
        " ".join(run("status", "-w", own.path).out.split()),
    )
    its = ask(own, "scores", "--model", "p1", *week).json
    force = ask(own, "scores", *week).json
    assert (its["model"]["version"], its["shadow"], its["label"]) == ("small-p1", True, "predictive")
    assert (force["model"]["version"], force["shadow"]) == ("small-v1", False)
    assert "(in the shadow: scored beside the model in force)" in " ".join(
        run("scores", "--model", "small-p1", "-w", own.path, *week).out.split()
    )
    tiers = {a["account_id"]: a["tier"] for a in force["accounts"]}
    differ = sum(tiers[a["account_id"]] != a["tier"] for a in its["accounts"])
    shown = ask(own, "models", "show", "p1", *week).json["shadow"]
    compared = ask(own, "models", "diff", "v1", "p1", *week).json["migration"]
    assert shown["migration"] == compared and compared["as_shown"]
    assert compared["moved"] == moved["moved"] == differ
    table = run("models", "show", "p1", "-w", own.path, *week, width=140).out
    assert "small-p1 is in the shadow since 2026-11-16: 1 week scored" in table
    assert "from \\ to" in table
    assert [e["shadow"] for e in ask(own, "models", "list").json["proposals"]] == [True, False]
    assert "shadow" in run("models", "list", "-w", own.path, width=160).out
    assert ask(own, "review", *week).json["model"]["version"] == "small-v1"


CHANGING = {"path", "created_by"}
REGISTRY: dict[str, tuple[str, ...]] = {
    "models": ("models", "list"),
    "model": ("models", "show", "p1"),
    "models_diff": ("models", "diff", "v1", "p1"),
    "models_shadow": ("models", "shadow", "p1", "--reason", "to see"),
    "models_change": ("models", "approve", "p1", "--reason", "checked"),
}


@pytest.fixture(scope="module")
def documents(small: Workspace, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    place = copied(small, tmp_path_factory.mktemp("golden") / "ws")
    return {name: ask(place, *args, "--as-of", "2026-11-16").json for name, args in REGISTRY.items()}


def steady(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: "(left out)" if k in CHANGING else steady(v) for k, v in value.items()}
    if isinstance(value, list):
        return [steady(v) for v in value]
    return round(value, 9) if isinstance(value, float) else value


@pytest.mark.parametrize("name", REGISTRY)
def test_the_document_is_the_golden_one(documents: dict[str, Any], name: str) -> None:
    """After a change that was meant: BAROGRAPH_WRITE_GOLDEN=1 pytest tests/cli/test_learning_verbs.py"""
    made = json.dumps(steady(documents[name]), indent=1, ensure_ascii=False) + "\n"
    golden = GOLDEN / f"{name}.json"
    if os.environ.get("BAROGRAPH_WRITE_GOLDEN"):
        golden.write_text(made, encoding="utf-8")
    assert json.loads(made) == json.loads(golden.read_text(encoding="utf-8")), f"{golden.name} changed"
