"""Runs the command line as a person would, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple


class Result(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def barograph(*args: str | Path, cwd: Path | None = None, **env: str) -> Result:
    """`barograph ARGS` without a terminal."""
    done = subprocess.run(
        [sys.executable, "-c", "from barograph.cli.main import run; run()", *map(str, args)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "COLUMNS": "120", "NO_COLOR": "1", **env},
        check=False,
        timeout=300,
    )
    return Result(done.returncode, done.stdout, done.stderr)
