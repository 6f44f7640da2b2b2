"""Candidate signals for what the shipped ones do not name: events, metrics, attributes, milestones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from barograph.definitions.base import Category
from barograph.definitions.lint.schema import FEEDS as CATEGORY_TABLES
from barograph.definitions.propose.adapt import SIGNAL, feed_rhythm, with_changes
from barograph.definitions.propose.data_profile import DataProfile, NamedProfile, Spread
from barograph.definitions.propose.words import direction_of, is_activity, plain, slug
from barograph.definitions.signal import DERIVED_COLUMNS, Signal, SourceSignal
from barograph.definitions.tables import TABLES

FEWEST_ACCOUNTS = 5
FEWEST_SHARE = 0.02
UNVALIDATED = "Starting range from your data, not validated."
_NOT_MEASURED = ("outcomes", "legacy_scores")
"""Tables about decisions and other scores: their attributes tell what is to be foretold."""
_IDENTIFIER = re.compile(r"(^|_)(id|code|number|zip|year|phone|index)$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A signal that the data can feed, and the share of accounts that have a fact for it.

    rank: 0 for the first signal of an event, metric, milestone or attribute, 1 for the next, and so on.
    trait: an attribute, of which nothing but its name is known.
    """

    signal: Signal
    coverage: float
    rank: int = 0
    trait: bool = False


def candidates(profile: DataProfile) -> list[Candidate]:
    """Every candidate: the first of everything before the second of anything, each by coverage, widest first.

    What fewer than five accounts or 2 % of them have is left out.
    """
    enough = max(FEWEST_ACCOUNTS, ceil(FEWEST_SHARE * profile.accounts))
    found: list[Candidate] = []
    for event in profile.events:
        if event.accounts >= enough:
            found += _made(_event(event), profile, event.accounts)
    for metric in profile.metrics:
        if metric.accounts >= enough:
            found += _made(_metric(metric), profile, metric.accounts)
    for milestone in profile.milestones:
        if milestone.accounts >= enough:
            found += _made(_milestone(milestone), profile, milestone.accounts)
    found += _attributes(profile, enough)
    return sorted(found, key=lambda c: (c.rank, -c.coverage))


def range_from(found: Spread | None, direction: str, *, from_zero: bool) -> dict[str, Any]:
    """A shape from the data's own tenth to ninetieth percentile (from 0 for counts), turned for `down`.

    Where the percentiles are equal the extremes are taken, and where those are too, one unit.
    """
    low, high = (0.0, 1.0) if found is None else (found.low, found.high)
    if found is not None and not low < high:
        low, high = found.least, found.greatest
    low, high = (float(f"{end:.3g}") for end in (min(low, 0.0) if from_zero else low, high))
    if not low < high:
        high = low + max(1.0, abs(low) * 0.01)
    return line(high, low) if direction == "down" else line(low, high)


def line(zero: float, full: float) -> dict[str, Any]:
    """The fields of a range shape."""
    return {"method": "range", "zero": zero, "full": full}


def _made(raw: Iterator[dict[str, Any]], profile: DataProfile, accounts: int) -> list[Candidate]:
    made = []
    for rank, fields in enumerate(raw):
        signal = SIGNAL.validate_python(fields)
        if isinstance(signal, SourceSignal):
            signal = with_changes(signal, feed_rhythm(signal, profile.tables[signal.source]))
        made.append(Candidate(signal, profile.share(accounts), rank))
    return made


def _event(event: NamedProfile) -> Iterator[dict[str, Any]]:
    name, words = slug(event.name), plain(event.name)
    direction = direction_of(event.name)
    base: dict[str, Any] = {
        "category": "usage",
        "kind": "activity" if is_activity(event.name) else "outcome",
        "source": "events",
        "where": {"event": event.name},
        "stale_after_days": 4,
        "max_gap_days": 5,
        "direction": direction,
    }
    counted = range_from(event.spread, direction, from_zero=True)
    yield {
        **base, "template": "count", "name": f"{name}_count", "label": f"{words} in four weeks",
        "unit": "events", "window_days": 28, "normalise": counted, "note": UNVALIDATED,
    }  # fmt: skip
    if event.users:
        yield {
            **base, "template": "distinct", "name": f"{name}_users", "label": f"users with {words}",
            "measure": "user_id", "unit": "users", "window_days": 28, "normalise": counted,
            "note": UNVALIDATED,
        }  # fmt: skip
    opposite = "up" if direction == "down" else "down"
    yield {
        **base, "template": "days_since", "name": f"{name}_days_since", "label": f"days since {words}",
        "unit": "days", "cap_days": 180, "direction": opposite,
        "normalise": line(0, 90) if opposite == "up" else line(90, 0),
    }  # fmt: skip
    yield {
        **base, "template": "change", "name": f"{name}_change", "label": f"change in {words}",
        "unit": "change", "window_days": 28, "min_support": 10,
        "normalise": line(0.5, -0.1) if direction == "down" else line(-0.5, 0.1),
    }  # fmt: skip


