"""Recorded decisions: matched with the terms they decide, and anchored without leaking what they decided.

An outcome file often carries a date for one class only (a churn date, say). Anchored by it, the date at which
an account is looked at would depend on what became of it, so such a file is anchored at the opt-out deadline
like derived outcomes are, and a notice says so (decisions 2).
"""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray, IntArray
from barograph.core.outcomes.record import (
    CHURNED,
    DECIDED,
    EFFECTIVE,
    GIVEN,
    OPT_OUT,
    GivenOutcomes,
    Notice,
    Outcomes,
    Terms,
    band,
    no_text,
)
from barograph.definitions.model import OutcomeRules

LONGEST_NOTICE = 400
"""Days before its end within which a decision can belong to a term."""


def match_terms(given: GivenOutcomes, terms: Terms, grace: int) -> IntArray:
    """Row of the term that each outcome decides, -1 where none is found.

    By contract id; without one, the account's term whose end is nearest to `effective` (within `grace` days),
    else the first that ends from `grace` days before `decided` to LONGEST_NOTICE days after it.
    """
    by_id = {str(c): row for row, c in enumerate(terms.contract_ids.tolist()) if c}
    ends: dict[object, list[tuple[float, int]]] = {}
    for row in np.flatnonzero(~np.isnan(terms.end)).tolist():
        ends.setdefault(terms.account_ids[row], []).append((float(terms.end[row]), row))
    found = np.full(len(given), -1, dtype=np.int64)
    for i, (account, contract) in enumerate(zip(given.account_ids, given.contract_ids, strict=True)):
        if contract:
            found[i] = by_id.get(str(contract), -1)
        if found[i] < 0:
            found[i] = _by_dates(
                ends.get(account, []), float(given.effective[i]), float(given.decided[i]), grace
            )
    return found


def one_sided(given: GivenOutcomes) -> bool:
    """Whether both classes are there and `decided` exists for one of them only."""
    lost = given.outcome == CHURNED
    dated = ~np.isnan(given.decided)
    both_classes = bool(lost.any() and (~lost).any())
    return both_classes and bool(dated.any()) and not (bool(dated[lost].any()) and bool(dated[~lost].any()))


def from_given(
    given: GivenOutcomes, terms: Terms, rules: OutcomeRules, as_of: int, *, kept_elsewhere: bool = False
) -> tuple[Outcomes, IntArray, tuple[Notice, ...]]:
    """Recorded outcomes known by `as_of`, the row of `terms` each decides (-1: none), and what to know of
    them.

    kept_elsewhere: other outcomes (derived ones) complete the classes, so that a file of losses only is
    one-sided as well. Where both revenues are there, renewed, expanded and downsold follow the bands of the
    model rather than the word in the file: a fall of 15 % is a downsell whatever it was called.
    """
    rows = np.flatnonzero(given.known < as_of)
    given = GivenOutcomes(*(getattr(given, name)[rows] for name in GivenOutcomes.__slots__))
    term = match_terms(given, terms, rules.grace_days)
    found = term >= 0
    at = np.maximum(term, 0)

    def of_term(column: FloatArray) -> FloatArray:
        return np.where(found, column[at], np.nan) if len(column) else np.full(len(at), np.nan)

    opt_out = of_term(terms.end) - np.nan_to_num(of_term(terms.notice_days))
    flagged = one_sided(given) or (
        kept_elsewhere and bool((given.outcome == CHURNED).all()) and len(given) > 0
    )
    decided = np.full(len(given), np.nan) if flagged else given.decided
    anchor = np.where(~np.isnan(decided), decided, np.where(~np.isnan(opt_out), opt_out, given.effective))
    kind = np.where(~np.isnan(decided), DECIDED, np.where(~np.isnan(opt_out), OPT_OUT, EFFECTIVE))
    before = np.where(np.isnan(given.arr_before), of_term(terms.arr), given.arr_before)
    lost = given.outcome == CHURNED
    after = np.where(lost, 0.0, given.arr_after)
    priced = ~lost & (before > 0) & ~np.isnan(after)
    outcome = np.where(priced, band(before, after, rules), given.outcome).astype(np.int8)
    usable = ~np.isnan(anchor)
    effective = np.where(np.isnan(given.effective), of_term(terms.end), given.effective)
    gone = np.where(np.isnan(effective), given.decided, effective)
    everything = Outcomes(
        account_ids=given.account_ids,
        contract_ids=given.contract_ids,
        product=np.where(found, terms.product[at], "") if len(terms) else no_text(len(given)),
        outcome=outcome,
        anchor=np.nan_to_num(anchor).astype(np.int64),
        anchor_kind=kind.astype(np.int8),
        decided=given.decided,
        opt_out=opt_out,
        effective=effective,
        cancelled=of_term(terms.cancelled),
        ended=np.where(lost, gone, np.nan),
        arr_before=before,
        arr_after=after,
        known=given.known.astype(np.int64) + 1,
        horizon=np.full(len(given), np.nan),
        account_stays=np.zeros(len(given), dtype=bool),
        source=np.full(len(given), GIVEN, dtype=np.int8),
    )
    notices = _notices(flagged, given, usable, int((outcome != given.outcome).sum()))
    return everything.take(usable), term[usable], notices


def _by_dates(ends: list[tuple[float, int]], effective: float, decided: float, grace: int) -> int:
    if not np.isnan(effective):
        near = [(abs(end - effective), row) for end, row in ends if abs(end - effective) <= grace]
    elif not np.isnan(decided):
        near = [(end, row) for end, row in ends if decided - grace <= end <= decided + LONGEST_NOTICE]
    else:
        near = []
    return min(near)[1] if near else -1


def _notices(flagged: bool, given: GivenOutcomes, usable: BoolArray, rebanded: int) -> tuple[Notice, ...]:
    notices = []
    if flagged:
        dated = int((~np.isnan(given.decided)).sum())
        notices.append(
            Notice(
                "one_sided_decided_at",
                dated,
                f"decided_at is there for one class of outcomes only ({dated} of {len(given)} rows); all are "
                "anchored at the opt-out deadline, else at effective_at.",
            )
        )
    if left := int((~usable).sum()):
        notices.append(
            Notice(
                "no_anchor",
                left,
                f"{left} outcomes have no date that all classes share and no contract that ends near theirs; "
                "they are left out. Give effective_at or the contract_id.",
            )
        )
    if rebanded:
        notices.append(
            Notice(
                "rebanded",
                rebanded,
                f"{rebanded} outcomes are named by the share of revenue kept, not by the word in the file.",
            )
        )
    return tuple(notices)
