"""Published scores by week: written once, found through the manifest, read back for the next week and for
reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
    week was restated on purpose. shadow: it was scored beside the version in force, and shown to nobody else.
    """

    day: int
    model: str
    filled: bool
    revision: int
    entry: Entry
    shadow: bool = False


def published_weeks(manifest: Manifest) -> dict[int, PublishedWeek]:
    """The weeks that count, by day: of several revisions the last. Weeks in the shadow do not count."""
    return _latest(week for week in _stored(manifest) if not week.shadow)


def weeks_of(manifest: Manifest, model: str) -> dict[int, PublishedWeek]:
    """The weeks that one version scored (`saas-v3`, `saas-p1`), in force or in the shadow, by day."""
    return _latest(week for week in _stored(manifest) if week.model == model)


def shadow_weeks(manifest: Manifest, model: str) -> dict[int, PublishedWeek]:
    """The weeks that one version scored in the shadow, by day."""
    return _latest(week for week in _stored(manifest) if week.model == model and week.shadow)


def _stored(manifest: Manifest) -> Iterator[PublishedWeek]:
    for entry in manifest.entries(DATASET):
        yield PublishedWeek(
            day=int(entry.meta["day"]),
            model=entry.partition["model"],
            filled=bool(entry.meta.get("filled")),
            revision=int(entry.meta.get("revision", 0)),
            entry=entry,
            shadow=bool(entry.meta.get("shadow")),
        )


def _latest(weeks: Iterable[PublishedWeek]) -> dict[int, PublishedWeek]:
    """By day; what was in force goes before a shadow, and of revisions the last."""
    found: dict[int, PublishedWeek] = {}
    for week in weeks:
        standing = found.get(week.day)
        if standing is None or (not week.shadow, week.revision) > (not standing.shadow, standing.revision):
            found[week.day] = week
    return dict(sorted(found.items()))


def read_scores(lake: Lake, week: PublishedWeek, columns: Sequence[str] | None = None) -> pa.Table:
    """The stored table of a week, or some of its columns."""
    (path,) = lake.resolve((week.entry,))
    return pq.read_table(path, columns=list(columns) if columns is not None else None, partitioning=None)


def latest_week(manifest: Manifest, until: int) -> PublishedWeek | None:
    """The last published week not after a day."""
    weeks = [week for day, week in published_weeks(manifest).items() if day <= until]
    return weeks[-1] if weeks else None


__all__ = [
    "DATASET",
    "PublishedWeek",
    "latest_week",
    "published_weeks",
    "read_scores",
    "shadow_weeks",
    "week_name",
    "weeks_of",
]
