"""Truth: on SQLite, people who write through the web and a worker that scores, projects and writes down its steps at
the same time lose nothing and never meet "database is locked": every answered write is there, once, with its audit
event (issue 4, worker and web writing on SQLite)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from support.web_company import company_copy
from support.web_people import PASSWORD
from support.web_processes import Place, wait_until
from support.web_served import environment, served

WEEK = "2026-11-23"
RUNS = 25
PEOPLE = ("lena@example.com", "otto@example.com", "ada@example.com")
LOCKED = ("database is locked", "database table is locked", "heartbeat could not be written")


class Visitor:
    """One browser without pictures: keeps its cookies, sends forms with the token of its session."""

    def __init__(self, url: str, email: str) -> None:
        parts = urlsplit(url)
        self.host, self.port = str(parts.hostname), int(parts.port or 80)
        self.origin = url
        self.cookies: dict[str, str] = {}
        assert self.ask("GET", "/sign-in/login/")[0] == 200
        page = "/sign-in/login/"
        status, body = self.post(page, login=email, password=PASSWORD)
        assert status == 302, body[:2000]

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and text. Redirects are not followed."""
        connection = HTTPConnection(self.host, self.port, timeout=60)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "Origin": self.origin}
        body = None
        if fields is not None:
            body = urlencode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
            for line in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = line.split(";", 1)[0].partition("=")
                self.cookies[name] = value
            return answer.status, text
        finally:
            connection.close()

    def post(self, path: str, **fields: str) -> tuple[int, str]:
        """Send a form, with the token that the cookie names."""
        return self.ask("POST", path, fields | {"csrfmiddlewaretoken": self.cookies["csrftoken"]})


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
            wait_until(lambda: place.rows(finished)[0][0] > RUNS and place.rows(unfinished)[0][0] == 0, 240)
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
