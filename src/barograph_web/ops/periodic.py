"""What the worker does every so often beside runs: clocks that run out, deliveries that are due.

Each worker does it, so that a function must bear being called by two at once: it claims the rows it works on by a
conditional update, and finds nothing to do the second time. It is short; long work asks for a run.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError

LOG = logging.getLogger("barograph.worker")


@dataclass(frozen=True, slots=True)
class Periodic:
    """`function(now)`, called when `every` has passed since its last call in this process."""

    name: str
    every: timedelta
    function: Callable[[datetime], object]


PERIODIC: list[Periodic] = []


def register(name: str, every: timedelta, function: Callable[[datetime], object]) -> None:
    """Have `function` called every so often; the same name twice is one. Called in AppConfig.ready."""
    if all(one.name != name for one in PERIODIC):
        PERIODIC.append(Periodic(name, every, function))


class Rounds:
    """Remembers, for one process, when each was done last."""

    def __init__(self) -> None:
        self._last: dict[str, datetime] = {}

    def go(self, now: datetime) -> int:
        """Call what is due; how many were called. One that fails is logged and tried again at its next time."""
        called = 0
        for one in PERIODIC:
            last = self._last.get(one.name)
            if last is not None and now - last < one.every:
                continue
            self._last[one.name] = now
            called += 1
            try:
                one.function(now)
            except DatabaseError:
                raise
            except Exception:  # the others, and the runs, go on
                LOG.exception("periodic work failed", extra={"name_of_work": one.name})
        return called
