"""What a published week would set off, without setting it off: worked out by the worker, shown from its run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from barograph_web.ops.models import Run, RunKind, RunState
from barograph_web.ops.services import request_run, retry_run
from barograph_web.ops.workspace import now
from barograph_web.plays.library import dry, plays
from barograph_web.users.models import User

AT_MOST = 2000
"""Rows that are kept of one dry run; the counts are of all."""


def ask(week: date, by: User) -> Run:
    """The run that works it out for a week and the plays as they are now; asked again, the one that is there."""
    prints = hashlib.sha256(repr([play.model_dump(mode="json") for play in plays()]).encode()).hexdigest()
    key = f"dry-run:{week.isoformat()}:{prints[:16]}"
    run = request_run(RunKind.PLAYS, key, {"work": "dry_run", "as_of": week.isoformat()}, by)
    return retry_run(run, by, now()) if run.state in (RunState.FAILED, RunState.REFUSED) else run


def work_out(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that the week sets off or holds back, as JSON: one row per account and play."""
    report = dry(date.fromisoformat(arguments["as_of"]))
    rows = [_row(fired, "") for fired in report.fired]
    rows += [_row(held.fired, held.words) for held in report.held_back]
    counts: dict[str, list[int]] = {}
    for row in rows:
        counts.setdefault(row["play"], [0, 0])[1 if row["held"] else 0] += 1
    return {
        "as_of": arguments["as_of"],
        "fired": len(report.fired),
        "held_back": len(report.held_back),
        "incident": None if report.incident is None else report.incident.what,
        "counts": counts,
        "rows": rows[:AT_MOST],
    }


def _row(fired: Any, held: str) -> dict[str, Any]:
    return {
        "account_id": fired.account_id, "play": fired.play, "reason": fired.reason, "held": held,
        "tier": fired.tier, "arr": fired.arr,
    }  # fmt: skip
