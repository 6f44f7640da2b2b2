"""Track records as they are kept: how past out-of-sample scores fared, counted by band, lead time and segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from barograph.core.arrays import texts
from barograph.lake.manifest import Manifest
from barograph.lake.transaction import Transaction
from barograph.learning.observations import BoolArray, FloatArray, IntArray, TextArray
from barograph.learning.track_record import ScoredHistory, TrackRecord, band_of, track_record

MARK = "track_record"

Counts = list[dict[str, Any]]
"""`score` (low end of the band), `lead_days`, `segment`, `n`, `lost`."""


def count_history(score: FloatArray, lead_days: IntArray, lost: BoolArray, segment: TextArray) -> Counts:
    """Past scores as counts; rows without a score are left out. Sorted, so equal histories are equal."""
    cells: dict[tuple[int, int, str], list[int]] = {}
    for row in np.flatnonzero(~np.isnan(score)).tolist():
        key = (band_of(float(score[row]))[0], int(lead_days[row]), str(segment[row]))
        cell = cells.setdefault(key, [0, 0])
        cell[0] += 1
        cell[1] += int(lost[row])
    return [
        {"score": low, "lead_days": lead, "segment": name, "n": n, "lost": gone}
        for (low, lead, name), (n, gone) in sorted(cells.items())
    ]


def add_counts(one: Counts, two: Counts) -> Counts:
    """Two disjoint pasts as one."""
    cells: dict[tuple[int, int, str], list[int]] = {}
    for cell in (*one, *two):
        key = (int(cell["score"]), int(cell["lead_days"]), str(cell["segment"]))
        total = cells.setdefault(key, [0, 0])
        total[0] += int(cell["n"])
        total[1] += int(cell["lost"])
    return [
        {"score": low, "lead_days": lead, "segment": name, "n": n, "lost": gone}
        for (low, lead, name), (n, gone) in sorted(cells.items())
    ]


@dataclass(frozen=True)
class TrackRecords:
    """The kept counts of one model version, asked by score."""

    counts: Counts

    @cached_property
    def _history(self) -> ScoredHistory:
        score: list[int] = []
        lead: list[int] = []
        lost: list[bool] = []
        segment: list[str] = []
        for cell in self.counts:
            n, gone = int(cell["n"]), int(cell["lost"])
            score += [int(cell["score"])] * n
            lead += [int(cell["lead_days"])] * n
            lost += [True] * gone + [False] * (n - gone)
            segment += [str(cell["segment"])] * n
        return ScoredHistory(
            np.array(score, dtype=float),
            np.array(lead, dtype=np.int64),
            np.array(lost, dtype=bool),
            texts(segment),
        )

    @cached_property
    def _found(self) -> dict[tuple[int, int, str], TrackRecord | None]:
        return {}

    @cached_property
    def longest_lead(self) -> int:
        """The longest lead time there is; 0 without any counts."""
        return max((int(cell["lead_days"]) for cell in self.counts), default=0)

    def of(self, score: float, lead_days: int | None, segment: str | None) -> TrackRecord | None:
        """How accounts in this band fared at the nearest lead time; see `learning.track_record`.

        lead_days: days to the decision; None (no date known, or passed) asks at the longest lead, which
        promises least.
        """
        lead = self.longest_lead if lead_days is None else lead_days
        key = (band_of(score)[0], lead, segment or "")
        if key not in self._found:
            self._found[key] = track_record(self._history, float(key[0]), lead, key[2])
        return self._found[key]


def keep_track_record(txn: Transaction, version: str, counts: Counts) -> None:
    """Keep the counts of a version beside the lake's datasets, in place of those kept before."""
    kept = dict(_kept(txn.mark(MARK)))
    kept[version] = list(counts)
    txn.set_mark(MARK, kept)


def track_records(manifest: Manifest, version: str) -> TrackRecords | None:
    """What is kept for a version (`saas-v1`); None when it was never validated."""
    counts = _kept(manifest.marks.get(MARK)).get(version)
    return TrackRecords(list(counts)) if counts else None


def _kept(mark: Any) -> Mapping[str, Sequence[dict[str, Any]]]:
    return mark if isinstance(mark, dict) else {}
