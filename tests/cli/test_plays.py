"""`barograph plays`. Truths: golden (documents of two plays on the small company), reference (docs/reference/plays.md
explains every key), what a person reads. After a change that was meant: BAROGRAPH_WRITE_GOLDEN=1 pytest (this file)."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from barograph.core.firing import FiredReport, Incident
from barograph.definitions.play_toml import save_play
from barograph.reports.plays import dry_run_document
from barograph.workspace import Workspace
from support.chain import copied, refreshed
from support.chain_cli import run
from support.json_keys import Key, reference, unexplained
from support.small_workspace import MONDAY as MONDAY_DAY
from support.trigger_facts import play_of

GOLDEN = Path(__file__).parents[1] / "golden" / "cli"
KNOWN = reference("json.md", "plays.md")
WEEK = ("--as-of", "2026-11-02")
"""The week in which a04 lost its sponsor."""
SPONSOR = {
    "trigger": {"on": "signals", "all_of": [{"signal": "sponsor_active", "below": 1}]},
    "purpose": "Nobody stands for us any more.",
    "kind": "re_engagement",
    "priority": 1,
    "owner": {"rule": "csm"},
    "success": {"check_after_days": 30, "signals": [{"signal": "sponsor_active", "at_least": 1}]},
    "sla": {"touch_days": 2, "escalate_to": {"rule": "lead"}},
}
DATE = {"trigger": {"on": "date", "days_before": [90, 60, 30]}, "serves": ["relationship"]}


@pytest.fixture(scope="module")
def place(scored: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The small company with two plays of its own, one of them not quite sound. Read only."""
    found = copied(scored, tmp_path_factory.mktemp("plays") / "w")
    (found.path / "plays").mkdir()
    save_play(play_of(name="sponsor", **SPONSOR), found.path / "plays/sponsor.toml")
    save_play(play_of(name="renew", **DATE), found.path / "plays/renew.toml")
    return found


