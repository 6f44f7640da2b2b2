"""Milestones of a workspace beside the first renewal decision of each account."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import FloatArray, IntArray, texts
from barograph.core.calendar import to_date
from barograph.core.outcomes.record import Outcomes
from barograph.definitions.model import OutcomeRules
from barograph.engines.duckdb.connection import connect
from barograph.errors import RefusedError
from barograph.learning.milestones import MilestoneData
from barograph.pipeline.observations_decisions import one_per_day
from barograph.pipeline.outcome_store import RawSource, workspace_outcomes
from barograph.signals.sql import local_day, quote
from barograph.workspace import Workspace


@dataclass(frozen=True, slots=True)
class MilestoneEvidence:
    """One entry per milestone name, in order of the name, over the same accounts.

    accounts, lost: with a first decision and a known start. without_start: decided accounts left out for want
    of a start date. before_records: left out because they began before milestones were recorded at all.
    """

    data: tuple[MilestoneData, ...]
    accounts: int
    lost: int
    without_start: int
    before_records: int


def milestone_evidence(workspace: Workspace, rules: OutcomeRules, day: int) -> MilestoneEvidence:
    """The milestones recorded by `day`, with the first decision after each account's start.

    Raises RefusedError when no milestones are imported or no account has a decision.
    """
    lake, zone = workspace.lake, workspace.settings.timezone
    manifest = lake.manifest()
    if not manifest.rows("raw/milestones"):
        raise RefusedError(
            "there are no milestones: the table has 0 rows.",
            where=str(workspace.path),
            hint="Import milestones (account_id, milestone, reached_at).",
        )
    outcomes = one_per_day(workspace_outcomes(lake, manifest, rules, day, zone).outcomes, rules)
    with connect() as connection:
        source = RawSource(connection, lake, manifest, day, zone)
        starts = _starts(source)
        reached = _reached(source)
        segments = _segments(source)
    first_record = min((float(d) for days in reached.values() for d in days.values()), default=float(day))
    first = _first_decisions(outcomes, starts)
    early = [a for a in first if starts[a] < first_record - 1]
    accounts = sorted(a for a in first if starts[a] >= first_record - 1)
    decided = {str(a) for a in outcomes.account_ids.tolist()}
    if not accounts:
        raise RefusedError(
            f"{len(decided)} accounts have a decision, none of them began since milestones are recorded "
            f"({to_date(int(first_record))}).",
            hint="Import the milestones of older accounts, or wait for the renewals of newer ones.",
        )
    start = np.array([starts[a] for a in accounts], dtype=np.int64)
    rows = np.array([first[a] for a in accounts], dtype=np.int64)
    ended = outcomes.ended[rows] - start
    shared = {
        "ended": ended,
        "observed": (day - start).astype(float),
        "lost": outcomes.lost[rows],
        "start": start,
        "segment": texts([segments.get(a, "") for a in accounts]),
    }
    data = tuple(
        MilestoneData(name=name, reached=_days_to(reached[name], accounts, start), **shared)
        for name in sorted(reached)
    )
    return MilestoneEvidence(
        data, len(accounts), int(outcomes.lost[rows].sum()), len(decided - set(starts)), len(early)
    )


def _starts(source: RawSource) -> dict[str, int]:
    """First day of each account: its start_date, else that of its first contract."""
    found: dict[str, int] = {}
    terms = source.terms()
    if terms is not None:
        for account, day in zip(terms.account_ids.tolist(), terms.start.tolist(), strict=True):
            found[account] = min(found.get(account, int(day)), int(day))
    if source.paths("accounts") and "start_date" in (columns := source.columns("accounts")):
        begun = local_day(quote("start_date"), columns["start_date"], source.timezone)
        query = f"SELECT account_id, {begun} FROM ({source.current('accounts')}) WHERE {begun} IS NOT NULL"
        found |= {str(a): int(d) for a, d in source.connection.execute(query).fetchall()}
    return found


def _reached(source: RawSource) -> dict[str, dict[str, float]]:
    """Milestone -> account -> local day reached."""
    query = (
        f"SELECT milestone, account_id, min(_day) FROM ({source.current('milestones')}) "
        f"WHERE _day < {source.day} AND {source.external()} GROUP BY ALL ORDER BY 1, 2"
    )
    out: dict[str, dict[str, float]] = {}
    for name, account, day in source.connection.execute(query).fetchall():
        out.setdefault(str(name), {})[str(account)] = float(day)
    return out


def _segments(source: RawSource) -> dict[str, str]:
    if not source.paths("accounts") or "segment" not in source.columns("accounts"):
        return {}
    query = f"SELECT account_id, coalesce(segment, '') FROM ({source.current('accounts')})"
    return {str(a): str(s) for a, s in source.connection.execute(query).fetchall()}


def _first_decisions(outcomes: Outcomes, starts: dict[str, int]) -> dict[str, int]:
    """Account -> row of its first decision after its start; outcomes are ordered by anchor."""
    first: dict[str, int] = {}
    for row, (account, anchor) in enumerate(
        zip(outcomes.account_ids.tolist(), outcomes.anchor.tolist(), strict=True)
    ):
        if account in starts and anchor > starts[account]:
            first.setdefault(str(account), row)
    return first


def _days_to(reached: dict[str, float], accounts: list[str], start: IntArray) -> FloatArray:
    """Days from the start to the milestone; reached before the start counts as day 0."""
    day = np.array([reached.get(a, np.nan) for a in accounts], dtype=float)
    return np.maximum(day - start, 0.0)


__all__ = ["MilestoneEvidence", "milestone_evidence"]
