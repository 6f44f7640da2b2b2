"""Inside a run: its steps with counts, durations and logs, and the signs to stop.

A handler opens one step after the other. Between steps is where a run can be handed back (SIGTERM) or found to be
lost, so a handler's steps are what is safe to repeat.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event
from typing import Any

from barograph.errors import LockedError, RefusedError
from barograph_web.ops import leases
from barograph_web.ops.models import Run, RunState, RunStep
from barograph_web.ops.redaction import without_secrets

Number = int | float | str | None
SHOWN_EVERY = 2.0
"""Seconds between two writes of what a step says while it goes on."""
LOG_LIMIT = 200_000
"""Characters kept of one step's log: its beginning and its end."""


class LeaseLostError(Exception):
    """Another worker has taken the run over; what this one did from here on would not count."""


class HandedBackError(Exception):
    """The worker is asked to stop: the run goes on later, from its beginning, with what is published found there."""


class Step:
    """One step under way. What is counted and said shows on the page of the run while it goes on."""

    def __init__(self, row: RunStep) -> None:
        self._row = row
        self._lines: list[str] = []
        self._shown = time.monotonic()

    def count(self, **numbers: Number) -> None:
        """Set counts by name: rows read, weeks scored."""
        self._row.counts = {**self._row.counts, **numbers}
        self._show()

    def log(self, line: str) -> None:
        """Add a line. Passwords in addresses are left out."""
        self._lines.append(without_secrets(line))
        self._show()

    def progress(self, what: str, done: int, of: int) -> None:
        """The library's callback for long work: shown as a count `what` of `done / of`."""
        self.count(**{what: f"{done} / {of}"})

    def degrade(self, reason: str) -> None:
        """This step did not give what it should; the run goes on and ends as degraded."""
        self._row.state = RunState.DEGRADED
        self.log(reason)

    def _show(self) -> None:
        if time.monotonic() - self._shown >= SHOWN_EVERY:
            self.save()

    def save(self) -> None:
        """Write what was counted and said so far."""
        text = "\n".join(self._lines)
        if len(text) > LOG_LIMIT:
            text = f"{text[: LOG_LIMIT // 2]}\n[...]\n{text[-LOG_LIMIT // 2 :]}"
        self._row.log = text
        self._row.save()
        self._shown = time.monotonic()


class RunContext:
    """What a handler works with."""

    def __init__(
        self, run: Run, claim: leases.Claim, clock: Callable[[], datetime], lease: timedelta, stopping: Event
    ) -> None:
        self.run = run
        self._claim = claim
        self._clock = clock
        self._lease = lease
        self._stopping = stopping
        self._steps = 0
        self._degraded: list[str] = []

    @property
    def arguments(self) -> dict[str, Any]:
        """What was asked for, as JSON."""
        return dict(self.run.arguments)

    @property
    def now(self) -> datetime:
        """The present instant, UTC."""
        return self._clock()

    @property
    def degraded(self) -> tuple[str, ...]:
        """Why the run is not as good as it should be; empty when it is."""
        return tuple(self._degraded)

    def heartbeat(self) -> None:
        """Keep the run, and stop where it has to stop.

        Raises LeaseLostError when another worker has it, HandedBackError when this worker was asked to stop. Called
        by `step`; long steps call it where they can be repeated from.
        """
        if not leases.extend(self._claim, self._clock(), self._lease):
            raise LeaseLostError(f"{self.run} was taken over")
        if self._stopping.is_set():
            raise HandedBackError

    def degrade(self, reason: str) -> None:
        """The run goes on, and ends as degraded for this reason."""
        self._degraded.append(without_secrets(reason))

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """One step, written when it begins and when it ends, however it ends."""
        self.heartbeat()
        self._steps += 1
        row = RunStep.objects.create(
            run=self.run,
            claim=self._claim.number,
            position=self._steps,
            name=name[:120],
            started_at=self._clock(),
        )
        step = Step(row)
        try:
            yield step
        except BaseException as error:
            row.state = _state_after(error)
            step.log(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
            raise
        else:
            row.state = RunState.DONE if row.state == RunState.RUNNING else row.state
        finally:
            row.finished_at = self._clock()
            step.save()


def _state_after(error: BaseException) -> RunState:
    match error:
        case LockedError() | HandedBackError() | LeaseLostError():
            return RunState.QUEUED
        case RefusedError():
            return RunState.REFUSED
        case _:
            return RunState.FAILED
