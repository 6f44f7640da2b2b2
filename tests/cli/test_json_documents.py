"""The JSON that scripts read: golden documents, the reference that explains every key, and the keys that stay fixed.

Truths: golden (tests/golden/cli, of the small company), reference (docs/reference/json.md names every key with its
type), contract (the keys that others script against; S6, H2, L3). After a change that was meant:
BAROGRAPH_WRITE_GOLDEN=1 pytest tests/cli/test_json_documents.py
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from barograph.definitions.toml_io import dumps_model
from barograph.learning.track_record import TrackRecord
from barograph.reports.track_record import entry
from barograph.workspace import Workspace
from support.chain import copied, refreshed
from support.chain_approve import run_approve
from support.chain_cli import run
from support.proposals import put_proposal
from support.small_model import small_model
from support.small_workspace import MONDAY as MONDAY_DAY
from support.small_workspace import bring_in, made, tables, write_csv, write_exports

GOLDEN = Path(__file__).parents[1] / "golden" / "cli"
REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "json.md"
MONDAY = ("--as-of", "2026-11-16")
VERBS: dict[str, tuple[str, ...]] = {
    "status": ("status",),
    "signals": ("signals", "list", *MONDAY),
    "signal_values": ("signals", "compute", *MONDAY),
    "scores": ("scores", *MONDAY),
    "scores_history": ("scores", "--history", *MONDAY),
    "explain": ("explain", "a09", *MONDAY),
    "review": ("review", "--as-of", "2026-11-09"),
}
KEPT = ("a03", "a06", "a09", "a16")
"""The accounts that long golden lists keep: a cap, no score, a ledger with several kinds of lines, a first week."""
CHANGING = {"at", "import", "import_id", "path", "where"}
"""Keys whose values are times and places of the run."""

MAPPING = """
[[tables]]
table = "tickets"
files = ["more_tickets.csv"]
leave_out = [{ column = "channel", equals = "spam", reason = "not a case" }]
"""


@pytest.fixture(scope="module")
def documents(raw: Workspace, scored: Workspace, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Every verb's document: of the small company, and of workspaces that are made, filled and refreshed."""
    root = tmp_path_factory.mktemp("documents")
    found = {name: ask(*args, "-w", scored.path) for name, args in VERBS.items()}
    exports = write_exports(root / "exports")
    (exports / "readme.docx").write_text("not a table", encoding="utf-8")
    ticket = {**tables()["tickets"][0], "channel": "mail"}
    more = [{**ticket, "ticket_id": "t8"}, {**ticket, "ticket_id": "t9", "opened_at": "yesterday"}]
    write_csv(exports / "more_tickets.csv", [*more, {**ticket, "ticket_id": "t10", "channel": "spam"}])
    deal = {"opportunity_id": "o1", "account_id": "a01", "amount": 900, "created_at": "2026-11-02"}
    write_csv(exports / "opportunities.csv", [deal])
    found["init"] = ask("init", root / "w", "--data", exports, "--currency", "EUR", "--yes")
    mapping = root / "mapping.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    found["import"] = ask("import", exports, "--mapping", mapping, "-w", made(root / "made").path)
    shutil.copytree(raw.path, root / "raw")
    run("refresh", "-w", root / "raw", "--as-of", "2026-11-09")
    found["refresh"] = ask("refresh", "--weeks", "2", "-w", root / "raw", *MONDAY)
    return found


