"""One writer at a time, readers never disturbed (property; decisions 17 and 18, S3)."""

from __future__ import annotations

import getpass
import socket
from pathlib import Path

import pytest

from barograph.core.calendar import to_date
from barograph.errors import LockedError
from barograph.lake.manifest import Manifest
from barograph.pipeline.score_store import published_weeks
from barograph.reports.context import week_context
from barograph.reports.scores import scores_document
from barograph.workspace import Workspace
from support.chain import at_checkpoints, content, copied, refreshed, run_refresh, waiting_at
from support.small_workspace import MONDAY, bring_in, late_events, write_csv


@pytest.mark.parametrize("point", ["transaction.swept", "refresh.signals_written", "refresh.scores_written"])
def test_a_second_writer_is_told_who_is_at_work(raw: Workspace, tmp_path: Path, point: str) -> None:
    place = copied(raw, tmp_path / "w")
    place.lake._lock_seconds = 0.05
    before = content(place)
    with waiting_at(point, run_refresh, place.path, 1, 26) as process:
        seen = content(place)
        with pytest.raises(LockedError) as caught:
            refreshed(place)
        with pytest.raises(LockedError):
            bring_in(place, place.path / "exports")
        assert content(place) == seen
    told = str(caught.value)
    holder = f"refresh, started by {getpass.getuser()} on {socket.gethostname()}, process {process}"
    assert holder in told
    assert str(place.path) in told
    assert "run the command again" in told
    assert caught.value.exit_code == 1
    assert list(published_weeks(place.lake.manifest())) == [MONDAY]
    assert before.items() <= content(place).items()
    assert refreshed(place).standing == (MONDAY,)


def test_readers_see_whole_generations_at_every_checkpoint(raw: Workspace, tmp_path: Path) -> None:
    """A reader that comes at any point, and one that still reads by the manifest it found a publication ago."""
    place = copied(raw, tmp_path / "w")
    run_refresh(place.path, 2, 1)
    day = to_date(MONDAY - 10)
    bring_in(place, write_csv(place.path / "late/events.csv", late_events("a14", 6, day, day)))
    reader = Workspace.open(place.path)
    held: list[Manifest] = []
    weeks_seen: set[int] = set()

    def read(_point: str) -> None:
        manifest = reader.lake.verify()
        for older in [m for m in held if manifest.generation - m.generation <= 2]:
            for entries in older.datasets.values():
                reader.lake.resolve(entries)
        held.append(manifest)
        weeks_seen.add(len(published_weeks(manifest)))
        document = scores_document(week_context(reader, MONDAY))
        assert len(document["accounts"]) == 14
        assert document["workspace_as_of"] == "2026-11-16"

    with at_checkpoints(read):
        refreshed(place, 2, restate="to replace signals while somebody reads")
        refreshed(place, 4)
    assert weeks_seen == {2, 4}
    assert len({m.generation for m in held}) >= 4
    assert any(m.retired for m in held), "nothing was replaced, so nobody could have been cut off"


def test_reading_takes_no_lock_and_writes_nothing(scored: Workspace) -> None:
    before = {p: p.stat().st_mtime_ns for p in scored.path.rglob("*") if p.is_file()}
    scores_document(week_context(scored, MONDAY))
    assert {p: p.stat().st_mtime_ns for p in scored.path.rglob("*") if p.is_file()} == before
