"""The effect of a play on a workspace (G1): from accounts held out at random where there are any, else at the line
that triggers it.

Never before against after: accounts are triggered when they are at their worst, and most get better by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import IntArray
from barograph.core.calendar import WEEK, grid_day
from barograph.definitions.model import ScoreModel
from barograph.errors import RefusedError
from barograph.lake.manifest import Manifest
from barograph.learning.play_effect import PlayEffect, play_effect
from barograph.learning.play_threshold import ThresholdEffect, threshold_effect
from barograph.pipeline.play_outcomes import (
    TierHistory,
    kept_at_next_decision,
    recovered_within,
    standing_at,
    tier_history,
)
from barograph.pipeline.play_records import Assignment, PlayRecords, Run
from barograph.pipeline.score_store import published_weeks
from barograph.workspace import Workspace

RECOVERED_DAYS = 90
KEPT_DAYS = 365
CARRIED_OUT_DAYS = 28
"""A run opened so soon after the trigger counts as carrying it out."""
SNAPSHOT_WEEKS = 13
"""Dates for the comparison at the line lie a quarter apart, so that an account is not counted every week."""


@dataclass(frozen=True, slots=True)
class OutcomeEffect:
    """The effect on one outcome, `recovered` or `kept`, within so many days. undecided: accounts of the comparison
    whose time is not over, who were not under Healthy to begin with, or who decided nothing."""

    outcome: str
    within: int
    effect: PlayEffect
    undecided: int


@dataclass(frozen=True, slots=True)
class PlayReport:
    """What can be said of a play. compared: accounts assigned at random; aside: assigned and never held out (too
    large). carried_out: share of treated and of held-out accounts on which the play was opened soon after. at_line:
    the comparison at the line, None where accounts were held out, or without a run; line: the tier that begins there.
    """

    play: str
    compared: int
    aside: int
    carried_out: tuple[float, float]
    effects: tuple[OutcomeEffect, ...]
    runs: int
    line: str
    at_line: ThresholdEffect | None


def report_play_effect(
    workspace: Workspace,
    model: ScoreModel,
    play: str,
    records: PlayRecords,
    *,
    as_of: int,
    line: str,
    within: int = RECOVERED_DAYS,
    horizon: int = KEPT_DAYS,
    worth: float = 0.10,
    seed: int = 0,
) -> PlayReport:
    """The effect of a play on recovery and on the next renewal, from what is known before `as_of` (a day number).

    line: the tier whose line triggers the play, for the comparison at the line. Raises RefusedError when nothing is
    recorded of the play, or no week is published.
    """
    manifest = workspace.lake.manifest()
    weeks = published_weeks(manifest)
    if not records.assignments and not records.runs:
        raise RefusedError(
            f"nothing is recorded of the play {play!r}: no assignment and no run before this date.",
            where=str(workspace.path / "journal"),
            hint="The application records both when it opens plays; --records FILE reads them from a file.",
        )
    if not weeks:
        raise RefusedError(
            "no week is published.", where=str(workspace.path), hint="Run `barograph refresh`."
        )
    compared = tuple(a for a in records.assignments if a.compared)
    first = min([a.day for a in compared] + [r.day for r in records.runs], default=as_of)
    history = tier_history(workspace, manifest, grid_day(first) - WEEK, as_of)
    effects: tuple[OutcomeEffect, ...] = ()
    if compared:
        effects = _held_out(
            workspace, model, manifest, history, compared, as_of=as_of, line=line,
            days=(within, horizon), worth=worth, seed=seed,
        )  # fmt: skip
    told = any(e.effect.held_out.n for e in effects)
    at_line = None if told or not records.runs else _at_line(
        workspace, manifest, history, records.runs, line=line, within=within, seed=seed
    )  # fmt: skip
    return PlayReport(
        play,
        len(compared),
        len(records.assignments) - len(compared),
        _carried_out(compared, records.runs),
        effects,
        len(records.runs),
        line,
        at_line,
    )


def _held_out(
    workspace: Workspace,
    model: ScoreModel,
    manifest: Manifest,
    history: TierHistory,
    compared: tuple[Assignment, ...],
    *,
    as_of: int,
    line: str,
    days: tuple[int, int],
    worth: float,
    seed: int,
) -> tuple[OutcomeEffect, ...]:
    """Both outcomes over the accounts that were assigned. A delayed start ends the comparison when it begins."""
    ids = [a.account_id for a in compared]
    day = np.array([a.day for a in compared], dtype=np.int64)
    treated = np.array([a.arm == "treated" for a in compared], dtype=bool)
    delays = [a.begins - a.day for a in compared if a.begins is not None]
    stop = min(delays, default=max(days))
    strata, families = _groups(workspace, manifest, compared, line)
    found = []
    for outcome, asked in zip(("recovered", "kept"), days, strict=True):
        within = min(asked, stop)
        limit = np.full(len(ids), within, dtype=np.int64)
        if outcome == "recovered":
            good, decided = recovered_within(history, ids, day, limit)
        else:
            good, decided = kept_at_next_decision(workspace, manifest, model.outcome, ids, day, limit, as_of)
        rows = np.flatnonzero(decided)
        effect = play_effect(
            good[rows],
            treated[rows],
            strata=strata[rows],
            families=families[rows],
            shares=_codes([f"{compared[row].share:g}" for row in rows.tolist()]),
            worth=worth,
            seed=seed,
        )
        found.append(OutcomeEffect(outcome, within, effect, len(ids) - len(rows)))
    return tuple(found)


def _groups(
    workspace: Workspace, manifest: Manifest, compared: tuple[Assignment, ...], line: str
) -> tuple[IntArray, IntArray]:
    """(tier and segment at the assignment, family) of each account as integer codes."""
    stood: list[tuple[str, str]] = []
    at: dict[int, dict[str, tuple[str, str]]] = {}
    for assigned in compared:
        if assigned.day not in at:
            week = standing_at(workspace, manifest, assigned.day, line)
            at[assigned.day] = {} if week is None else {
                name: (f"{tier} {segment}", family)
                for name, tier, segment, family in zip(
                    week.account_ids.tolist(), week.tier.tolist(), week.segment.tolist(), week.family.tolist(),
                    strict=True,
                )
            }  # fmt: skip
        stood.append(at[assigned.day].get(assigned.account_id, ("", assigned.account_id)))
    return _codes([stratum for stratum, _ in stood]), _codes([family for _, family in stood])


def _carried_out(compared: tuple[Assignment, ...], runs: tuple[Run, ...]) -> tuple[float, float]:
    """Share of (treated, held-out) accounts with a run within CARRIED_OUT_DAYS; NaN for an empty arm."""
    opened: dict[str, list[int]] = {}
    for run in runs:
        opened.setdefault(run.account_id, []).append(run.day)

    def share(treated: bool) -> float:
        arm = [a for a in compared if (a.arm == "treated") == treated]
        done = [
            any(a.day <= d <= a.day + CARRIED_OUT_DAYS for d in opened.get(a.account_id, ())) for a in arm
        ]
        return float(np.mean(done)) if arm else float("nan")

    return share(True), share(False)


def _at_line(
    workspace: Workspace,
    manifest: Manifest,
    history: TierHistory,
    runs: tuple[Run, ...],
    *,
    line: str,
    within: int,
    seed: int,
) -> ThresholdEffect:
    """Accounts near the line at dates a quarter apart: those under it had the play, those over it had not."""
    opened: dict[str, list[int]] = {}
    for run in runs:
        opened.setdefault(run.account_id, []).append(run.day)
    first, last = runs[0].day, runs[-1].day
    columns: list[list[float]] = [[], [], [], [], []]
    names: list[str] = []
    # The grid begins a few weeks in, at a place that the data did not choose.
    start = grid_day(first) + WEEK * (1 + seed % SNAPSHOT_WEEKS)
    for day in range(start, last + 1, WEEK * SNAPSHOT_WEEKS):
        week = standing_at(workspace, manifest, day, line)
        if week is None:
            continue
        near = np.flatnonzero(~np.isnan(week.over) & (week.tier >= 0))
        ids = week.account_ids[near].tolist()
        since, days = np.full(len(ids), day, dtype=np.int64), np.full(len(ids), within, dtype=np.int64)
        good, decided = recovered_within(history, ids, since, days)
        for k, row in enumerate(near.tolist()):
            if not decided[k]:
                continue
            played = any(
                day - WEEK <= d <= day + CARRIED_OUT_DAYS for d in opened.get(str(week.account_ids[row]), ())
            )
            revenue = week.arr[row]
            facts = (week.over[row], played, good[k], np.log1p(revenue), day - week.start[row])
            for column, value in zip(columns, facts, strict=True):
                column.append(float(value))
            names.append(str(week.account_ids[row]))
    over, played_, good_, revenue_, tenure = (np.array(c, dtype=np.float64) for c in columns)
    return threshold_effect(
        over,
        played_ > 0,
        good_ > 0,
        line=0.0,
        accounts=_codes(names),
        before=np.column_stack([revenue_, tenure]) if names else None,
    )


def _codes(names: list[str]) -> IntArray:
    place: dict[str, int] = {}
    return np.array([place.setdefault(name, len(place)) for name in names], dtype=np.int64)
