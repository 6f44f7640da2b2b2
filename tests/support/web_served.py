"""The real application for browsers: the seeded company with people and earlier decisions, behind `barograph serve`."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

TESTS = Path(__file__).resolve().parent.parent
PATIENCE = 120.0

PREPARE = """
import sys
from datetime import timedelta
from pathlib import Path
from barograph_web.cli.start import configure, prepare_database
place = configure(Path(sys.argv[1]))
prepare_database()
from barograph_web.ops.workspace import now
from barograph_web.scoring.projection import project
project(place, now=now())
from support.web_people import make_people
from support.web_review import monday, planned
from barograph_web.review import services
people, week = make_people(), monday()
people.lena.team = None
people.lena.save()
planned(week.listed[0], week.before, people.lena, due_in=3, step="Call the new sponsor")
planned(week.listed[1], week.before, people.lena, due_in=4, step="Agree on training")
services.decide(week.listed[2], week.week.as_of, services.Wanted("disagree", "They migrate until January"),
                by=people.ada, seen=None)
print(people.carla.email)
"""


@dataclass(frozen=True)
class Served:
    """Where it answers, and the address of the CSM who has most accounts."""

    url: str
    csm: str
    log: Path


def environment() -> dict[str, str]:
    """This process's, without settings of the application or of its tests."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BAROGRAPH_", "DJANGO_"))}
    return kept | {"PYTHONPATH": str(TESTS), "PYTHONUNBUFFERED": "1"}


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Serve the scored workspace in `folder`, which is written to, until the block ends."""
    made = subprocess.run(
        [sys.executable, "-c", PREPARE, str(folder)],
        env=environment(), capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    port = _free_port()
    url, log = f"http://127.0.0.1:{port}", folder / "serve.log"
    command = [
        sys.executable,
        "-m",
        "barograph_web.cli",
        "serve",
        "-w",
        str(folder),
        "--port",
        str(port),
        "--no-worker",
    ]
    with log.open("w") as out:
        process = subprocess.Popen(command, env=environment(), stdout=out, stderr=subprocess.STDOUT)
    try:
        _wait(url, process, log)
        yield Served(url, made.stdout.strip().splitlines()[-1], log)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, f"the server ended: {log.read_text()}"
        try:
            with urlopen(f"{url}/sign-in/login/", timeout=5) as answer:  # noqa: S310 - our own address
                if answer.status == 200:
                    return
        except (URLError, TimeoutError, ConnectionError):
            time.sleep(0.3)
    raise AssertionError(f"the server did not answer within {PATIENCE:.0f} s: {log.read_text()}")
