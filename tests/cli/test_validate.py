"""`barograph validate` by the command line: every output, one file to forward, what is kept (cli.md; L5, L8).

Truths: contract (exit codes, files), property (the same document in every form), bad input.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.pipeline.refresh import refresh
from barograph.workspace import Workspace
from support.chain_cli import run
from support.renewals import END, NOW, company, planted_model, workspace

QUICK = ("validate", "--no-challenger", "--no-keep")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A small planted company with one scored week. Read only."""
    found = workspace(
        tmp_path_factory.mktemp("validate") / "ws", company(120, effect=2.0, seed=5).raw, planted_model()
    )
    refresh(found, DuckDBEngine(), as_of=END, weeks=1, now=NOW)
    return found


@pytest.mark.parametrize(("format", "start"), [("html", "<!doctype html>"), ("md", "# Is the score right?")])
def test_one_file_to_forward(place: Workspace, tmp_path: Path, format: str, start: str) -> None:
    file = tmp_path / f"proof.{format}"
    result = run(*QUICK, "-w", place.path, "--format", format, "-o", file)
    assert (result.code, result.out) == (0, ""), result.err
    text = file.read_text(encoding="utf-8")
    assert text.lower().startswith(start.lower())
    assert "Where lost and kept accounts stood" in text
    assert list(tmp_path.iterdir()) == [file]


def test_the_table_the_csv_and_the_json_tell_the_same(place: Workspace) -> None:
    document = run(*QUICK, "-w", place.path, "--format", "json").json
    table = run(*QUICK, "-w", place.path, width=80)
    assert table.code == 0
    printed = " ".join(table.out.split())
    assert " ".join(document["headline"][0].split()) in printed
    rows = list(csv.DictReader(io.StringIO(run(*QUICK, "-w", place.path, "--format", "csv").out)))
    models = [(h["days"], m) for h in document["horizons"] for m in h["models"]]
    assert len(rows) == len(models)
    for row, (days, model) in zip(rows, models, strict=True):
        assert (int(row["days"]), row["kind"], int(row["n"])) == (days, model["kind"], model["n"])
        assert float(row["auc"]) == model["auc"]
        assert int(row["at_risk_n"]) == model["at_risk_n"]


def test_without_a_file_the_page_goes_to_the_screen(place: Workspace) -> None:
    result = run(*QUICK, "-w", place.path, "--format", "html", "--horizon", "60")
    assert result.code == 0
    assert result.out.startswith("<!doctype html>")
    assert result.out.count("60 days before") > 3
    assert "90 days before the decision" not in result.out


def test_a_folder_that_does_not_exist_and_an_unknown_format_are_named(
    place: Workspace, tmp_path: Path
) -> None:
    gone = run(*QUICK, "-w", place.path, "--format", "html", "-o", tmp_path / "none" / "proof.html")
    assert (gone.code, "does not exist" in gone.err) == (2, True)
    wrong = run(*QUICK, "-w", place.path, "--format", "pdf")
    assert wrong.code == 2
    assert "pdf" in wrong.err
