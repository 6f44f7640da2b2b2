"""Track record: how accounts with a score like this one actually fared, from out-of-sample scores only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.learning.estimates import wilson
from barograph.learning.observations import BoolArray, FloatArray, IntArray, TextArray

WIDTH = 10
MIN_N = 20


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """Accounts that scored in [band_low, band_high] at `lead_days` before the decision: n, lost, loss rate
    with Wilson's 95 % interval. segment: '' when all segments had to be taken together."""

    band_low: int
    band_high: int
    lead_days: int
    segment: str
    n: int
    lost: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ScoredHistory:
    """Past out-of-sample scores: score 0..100, lead in days before the decision, who was lost, segment."""

    score: FloatArray
    lead_days: IntArray
    lost: BoolArray
    segment: TextArray


def band_of(score: float, width: int = WIDTH) -> tuple[int, int]:
    """The band of a score: 0-9, 10-19, ..., 90-100 for width 10. Scores are rounded as they are displayed."""
    shown = min(100, max(0, int(np.floor(score + 0.5))))
    low = min(shown // width, (100 - 1) // width) * width
    return low, 100 if low + width >= 100 else low + width - 1


def track_record(
    history: ScoredHistory, score: float, lead_days: int, segment: str = "", *, min_n: int = MIN_N
) -> TrackRecord | None:
    """The record of this band at the nearest lead time that has enough; None when no lead time has.

    In the account's own segment where that has `min_n`, else over all segments. Of two lead times equally
    near the longer one is taken: it promises less."""
    low, high = band_of(score)
    shown = np.floor(history.score + 0.5)
    inside = (shown >= low) & (shown <= high)
    leads = sorted(
        np.unique(history.lead_days).tolist(), key=lambda lead: (abs(int(lead) - lead_days), -int(lead))
    )
    for lead in leads:
        here = inside & (history.lead_days == lead)
        own = here & (history.segment == segment)
        for rows, name in ((own, segment), (here, "")):
            n = int(rows.sum())
            if n >= min_n and (name or rows is here):
                lost = int(history.lost[rows].sum())
                found = wilson(lost, n)
                return TrackRecord(low, high, int(lead), name, n, lost, found.value, found.low, found.high)
    return None
