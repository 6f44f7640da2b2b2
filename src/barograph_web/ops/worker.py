"""The worker: takes runs that are due, one after the other, and does them.

One process beside the web, or several: `leases` sees to it that each run is done by one. A worker that dies leaves a
lease that runs out, and the run is begun again; what it had published is found there. The rows are the queue
(docs/adr/0011-runs-are-the-queue.md).
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from types import FrameType

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections, connection

from barograph.errors import BarographError, LockedError, RefusedError
from barograph_web.ops import leases
from barograph_web.ops.current import acting_as
from barograph_web.ops.handlers import HANDLERS, follow_ups
from barograph_web.ops.models import Run, RunState, WorkerBeat
from barograph_web.ops.periodic import Rounds
from barograph_web.ops.redaction import without_secrets
from barograph_web.ops.running import HandedBackError, LeaseLostError, RunContext
from barograph_web.ops.schedule_rows import request_due
from barograph_web.ops.workspace import now

LOG = logging.getLogger("barograph.worker")
POLL = 2.0
"""Seconds between two looks for work."""
LOCKED_AGAIN = timedelta(seconds=15)
BROKEN_AGAIN = timedelta(seconds=30)
BEATS_PER_LEASE = 4


def worker_name() -> str:
    """This process: host and number."""
    return f"{socket.gethostname()}/{os.getpid()}"[:120]


def lease_length() -> timedelta:
    """How long a worker may be silent, by the settings."""
    return timedelta(seconds=settings.OPTIONS_IN_FORCE.lease_seconds)


def perform(
    claim: leases.Claim,
    *,
    clock: Callable[[], datetime] = now,
    lease: timedelta | None = None,
    stopping: threading.Event | None = None,
) -> RunState:
    """Do a claimed run and write how it ended; the state it is in afterwards.

    Refused for lack of data: REFUSED. An error a person can act on, or one nobody foresaw: FAILED. Locked by another
    process, or asked to stop: QUEUED again, without counting as an attempt. A broken connection to the database
    counts, and is tried again. Lost to another worker: RUNNING, by that one.
    """
    lease = lease or lease_length()
    run = Run.objects.select_related("requested_by").get(pk=claim.run_id)
    context = RunContext(run, claim, clock, lease, stopping or threading.Event())
    with acting_as(run.requested_by, via="worker", request_id=f"run-{run.pk}"):
        LOG.info("run begins", extra={"run": run.pk, "kind": run.kind, "key": run.key, "claim": claim.number})
        state = _done(context, claim, clock)
        LOG.info("run ends", extra={"run": run.pk, "kind": run.kind, "key": run.key, "state": str(state)})
    return state


def _done(context: RunContext, claim: leases.Claim, clock: Callable[[], datetime]) -> RunState:
    run = context.run
    handler = HANDLERS.get(run.kind)
    if handler is None:
        leases.finish(
            claim, RunState.FAILED, clock(), result={}, error=f"Nothing here does runs of kind {run.kind}."
        )
        return RunState.FAILED
    state, result, error = RunState.DONE, {}, ""
    try:
        result = dict(handler(context) or {})
        for each in follow_ups(run.kind):
            each.function(context)
        if context.degraded:
            state, result = RunState.DEGRADED, {**result, "stale": list(context.degraded)}
            error = "\n".join(context.degraded)
    except HandedBackError:
        leases.hand_back(claim, clock(), "The worker was stopped; the next one goes on.")
        return RunState.QUEUED
    except LeaseLostError:
        LOG.warning("run lost to another worker", extra={"run": run.pk})
        return RunState.RUNNING
    except LockedError as locked:
        leases.hand_back(claim, clock() + LOCKED_AGAIN, without_secrets(str(locked)))
        return RunState.QUEUED
    except RefusedError as refused:
        state, error = RunState.REFUSED, str(refused)
    except BarographError as failed:
        state, error = RunState.FAILED, str(failed)
    except (OperationalError, InterfaceError) as broken:
        LOG.exception("run stopped by the database", extra={"run": run.pk})
        connection.close()
        if Run.objects.filter(pk=run.pk, attempts__lt=leases.ATTEMPTS).exists():
            waiting = f"The database did not answer: {without_secrets(str(broken))}"
            leases.hand_back(claim, clock() + BROKEN_AGAIN, waiting, counts=True)
            return RunState.QUEUED
        state, error = RunState.FAILED, f"The database did not answer: {broken}"
    except Exception as unforeseen:  # whatever a handler raises ends its run, not the worker
        LOG.exception("run failed", extra={"run": run.pk})
        state = RunState.FAILED
        error = f"{type(unforeseen).__name__}: {unforeseen} (the worker's log has more under run-{run.pk})"
    leases.finish(claim, state, clock(), result=result, error=without_secrets(error))
    return state


def work_off(clock: Callable[[], datetime] = now, limit: int = 100) -> list[RunState]:
    """Do what is due in this process, without schedule or heartbeat, until nothing is: `barograph worker --once`."""
    states: list[RunState] = []
    while len(states) < limit:
        claim = leases.claim_next(worker_name(), clock(), lease_length())
        if claim is None:
            break
        states.append(perform(claim, clock=clock))
    return states


class Heart(threading.Thread):
    """Says every so often that the worker lives, and keeps the run that it works on. Has its own connection."""

    def __init__(self, name: str, lease: timedelta) -> None:
        super().__init__(name="heart", daemon=True)
        self._worker = name
        self._lease = lease
        self._claim: leases.Claim | None = None
        self._over = threading.Event()
        self._since = now()

    def holds(self, claim: leases.Claim | None) -> None:
        """From now on this run is kept; None: no run."""
        self._claim = claim

    def beat(self) -> None:
        """One sign of life."""
        moment = now()
        WorkerBeat.objects.update_or_create(
            name=self._worker,
            defaults={"seen_at": moment},
            create_defaults={"started_at": self._since, "seen_at": moment},
        )
        if self._claim is not None:
            leases.extend(self._claim, moment, self._lease)

    def run(self) -> None:
        pause = min(self._lease.total_seconds() / BEATS_PER_LEASE, 10.0)
        while not self._over.is_set():
            try:
                self.beat()
            except DatabaseError:
                # The run's own transaction may hold SQLite's only write lock; the lease outlasts several beats.
                LOG.warning("the heartbeat could not be written", exc_info=True)
                connection.close()
            self._over.wait(pause)
        connection.close()

    def end(self) -> None:
        """Stop, and take this worker off the list."""
        self._over.set()
        self.join(timeout=5)
        WorkerBeat.objects.filter(name=self._worker).delete()


class Worker:
    """The loop: signs of life, the schedule, then the next run."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self._lease = lease_length()
        self._name = worker_name()
        self._rounds = Rounds()

    def stop(self, number: int = 0, _frame: FrameType | None = None) -> None:
        """End after the step under way. A handler for SIGTERM and SIGINT."""
        LOG.info("stopping after the step under way", extra={"signal": number})
        self.stopping.set()

    def run(self) -> None:
        """Work until asked to stop. Takes over SIGTERM and SIGINT of the process."""
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        heart = Heart(self._name, self._lease)
        heart.start()
        LOG.info("worker begins", extra={"worker": self._name})
        try:
            while not self.stopping.is_set():
                if not self._next(heart):
                    self.stopping.wait(POLL)
        finally:
            heart.end()
            LOG.info("worker ends", extra={"worker": self._name})

    def _next(self, heart: Heart) -> bool:
        """Do the next run; False when there was none, or the database could not be asked."""
        close_old_connections()
        try:
            request_due(now())
            self._rounds.go(now())
            claim = leases.claim_next(self._name, now(), self._lease)
            if claim is None:
                return False
            heart.holds(claim)
            perform(claim, lease=self._lease, stopping=self.stopping)
        except DatabaseError:
            LOG.exception("the database did not answer")
            connection.close()
            return False
        finally:
            heart.holds(None)
        return True
