"""A real worker process for the tests, with a handler that writes what it does to a file, or the real refresh.

`python -m support.web_worker_lab FOLDER LOG [DIE_AT]`: works on the workspace FOLDER until SIGTERM. Runs of kind
`retention` append `begin KEY PID` and `end KEY PID` to LOG with a pause between; LAB_RUNS of them, or the
refresh of the week LAB_REFRESH, are asked for at the start. DIE_AT names a checkpoint of
barograph.lake.checkpoints at which the process kills itself, or `pause`: in the middle of such a run.
"""
# ruff: noqa: PLC0415 - what needs a database or Django is imported when that is there

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from barograph_web.ops.running import RunContext

PAUSE = 0.15


def main(folder: str, log: str, die_at: str = "") -> None:
    """Start the worker."""
    os.environ["BAROGRAPH_WORKSPACE"] = folder
    os.environ["DJANGO_SETTINGS_MODULE"] = "barograph_web.settings"
    import django

    django.setup()
    from barograph.lake import checkpoints
    from barograph_web.ops import worker
    from barograph_web.ops.handlers import HANDLERS
    from barograph_web.ops.services import request_run

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def write_down(run: RunContext) -> None:
        with run.step("Step"):
            _append(log, f"begin {run.run.key} {os.getpid()}")
            time.sleep(PAUSE)
            if die_at == "pause":
                die()
            _append(log, f"end {run.run.key} {os.getpid()}")

    HANDLERS["retention"] = write_down
    if week := os.environ.get("LAB_REFRESH"):
        request_run("refresh", week, {"as_of": week})
    for i in range(int(os.environ.get("LAB_RUNS", "0"))):
        request_run("retention", f"run-{i}")
    if die_at and die_at != "pause":
        checkpoints.hook = lambda point: die() if point == die_at else None
    worker.POLL = 0.1
    worker.Worker().run()


def _append(log: str, line: str) -> None:
    with Path(log).open("a", encoding="utf-8") as stream:
        stream.write(f"{line}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
