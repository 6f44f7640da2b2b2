"""All outcomes of a workspace by the rules of its model: recorded, from contracts, or from silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from barograph.core.arrays import IntArray, TextArray
from barograph.core.calendar import quarter_starts
from barograph.core.outcomes.contracts import from_terms
from barograph.core.outcomes.given import from_given
from barograph.core.outcomes.periods import from_evergreen, from_lapse
from barograph.core.outcomes.record import CHURNED, Censored, GivenOutcomes, Notice, Outcomes, Terms
from barograph.definitions.model import OutcomeRules
from barograph.errors import RefusedError


@dataclass(frozen=True, slots=True)
class OutcomeSet:
    """Resolved outcomes ordered by anchor, terms still open, and what a reader must know about both."""

    outcomes: Outcomes
    censored: Censored
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Activity:
    """Facts that count as activity under the lapse rule: account and local day, one row each."""

    account_ids: TextArray
    days: IntArray


def derive_outcomes(
    rules: OutcomeRules,
    as_of: int,
    *,
    terms: Terms | None = None,
    given: GivenOutcomes | None = None,
    activity: Activity | None = None,
    edges: Sequence[int] | None = None,
) -> OutcomeSet:
    """Outcomes that count at `as_of`, from what is there and what `rules.source` allows.

    auto: recorded outcomes, and outcomes derived from the terms that none of them decides; without either,
    the lapse rule. outcomes, contracts, lapse: that source alone. edges: first days of the periods by which
    evergreen contracts are observed; calendar quarters by default. Everything passed in is as known at
    `as_of`.

    Raises RefusedError when the source that the rules name is not there.
    """
    use_given, use_terms, use_lapse = _sources(rules, terms, given, activity)
    parts: list[Outcomes] = []
    notices: list[Notice] = []
    open_terms = _no_censored()
    contracts = terms if use_terms and terms is not None else _no_terms()
    settled = np.zeros(len(contracts), dtype=bool)
    if use_given and given is not None:
        given, contracts = end_evergreen(given, contracts)
        found, matched, told = from_given(given, contracts, rules, as_of, kept_elsewhere=len(contracts) > 0)
        settled[matched[matched >= 0]] = True
        parts.append(found)
        notices += told
    if use_terms:
        derived, open_terms = from_terms(contracts, rules, as_of, settled)
        quarters = quarter_starts(int(contracts.start.min()), as_of) if edges is None else edges
        parts += [derived, from_evergreen(contracts, rules, quarters, as_of)]
        notices += _contract_notices(contracts)
    if use_lapse and activity is not None and rules.lapse is not None:
        parts.append(from_lapse(activity.account_ids, activity.days, rules.lapse, as_of))
    return OutcomeSet(Outcomes.join(parts), open_terms, tuple(notices))


def end_evergreen(given: GivenOutcomes, terms: Terms) -> tuple[GivenOutcomes, Terms]:
    """Recorded losses of evergreen contracts become their cancellation, and leave the list of outcomes.

    By contract id; without one, all evergreen contracts of the account in force on the day, unless a term of
    the account with an end is what was decided. A contract that has its own cancellation keeps it.
    """
    by_id: dict[str, int] = {}
    by_account: dict[object, list[int]] = {}
    for row in np.flatnonzero(np.isnan(terms.end)).tolist():
        if terms.contract_ids[row]:
            by_id[str(terms.contract_ids[row])] = row
        by_account.setdefault(terms.account_ids[row], []).append(row)
    dated_terms = {
        a for a, end in zip(terms.account_ids.tolist(), terms.end, strict=True) if not np.isnan(end)
    }
    cancelled, stay = terms.cancelled.copy(), np.ones(len(given), dtype=bool)
    for i in np.flatnonzero(given.outcome == CHURNED).tolist():
        day = float(given.decided[i] if np.isnan(given.effective[i]) else given.effective[i])
        contract, account = str(given.contract_ids[i] or ""), given.account_ids[i]
        if contract in by_id:
            rows = [by_id[contract]]
        elif contract or account in dated_terms:
            continue
        else:
            rows = [
                r
                for r in by_account.get(account, [])
                if terms.start[r] < day and not terms.cancelled[r] < day
            ]
        for row in rows:
            if np.isnan(cancelled[row]):
                cancelled[row] = day
        stay[i] = not rows
    kept = GivenOutcomes(*(getattr(given, f.name)[stay] for f in fields(given)))
    return kept, replace(terms, cancelled=cancelled)


def _sources(
    rules: OutcomeRules, terms: Terms | None, given: GivenOutcomes | None, activity: Activity | None
) -> tuple[bool, bool, bool]:
    """Which of recorded outcomes, terms and the lapse rule are used."""
    recorded = 0 if given is None else len(given)
    contracts = 0 if terms is None else len(terms)
    lapse = activity is not None and rules.lapse is not None
    if rules.source == "auto":
        lapse = lapse and not recorded and not contracts
    use_given = recorded > 0 and rules.source in ("auto", "outcomes")
    use_terms = contracts > 0 and rules.source in ("auto", "contracts")
    use_lapse = lapse and rules.source in ("auto", "lapse")
    if not (use_given or use_terms or use_lapse):
        rule = "none" if rules.lapse is None else "declared"
        raise RefusedError(
            f"no outcomes can be told with source = {rules.source!r}: {recorded} outcomes recorded, "
            f"{contracts} contract terms, lapse rule {rule}.",
            hint="Import contracts or outcomes, or declare [outcome.lapse] in the model file.",
        )
    return use_given, use_terms, use_lapse


def _contract_notices(terms: Terms) -> list[Notice]:
    fixed = ~np.isnan(terms.end)
    total, notices = int(fixed.sum()), []
    if silent := int((fixed & np.isnan(terms.notice_days)).sum()):
        text = (
            f"{silent} of {total} terms have no notice_days: 0 days are taken, the deadline is then the end."
        )
        notices.append(Notice("no_notice_days", silent, text))
    if unpriced := int((fixed & ~(terms.arr > 0)).sum()):
        text = f"{unpriced} of {total} terms have no revenue: expansions and downsells cannot be told."
        notices.append(Notice("no_revenue", unpriced, text))
    if void := int((terms.cancelled <= terms.start).sum()):
        text = f"{void} terms were cancelled before they began and are left out."
        notices.append(Notice("never_began", void, text))
    return notices


def _no_terms() -> Terms:
    text, days = np.empty(0, dtype=object), np.empty(0)
    return Terms(text, text, text, days, days, days, days, days)


def _no_censored() -> Censored:
    text = np.empty(0, dtype=object)
    return Censored(text, text, np.empty(0), np.empty(0, dtype=bool))
