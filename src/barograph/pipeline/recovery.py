"""Recovery over a workspace's published weeks (G2), by the tiers that people saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import TextArray
from barograph.core.calendar import WEEK
from barograph.core.recovery import PLAN_DAYS, RECOVERY_DAYS, Entries, planned, recovered
from barograph.errors import RefusedError
from barograph.pipeline.play_outcomes import tier_history
from barograph.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Recovery:
    """Entries into At Risk and, where plans were given, into Watch. weeks: how many were looked at."""

    account_ids: TextArray
    weeks: int
    at_risk: Entries
    watch: Entries | None
    within: int = RECOVERY_DAYS
    plan_within: int = PLAN_DAYS


def workspace_recovery(
    workspace: Workspace,
    *,
    as_of: int,
    weeks: int = 52,
    plans: Mapping[str, Sequence[int]] | None = None,
) -> Recovery:
    """Recovery over the published weeks of the last `weeks` up to `as_of` (a day number).

    plans: account -> day numbers on which a plan with an owner was made, for the share of Watch accounts with one in
    seven days; None leaves that out. Raises RefusedError when fewer than two weeks are published.
    """
    manifest = workspace.lake.manifest()
    history = tier_history(workspace, manifest, as_of - weeks * WEEK, as_of)
    if len(history.days) < 2:
        raise RefusedError(
            f"{len(history.days)} weeks are published; recovery needs the weeks after an account became At Risk.",
            where=str(workspace.path),
            hint="Run `barograph refresh --weeks 52`.",
        )
    days = history.days.tolist()
    watch = None
    if plans is not None:
        rows = {row: plans.get(name, ()) for row, name in enumerate(history.account_ids.tolist())}
        watch = planned(days, history.displayed, rows, as_of)
    return Recovery(history.account_ids, len(days), recovered(days, history.displayed), watch)


def open_entries(entries: Entries) -> int:
    """Entries whose time is not over."""
    return int(np.count_nonzero(~entries.decided))
