"""How what goes out is claimed, retried and given up: mails and webhook deliveries alike.

A claim is a conditional update that names the claim it goes by; a worker that was stopped for longer than its lease has
lost the row, and its later updates match nothing. Attempts are counted when they begin, so that even a worker that dies
each time comes to an end. Sent twice is possible (a worker died between sending and saying so), never not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db.models import F, Q

from barograph_web.alerts.models import Delivery, Mail, OutgoingState

ATTEMPTS = 16
"""How often something is tried before it is given up: over a day and a half to nearly three days."""
FIRST = timedelta(seconds=30)
LONGEST = timedelta(hours=12)
LEASE = timedelta(seconds=90)
"""Longer than one attempt can take."""
CANDIDATES = 50

Kept = type[Delivery] | type[Mail]


@dataclass(frozen=True, slots=True)
class Claim:
    """One row in the hands of one worker. number: grows with every claim; attempt: 1 for the first since queued."""

    pk: int
    public_id: str
    number: int
    attempt: int


def pause_after(attempt: int, seed: str) -> timedelta:
    """How long to wait after the attempt of that number (1, 2, ...): 30 s, doubled each time, at most 12 hours, of
    which a part of 0 to a half is taken away by chance so that many do not come back at the same moment. The same
    `seed` and attempt give the same pause."""
    whole = min(FIRST * 2 ** min(attempt - 1, 20), LONGEST)
    return whole * (1.0 - 0.5 * Random(f"{seed}:{attempt}").random())  # noqa: S311 - jitter, not a secret


def claim_next(kept: Kept, now: datetime, *, beside: Q | None = None) -> Claim | None:
    """The oldest row that is due, or whose worker fell silent; None: nothing is due.

    beside: rows to leave alone. A row that used up its attempts is given up instead.
    """
    waiting = Q(state=OutgoingState.WAITING, due_at__lte=now)
    silent = Q(state=OutgoingState.SENDING, lease_until__lt=now)
    found = kept.objects.filter(waiting | silent)
    if beside is not None:
        found = found.exclude(beside)
    rows = found.order_by("due_at", "pk").values_list("pk", "public_id", "claims", "attempts", "state")
    for pk, public_id, number, attempts, state in rows[:CANDIDATES]:
        # The number of the claim and the state make the update conditional: of two workers one changes the row.
        row = kept.objects.filter(pk=pk, claims=number, state=state)
        if state == OutgoingState.SENDING:
            row = row.filter(lease_until__lt=now)
        if attempts >= ATTEMPTS:
            row.update(
                state=OutgoingState.DEAD,
                ended_at=now,
                lease_until=None,
                error=f"given up: its worker went away in the last of {attempts} attempts",
            )
            continue
        if row.update(
            state=OutgoingState.SENDING,
            claims=number + 1,
            attempts=F("attempts") + 1,
            lease_until=now + LEASE,
        ):
            return Claim(pk, str(public_id), number + 1, attempts + 1)
    return None


def delivered(kept: Kept, claim: Claim, now: datetime, **more: Any) -> bool:
    """It arrived. False when another worker has the row, whose end will count."""
    return bool(
        _held(kept, claim).update(
            state=OutgoingState.DELIVERED, ended_at=now, lease_until=None, error="", **more
        )
    )


def failed(kept: Kept, claim: Claim, now: datetime, error: str, *, for_good: bool = False) -> bool:
    """This attempt did not succeed: tried again after a pause, or given up after ATTEMPTS or `for_good`."""
    if for_good or claim.attempt >= ATTEMPTS:
        return bool(
            _held(kept, claim).update(
                state=OutgoingState.DEAD, ended_at=now, lease_until=None, error=error[:400]
            )
        )
    again = now + pause_after(claim.attempt, claim.public_id)
    return bool(
        _held(kept, claim).update(
            state=OutgoingState.WAITING, due_at=again, lease_until=None, error=error[:400]
        )
    )


def _held(kept: Kept, claim: Claim) -> Any:
    return kept.objects.filter(pk=claim.pk, claims=claim.number, state=OutgoingState.SENDING)
