"""Truth: on SQLite, people who write through the web and a worker that scores, projects and writes down its steps at
the same time lose nothing and never meet "database is locked": every answered write is there, once, with its audit
event (issue 4, worker and web writing on SQLite)."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from support.web_company import company_copy
from support.web_processes import Place, wait_until
from support.web_served import environment, served
from support.web_visitor import Visitor

WEEK = "2026-11-23"
RUNS = 8
PAUSE = 0.02
"""Seconds between two notes of one person: three who never rest would leave the worker no processor."""
PEOPLE = ("lena@example.com", "otto@example.com", "ada@example.com")
LOCKED = ("database is locked", "database table is locked", "heartbeat could not be written")


def place_of(folder: Path) -> Place:
    """The served workspace as other processes see it: SQLite, whatever database the run of the tests is on."""
    settings = {
        "BAROGRAPH_WORKSPACE": str(folder),
        "DJANGO_SETTINGS_MODULE": "barograph_web.settings",
        "BAROGRAPH_REFRESH_WEEKDAY": "never",
    }
    return Place(folder, environment() | settings)


def writing(visitor: Visitor, accounts: list[str], over: threading.Event, told: list[str]) -> None:
    """Note after note, until the worker has done its work; `told` is what the application accepted."""
    number = 0
    while not over.is_set() or number < 10:
        words = f"{threading.current_thread().name} {number}"
        path = f"/portfolio/accounts/{quote(accounts[number % len(accounts)], safe='')}/notes/"
        status, body = visitor.post(path, body=words)
        assert status == 302, f"{status} for {words}: {body[:500]}"
        told.append(words)
        number += 1
        time.sleep(PAUSE)


@pytest.mark.skipif(
    os.environ.get("BAROGRAPH_TEST_DATABASE") == "postgresql", reason="about SQLite, tested in its own lane"
)
def test_web_and_worker_write_at_the_same_time(company_place: Path, tmp_path: Path) -> None:
    folder = company_copy(company_place, tmp_path / "ws")
    place, log = place_of(folder), tmp_path / "log"
    accepted: list[list[str]] = [[] for _ in PEOPLE]
    problems: list[Exception] = []
    over = threading.Event()

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as problem:  # noqa: BLE001 - looked at when the thread is over
            problems.append(problem)

    with served(folder) as running:
        accounts = [key for (key,) in place.rows("SELECT account_id FROM portfolio_account LIMIT 20")]
        visitors = [Visitor(running.url, email) for email in PEOPLE]
        threads = [
            threading.Thread(
                name=f"writer-{i}",
                target=guarded,
                args=(lambda v=visitor, a=accepted[i]: writing(v, accounts, over, a),),  # type: ignore[misc]
            )
            for i, visitor in enumerate(visitors)
        ]
        lab = ("-m", "support.web_worker_lab", folder, log)
        worker = place.start(*lab, LAB_REFRESH=WEEK, LAB_RUNS=str(RUNS))
        for thread in threads:
            thread.start()
        unfinished = "SELECT count(*) FROM ops_run WHERE finished_at IS NULL"
        finished = "SELECT count(*) FROM ops_run WHERE finished_at IS NOT NULL"
        try:
            wait_until(lambda: place.rows(finished)[0][0] > RUNS and place.rows(unfinished)[0][0] == 0, 420)
        finally:
            over.set()
            for thread in threads:
                thread.join(timeout=60)
            worker.terminate()
            worker.wait(timeout=60)
        said = running.log.read_text() + place.said()

    assert problems == []
    wanted = sorted(words for each in accepted for words in each)
    assert len(wanted) >= 10 * len(PEOPLE)
    kept = [body for (body,) in place.rows("SELECT body FROM portfolio_note WHERE body LIKE 'writer-%'")]
    assert sorted(kept) == wanted, "a write that was answered is there, once"
    [(events,)] = place.rows("SELECT count(*) FROM ops_auditevent WHERE action = 'note.written'")
    assert events == len(wanted)
    states = {state for (state,) in place.rows("SELECT state FROM ops_run")}
    assert states <= {"done", "degraded"}, place.rows("SELECT kind, key, state, error FROM ops_run")
    [(shown,)] = place.rows("SELECT max(as_of) FROM portfolio_week WHERE is_shown")
    assert str(shown) == WEEK
    for words in LOCKED:
        assert words not in said, said[-4000:]
    assert place.rows("PRAGMA integrity_check") == [("ok",)]
