"""What leaves the command line (truth: contract): files whole or not at all, CSV that no spreadsheet runs, pipes that
close, a person who stops it, dates off the grid, the label on everything that shows a score (L3, decision 1, X6)."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from barograph.cli.output import csv_text
from barograph.workspace import Workspace
from support.chain import copied
from support.chain_cli import run
from support.small_workspace import bring_in

AT = ("--as-of", "2026-11-16")
COMMAND = [sys.executable, "-c", "from barograph.cli.main import run; run()"]
SHOWS_SCORES: dict[str, tuple[str, ...]] = {
    "scores": ("scores", *AT),
    "explain": ("explain", "a01", *AT),
    "review": ("review", *AT),
}


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")'])
def test_text_that_a_spreadsheet_would_run_is_defused(value: str) -> None:
    (row,) = csv.DictReader(io.StringIO(csv_text([{"name": value, "score": -1.5}])))
    assert row == {"name": f"'{value}", "score": "-1.5"}


def test_a_hostile_name_is_defused_in_every_csv(scored: Workspace) -> None:
    for args in (("scores", *AT), ("scores", "--history", *AT), ("review", *AT)):
        result = run(*args, "--format", "csv", "-w", scored.path)
        assert result.code == 0, result.err
        cells = [cell for row in csv.reader(io.StringIO(result.out)) for cell in row]
        hostile = [cell for cell in cells if "HYPERLINK" in cell]
        assert hostile or args[0] == "review"
        assert all(cell.startswith("'=") for cell in hostile)


@pytest.mark.parametrize(
    "args",
    [("scores", *AT), ("scores", "--history", *AT), ("explain", "a01", *AT), ("signals", "list", *AT),
     ("signals", "compute", *AT), ("status",), ("review", *AT)],
    ids=lambda args: " ".join(args[:2]),
)  # fmt: skip
def test_csv_is_one_table(scored: Workspace, args: tuple[str, ...]) -> None:
    """A header, and rows that all have its columns: no row is cut or grows."""
    result = run(*args, "--format", "csv", "-w", scored.path)
    assert result.code == 0, result.err
    header, *rows = list(csv.reader(io.StringIO(result.out)))
    assert len(set(header)) == len(header)
    assert rows
    assert {len(row) for row in rows} == {len(header)}


def test_csv_and_json_say_the_same(scored: Workspace) -> None:
    table = csv.DictReader(io.StringIO(run("scores", *AT, "--format", "csv", "-w", scored.path).out))
    accounts = run("scores", *AT, "--format", "json", "-w", scored.path).json["accounts"]
    for row, account in zip(table, accounts, strict=True):
        assert row["account_id"] == account["account_id"]
        assert row["score"] == ("" if account["score"] is None else str(account["score"]))
        for component in account["components"]:
            for entry in component["signals"]:
                expected = entry["contribution"]
                assert row[f"contribution.{entry['name']}"] == ("" if expected is None else str(expected))


@pytest.mark.parametrize("kind", ["table", "json", "csv"])
def test_a_file_holds_what_the_screen_would(scored: Workspace, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "out.txt"
    shown = run("scores", *AT, "--format", kind, "-w", scored.path, width=140)
    written = run("scores", *AT, "--format", kind, "-o", file, "-w", scored.path)
    assert (written.code, written.out) == (0, "")
    assert file.read_bytes().decode() == shown.out
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_is_there_is_replaced_whole(scored: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "scores.json"
    file.write_text("x" * 10_000_000, encoding="utf-8")
    assert run("scores", *AT, "--format", "json", "-o", file, "-w", scored.path).code == 0
    assert json.loads(file.read_text(encoding="utf-8"))["schema"] == "barograph.scores/1"


@pytest.mark.parametrize("width", [80, 120])
def test_no_figure_is_cut_on_a_narrow_screen(scored: Workspace, width: int) -> None:
    shown = run("scores", *AT, "-w", scored.path, width=width).out
    assert "…" not in shown
    assert max(len(line) for line in shown.splitlines()) <= width
    for account in run("scores", *AT, "--format", "json", "-w", scored.path).json["accounts"]:
        (line,) = [text for text in shown.splitlines() if text.startswith(f"{account['account_id']} ")]
        assert f"{account['arr']:,.0f}" in line
        assert ("–" if account["score"] is None else f"{account['score']:.0f}") in line.split()
        assert account["opt_out"] in line


@pytest.mark.parametrize("name", SHOWS_SCORES)
@pytest.mark.parametrize("kind", ["table", "json"])
def test_the_label_is_on_everything_that_shows_a_score(scored: Workspace, name: str, kind: str) -> None:
    result = run(*SHOWS_SCORES[name], "--format", kind, "-w", scored.path)
    assert result.code == 0, result.err
    if kind == "json":
        assert (result.json["label"], result.json["outcomes"]) == ("heuristic", 0)
    else:
        assert "HEURISTIC" in result.out
        assert "not validated against renewals yet" in " ".join(result.out.split())


@pytest.mark.parametrize("kind", ["html", "md"])
def test_the_label_is_in_the_files_that_are_forwarded(scored: Workspace, kind: str) -> None:
    page = run("review", *AT, "--format", kind, "-w", scored.path).out.lower()
    assert "heuristic" in page
    assert "not validated" in page


@pytest.mark.parametrize("name", SHOWS_SCORES)
def test_a_date_between_two_mondays_is_computed_and_says_so(scored: Workspace, name: str) -> None:
    """Decision 1: from the last grid state, read-only."""
    before = {p: p.stat().st_mtime_ns for p in scored.path.rglob("*") if p.is_file()}
    args = (*SHOWS_SCORES[name][:-1], "2026-11-19")
    document = run(*args, "--format", "json", "-w", scored.path).json
    assert (document["workspace_as_of"], document["between_weeks"]) == ("2026-11-19", True)
    shown = " ".join(run(*args, "-w", scored.path).out.split())
    assert "2026-11-19" in shown or "19 Nov 2026" in shown
    assert "between two weeks" in shown
    assert {p: p.stat().st_mtime_ns for p in scored.path.rglob("*") if p.is_file()} == before


def test_a_refresh_off_the_grid_takes_the_monday_before_and_says_so(
    scored: Workspace, tmp_path: Path
) -> None:
    place = copied(scored, tmp_path / "w")
    result = run("refresh", "--as-of", "2026-11-19", "-w", place.path, "--format", "json")
    assert result.json["workspace_as_of"] == "2026-11-16"
    assert result.json["weeks_found"] == ["2026-11-16"]
    assert "2026-11-19 is a Thursday: the week of Monday 2026-11-16 is taken." in result.err
    assert "is taken" not in run("refresh", *AT, "-w", place.path, "--format", "json").err


def test_without_a_date_it_is_the_latest_monday_not_after_today(scored: Workspace) -> None:
    sunday = datetime(2026, 11, 15, 23, 59, 59, tzinfo=UTC)
    document = run("scores", "-w", scored.path, "--format", "json", now=sunday).json
    assert document["workspace_as_of"] == "2026-11-09"
    assert run("scores", "-w", scored.path, "--format", "json").json["workspace_as_of"] == "2026-11-16"


def test_json_on_standard_output_is_json_only(raw: Workspace, tmp_path: Path) -> None:
    """Progress and notes go to standard error, so that a script can read what it asked for."""
    place = copied(raw, tmp_path / "w")
    for args in (("import", place.path / "exports"), ("refresh", "--weeks", "2", "--as-of", "2026-11-18")):
        assert run(*args, "-w", place.path, "--format", "json").json["schema"]


@pytest.mark.parametrize("args", [("scores", *AT), ("scores", *AT, "--format", "json")])
def test_a_reader_that_goes_away_is_no_failure(scored: Workspace, args: tuple[str, ...]) -> None:
    """`barograph scores | head` ends quietly. The pipe is closed before anything can be written."""
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [*COMMAND, *args, "-w", str(scored.path)],
            stdout=write,
            stderr=subprocess.PIPE,
            check=False,
            timeout=300,
        )
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_person_who_stops_it_is_told_that_nothing_is_half_done(raw: Workspace, tmp_path: Path) -> None:
    """Ctrl-C in a long refresh: exit 130, the published weeks whole, and the next run goes on."""
    place = copied(raw, tmp_path / "w")
    child = subprocess.Popen(
        [*COMMAND, "refresh", "--weeks", "18", *AT, "-w", str(place.path)], stderr=subprocess.PIPE, text=True
    )
    assert child.stderr is not None
    said = child.stderr.readline()
    for _ in range(3):  # a busy machine can swallow the first in the middle of a library call
        child.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(10)
            break
    rest = child.stderr.read()
    assert child.wait(300) == 130
    assert said.startswith("signals")
    assert "Traceback" not in rest
    assert "run the command again to go on" in " ".join(rest.split())
    place.lake.verify()
    assert bring_in(place, place.path / "exports").tables[0].new == 0
    assert run("refresh", "--weeks", "2", *AT, "-w", place.path).code == 0
