"""Who may work on a run: claims by conditional update, leases that run out, and what ends a claim.

Every change names the claim it belongs to. A worker that was stopped for longer than its lease has lost the run to
another one, and all its later updates match no row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q

from barograph_web.ops.models import Run, RunState

ATTEMPTS = 3
"""How often a run is begun before it counts as failed, hand-backs not counted."""
CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class Claim:
    """A run in the hands of one worker. `number` grows with every claim of the run."""

    run_id: int
    number: int
    worker: str


def claim_next(worker: str, now: datetime, lease: timedelta) -> Claim | None:
    """The oldest run that is due, or whose worker fell silent, now in the hands of `worker`; None: nothing is due.

    A run that was begun ATTEMPTS times and never ended is marked as failed instead.
    """
    waiting = Q(state=RunState.QUEUED, due_at__lte=now)
    silent = Q(state=RunState.RUNNING, lease_until__lt=now)
    found = Run.objects.filter(waiting | silent).order_by("due_at", "pk")
    for pk, number, attempts, state in found.values_list("pk", "claims", "attempts", "state")[:CANDIDATES]:
        # The number of the claim and the state make the update conditional: of two workers one changes the row.
        row = Run.objects.filter(pk=pk, claims=number, state=state)
        if state == RunState.RUNNING:
            row = row.filter(lease_until__lt=now)
        if attempts >= ATTEMPTS:
            row.update(
                state=RunState.FAILED,
                error=f"Its worker went away {attempts} times before it ended. See the logs of the worker.",
                finished_at=now,
                lease_until=None,
            )
            continue
        if row.update(
            state=RunState.RUNNING,
            worker=worker,
            claims=number + 1,
            attempts=F("attempts") + 1,
            started_at=now,
            finished_at=None,
            lease_until=now + lease,
            waiting="",
            error="",
        ):
            return Claim(pk, number + 1, worker)
    return None


def extend(claim: Claim, now: datetime, lease: timedelta) -> bool:
    """Keep the run. False when it was lost to another worker."""
    return bool(_held(claim).update(lease_until=now + lease))


def hand_back(claim: Claim, due_at: datetime, waiting: str, *, counts: bool = False) -> bool:
    """Let another claim go on from `due_at`, for the reason `waiting`. counts: whether it was an attempt."""
    return bool(
        _held(claim).update(
            state=RunState.QUEUED,
            due_at=due_at,
            waiting=waiting[:400],
            attempts=F("attempts") - (0 if counts else 1),
            lease_until=None,
        )
    )


def finish(
    claim: Claim, state: RunState, now: datetime, *, result: Mapping[str, Any], error: str = ""
) -> bool:
    """End the run. False when it was lost to another worker, whose end will count."""
    return bool(
        _held(claim).update(
            state=state, result=dict(result), error=error, finished_at=now, lease_until=None, waiting=""
        )
    )


def _held(claim: Claim) -> Any:
    return Run.objects.filter(pk=claim.run_id, claims=claim.number, state=RunState.RUNNING)
