"""Truth: `barograph serve` in a new workspace, as a real process: it makes what it needs, answers, runs its worker, and
ends with it (issue 4, start)."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from barograph.workspace import Workspace
from support.web_company import company_copy
from support.web_people import PASSWORD
from support.web_processes import Place, place_in, wait_until
from support.web_visitor import Visitor


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def status(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def started(place: Place, port: int, log: Path, *more: str) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "barograph_web.cli",
        "serve",
        "-w",
        str(place.folder),
        "--port",
        str(port),
        *more,
    ]
    with log.open("w") as stream:
        return subprocess.Popen(
            command, env=place.environment, stderr=stream, stdin=subprocess.DEVNULL, text=True
        )


def test_it_makes_what_it_needs_answers_runs_a_worker_and_ends_with_it(tmp_path: Path) -> None:
    place, port, log = place_in(tmp_path / "ws"), free_port(), tmp_path / "log"
    process = started(place, port, log)
    try:
        wait_until(lambda: status(port, "/healthz") == 200, 120)
        text = log.read_text()
        assert re.search(r"password +\S{12,}", text)
        assert f"http://localhost:{port}" in text
        assert status(port, "/sign-in/login/") == 200
        assert status(port, "/nothing/") in (200, 404), "who is not signed in is sent to sign in"
        assert place.rows("SELECT role, must_set_password FROM users_user")[0][0] == "administrator"
        key = place.folder / "application" / "secret-key"
        assert key.stat().st_mode & 0o077 == 0
        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/login/", timeout=10).read().decode()
        styles = re.findall(r'href="(/static/[^"]+\.css)"', page)
        assert styles
        assert {status(port, style) for style in styles} == {200}
        assert not re.findall(r'(?:src|href)="https?://', page), "nothing is loaded from outside"
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=120) == 0
    assert place.rows("SELECT * FROM ops_workerbeat") == [], "the worker ended with it"

    again = started(place, port, log)
    try:
        wait_until(lambda: status(port, "/healthz") == 200, 120)
        assert "password" not in log.read_text(), "the first administrator is made once"
    finally:
        again.send_signal(signal.SIGTERM)
        assert again.wait(timeout=120) == 0


def test_what_is_wrong_is_said_before_anything_is_made(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    place = Place(empty, place_in(tmp_path / "ws").environment | {"BAROGRAPH_WORKSPACE": str(empty)})
    done = place.verb("serve", "-w", empty)
    assert done.returncode == 2
    assert "barograph.toml" in done.stderr
    assert list(empty.iterdir()) == []

    Workspace.create(tmp_path / "unsafe", name="Unsafe")
    unsafe = Place(
        tmp_path / "unsafe", place.environment | {"BAROGRAPH_DEBUG": "1", "BAROGRAPH_ALLOWED_HOSTS": "*"}
    )
    done = unsafe.verb("serve", "-w", unsafe.folder)
    assert done.returncode == 2
    assert "BW.E001" in done.stderr


def test_it_answers_before_the_published_weeks_are_brought_in(company_place: Path, tmp_path: Path) -> None:
    """Large workspaces take minutes: a worker does it, and the pages say so meanwhile."""
    place = place_in(company_copy(company_place, tmp_path / "ws"))
    port, log = free_port(), tmp_path / "log"
    process = started(place, port, log, "--no-worker")
    try:
        wait_until(lambda: status(port, "/healthz") != 0, 120)
        assert place.rows("SELECT count(*) FROM portfolio_week") == [(0,)]
        place.django(
            "from barograph_web.users.models import *; "
            f"User.objects.create_user('eve@example.com', {PASSWORD!r}, name='Eve', role=Role.EXECUTIVE)"
        )
        eve = Visitor(f"http://127.0.0.1:{port}", "eve@example.com")
        for page in ("/review/", "/portfolio/"):
            code, text = eve.ask("GET", page)
            assert code == 200
            assert "are being brought in" in text, page
        assert place.verb("worker", "--once").returncode == 0
        code, text = eve.ask("GET", "/review/")
        assert code == 200
        assert "Needs attention" in text
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=120) == 0

    again = started(place, port, log, "--no-worker")
    try:
        wait_until(lambda: status(port, "/healthz") != 0, 120)
        assert place.rows("SELECT count(*) FROM ops_run WHERE kind = 'project'") == [(1,)], "asked for once"
    finally:
        again.send_signal(signal.SIGTERM)
        assert again.wait(timeout=120) == 0
