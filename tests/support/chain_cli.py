"""The command line in this process: the same entry point, arguments and exit codes, without the start of one.

`support.cli.barograph` starts a real process; use that where pipes, signals or the start itself are the point.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import datetime
from importlib import import_module
from pathlib import Path
from unittest.mock import patch

from barograph.cli import main, verbs
from support.cli import Result
from support.small_workspace import NOW


def run(*args: str | Path, width: int = 120, now: datetime = NOW) -> Result:
    """`barograph ARGS` without a terminal, at a fixed time."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    environment = {"COLUMNS": str(width), "NO_COLOR": "1"}
    with (
        patch.dict("os.environ", environment),
        patch.object(sys, "argv", ["barograph", *map(str, args)]),
        at(now),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main.run()
        except SystemExit as e:
            code = e.code if isinstance(e.code, int) else 0
    return Result(code, out.getvalue(), err.getvalue())


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Have every verb believe that it is `moment`. All are loaded first: one that came later would keep that time."""
    for verb in verbs.VERBS.values():
        import_module(f"barograph.cli.{verb.module}")
    modules = [
        m for name, m in sys.modules.items() if name.startswith("barograph.cli.") and hasattr(m, "now")
    ]
    patches = [patch.object(module, "now", lambda: moment) for module in modules]
    for each in patches:
        each.start()
    try:
        yield
    finally:
        for each in patches:
            each.stop()
