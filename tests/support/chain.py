"""The chain from exports to published weeks, run in this process or in one that dies or waits on the way."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.lake import checkpoints
from barograph.lake.manifest import Entry, Manifest
from barograph.pipeline import refresh as refresh_module
from barograph.pipeline.refresh import RefreshReport, refresh
from barograph.pipeline.score_store import published_weeks, read_scores
from barograph.workspace import Workspace
from support.small_workspace import MONDAY, NOW, bring_in, made, write_exports

KILLED = 86
FileId = tuple[str, tuple[tuple[str, str], ...], str]
"""Dataset, partition, revision: what a published file is, whatever it is called."""


def refreshed(
    place: Workspace,
    weeks: int = 1,
    *,
    as_of: int = MONDAY,
    now: datetime = NOW,
    restate: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> RefreshReport:
    """A refresh at a fixed time."""
    told = progress or (lambda _what, _done, _of: None)
    return refresh(place, DuckDBEngine(), as_of=as_of, weeks=weeks, now=now, restate=restate, progress=told)


def imported(folder: Path) -> Workspace:
    """A small workspace with everything imported and nothing scored."""
    place = made(folder)
    bring_in(place, write_exports(folder / "exports"))
    return place


def copied(place: Workspace, folder: Path) -> Workspace:
    """The same workspace in another folder."""
    shutil.copytree(place.path, folder)
    return Workspace.open(folder)


def scored_table(place: Workspace, day: int) -> pa.Table:
    """The published scores of a week."""
    return read_scores(place.lake, published_weeks(place.lake.manifest())[day])


def scored_rows(place: Workspace, day: int) -> dict[str, dict[str, Any]]:
    """Account -> its published row of a week."""
    return {row["account_id"]: row for row in scored_table(place, day).to_pylist()}


def file_id(dataset: str, entry: Entry) -> FileId:
    return dataset, tuple(sorted(entry.partition.items())), str(entry.meta.get("revision", ""))


def published_files(place: Workspace, manifest: Manifest | None = None) -> dict[FileId, tuple[Path, ...]]:
    """Every published file, checked against the manifest, by what it is."""
    found: dict[FileId, tuple[Path, ...]] = {}
    for dataset, entries in (manifest or place.lake.manifest()).datasets.items():
        for entry in entries:
            key = file_id(dataset, entry)
            found[key] = (*found.get(key, ()), *place.lake.resolve((entry,)))
    return found


def content(place: Workspace, manifest: Manifest | None = None) -> dict[FileId, tuple[str, ...]]:
    """What is published, by bytes."""
    files = published_files(place, manifest)
    return {key: tuple(sha256(p.read_bytes()).hexdigest() for p in paths) for key, paths in files.items()}


def read(path: Path) -> pa.Table:
    """One Parquet file as it is; the folders' names are no columns."""
    return pq.read_table(path, partitioning=None)


@contextmanager
def at_checkpoints(hook: Callable[[str], None]) -> Iterator[None]:
    """Call `hook` at every checkpoint of this process."""
    checkpoints.hook = hook
    try:
        yield
    finally:
        checkpoints.hook = None


def trace(work: Callable[[], object]) -> tuple[str, ...]:
    """The checkpoints that `work` passes, in order."""
    passed: list[str] = []
    with at_checkpoints(passed.append):
        work()
    return tuple(passed)


def run_import(folder: Path) -> None:
    """Import the exports that lie in the workspace."""
    place = Workspace.open(folder)
    bring_in(place, folder / "exports")


def run_refresh(folder: Path, weeks: int, weeks_per_batch: int) -> None:
    """Refresh with small batches, so that a few weeks are several publications."""
    standard = refresh_module.WEEKS_PER_BATCH
    refresh_module.WEEKS_PER_BATCH = weeks_per_batch
    try:
        refreshed(Workspace.open(folder), weeks)
    finally:
        refresh_module.WEEKS_PER_BATCH = standard


def killed_at(point: str, nth: int, work: Callable[..., None], *args: Any) -> bool:
    """Run `work(*args)` in a process that dies when it passes `point` the nth time (from 1).

    False when the work ended without coming there. Children come from a server that has imported the package
    and started no thread, so each costs a fork.
    """
    child = _process(_die_at, point, nth, work, args)
    child.start()
    child.join(300)
    assert child.exitcode in {0, KILLED}, f"exit code {child.exitcode} at {point}"
    return child.exitcode == KILLED


def killed_before_rename(nth: int, work: Callable[..., None], *args: Any) -> bool:
    """The same, at the nth file that is put in its place: also what no checkpoint stands beside."""
    child = _process(_die_before_rename, nth, work, args)
    child.start()
    child.join(300)
    assert child.exitcode in {0, KILLED}, f"exit code {child.exitcode} before rename {nth}"
    return child.exitcode == KILLED


@contextmanager
def waiting_at(point: str, work: Callable[..., None], *args: Any) -> Iterator[int]:
    """The number of a process that has come to `point` in `work` and waits there until the block ends."""
    context = _context()
    there, go_on = context.Event(), context.Event()
    child = context.Process(target=_wait_at, args=(point, there, go_on, work, args))
    child.start()
    try:
        assert there.wait(300), f"the process did not come to {point}"
        assert child.pid is not None
        yield child.pid
    finally:
        go_on.set()
        child.join(300)
    assert child.exitcode == 0


def _context() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["support.chain"])
    return context


def _process(target: Callable[..., None], *args: Any) -> Any:
    return _context().Process(target=target, args=args)


def _die_at(point: str, nth: int, work: Callable[..., None], args: tuple[Any, ...]) -> None:
    left = nth

    def die(name: str) -> None:
        nonlocal left
        left -= name == point
        if left == 0:
            os._exit(KILLED)

    checkpoints.hook = die
    work(*args)


def _die_before_rename(nth: int, work: Callable[..., None], args: tuple[Any, ...]) -> None:
    # An audit hook cannot be taken out again, so this runs only in a process of its own.

    left = nth

    def die(event: str, _args: tuple[Any, ...]) -> None:
        nonlocal left
        left -= event == "os.rename"
        if left == 0:
            os._exit(KILLED)

    sys.addaudithook(die)
    work(*args)


def _wait_at(point: str, there: Any, go_on: Any, work: Callable[..., None], args: tuple[Any, ...]) -> None:
    def wait(name: str) -> None:
        if name == point and not there.is_set():
            there.set()
            go_on.wait(300)

    checkpoints.hook = wait
    work(*args)