@pytest.fixture(scope="module")
def learnt(raw: Workspace, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Documents of a learnt version with calibrated figures, with one shadow that works and one that does not."""
    place = copied(raw, tmp_path_factory.mktemp("learnt") / "w")
    refreshed(place, 2, as_of=MONDAY_DAY - 7)
    model = small_model({"active_users": 40, "usage_change": 0}, stage="predictive", outcomes_behind=412)
    run_approve(place.path, put_proposal(place, model).key)
    broken = put_proposal(place, small_model({"active_users": 30, "usage_change": 10})).key
    for key in ("v1", broken):
        ask("models", "shadow", key, "-w", place.path)
    file = place.path / "registry/small/proposals/p0002.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("weight = 30", "weight = 31"), encoding="utf-8")
    with (place.path / "barograph.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[capacity]\naccounts_per_csm = 1\ncsms = 2\n")
    week = ("-w", place.path, *MONDAY)
    return {
        "refresh": ask("refresh", *week),
        "status": ask("status", "-w", place.path),
        "scores": ask("scores", *week),
        "scores_history": ask("scores", "--history", "--model", "v1", *week),
        "explain": ask("explain", "a09", *week),
        "review": ask("review", *week),
    }


@pytest.fixture(scope="module")
def overlaid(raw: Workspace, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Documents of a model with the overlay: a pulse that caps, one that lifts, one that diverges (H5)."""
    place = copied(raw, tmp_path_factory.mktemp("overlaid") / "w")
    place.model_file().write_text(dumps_model(small_model(overlay={})), encoding="utf-8")
    columns = (
        "account_id",
        "recorded_at",
        "sponsor_status",
        "executive_engagement",
        "outcome_narrative",
        "reason",
    )
    rows = [
        ("a01", "2026-11-02T09:00:00Z", "missing", "lapsed", "in_development", ""),
        ("a08", "2026-11-03T09:00:00Z", "active", "none", "defensible", ""),
        ("a14", "2026-11-04T09:00:00Z", "active", "active", "defensible", "new team"),
    ]
    signed = {
        "wanted_tier": "healthy",
        "countersigned_by": "l@x.example",
        "countersigned_at": "2026-11-05T09:00:00Z",
    }
    pulses = [
        dict(zip(columns, row, strict=True)) | (signed if row[0] == "a14" else dict.fromkeys(signed, ""))
        for row in rows
    ]
    bring_in(place, write_csv(place.path / "more/pulses.csv", pulses))
    refreshed(place, 2)
    week = ("-w", place.path, *MONDAY)
    return {
        "scores": ask("scores", *week),
        "explain": ask("explain", "a14", *week),
        "review": ask("review", "-w", place.path, "--as-of", "2026-11-09"),
    }


def ask(*args: str | Path) -> Any:
    result = run(*args, "--format", "json")
    assert result.code == 0, result.err
    return result.json


NAMES = (*VERBS, "init", "import", "refresh")


def steady(value: Any, key: str = "") -> Any:
    """A document without times and places, floats at nine decimals, long lists of accounts cut to `KEPT`."""
    if isinstance(value, dict):
        return {
            k: "(left out)" if k in CHANGING and isinstance(v, str) else steady(v, k)
            for k, v in value.items()
        }
    if isinstance(value, list):
        named = [v for v in value if isinstance(v, dict) and "account_id" in v]
        cut = key in {"accounts", "rows"} and named
        return [steady(v) for v in value if not cut or v["account_id"] in KEPT]
    if isinstance(value, float):
        return round(value, 9)
    return value


@pytest.mark.parametrize("name", NAMES)
def test_the_document_is_the_golden_one(documents: dict[str, Any], name: str) -> None:
    made = json.dumps(steady(documents[name]), indent=1, ensure_ascii=False) + "\n"
    golden = GOLDEN / f"{name}.json"
    if os.environ.get("BAROGRAPH_WRITE_GOLDEN"):
        golden.write_text(made, encoding="utf-8")
    assert json.loads(made) == json.loads(golden.read_text(encoding="utf-8")), f"{golden.name} changed"


@pytest.mark.parametrize("name", NAMES)
def test_every_document_begins_with_the_fixed_keys(documents: dict[str, Any], name: str) -> None:
    """cli.md: `schema`, `workspace_as_of`, `model` (name and version), `label`, `outcomes` are in all of them."""
    document = documents[name]
    assert next(iter(document)) == "schema"
    assert document["schema"] == f"barograph.{name}/1"
    assert set(document) >= {"workspace", "workspace_as_of", "model", "label", "outcomes", "currency"}
    assert set(document["model"]) >= {"name", "version", "title"}
    assert document["label"] == "heuristic", "L3: a model that was not validated says so wherever it is named"
    assert document["outcomes"] == 0


def test_fixed_keys_of_scores(documents: dict[str, Any]) -> None:
    for account in documents["scores"]["accounts"]:
        assert set(account) >= {
            *("account_id", "score", "tier", "computed_tier", "base", "components", "caps", "change"),
            "track_record",
        }
        for component in account["components"]:
            assert set(component) >= {"name", "score", "weight", "contribution", "signals"}
            for signal in component["signals"]:
                assert set(signal) >= {"name", "value", "normalised", "contribution", "missing"}
        change = account["change"] or {"from": None, "to": None, "items": []}
        assert set(change) >= {"from", "to", "items"}
        for item in change["items"]:
            assert set(item) >= {"kind", "name", "points"}
            assert item["kind"] in {"data", "peers", "weights", "stale", "cap", "overlay"}


def test_fixed_keys_of_import(documents: dict[str, Any]) -> None:
    for table in documents["import"]["tables"]:
        assert set(table) >= {
            *("table", "rows", "new", "changed", "unchanged", "quarantined", "known_accounts_share"),
            *("from", "to", "fresh_as_of"),
        }


ROW = re.compile(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$")
KINDS: dict[str, type | tuple[type, ...]] = {
    "text": str,
    "number": (int, float),
    "integer": int,
    "true or false": bool,
    "object": dict,
    "list": list,
    "null": type(None),
}
Key = tuple[str, str]
"""Section of the reference and path there."""


def reference() -> dict[Key, tuple[str, ...]]:
    """Section and path of every key -> the kinds that its value may have, as the reference says."""
    found: dict[Key, tuple[str, ...]] = {}
    section = ""
    for line in REFERENCE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ").strip("` ")
        row = ROW.match(line)
        if row:
            path, kinds, meaning = row.groups()
            assert meaning.strip(), f"{path} has no meaning"
            assert (section, path) not in found, f"{path} is there twice in {section}"
            found[section, path] = tuple(kind.strip() for kind in kinds.split(","))
    return found


def keys_of(section: str, known: dict[Key, tuple[str, ...]], prefix: str = "") -> dict[str, Key]:
    """Path in a document -> where the reference explains it, shared parts (`accounts[].*`: as ...) included."""
    found: dict[str, Key] = {}
    for (there, path), kinds in known.items():
        if there != section:
            continue
        if path.endswith("*"):
            for kind in kinds:
                found |= keys_of(kind.removeprefix("as "), known, prefix + path.removesuffix("*"))
        else:
            found[prefix + path] = (section, path)
    return found


def walk(value: Any, path: str, known: Mapping[str, Key]) -> Iterator[tuple[str, Any]]:
    """(path, value) of every key; below a path that ends with `{}` the keys are data, not names."""
    if isinstance(value, dict):
        for key, inner in value.items():
            here = f"{path}{{}}" if f"{path}{{}}" in known else f"{path}.{key}" if path else key
            yield here, inner
            yield from walk(inner, here, known)
    elif isinstance(value, list):
        for inner in value:
            if not isinstance(inner, dict):
                yield f"{path}[]", inner
            yield from walk(inner, f"{path}[]", known)


def fits(value: Any, kinds: tuple[str, ...]) -> bool:
    """Whether a value is of one of the kinds; true is no integer, and a date is one that exists."""
    if isinstance(value, bool):
        return "true or false" in kinds
    if "date" in kinds and isinstance(value, str):
        return bool(date.fromisoformat(value))
    return any(isinstance(value, KINDS[kind]) for kind in kinds if kind in KINDS)


def unknown_keys(name: str, document: Any, seen: set[Key]) -> list[str]:
    """What of a document the reference does not say, or says otherwise; notes in `seen` what it does say."""
    known = reference()
    paths = keys_of("every document", known) | keys_of(f"barograph.{name}/1", known)
    wrong = []
    for path, value in walk(document, "", paths):
        if path not in paths:
            wrong.append(path)
            continue
        seen.add(paths[path])
        if not fits(value, known[paths[path]]):
            wrong.append(f"{path} = {value!r}, not {' or '.join(known[paths[path]])}")
    return sorted(set(wrong))


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_names_every_key_with_its_kind(documents: dict[str, Any], name: str) -> None:
    wrong = unknown_keys(name, documents[name], set())
    assert not wrong, f"docs/reference/json.md does not say: {'; '.join(wrong)}"


@pytest.mark.parametrize("name", ["refresh", "status", "scores", "scores_history", "explain", "review"])
def test_the_reference_names_every_key_of_a_learnt_version(learnt: dict[str, Any], name: str) -> None:
    wrong = unknown_keys(name, learnt[name], set())
    assert not wrong, f"docs/reference/json.md does not say: {'; '.join(wrong)}"


@pytest.mark.parametrize("name", ["scores", "explain", "review"])
def test_the_reference_names_every_key_of_an_overlay(overlaid: dict[str, Any], name: str) -> None:
    wrong = unknown_keys(name, overlaid[name], set())
    assert not wrong, f"docs/reference/json.md does not say: {'; '.join(wrong)}"


def test_a_learnt_version_gives_renewal_probabilities(learnt: dict[str, Any]) -> None:
    """L7: calibrated, higher is healthier; never for an account with too little data (H2: score null)."""
    assert learnt["scores"]["probability"] == {"lead_days": 90, "outcomes": 412, "calibration": "platt"}
    for account in learnt["scores"]["accounts"]:
        chance, score = account["renewal_probability"], account["score"]
        if score is None:
            assert (chance, account["renewal_probability_because"]) == (None, "insufficient")
        else:
            assert chance == pytest.approx(1 / (1 + math.exp(1.0 - 5.0 * score / 100)), abs=1e-9)
            assert account["renewal_probability_because"] is None
    assert {a["score"] is None for a in learnt["scores"]["accounts"]} == {True, False}
    listed = {a["account_id"]: a["renewal_probability"] for a in learnt["scores"]["accounts"]}
    assert learnt["explain"]["renewal_probability"] == listed["a09"]
    assert all(e["renewal_probability"] == listed[e["account_id"]] for e in learnt["review"]["attention"])


def test_expert_weights_give_none_and_say_why(documents: dict[str, Any]) -> None:
    assert documents["scores"]["probability"] is None
    for account in documents["scores"]["accounts"]:
        why = "insufficient" if account["score"] is None else "not_calibrated"
        assert (account["renewal_probability"], account["renewal_probability_because"]) == (None, why)


def test_the_reference_names_nothing_that_no_document_has(
    documents: dict[str, Any], learnt: dict[str, Any], overlaid: dict[str, Any]
) -> None:
    seen: set[Key] = set()
    for name, document in [*documents.items(), *learnt.items(), *overlaid.items()]:
        unknown_keys(name, document, seen)
    named = {(section, path) for section, path in reference() if not path.endswith("*")}
    assert {key for key in named - seen if key[0] != "a track record"} == set()


def test_the_reference_names_every_key_of_a_track_record() -> None:
    """No document of the small company has one: it takes decided accounts and a validation."""
    known = reference()
    paths = keys_of("a track record", known)
    record = TrackRecord(
        band_low=40, band_high=50, lead_days=90, segment="", n=20, lost=5, rate=0.25, low=0.1, high=0.5
    )
    found = dict(walk(entry(record), "", paths))
    assert set(found) == set(paths)
    assert all(fits(value, known[paths[path]]) for path, value in found.items())
