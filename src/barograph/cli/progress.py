"""Progress of long work: a bar on a terminal, one line per step otherwise, both on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Report = Callable[[str, int, int], None]


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Report]:
    """A function to call with (what, done, of)."""
    if quiet:
        yield lambda _what, _done, _of: None
    elif sys.stderr.isatty():
        with _bar() as report:
            yield report
    else:
        yield _lines()


@contextmanager
def _bar() -> Iterator[Report]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, int] = {}

        def report(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of)
            bar.update(tasks[what], completed=done, total=of)  # type: ignore[arg-type]

        yield report


def _lines() -> Report:
    said: set[str] = set()

    def report(what: str, done: int, of: int) -> None:
        key = what if done < of else f"{what} done"
        if key not in said:
            said.add(key)
            state = f"{of} done" if done >= of else f"{of} to do"
            sys.stderr.write(f"{what}: {state}\n")

    return report
