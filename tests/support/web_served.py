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
from barograph_web.ops.workspace import today
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.weeks import newest_week
from barograph_web.pulses.models import PulseState
from barograph_web.pulses.numbers import computed_tiers
from barograph_web.pulses.rebuilding import rebuild
from barograph_web.pulses.grading import grade_everybody
calm = sorted(k for k, t in computed_tiers(newest_week()).items() if t in ("watch", "healthy", "growth"))
Account.objects.filter(am_email=people.anna.email).update(am_email=None)
Account.objects.filter(account_id__in=calm[:15]).update(am_email=people.anna.email)
rebuild(place, now())
PulseState.objects.filter(email=people.anna.email).update(due_on=today() - timedelta(days=1))
grade_everybody(now())
from barograph_web.growth.judging import judge_accounts
from barograph_web.growth.rules import SHIPPED
judge_accounts(list(Account.objects.filter(is_current=True)), newest_week(), 0, SHIPPED, today())
print(people.anna.email)
print(people.carla.email)
"""


@dataclass(frozen=True)
class Served:
    """Where it answers, and the addresses of the CSM who has most accounts, and of an account manager whose fifteen
    accounts have a pulse due, none of them At Risk by the numbers."""

    url: str
    csm: str
    log: Path
    manager: str


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
        *_, manager, csm = made.stdout.strip().splitlines()
        yield Served(url, csm, log, manager)
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