@pytest.fixture(scope="module")
def documents(place: Workspace, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Name -> document. plays_incident: a week after the last event, when most of the score is silent."""
    silent = copied(place, tmp_path_factory.mktemp("silent") / "w")
    refreshed(silent, as_of=MONDAY_DAY + 7)
    released = ("plays", "dry-run", "--as-released")
    return {
        "plays": asked(place, "plays", "list"),
        "plays_lint": asked(place, "plays", "lint", code=1),
        "plays_dry_run": asked(place, *released, *WEEK),
        "plays_dry_run_account": asked(place, *released, "--account", "a04", *WEEK),
        "plays_dry_run_waiting": asked(place, "plays", "dry-run", *WEEK),
        "plays_dry_run_made": made_by_hand(),
        "plays_dry_run_incident": asked(silent, *released, "--as-of", "2026-11-23"),
    }


def made_by_hand() -> Any:
    """What the small company does not have: versions that wait, and an incident with signals and plays."""
    incident = Incident("incident/scores/2026-11-09", "scores", MONDAY_DAY, "150 of 200 scores fell", 150, 200, 0.75,
                        None, (("active users", 140),), {"rescue": 40})  # fmt: skip
    report = FiredReport(MONDAY_DAY, None, "small-v2", ("small-v2",), (), (), incident)
    head = {"schema": "barograph.plays_dry_run/1"}
    return dry_run_document(head, report, [], {}, released={"small-v1"})


def asked(place: Workspace, *args: str, code: int = 0) -> Any:
    result = run(*args, "-w", place.path, "--format", "json")
    assert result.code == code, result.err
    return result.json


@pytest.mark.parametrize("name", ["plays", "plays_lint", "plays_dry_run"])
def test_the_document_is_the_golden_one(documents: dict[str, Any], name: str) -> None:
    made = json.dumps(documents[name], indent=1, ensure_ascii=False) + "\n"
    golden = GOLDEN / f"{name}.json"
    if os.environ.get("BAROGRAPH_WRITE_GOLDEN"):
        golden.write_text(made, encoding="utf-8")
    assert json.loads(made) == json.loads(golden.read_text(encoding="utf-8")), f"{golden.name} changed"


def test_the_reference_names_every_key_and_no_other(documents: dict[str, Any]) -> None:
    seen: set[Key] = set()
    for name, document in documents.items():
        section = document["schema"]
        assert section.removeprefix("barograph.").removesuffix("/1") in name
        assert unexplained(document, section, KNOWN, seen) == [], name
    own = {key for key in KNOWN if key[0].startswith("barograph.plays") or key[0] == "a firing"}
    assert {key for key in own - seen if not key[1].endswith("*")} == set()


def test_the_dry_run_says_what_would_open_and_opens_nothing(place: Workspace) -> None:
    told = run("plays", "dry-run", "--as-released", "-w", place.path, *WEEK)
    assert told.code == 0
    assert "Week of 2026-11-02, compared with 2026-10-26" in told.out
    assert "A dry run: nothing is opened." in told.out
    waiting = run("plays", "dry-run", "-w", place.path, *WEEK).out
    assert "nobody has released it" in waiting
    assert "--as-released shows" in waiting


def test_one_account(documents: dict[str, Any], place: Workspace) -> None:
    found = documents["plays_dry_run_account"]
    assert found["account"] == "a04"
    assert {one["play"] for one in found["standing"]} == {"sponsor", "renew"}
    assert all(one["account_id"] == "a04" for one in [*found["fired"], *found["standing"]])
    by_name = asked(place, "plays", "dry-run", "--account", "Dogwood Air", *WEEK)
    assert by_name["account"] == "a04"
    wrong = run("plays", "dry-run", "--account", "a4", "-w", place.path, *WEEK)
    assert wrong.code == 3 and "a04" in wrong.err


def test_an_incident_is_told_first(documents: dict[str, Any]) -> None:
    found = documents["plays_dry_run_incident"]
    assert found["incident"]["kind"] == "feed"
    assert not [one for one in found["fired"] if one["play"] == "sponsor"]


def test_csv_has_a_row_for_each(documents: dict[str, Any], place: Workspace) -> None:
    out = run("plays", "dry-run", "-w", place.path, "--format", "csv", *WEEK).out
    rows = list(csv.DictReader(io.StringIO(out)))
    found = documents["plays_dry_run_waiting"]
    assert len(rows) == len(found["fired"]) + len(found["held_back"]) > 0
    assert {row["held_back"] for row in rows} == {"going_live"}


def test_show_and_its_errors(place: Workspace) -> None:
    told = run("plays", "show", "sponsor", "-w", place.path)
    assert told.code == 0
    assert "Sponsor_active below 1." in told.out
    wrong = run("plays", "show", "sponser", "-w", place.path)
    assert wrong.code == 2 and "Did you mean 'sponsor'?" in wrong.err


def test_lint_fails_with_errors_and_passes_with_shipped_plays(place: Workspace, scored: Workspace) -> None:
    told = run("plays", "lint", "-w", place.path)
    assert told.code == 1
    assert 'BG-E101 error tier "at_risk": no play starts from it.' in told.out
    shipped = run("plays", "lint", "-w", scored.path)
    assert shipped.code == 0, shipped.out


def test_a_wrong_file_is_named_with_its_line(place: Workspace, tmp_path: Path) -> None:
    broken = copied(place, tmp_path / "w")
    file = broken.path / "plays/renew.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("days_before", "days_befor"), encoding="utf-8")
    told = run("plays", "list", "-w", broken.path)
    assert told.code == 2
    assert "renew.toml: line " in told.err and 'nearest: "days_before"' in told.err


def test_write_puts_shipped_plays_into_the_folder(scored: Workspace, tmp_path: Path) -> None:
    place = copied(scored, tmp_path / "w")
    told = run("plays", "write", "rescue", "-w", place.path)
    assert (told.code, told.out) == (0, "plays/rescue.toml: written\n")
    assert "Plays of this workspace" in run("plays", "list", "-w", place.path).out
    assert "is there already" in run("plays", "write", "rescue", "-w", place.path).out
