"""Decisions as they are observed: what falls on one day is one decision, and which rows look at it from when.

An observation looks at a decision from the latest grid Monday that is at least `horizon` days before it. Rows
on which nothing was left to decide (the notice was in, the customer was gone) are no observations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from barograph.core.arrays import AnyArray, BoolArray, FloatArray, IntArray, TextArray, texts
from barograph.core.calendar import WEEK, grid_day
from barograph.core.outcomes.record import CHURNED, DOWNSOLD, Outcomes, band, codes_of
from barograph.definitions.model import OutcomeRules

Unit = Literal["account", "product"]
_MONDAY = grid_day(0)


def entities(outcomes: Outcomes, unit: Unit) -> TextArray:
    """Ids of what is scored, as the engine names them: the account, or account and product."""
    if unit == "account":
        return outcomes.account_ids
    pairs = zip(outcomes.account_ids, outcomes.product, strict=True)
    return texts([f"{account} / {product}" if product else account for account, product in pairs])


def one_per_day(outcomes: Outcomes, rules: OutcomeRules, unit: Unit = "account") -> Outcomes:
    """One decision per scored entity and anchor day, in order of anchor, account and contract.

    Contracts decided on one day are one decision: lost when all were lost, else by the share of the revenue
    kept. Where accounts are scored, a contract lost by an account that stays is a downsell of that account.
    """
    if unit == "account" and outcomes.account_stays.any():
        kept = np.where(outcomes.lost & outcomes.account_stays, DOWNSOLD, outcomes.outcome)
        outcomes = replace(
            outcomes,
            outcome=kept.astype(np.int8),
            ended=np.where(outcomes.account_stays, np.nan, outcomes.ended),
        )
    who, _ = codes_of(entities(outcomes, unit))
    order = np.lexsort((np.arange(len(who)), who, outcomes.anchor))
    pairs = np.column_stack([outcomes.anchor, who])[order]
    starts = np.flatnonzero(np.r_[True, (pairs[1:] != pairs[:-1]).any(axis=1)]) if len(order) else order
    groups = np.split(order, starts[1:])
    first = outcomes.take(np.array([group[0] for group in groups], dtype=np.int64))
    several = [(place, rows) for place, rows in enumerate(groups) if len(rows) > 1]
    if not several:
        return first
    merged = {name: getattr(first, name).copy() for name in _MERGED}
    for place, rows in several:
        together = outcomes.take(rows)
        for name, value in _merge(together, rules).items():
            merged[name][place] = value
    return replace(first, **merged)


_MERGED = ("outcome", "arr_before", "arr_after", "known", "ended", "cancelled", "decided")


def _merge(rows: Outcomes, rules: OutcomeRules) -> dict[str, float]:
    before, after = float(rows.arr_before.sum()), float(rows.arr_after.sum())
    lost = bool(rows.lost.all())
    share = band(np.array([before]), np.array([after]), rules)
    return {
        "outcome": CHURNED if lost else int(share[0]),
        "arr_before": before,
        "arr_after": 0.0 if lost else after,
        "known": int(rows.known.max()),
        "ended": _latest(rows.ended) if lost else np.nan,
        "cancelled": _latest(rows.cancelled) if lost else np.nan,
        "decided": _latest(rows.decided),
    }


def _latest(days: FloatArray) -> float:
    known = days[~np.isnan(days)]
    return float(known.max()) if len(known) else float("nan")


@dataclass(frozen=True, slots=True)
class Lookout:
    """Rows to observe: decision (row of the outcomes), nominal horizon in days, and the day looked from."""

    decision: IntArray
    horizon: IntArray
    as_of: IntArray
    settled: int

    def take(self, rows: AnyArray) -> Lookout:
        return Lookout(self.decision[rows], self.horizon[rows], self.as_of[rows], self.settled)


def look_back(outcomes: Outcomes, horizons: Sequence[int]) -> Lookout:
    """One row per decision and horizon, ordered by horizon and decision.

    A lapse is looked at from the first day of its silence only, whatever horizons are asked for. settled: rows
    left out because the decision had been made, or the customer was gone, before the day looked from.
    """
    decision, horizon = [], []
    lapse = ~np.isnan(outcomes.horizon)
    for days in sorted(set(horizons)):
        rows = np.flatnonzero(~lapse)
        decision.append(rows)
        horizon.append(np.full(len(rows), days, dtype=np.int64))
    rows = np.flatnonzero(lapse)
    decision.append(rows)
    horizon.append(outcomes.horizon[rows].astype(np.int64))
    which, ahead = np.concatenate(decision), np.concatenate(horizon)
    wanted = outcomes.anchor[which] - ahead
    as_of = wanted - (wanted - _MONDAY) % WEEK
    open_ = _still_open(outcomes, which, as_of)
    return Lookout(which[open_], ahead[open_], as_of[open_], int((~open_).sum()))


def _still_open(outcomes: Outcomes, which: IntArray, as_of: IntArray) -> BoolArray:
    """Whether something was left to decide: not gone, no notice given, nothing decided before the day."""
    settled = np.zeros(len(which), dtype=bool)
    for days in (outcomes.ended, outcomes.cancelled, outcomes.decided):
        settled |= days[which] < as_of
    return ~settled
