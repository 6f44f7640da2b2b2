"""Processes that die at a publishing point: what `kill -9` does, at a chosen place.

Children come from a fork server that has imported the package and started no thread, so they start fast.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from barograph.intake import import_paths
from barograph.lake import checkpoints
from barograph.workspace import Workspace
from support.intake_lab import NOW

KILLED = 86


def dies_at(point: str, work: Callable[..., Any], *args: Any) -> bool:
    """Run `work(*args)` in a process that dies at `point`; False when it ended without coming there.

    `work` must be a function of a module under tests/support, which the process can import.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["barograph.intake"])
    process = context.Process(target=_run, args=(point, work, args))
    process.start()
    process.join(60)
    assert process.exitcode in {0, KILLED}, f"exit code {process.exitcode} at {point}"
    return process.exitcode == KILLED


def run_import(path: Path, files: list[Path]) -> None:
    """Import `files` into the workspace at `path`."""
    import_paths(Workspace.open(path), files, now=NOW)


def _run(point: str, work: Callable[..., Any], args: tuple[Any, ...]) -> None:
    def end(name: str) -> None:
        if name == point:
            os._exit(KILLED)

    checkpoints.hook = end
    work(*args)
