"""The track record beside a score: how accounts that scored like this one actually fared (L5, H2)."""

from __future__ import annotations

from typing import Any

from barograph.lake.manifest import Manifest
from barograph.learning.track_record import TrackRecord
from barograph.pipeline.learn_record import Counts, TrackRecords, track_records
from barograph.reports.numbers import number

Entry = dict[str, Any]


class TrackRecordBook:
    """The track records of one model version, asked by score; empty for a version that was never validated.

    Make one per document: answers are remembered, so a list of 100,000 accounts costs a few dozen look-ups.
    """

    def __init__(self, manifest: Manifest, version: str, counts: Counts | None = None) -> None:
        """counts: in the place of what is kept for the version, for one that was never in force."""
        self._records = TrackRecords(counts) if counts else track_records(manifest, version)

    def of(self, score: float | None, segment: str | None, lead_days: int | None = None) -> Entry | None:
        """`band`, `lead_days`, `segment`, `n`, `lost`, `rate`, `low`, `high`; None without a score or enough past.

        lead_days: days from the week to the opt-out deadline; None or negative asks at the longest lead there is.
        """
        if score is None or self._records is None:
            return None
        lead = None if lead_days is None or lead_days < 0 else lead_days
        found = self._records.of(score, lead, segment)
        return None if found is None else entry(found)


def track_record_for(book: TrackRecordBook, row: dict[str, Any]) -> Entry | None:
    """The record for a row of a published week (its score, segment and opt-out deadline)."""
    opt_out = row.get("opt_out_day")
    lead = None if opt_out is None else int(opt_out) - int(row["as_of"])
    return book.of(row["score"], row.get("segment"), lead)


def entry(found: TrackRecord) -> Entry:
    """A record as documents hold it. segment: null when all segments had to be taken together."""
    return {
        "band": [found.band_low, found.band_high],
        "lead_days": found.lead_days,
        "segment": found.segment or None,
        "n": found.n,
        "lost": found.lost,
        "rate": number(found.rate),
        "low": number(found.low),
        "high": number(found.high),
    }


def words(found: Entry | None) -> str:
    """One sentence for a page; says so when there is no record."""
    if found is None:
        return "No track record yet: too few accounts with such a score have been decided."
    where = f" in {found['segment']}" if found["segment"] else ""
    low, high = found["band"]
    return (
        f"Of {found['n']} accounts{where} that scored {low} to {high} about {found['lead_days']} days before their "
        f"decision, {found['lost']} were lost ({found['rate']:.0%}, 95 % interval {found['low']:.0%} to "
        f"{found['high']:.0%})."
    )
