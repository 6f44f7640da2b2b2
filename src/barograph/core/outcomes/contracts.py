"""Outcomes from contract terms: renewed, expanded, downsold or churned at the end of each term.

A decision is the end of a term of one account and product. Terms that begin within the grace period of it
are what it became. Ends and beginnings that belong together (two terms merged into one, one split in two)
are one decision: its revenue before and after are the sums. A contract of the account that simply runs on is
not a renewal of the one that ended.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from barograph.core.arrays import BoolArray, FloatArray, IntArray, group_sum
from barograph.core.outcomes.record import (
    CHURNED,
    CONTRACT,
    OPT_OUT,
    Censored,
    Outcomes,
    Terms,
    band,
    codes_of,
)
from barograph.core.outcomes.succession import Beginnings, Endings, follower, key, predecessor, stays
from barograph.definitions.model import OutcomeRules


def from_terms(
    terms: Terms, rules: OutcomeRules, as_of: int, settled: BoolArray | None = None
) -> tuple[Outcomes, Censored]:
    """Outcomes of all terms with an end, and those that are not known yet at `as_of`.

    terms: as known at `as_of`; a term cancelled on or before its first day never was one. All outcomes are
    anchored at the opt-out deadline (end less notice, no notice counts as 0 days) and count from the day
    after the grace period, the kept ones too: else renewals would be known earlier than losses. settled:
    terms whose decision is recorded elsewhere; a decision with one of them is left out of both results.
    """
    real = ~(terms.cancelled <= terms.start)
    told = np.zeros(len(terms), dtype=bool)[real] if settled is None else settled[real]
    terms = terms.take(real)
    group, _ = codes_of(terms.account_ids, terms.product)
    account, _ = codes_of(terms.account_ids)
    fixed = np.flatnonzero(~np.isnan(terms.end))
    begins = Beginnings.of(group, terms.start, terms.lasts_until, terms.arr)
    keys, first, place = np.unique(
        key(group[fixed], terms.end[fixed]), return_index=True, return_inverse=True
    )
    lead = fixed[first]
    endings = Endings(
        keys, group[lead], terms.end[lead], _extreme(np.maximum, place, terms.start[fixed], len(keys))
    )
    decision, begun = _decisions(endings, begins, rules.grace_days)

    count = int(max(decision.max(initial=-1), begun.max(initial=-1))) + 1
    ends = np.bincount(decision, minlength=count) > 0
    row_of = decision[place]
    notice = np.nan_to_num(terms.notice_days[fixed], nan=0.0)
    effective = _extreme(np.maximum, row_of, terms.end[fixed], count)
    opt_out = _extreme(np.minimum, row_of, terms.end[fixed] - notice, count)
    cancelled = _extreme(np.fmin, row_of, terms.cancelled[fixed], count)
    before = group_sum(row_of, terms.arr[fixed], count)
    kept = np.bincount(begun[begun >= 0], minlength=count) > 0
    after = group_sum(begun[begun >= 0], begins.arr[begun >= 0], count)
    lead_row = np.full(count, len(terms), dtype=np.int64)
    np.minimum.at(lead_row, row_of, fixed)

    known = effective + rules.grace_days + 1
    elsewhere = np.bincount(row_of[told[fixed]], minlength=count) > 0
    some = np.flatnonzero(ends & ~elsewhere)
    over = some[known[some] <= as_of]
    rows = lead_row[over]
    outcome = np.where(kept[over], band(before[over], after[over], rules), CHURNED).astype(np.int8)
    last_day = effective[over] + rules.grace_days
    result = Outcomes(
        account_ids=terms.account_ids[rows],
        contract_ids=terms.contract_ids[rows],
        product=terms.product[rows],
        outcome=outcome,
        anchor=opt_out[over].astype(np.int64),
        anchor_kind=np.full(len(over), OPT_OUT, dtype=np.int8),
        decided=np.full(len(over), np.nan),
        opt_out=opt_out[over],
        effective=effective[over],
        cancelled=cancelled[over],
        ended=np.where(outcome == CHURNED, effective[over], np.nan),
        arr_before=before[over],
        arr_after=np.where(outcome == CHURNED, 0.0, after[over]),
        known=known[over].astype(np.int64),
        horizon=np.full(len(over), np.nan),
        account_stays=(outcome == CHURNED)
        & stays(account, terms.start, terms.lasts_until, account[rows], last_day),
        source=np.full(len(over), CONTRACT, dtype=np.int8),
    )
    open_ = some[known[some] > as_of]
    rows = lead_row[open_]
    return result, Censored(
        terms.account_ids[rows], terms.contract_ids[rows], effective[open_], effective[open_] < as_of
    )


def _decisions(endings: Endings, begins: Beginnings, grace: int) -> tuple[IntArray, IntArray]:
    """A decision number per ending and per beginning (-1: a beginning that follows nothing).

    Every ending is tied to its nearest beginning and every beginning to its nearest ending; what hangs
    together is one decision.
    """
    forward, back = follower(endings, begins, grace), predecessor(begins, endings, grace)
    n, m = len(endings.keys), len(begins.keys)
    left = np.concatenate([np.flatnonzero(forward >= 0), back[back >= 0]])
    right = np.concatenate([forward[forward >= 0], np.flatnonzero(back >= 0)]) + n
    graph = coo_matrix((np.ones(len(left)), (left, right)), shape=(n + m, n + m))
    _, label = connected_components(graph, directed=False)
    numbers = np.asarray(label, dtype=np.int64)
    tied = np.zeros(n + m, dtype=bool)
    tied[right] = True
    return numbers[:n], np.where(tied[n:], numbers[n:], -1)


def _extreme(pick: np.ufunc, place: IntArray, values: FloatArray, size: int) -> FloatArray:
    """The extreme value per place, NaN where there is none."""
    out = np.full(size, np.nan)
    if pick is np.fmin:
        np.fmin.at(out, place, values)
        return out
    start = -np.inf if pick is np.maximum else np.inf
    out[:] = start
    pick.at(out, place, values)
    return np.where(np.isinf(out), np.nan, out)
