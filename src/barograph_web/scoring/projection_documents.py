"""The standings of a week: what its review and its explanations say of every account, ready to be shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np

from barograph import __version__
from barograph.lake.manifest import Manifest
from barograph.pipeline.learn_record import MARK
from barograph.pipeline.score_store import PublishedWeek
from barograph.reports.context import WeekContext
from barograph.reports.explain import Explanations
from barograph.reports.review import FALL_WEEKS, Review
from barograph_web.portfolio.models import WORST_FIRST, Account, Standing, Week
from barograph_web.scoring.projection_accounts import batches

BATCH = 500
MOST_WHOLES = 100
"""Roll-ups that the head of a week keeps, largest first; the account's page has its own."""


def source_of(manifest: Manifest, weeks: dict[int, PublishedWeek], week: PublishedWeek) -> str:
    """Digest of all that the documents of a week are made from: its file, those of the weeks before that they
    compare with, the track record of its version, and the code that writes the sentences."""
    kept = manifest.marks.get(MARK)
    record = kept.get(week.model) if isinstance(kept, dict) else None
    paths = [one.entry.path for day, one in weeks.items() if week.day - 7 * 26 <= day <= week.day]
    text = json.dumps([__version__, week.model, paths, record], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def write_standings(row: Week, context: WeekContext, progress: Callable[[int], None]) -> None:
    """Add the standings of a week and fill its `head`. Its accounts are there. progress: accounts done so far."""
    review = Review(context)
    told = Explanations(review.words)
    groups = {int(at): name for name, flags in review.groups.items() for at in np.flatnonzero(flags)}
    ranks = {at: rank + 1 for rank, at in enumerate(review.listed)}
    scores, _ = review.history
    fall = scores[:, -1] - scores[:, -1 - FALL_WEEKS]
    row.head = _head(review.portfolio())
    row.save(update_fields=["head"])
    for part in batches(range(len(review.rows)), BATCH):
        ids = [review.rows[at]["account_id"] for at in part]
        keys = dict(Account.objects.filter(account_id__in=ids).values_list("account_id", "pk"))
        made = []
        for at in part:
            entry = _clean(review.entry(at, rank=ranks.get(at)))
            standing = _standing(entry, review.rows[at], fall[at], groups.get(at, ""))
            standing.week, standing.account_id = row, keys[review.rows[at]["account_id"]]
            standing.detail = _clean(told.entry(at))
            made.append(standing)
        Standing.objects.bulk_create(made)
        progress(part[-1] + 1)


def _standing(entry: dict[str, Any], stored: dict[str, Any], fall: float, moved: str) -> Standing:
    return Standing(
        score=entry["score"],
        tier=entry["tier"],
        tier_order=WORST_FIRST.index(entry["tier"]),
        previous_tier=entry["previous_tier"],
        tier_since=_date(stored["tier_since"]),
        previous_score=stored["previous_score"],
        change_4_weeks=None if np.isnan(fall) else float(fall),
        priority=entry["priority"],
        rank=entry["rank"],
        moved=moved,
        about_to_turn=entry["about_to_turn"],
        coverage=stored["coverage"],
        arr=entry["arr"],
        opt_out_on=_date(stored["opt_out_day"]),
        history=entry["history"],
        review=entry,
    )


def _head(portfolio: dict[str, Any]) -> dict[str, Any]:
    wholes = portfolio["rollups"]
    return {
        **_clean(portfolio),
        "rollups": _clean(wholes[:MOST_WHOLES]),
        "rollups_left_out": max(0, len(wholes) - MOST_WHOLES),
    }


def _date(day: int | None) -> date | None:
    return None if day is None else date.fromordinal(date(1970, 1, 1).toordinal() + int(day))


def _clean(value: Any) -> Any:
    """JSON that every database takes: no NUL in text, no NaN."""
    if isinstance(value, str):
        return value.replace("\x00", "") if "\x00" in value else value
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value
