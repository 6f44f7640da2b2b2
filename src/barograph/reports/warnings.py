"""Warnings about the data behind a week: feeds that went quiet, accounts without a score, what is not validated."""

from __future__ import annotations

from typing import Any

import numpy as np

from barograph.core.inputs import STALE_FEED
from barograph.core.words import listed
from barograph.definitions.signal import FromSource
from barograph.pipeline.learn_kept import decay
from barograph.pipeline.registry import Registry
from barograph.pipeline.score_table import ScoredWeek
from barograph.reports.context import WeekContext


def data_warnings(context: WeekContext, week: ScoredWeek) -> list[dict[str, Any]]:
    """What a reader must know before trusting the list, most serious first."""
    return [
        *_stale_feeds(week),
        *_decayed(context),
        *_insufficient(week),
        *_quarantine(context),
        *_filled(context),
    ]


def _decayed(context: WeekContext) -> list[dict[str, Any]]:
    """Two bad quarters in a row (L6): whoever reads the list must know it before trusting it."""
    found = decay(Registry(context.workspace.path / "registry"), context.version)
    if found is None or not found.flagged:
        return []
    text = f"The model does not hold any more: {found.text}"
    return [{"kind": "fix_or_decommission", "text": text, "accounts": 0}]


def _stale_feeds(week: ScoredWeek) -> list[dict[str, Any]]:
    inputs, model = week.scores.inputs, week.scores.model
    quiet: dict[str, list[str]] = {}
    for signal in model.scored:
        stale = inputs.reasons[:, inputs.column(signal.name)] == STALE_FEED
        if len(stale) and stale.mean() > 0.5:
            source = signal.source if isinstance(signal, FromSource) else signal.numerator
            quiet.setdefault(source, []).append(signal.label)
    return [
        {
            "kind": "stale_feed",
            "text": f"{source} brought nothing new: {listed(labels)} left out of every score until it is back.",
            "accounts": len(inputs.account_ids),
        }
        for source, labels in quiet.items()
    ]


def _insufficient(week: ScoredWeek) -> list[dict[str, Any]]:
    count = int(np.isnan(week.scores.score).sum())
    if not count:
        return []
    noun = "account has" if count == 1 else "accounts have"
    return [
        {
            "kind": "insufficient",
            "text": f"{count} {noun} too little data for a score (grey, never green).",
            "accounts": count,
        }
    ]


def _quarantine(context: WeekContext) -> list[dict[str, Any]]:
    rows = {
        name.removeprefix("quarantine/"): context.manifest.rows(name)
        for name in context.manifest.datasets
        if name.startswith("quarantine/")
    }
    rows = {table: count for table, count in rows.items() if count}
    if not rows:
        return []
    parts = [f"{count:,} of {table}" for table, count in sorted(rows.items())]
    return [
        {
            "kind": "quarantine",
            "text": f"Rows wait in quarantine: {listed(parts)}. `barograph status` says why.",
            "accounts": 0,
        }
    ]


def _filled(context: WeekContext) -> list[dict[str, Any]]:
    if not context.week.filled:
        return []
    text = f"This week lies before {context.version.title} was in force; it was filled in with it afterwards."
    return [{"kind": "filled_in", "text": text, "accounts": 0}]