def _metric(metric: NamedProfile) -> Iterator[dict[str, Any]]:
    name, words = slug(metric.name), plain(metric.name)
    direction = direction_of(metric.name)
    every = max(1.0, metric.every_days or 1.0)
    window = 28 * ceil(2 * every / 28)
    trend = min(364, 84 * ceil(4 * every / 84))
    base: dict[str, Any] = {
        "category": "usage",
        "kind": "activity" if is_activity(metric.name) else "outcome",
        "source": "metrics",
        "where": {"metric": metric.name},
        "measure": "value",
        "direction": direction,
        "stale_after_days": max(4, ceil(2 * every)),
    }
    level = range_from(metric.spread, direction, from_zero=False)
    yield {
        **base, "template": "latest", "name": f"{name}_latest", "label": words,
        "expiry_days": max(28, ceil(3 * every)), "normalise": level, "note": UNVALIDATED,
    }  # fmt: skip
    yield {
        **base, "template": "mean", "name": f"{name}_mean", "label": f"average {words}",
        "window_days": window, "min_support": 2, "normalise": level, "note": UNVALIDATED,
    }  # fmt: skip
    size = abs(metric.spread.median) if metric.spread is not None and metric.spread.median else 1.0
    step = float(f"{0.02 * size:.2g}")
    yield {
        **base, "template": "slope", "name": f"{name}_trend", "label": f"weekly trend of {words}",
        "of": "sum", "window_days": trend,
        "normalise": line(step, -step) if direction == "down" else line(-step, step), "note": UNVALIDATED,
    }  # fmt: skip
    if window >= 5 * every:
        yield {
            **base, "template": "change", "name": f"{name}_change", "label": f"change in {words}",
            "of": "mean", "unit": "change", "window_days": window, "min_support": 5,
            "normalise": line(0.4, -0.1) if direction == "down" else line(-0.4, 0.1),
        }  # fmt: skip


def _milestone(milestone: NamedProfile) -> Iterator[dict[str, Any]]:
    name, words = slug(milestone.name), plain(milestone.name)
    base: dict[str, Any] = {
        "category": "value",
        "template": "milestone",
        "milestone": milestone.name,
        "unit": "yes_no",
        "absent": "zero",
        "normalise": {"method": "range", "zero": 0, "full": 1},
    }
    note = "Milestones are tracked for every account, so one that is not there was not reached."
    if milestone.spread is not None and milestone.spread.median > 0:
        days = min(3660, 7 * ceil(milestone.spread.median / 7))
        yield {
            **base, "name": f"{name}_in_time", "label": f"{words} within {days} days", "within_days": days,
            "note": f"{note} {days} days is what half of those who reached it needed, not a validated line.",
        }  # fmt: skip
    yield {**base, "name": f"{name}_reached", "label": f"{words} reached", "note": note}


def _attributes(profile: DataProfile, enough: int) -> list[Candidate]:
    """Newest value of each numeric attribute that the contract does not name."""
    found = []
    for table in profile.tables.values():
        contract = TABLES.get(table.name)
        if contract is None or table.name in _NOT_MEASURED:
            continue
        dated = (
            None
            if contract.occurred
            else next((c for c in ("start_date", "recorded_at") if table.has(c)), None)
        )
        if contract.occurred is None and dated is None:
            continue
        known = {*contract.by_name, *DERIVED_COLUMNS.get(table.name, {})}
        for column in table.columns.values():
            skip = column.name in known or column.name.endswith(("_reporting", "_rate"))
            identifier = _IDENTIFIER.search("_".join(re.findall(r"[a-z0-9]+", column.name.casefold())))
            if skip or identifier or column.accounts < enough or column.type not in ("number", "integer"):
                continue
            direction = direction_of(column.name)
            fields: dict[str, Any] = {
                "template": "latest",
                "name": f"{slug(table.name, 16)}_{slug(column.name)}",
                "label": f"{plain(column.name)} ({plain(table.name)})",
                "category": _category_of(table.name),
                "direction": direction,
                "source": table.name,
                "measure": column.name,
                "expiry_days": 3660 if dated or table.name == "contracts" else 365,
                "normalise": range_from(column.spread, direction, from_zero=False),
                "note": UNVALIDATED,
            }
            if dated:
                fields["at"] = dated
            if table.name in ("events", "metrics"):
                fields["stale_after_days"] = 4
            found += [replace(c, trait=True) for c in _made(iter([fields]), profile, column.accounts)]
    return found


def _category_of(table: str) -> Category:
    for category, tables in CATEGORY_TABLES.items():
        if table in tables:
            return category
    return {"surveys": "support", "references": "commercial"}.get(table, "commercial")  # type: ignore[return-value]
