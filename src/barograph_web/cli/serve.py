"""`barograph serve`: the application on this machine, with everything it needs, in one command."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from barograph.cli.options import WorkspaceOption
from barograph.errors import UsageError
from barograph.workspace import Workspace
from barograph_web.cli.start import at_the_command_line, configure, prepare_database
from barograph_web.options import read_options

LOG = logging.getLogger("barograph.serve")
THREADS = 8
"""Requests are short and read one database; more threads than this wait for each other in Python."""
WORKER_PATIENCE = 60.0
AGAIN_AFTER = 5.0
BEFORE_REFRESHES = timedelta(days=14)
"""What is published comes before a refresh that was due last Monday."""
WARMED = ("barograph.reports.past",)
FIRST_ADMINISTRATOR = "admin@localhost"


def serve(
    workspace: WorkspaceOption = None,
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 is every one.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Leave the work to a worker elsewhere.")
    ] = False,
    admin_email: Annotated[
        str, typer.Option(help="Address of the first administrator, when there is nobody yet.")
    ] = FIRST_ADMINISTRATOR,
) -> None:
    """Serve the application: brings database and files up to date, makes the first administrator, runs the worker."""
    _own_address(workspace, port)
    place = configure(workspace)
    _checked()
    prepare_database()
    _static_files()
    _first_administrator(admin_email)
    _bring_weeks(place)
    stopping = threading.Event()
    supervisor = (
        None if no_worker else threading.Thread(target=_supervise, args=(place.path, stopping), daemon=True)
    )
    try:
        server = _server(host, port)
        if supervisor is not None:
            supervisor.start()
        shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
        sys.stderr.write(f"{place.settings.name} is at http://{shown}:{port}  (Ctrl-C stops it)\n")
        signal.signal(signal.SIGTERM, _end)
        threading.Thread(target=_warm, name="warm", daemon=True).start()
        server.run()
    finally:
        stopping.set()
        if supervisor is not None and supervisor.is_alive():
            supervisor.join(timeout=WORKER_PATIENCE + 5)


def _own_address(workspace: Path | None, port: int) -> None:
    """Without another base_url, links in mails lead to the port that is listened on."""
    named = {"BAROGRAPH_WORKSPACE": str(workspace)} if workspace else {}
    try:
        if read_options({**os.environ, **named}).sources["base_url"] == "default":
            os.environ["BAROGRAPH_BASE_URL"] = f"http://localhost:{port}"
    except ValueError:
        return  # `configure` says what is wrong


def _end(_number: int, _frame: object) -> NoReturn:
    raise SystemExit(0)


def _checked() -> None:
    """Say what the system checks found; raises UsageError for errors."""
    from django.core import checks  # noqa: PLC0415 - after configure

    found = checks.run_checks()
    for message in found:
        if checks.WARNING <= message.level < checks.ERROR:
            sys.stderr.write(f"{message.id}: {message.msg} {message.hint or ''}\n")
    errors = [m for m in found if m.level >= checks.ERROR]
    if errors:
        raise UsageError(
            " ".join(f"{m.id}: {m.msg}" for m in errors), hint=" ".join(m.hint or "" for m in errors)
        )


def _static_files() -> None:
    from django.core.management import call_command  # noqa: PLC0415 - after configure

    call_command("collectstatic", interactive=False, verbosity=0)


def _first_administrator(email: str) -> None:
    """Make one when nobody can sign in, and say the password, once."""
    from barograph_web.users import queries, services  # noqa: PLC0415 - after configure
    from barograph_web.users.models import Role  # noqa: PLC0415

    if not queries.nobody_yet():
        return
    password = secrets.token_urlsafe(12)
    with at_the_command_line():
        services.add_person(name="Administrator", email=email, role=Role.ADMINISTRATOR, password=password)
    sys.stderr.write(
        f"\n  Sign in as  {email}\n  password    {password}\n"
        "  It is shown this once, and you choose your own after signing in.\n\n"
    )


def _bring_weeks(place: Workspace) -> None:
    """Have the worker show what is published already, when nothing is shown yet. Pages say so meanwhile."""
    from barograph.pipeline.score_store import published_weeks  # noqa: PLC0415 - after configure
    from barograph_web.ops.models import RunKind, RunState  # noqa: PLC0415
    from barograph_web.ops.services import request_run, retry_run  # noqa: PLC0415
    from barograph_web.ops.workspace import now  # noqa: PLC0415
    from barograph_web.scoring.queries import newest_week  # noqa: PLC0415

    if newest_week() is not None or not published_weeks(place.lake.manifest()):
        return
    with at_the_command_line():
        key = f"start {place.lake.manifest().generation}"
        run = request_run(RunKind.PROJECT, key, due_at=now() - BEFORE_REFRESHES)
        if run.state in (RunState.FAILED, RunState.DONE):
            retry_run(run, None, now() - BEFORE_REFRESHES)


def _warm() -> None:
    """Read what the first page of an earlier week needs, so that the first person who asks does not wait for it."""
    for module in WARMED:
        import_module(module)


def _server(host: str, port: int) -> Any:
    """The listening server. Raises UsageError when the address cannot be had."""
    from django.conf import settings  # noqa: PLC0415 - after configure
    from waitress.server import create_server  # noqa: PLC0415

    from barograph_web.wsgi import application  # noqa: PLC0415

    proxies = settings.OPTIONS_IN_FORCE.trusted_proxies
    behind = {
        "trusted_proxy": "*",
        "trusted_proxy_count": proxies,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
        "clear_untrusted_proxy_headers": True,
    }
    limit = settings.OPTIONS_IN_FORCE.upload_bytes + 2**20
    try:
        return create_server(
            application,
            host=host,
            port=port,
            threads=THREADS,
            ident=None,
            max_request_body_size=limit,
            channel_timeout=120,
            **(behind if proxies else {"clear_untrusted_proxy_headers": True}),
        )
    except (OSError, ValueError) as error:
        told = getattr(error, "strerror", None) or error
        raise UsageError(
            f"{host}:{port} cannot be listened on: {told}.", hint="Choose another --port."
        ) from error


def _supervise(folder: Path, stopping: threading.Event) -> None:
    """Keep one worker going until `stopping`: its standard input ends with this process, and it with that."""
    command = [sys.executable, "-m", "barograph_web.cli", "worker", "-w", str(folder), "--with-parent"]
    while not stopping.is_set():
        process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own module
        while process.poll() is None and not stopping.wait(0.5):
            pass
        if stopping.is_set():
            _stop(process)
            return
        LOG.error("the worker ended by itself and is started again", extra={"code": process.returncode})
        stopping.wait(AGAIN_AFTER)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the worker to finish its step; end it when that takes too long: its run is taken up again later."""
    process.terminate()
    try:
        process.wait(timeout=WORKER_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
