"""`barograph worker`: does what is due, until it is told to stop."""

from __future__ import annotations

import sys
import threading
from typing import Annotated

import typer

from barograph.cli.options import WorkspaceOption
from barograph_web.cli.start import configure


def worker(
    workspace: WorkspaceOption = None,
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, then stop.")] = False,
    with_parent: Annotated[
        bool, typer.Option("--with-parent", hidden=True, help="Stop when standard input is closed.")
    ] = False,
) -> None:
    """Run a worker: the weekly refresh, imports, validation. SIGTERM ends it after the step under way."""
    configure(workspace)
    from barograph_web.ops import worker as ops_worker  # noqa: PLC0415 - after configure
    from barograph_web.ops.schedule_rows import request_due  # noqa: PLC0415
    from barograph_web.ops.workspace import now  # noqa: PLC0415

    if once:
        request_due(now())
        states = ops_worker.work_off()
        sys.stderr.write(f"{len(states)} {'run' if len(states) == 1 else 'runs'} done.\n")
        return
    working = ops_worker.Worker()
    if with_parent:
        threading.Thread(target=_stop_at_end_of_input, args=(working,), daemon=True).start()
    working.run()


def _stop_at_end_of_input(working: object) -> None:
    while sys.stdin.buffer.read(1024):
        pass
    working.stop()  # type: ignore[attr-defined]
