"""Score and tier histories of the weeks before, brought to the accounts of a week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from barograph.core.arrays import CodeArray, FloatArray, TextArray, positions, texts
from barograph.core.calendar import WEEK, grid_day, is_grid_day
from barograph.core.thresholds import NONE, TIER_CODES
from barograph.lake import Lake
from barograph.pipeline.score_store import PublishedWeek, read_scores

WEEKS_KEPT = 17
"""Weeks that a trajectory looks back on, this week included."""


@dataclass(frozen=True, slots=True)
class WeekPoint:
    """Scores and displayed tiers of one past week."""

    account_ids: TextArray
    score: FloatArray
    tier: CodeArray


def read_point(lake: Lake, week: PublishedWeek) -> WeekPoint:
    """The point of a published week."""
    return point_of(read_scores(lake, week, ["account_id", "score", "tier"]))


def point_of(table: pa.Table) -> WeekPoint:
    """The point of a stored or computed table of scores."""
    tiers = [NONE if name is None else TIER_CODES[name] for name in table["tier"].to_pylist()]
    score = np.asarray(table["score"].to_numpy(), dtype=np.float64)
    return WeekPoint(texts(table["account_id"].to_pylist()), score, np.array(tiers, dtype=np.int8))


def matrix(
    points: Mapping[int, WeekPoint], days: Sequence[int], account_ids: TextArray
) -> tuple[FloatArray, CodeArray]:
    """(scores, tiers) of accounts x days: NaN and NONE where a week or an account was not there."""
    scores = np.full((len(account_ids), len(days)), np.nan)
    tiers = np.full((len(account_ids), len(days)), NONE, dtype=np.int8)
    for j, day in enumerate(days):
        point = points.get(day)
        if point is None or not len(point.account_ids):
            continue
        rows = positions(account_ids, point.account_ids)
        found = rows >= 0
        scores[found, j], tiers[found, j] = point.score[rows[found]], point.tier[rows[found]]
    return scores, tiers


def history_days(day: int, weeks: int = WEEKS_KEPT) -> tuple[int, ...]:
    """The days that a report on `day` looks back on: grid days, and the day itself when it is off the grid."""
    if is_grid_day(day):
        return days_before(day, weeks)
    return (*days_before(grid_day(day), weeks - 1), day)


def days_before(day: int, weeks: int = WEEKS_KEPT) -> tuple[int, ...]:
    """The grid days of a history that ends with `day`, oldest first."""
    return tuple(range(day - WEEK * (weeks - 1), day + 1, WEEK))
