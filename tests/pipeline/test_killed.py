"""Killed at every publishing point, then run again: what an uninterrupted run gives (property; X1, S3, decision 18).

The points are those of `lake.checkpoints.POINTS`: a new one is tested by being in the list (those of approving in
test_approve_killed). A run passes most of them several times, and dies at each passage in turn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from barograph.lake import checkpoints
from barograph.pipeline.registry import Registry
from barograph.reports.status import status_document
from barograph.workspace import Workspace
from support.chain import (
    FileId,
    at_checkpoints,
    content,
    copied,
    killed_at,
    killed_before_rename,
    run_import,
    run_refresh,
)
from support.small_workspace import AS_OF, made, tables, write_csv

WEEKS = 2


@dataclass(frozen=True)
class Work:
    """A run, the workspace it starts from, and what an uninterrupted run does to it.

    generations: what is published in each generation that the run passes, the one it starts from included.
    """

    start: Workspace
    run: Callable[..., None]
    more: tuple[Any, ...]
    passed: Counter[str]
    generations: dict[int, dict[FileId, tuple[str, ...]]]
    versions: list[str]
    journal: list[str]

    def again(self, place: Workspace) -> None:
        self.run(place.path, *self.more)

    @property
    def end(self) -> int:
        return max(self.generations)


def measured(start: Workspace, folder: Path, run: Callable[..., None], *more: Any) -> Work:
    """Run it once without harm and note every checkpoint and every generation."""
    place = copied(start, folder)
    generations = {place.lake.manifest().generation: content(place)}
    points: list[str] = []

    def note(point: str) -> None:
        points.append(point)
        manifest = place.lake.manifest()
        if manifest.generation not in generations:
            generations[manifest.generation] = content(place, manifest)

    with at_checkpoints(note):
        run(place.path, *more)
    return Work(start, run, more, Counter(points), generations, versions(place), publications(place))


def versions(place: Workspace) -> list[str]:
    """Every file of the registry with its text."""
    folder = place.path / "registry"
    return [f"{p.relative_to(folder)} {p.read_text()}" for p in sorted(folder.rglob("*.*")) if p.is_file()]


def publications(place: Workspace) -> list[str]:
    """The journal's publications; records of runs that had nothing to publish are left out."""
    return [f"{r.generation} {r.what} {r.at} {r.counts}" for r in place.journal.records() if r.generation]


@pytest.fixture(scope="module")
def importing(tmp_path_factory: pytest.TempPathFactory) -> Work:
    root = tmp_path_factory.mktemp("import")
    start = made(root / "start")
    for table in ("accounts", "tickets"):
        rows = tables()[table]
        write_csv(start.path / f"exports/{table}.csv", [*rows, {**rows[0], "recorded_at": "soon"}])
    return measured(start, root / "whole", run_import)


@pytest.fixture(scope="module")
def refreshing(raw: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Work:
    folder = tmp_path_factory.mktemp("refresh") / "whole"
    return measured(raw, folder, run_refresh, WEEKS, WEEKS)


@pytest.fixture(scope="module")
def refreshing_in_batches(raw: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Work:
    """One week at a time: the run publishes two whole weeks one after the other."""
    folder = tmp_path_factory.mktemp("batches") / "whole"
    return measured(raw, folder, run_refresh, WEEKS, 1)


def test_every_point_is_passed_by_an_import_or_a_refresh(importing: Work, refreshing: Work) -> None:
    """Otherwise a point in the list would be one at which nothing is tested."""
    both = importing.passed + refreshing.passed
    assert set(both) == {p for p in checkpoints.POINTS if not p.startswith("approve.")}
    assert refreshing.passed["commit.manifest_replaced"] == 2
    assert {key[0] for key in importing.generations[importing.end]} == {
        *("raw/accounts", "raw/tickets", "quarantine/accounts", "quarantine/tickets")
    }


@pytest.mark.parametrize(
    "point", [p for p in checkpoints.POINTS if not p.startswith(("refresh.", "approve."))]
)
def test_an_import_killed_anywhere(importing: Work, tmp_path: Path, point: str) -> None:
    check_kills(importing, tmp_path, point)


@pytest.mark.parametrize(
    "point", [p for p in checkpoints.POINTS if not p.startswith(("import.", "approve."))]
)
def test_a_refresh_killed_anywhere(refreshing: Work, tmp_path: Path, point: str) -> None:
    check_kills(refreshing, tmp_path, point)


def check_kills(work: Work, folder: Path, point: str) -> None:
    assert work.passed[point]
    for nth in range(1, work.passed[point] + 1):
        check_kill(work, folder / str(nth), point, nth)


def check_kill(work: Work, folder: Path, point: str, nth: int) -> None:
    """Die at a passage of the point, look, run again."""
    place = copied(work.start, folder)
    assert killed_at(point, nth, work.run, place.path, *work.more)
    assert_whole(work, place)
    work.again(place)
    assert_as_uninterrupted(work, place)


@pytest.mark.parametrize(("point", "nth"), [("refresh.signals_written", 2), ("commit.manifest_aside", 4)])
def test_a_refresh_killed_between_batches_keeps_the_weeks_it_published(
    refreshing_in_batches: Work, tmp_path: Path, point: str, nth: int
) -> None:
    check_kill(refreshing_in_batches, tmp_path / "w", point, nth)


def test_a_refresh_killed_before_any_file_takes_its_place(refreshing: Work, tmp_path: Path) -> None:
    """The registry has no checkpoint of its own: a version is two files, and the second one makes it one."""
    renames = 0
    while True:
        renames += 1
        place = copied(refreshing.start, tmp_path / str(renames))
        if not killed_before_rename(renames, refreshing.run, place.path, *refreshing.more):
            break
        assert_whole(refreshing, place)
        assert len(Registry(place.path / "registry").versions("small")) == (renames > 2)
        refreshing.again(place)
        assert_as_uninterrupted(refreshing, place)
    assert renames - 1 == 2 + refreshing.passed["commit.manifest_replaced"]


def test_the_next_run_removes_what_a_killed_one_left_whatever_it_does(
    refreshing: Work, tmp_path: Path
) -> None:
    """An import that changes nothing, after a refresh that died with its files written and not published."""
    place = copied(refreshing.start, tmp_path / "w")
    assert killed_at("commit.files_synced", 1, refreshing.run, place.path, *refreshing.more)
    assert on_disk(place) > place.lake.manifest().files()
    run_import(place.path)
    assert on_disk(place) == place.lake.manifest().files()
    assert content(place) == content(refreshing.start)


def assert_whole(work: Work, place: Workspace) -> None:
    """What a reader finds after the kill, before anybody repairs: one of the generations, whole."""
    manifest = place.lake.verify()
    assert content(place, manifest) == work.generations[manifest.generation]
    assert status_document(place, AS_OF)["weeks"]["scored"] <= WEEKS


def assert_as_uninterrupted(work: Work, place: Workspace) -> None:
    manifest = place.lake.verify()
    assert manifest.generation == work.end
    assert content(place, manifest) == work.generations[work.end]
    assert versions(place) == work.versions
    assert publications(place) == work.journal
    assert on_disk(place) == manifest.files()
    assert not list(place.path.rglob("*.aside"))


def on_disk(place: Workspace) -> set[str]:
    root = place.lake.root
    return {path.relative_to(root).as_posix() for path in root.rglob("*.parquet")}
