"""What became of accounts after a date: recovered within some days, kept at the next decision; and how they stood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, CodeArray, FloatArray, IntArray, TextArray, texts
from barograph.core.thresholds import HEALTHY, NONE, TIER_CODES
from barograph.definitions.model import OutcomeRules
from barograph.lake.manifest import Manifest
from barograph.pipeline.observations_decisions import one_per_day
from barograph.pipeline.outcome_store import workspace_outcomes
from barograph.pipeline.score_store import published_weeks, read_scores
from barograph.workspace import Workspace


@dataclass(frozen=True, slots=True)
class TierHistory:
    """Tiers of accounts over published weeks: n x w codes, NONE where an account was not there.

    computed: of numbers and caps, displayed: as people saw them. days: w day numbers, ascending.
    """

    account_ids: TextArray
    days: IntArray
    computed: CodeArray
    displayed: CodeArray

    def rows(self, account_ids: Sequence[str]) -> IntArray:
        """Rows of the accounts, -1 for one that was never scored."""
        place = {name: row for row, name in enumerate(self.account_ids.tolist())}
        return np.array([place.get(name, -1) for name in account_ids], dtype=np.int64)


def tier_history(workspace: Workspace, manifest: Manifest, first: int, last: int) -> TierHistory:
    """The published weeks from `first` to `last` (day numbers)."""
    weeks = [week for day, week in published_weeks(manifest).items() if first <= day <= last]
    tables = [
        read_scores(workspace.lake, week, ["account_id", "computed_tier", "tier"]).to_pydict()
        for week in weeks
    ]
    ids = sorted({name for table in tables for name in table["account_id"]})
    place = {name: row for row, name in enumerate(ids)}
    shape = (len(ids), len(weeks))
    computed, displayed = np.full(shape, NONE, dtype=np.int8), np.full(shape, NONE, dtype=np.int8)
    for k, table in enumerate(tables):
        rows = [place[name] for name in table["account_id"]]
        computed[rows, k] = [TIER_CODES[tier] for tier in table["computed_tier"]]
        displayed[rows, k] = [TIER_CODES[tier] for tier in table["tier"]]
    return TierHistory(
        texts(ids), np.array([week.day for week in weeks], dtype=np.int64), computed, displayed
    )


def recovered_within(
    history: TierHistory, account_ids: Sequence[str], day: IntArray, within: IntArray
) -> tuple[BoolArray, BoolArray]:
    """(recovered, decided) per account: Healthy or better by its numbers at a refresh in the days after `day`.

    The computed tier counts: a pulse may lift the tier that is shown, and who wrote it knows who was worked. Only
    accounts under Healthy at `day` whose days are over are decided, those that recovered early included: to count
    them sooner would count good news before bad. One that left did not recover.
    """
    rows = history.rows(account_ids)
    good, decided = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    last = int(history.days[-1]) if len(history.days) else 0
    for i, row in enumerate(rows.tolist()):
        begin, end = int(day[i]), int(day[i] + within[i])
        if row < 0 or end > last:
            continue
        before = history.computed[row, history.days <= begin]
        if not len(before) or before[-1] >= HEALTHY or before[-1] == NONE:
            continue
        after = (history.days > begin) & (history.days <= end)
        decided[i] = True
        good[i] = bool((history.computed[row, after] >= HEALTHY).any())
    return good, decided


def kept_at_next_decision(
    workspace: Workspace,
    manifest: Manifest,
    rules: OutcomeRules,
    account_ids: Sequence[str],
    day: IntArray,
    within: IntArray,
    as_of: int,
) -> tuple[BoolArray, BoolArray]:
    """(kept, decided) per account at its first decision after `day`, if it came within so many days and is known
    before `as_of`. Kept is everything but lost; a downsell is kept."""
    outcomes = workspace_outcomes(
        workspace.lake, manifest, rules, as_of, workspace.settings.timezone
    ).outcomes
    found = one_per_day(outcomes, rules)
    by_account: dict[str, list[int]] = {}
    for row, name in enumerate(found.account_ids.tolist()):
        by_account.setdefault(name, []).append(row)
    good, decided = np.zeros(len(account_ids), dtype=bool), np.zeros(len(account_ids), dtype=bool)
    for i, name in enumerate(account_ids):
        later = [
            row
            for row in by_account.get(name, ())
            if day[i] < found.anchor[row] <= day[i] + within[i] and found.known[row] < as_of
        ]
        if later:
            first = min(later, key=lambda row: int(found.anchor[row]))
            decided[i], good[i] = True, not found.lost[first]
    return good, decided


@dataclass(frozen=True, slots=True)
class Standing:
    """How accounts stood in a published week, one row per account.

    over: points over the line of the tier asked for, NaN without a score. arr and start: NaN unknown.
    """

    account_ids: TextArray
    tier: CodeArray
    segment: TextArray
    family: TextArray
    over: FloatArray
    arr: FloatArray
    start: FloatArray


def standing_at(workspace: Workspace, manifest: Manifest, day: int, line: str) -> Standing | None:
    """The last published week not after `day`; None when there is none, or its model has no such tier."""
    weeks = [week for at, week in published_weeks(manifest).items() if at <= day]
    if not weeks:
        return None
    table = read_scores(workspace.lake, weeks[-1]).to_pydict()
    if f"line.{line}" not in table:
        return None

    def numbers(name: str) -> FloatArray:
        return np.array([np.nan if v is None else float(v) for v in table[name]], dtype=np.float64)

    ids = table["account_id"]
    parents = [parent or own for parent, own in zip(table["parent_account_id"], ids, strict=True)]
    return Standing(
        texts(ids),
        np.array([TIER_CODES[tier] for tier in table["computed_tier"]], dtype=np.int8),
        texts([segment or "" for segment in table["segment"]]),
        texts(parents),
        numbers("score") - numbers(f"line.{line}"),
        numbers("arr"),
        numbers("start_day"),
    )
