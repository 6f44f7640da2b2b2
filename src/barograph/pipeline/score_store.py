"""Published scores by week: written once, found through the manifest, read back for the next week and for
reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from barograph.lake import Lake
from barograph.lake.manifest import Entry, Manifest
from barograph.pipeline.signal_store import week_name

DATASET = "scores"


@dataclass(frozen=True, slots=True)
class PublishedWeek:
    """One week that was published: the version that scored it and how it came about.

    filled: the week lies before the first version and carries the earliest one. revision: 0, or how often the
    week was restated on purpose.
    """

    day: int
    model: str
    filled: bool
    revision: int
    entry: Entry


def published_weeks(manifest: Manifest) -> dict[int, PublishedWeek]:
    """The weeks that count, by day: of several revisions the last."""
    weeks: dict[int, PublishedWeek] = {}
    for entry in manifest.entries(DATASET):
        if entry.meta.get("shadow"):
            continue
        week = PublishedWeek(
            day=int(entry.meta["day"]),
            model=entry.partition["model"],
            filled=bool(entry.meta.get("filled")),
            revision=int(entry.meta.get("revision", 0)),
            entry=entry,
        )
        standing = weeks.get(week.day)
        if standing is None or week.revision > standing.revision:
            weeks[week.day] = week
    return dict(sorted(weeks.items()))


def read_scores(lake: Lake, week: PublishedWeek, columns: Sequence[str] | None = None) -> pa.Table:
    """The stored table of a week, or some of its columns."""
    (path,) = lake.resolve((week.entry,))
    return pq.read_table(path, columns=list(columns) if columns is not None else None, partitioning=None)


def latest_week(manifest: Manifest, until: int) -> PublishedWeek | None:
    """The last published week not after a day."""
    weeks = [week for day, week in published_weeks(manifest).items() if day <= until]
    return weeks[-1] if weeks else None


__all__ = ["DATASET", "PublishedWeek", "latest_week", "published_weeks", "read_scores", "week_name"]
