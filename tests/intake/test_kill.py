"""Killed at every publishing point, then run again: the same lake as without (property; decisions 18)."""

from __future__ import annotations

from pathlib import Path

import pytest

from barograph.lake.checkpoints import POINTS, checkpoint
from barograph.workspace import Workspace
from support.intake_kill import dies_at, run_import
from support.intake_lab import everything, load, workspace, write_csv


def exports(folder: Path) -> list[Path]:
    """A first round of files, and a second that adds, changes, quarantines and makes an attribute text."""
    folder.mkdir()
    ticket = {"ticket_id": "1", "account_id": "A", "opened_at": "2026-01-02", "size": "1"}
    event = {"account_id": "A", "event": "e", "occurred_at": "2026-01-02"}
    return [
        write_csv(
            folder / "tickets.csv", [ticket | {"resolved_at": "2026-01-09"}, ticket | {"ticket_id": "2"}]
        ),
        write_csv(folder / "events.csv", [event, event | {"account_id": ""}]),
    ]


def lake_files(ws: Workspace) -> set[str]:
    return {p.relative_to(ws.path).as_posix() for p in (ws.path / "lake").rglob("*") if p.is_file()}


OF_AN_IMPORT = [point for point in POINTS if not point.startswith(("refresh.", "approve."))]


@pytest.mark.parametrize("point", OF_AN_IMPORT)
def test_an_import_that_was_killed_is_finished_by_the_next(tmp_path: Path, point: str) -> None:
    files = exports(tmp_path / "files")
    first = write_csv(
        tmp_path / "tickets.csv", [{"ticket_id": "1", "account_id": "A", "opened_at": "2026-01-02"}]
    )
    whole, killed = workspace(tmp_path / "whole"), workspace(tmp_path / "killed")
    for ws in (whole, killed):
        load(ws, first)
    before = everything(killed)
    load(whole, *files)
    assert dies_at(point, run_import, killed.path, files)
    published = POINTS.index(point) >= POINTS.index("commit.manifest_replaced")
    assert everything(killed) == (everything(whole) if published else before)
    load(killed, *files)
    assert everything(killed) == everything(whole)
    assert killed.lake.verify().generation == whole.lake.verify().generation
    assert lake_files(killed) == lake_files(whole)
    generations = [record.generation for record in killed.journal.records() if record.generation]
    assert generations == [1, 2]


def test_a_point_must_be_listed() -> None:
    with pytest.raises(ValueError, match="not in lake"):
        checkpoint("commit.somewhere")
