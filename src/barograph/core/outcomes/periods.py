"""Outcomes without an end date: evergreen subscriptions by period, and lapse by silence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from barograph.core.arrays import IntArray, TextArray
from barograph.core.outcomes.record import (
    CHURNED,
    EVERGREEN,
    LAPSE,
    PERIOD_END,
    RENEWED,
    Outcomes,
    Terms,
    band,
    codes_of,
    no_text,
)
from barograph.core.outcomes.succession import Beginnings, Endings, follower, key, stays
from barograph.definitions.model import LapseRule, OutcomeRules
from barograph.errors import UsageError


def from_evergreen(terms: Terms, rules: OutcomeRules, edges: Sequence[int], as_of: int) -> Outcomes:
    """One outcome per evergreen contract and period [edges[k], edges[k+1]): cancelled in it or not.

    A contract is in a period when it began before its first day and was not cancelled before it; the first
    period is so never a partial one. A contract that another of the same account and product replaces within
    the grace period is kept, at the other's revenue. The anchor is the end of the period, and the outcome
    counts a grace period later. Use calendar quarters to report and validate, 28 days to fit.
    """
    bounds = np.asarray(edges, dtype=np.int64)
    if len(bounds) > 1 and (np.diff(bounds) <= 0).any():
        raise UsageError("the edges of the periods must grow.")
    group, _ = codes_of(terms.account_ids, terms.product)
    begins = Beginnings.of(group, terms.start, terms.lasts_until, terms.arr)
    rows = np.flatnonzero(np.isnan(terms.end) & ~(terms.cancelled <= terms.start))
    start, cancelled = terms.start[rows], terms.cancelled[rows]
    first = np.searchsorted(bounds, start, "right")
    last = np.where(
        np.isnan(cancelled), len(bounds) - 2, np.searchsorted(bounds, np.nan_to_num(cancelled), "right") - 1
    )
    complete = np.searchsorted(bounds, as_of - rules.grace_days, "right") - 2
    count = np.maximum(np.minimum(np.minimum(last, complete), len(bounds) - 2) - first + 1, 0)
    which = np.repeat(np.arange(len(rows)), count)
    period = np.repeat(first, count) + np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    row, end = rows[which], bounds[period + 1]
    gone = (terms.cancelled[row] >= bounds[period]) & (terms.cancelled[row] < end)
    successor = _successors(terms, group, begins, rules.grace_days)[row]
    replaced = gone & (successor >= 0)
    after = np.where(replaced, begins.arr[np.maximum(successor, 0)], terms.arr[row])
    lost = gone & ~replaced
    outcome = np.where(lost, CHURNED, np.where(replaced, band(terms.arr[row], after, rules), RENEWED))
    account, _ = codes_of(terms.account_ids)
    last_day = np.nan_to_num(terms.cancelled[row]) + rules.grace_days
    size = len(row)
    return Outcomes(
        account_ids=terms.account_ids[row],
        contract_ids=terms.contract_ids[row],
        product=terms.product[row],
        outcome=outcome.astype(np.int8),
        anchor=end,
        anchor_kind=np.full(size, PERIOD_END, dtype=np.int8),
        decided=np.full(size, np.nan),
        opt_out=np.full(size, np.nan),
        effective=np.where(lost, terms.cancelled[row], end.astype(float)),
        cancelled=np.where(gone, terms.cancelled[row], np.nan),
        ended=np.where(lost, terms.cancelled[row], np.nan),
        arr_before=terms.arr[row],
        arr_after=np.where(lost, 0.0, after),
        known=end + rules.grace_days,
        horizon=np.full(size, np.nan),
        account_stays=lost & stays(account, terms.start, terms.lasts_until, account[row], last_day),
        source=np.full(size, EVERGREEN, dtype=np.int8),
    )


def from_lapse(account_ids: TextArray, days: IntArray, rule: LapseRule, as_of: int) -> Outcomes:
    """One outcome per account and period of `rule.horizon_days`: silent throughout it or not.

    account_ids, days: one row per fact that counts as activity, already filtered by the rule's source and
    conditions. Periods lie end to end back from `as_of`; an account is in a period when it was active in the
    `active_days` before its first day. The first period begins `active_days` after the first fact of all, so
    that every account had the same time to be seen. The anchor is the end of the period and `horizon` its
    length: an outcome of silence must be predicted from its first day, on which none of the silence has been
    seen.
    """
    who, count = codes_of(account_ids)
    if not count:
        return _lapse_rows(np.empty(0, dtype=object), *(np.empty(0, dtype=np.int64),) * 2, rule)
    names = np.empty(count, dtype=object)
    names[who] = account_ids
    earliest = int(days.min()) + rule.active_days
    periods = max(0, (as_of - earliest) // rule.horizon_days)
    starts = as_of - rule.horizon_days * np.arange(periods, 0, -1)
    keys = np.unique(key(who, days.astype(float)))
    account = np.repeat(np.arange(count), periods)
    begin = np.tile(starts, count)
    here = np.searchsorted(keys, key(account, begin.astype(float)), "left")
    previous = np.where(here > 0, keys[np.maximum(here - 1, 0)], -1)
    active = previous >= key(account, (begin - rule.active_days).astype(float))
    ends = np.searchsorted(keys, key(account, (begin + rule.horizon_days).astype(float)), "left")
    silent = ends == here
    account, begin, silent = account[active], begin[active], silent[active]
    return _lapse_rows(names[account], begin, np.where(silent, CHURNED, RENEWED), rule)


def _lapse_rows(names: TextArray, begin: IntArray, outcome: IntArray, rule: LapseRule) -> Outcomes:
    size, end = len(begin), begin + rule.horizon_days
    empty = np.full(size, np.nan)
    return Outcomes(
        account_ids=names,
        contract_ids=no_text(size),
        product=no_text(size),
        outcome=outcome.astype(np.int8),
        anchor=end,
        anchor_kind=np.full(size, PERIOD_END, dtype=np.int8),
        decided=empty,
        opt_out=empty,
        effective=end.astype(float),
        cancelled=empty,
        ended=np.where(outcome == CHURNED, begin, np.nan),
        arr_before=empty,
        arr_after=empty,
        known=end,
        horizon=np.full(size, float(rule.horizon_days)),
        account_stays=np.zeros(size, dtype=bool),
        source=np.full(size, LAPSE, dtype=np.int8),
    )


def _successors(terms: Terms, group: IntArray, begins: Beginnings, grace: int) -> IntArray:
    """Per term the beginning that replaces it after its cancellation, -1 for none."""
    out = np.full(len(terms), -1, dtype=np.int64)
    rows = np.flatnonzero(~np.isnan(terms.cancelled))
    day = terms.cancelled[rows]
    out[rows] = follower(Endings(key(group[rows], day), group[rows], day, terms.start[rows]), begins, grace)
    return out
