"""Truth: what real processes do, on SQLite or PostgreSQL. Two workers do each run once, a killed one is taken over
from, SIGTERM hands back (issue 4, worker; concurrency)."""

from __future__ import annotations

import signal
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from support.web_processes import Place, place_in, wait_until

LAB = ("-m", "support.web_worker_lab")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return place_in(tmp_path / "ws", BAROGRAPH_LEASE_SECONDS="2")


def lines(log: Path) -> list[list[str]]:
    return [line.split() for line in log.read_text().splitlines()] if log.exists() else []


def states(place: Place) -> set[str]:
    return {state for (state,) in place.rows("SELECT state FROM ops_run")}


def ended(log: Path) -> int:
    return sum(line[0] == "end" for line in lines(log))


def stop(place: Place, process: subprocess.Popen[str]) -> None:
    process.terminate()
    assert process.wait(timeout=60) == 0, place.said()


def test_two_workers_share_the_runs_and_do_each_once(place: Place, tmp_path: Path) -> None:
    log = tmp_path / "log"
    workers = [place.start(*LAB, place.folder, log, LAB_RUNS="12") for _ in range(2)]
    wait_until(lambda: ended(log) == 12)
    for process in workers:
        stop(place, process)
    begun = Counter(key for what, key, _ in lines(log) if what == "begin")
    assert begun == {f"run-{i}": 1 for i in range(12)}
    assert len({pid for _, _, pid in lines(log)}) == 2, "one of the two did nothing"
    assert states(place) == {"done"}


def test_a_killed_worker_is_taken_over_from_and_the_run_is_done(place: Place, tmp_path: Path) -> None:
    log = tmp_path / "log"
    first = place.start(*LAB, place.folder, log, "pause", LAB_RUNS="1")
    assert first.wait(timeout=60) == -signal.SIGKILL
    assert states(place) == {"running"}
    second = place.start(*LAB, place.folder, log)
    wait_until(lambda: ended(log) == 1)
    stop(place, second)
    assert [what for what, _, _ in lines(log)] == ["begin", "begin", "end"]
    assert states(place) == {"done"}


def test_sigterm_ends_the_worker_and_leaves_nothing_half_done(place: Place, tmp_path: Path) -> None:
    log = tmp_path / "log"
    worker = place.start(*LAB, place.folder, log, LAB_RUNS="40")
    wait_until(lambda: ended(log) >= 1)
    stop(place, worker)
    counted = Counter(what for what, _, _ in lines(log))
    assert counted["begin"] == counted["end"] < 40
    assert states(place) == {"done", "queued"}
    assert place.rows("SELECT * FROM ops_workerbeat") == []


def test_a_worker_whose_parent_is_gone_ends_by_itself(place: Place) -> None:
    worker = place.start("-m", "barograph_web.cli", "worker", "-w", place.folder, "--with-parent")
    assert worker.stdin is not None
    worker.stdin.close()
    assert worker.wait(timeout=60) == 0
