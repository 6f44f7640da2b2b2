"""The tables of the contract itself: contracts, outcomes and opportunities, made from the terms."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from barograph.synthetic.accounts import CURRENCIES, PLANS, Profile
from barograph.synthetic.contracts import CHURNED, DOWNSOLD, EXPANDED, OPEN, OUTCOMES, Terms
from barograph.synthetic.frame import (
    DAY,
    NEVER,
    SECOND,
    Coded,
    Columns,
    Ints,
    Step,
    build,
    coded,
    delays,
    known,
    office_hours,
    plain,
    texts,
    versions,
)
from barograph.synthetic.latent import CHAMPION_GONE, MIND_MADE_UP, SPONSOR_GONE, WEIGHTS, Latent, week_of
from barograph.synthetic.spec import CompanySpec

PRODUCTS = ("core", "insights")
INSIGHTS_SHARE = 0.25
"""Revenue of the second product as a share of the first."""
REASONS = {
    "adoption": "low usage",
    "trend": "usage fell away",
    "depth": "missing functionality",
    "engagement": "lack of attention",
    "support": "support and stability",
    "payment": "budget cut",
    "value": "no measurable value",
    "sentiment": "price",
    "sponsor": "sponsor left",
    "champion": "champion left",
}
OTHER_REASONS = ("moved to a competitor", "price", "company closed", "merged with another company")
REASON_WORDS = (*sorted(set(REASONS.values()) | set(OTHER_REASONS)), "fewer seats", "more seats")
STAGES = ("open", "proposal", "closed_won", "closed_lost")
LEADS = 120
"""Days before the end of a term at which its renewal deal is opened, whatever comes of it."""


def contract_ids(profile: Profile, terms: Terms, suffix: str = "") -> list[str]:
    """Contract ids of the terms, in their order."""
    pairs = zip(terms.account.tolist(), terms.start_day.astype("datetime64[D]").tolist(), strict=True)
    return [f"{profile.ids[account]}-{start:%Y%m}{suffix}" for account, start in pairs]


def contracts(spec: CompanySpec, block: int, profile: Profile, terms: Terms) -> pa.Table:
    """The `contracts` table: a row when signed, another when notice was given. Two-product accounts have
    two contracts per term that run and end together."""
    rng = spec.rng(block, "contracts table")
    second = np.flatnonzero(profile.two_products[terms.account])
    parts = []
    for product, rows in enumerate((np.arange(terms.rows), second)):
        account = terms.account[rows]
        leaves = terms.outcome[rows] == CHURNED
        share = INSIGHTS_SHARE if product else 1.0
        columns: Columns = {
            "contract_id": texts(contract_ids(profile, terms, "-INS" if product else ""))[rows],
            "account_id": profile.words(account),
            "start_date": terms.start_day[rows],
            "end_date": np.where(terms.end_day[rows] == NEVER, NEVER, terms.end_day[rows] - 1),
            "arr": np.round(terms.arr[rows] * share, 2),
            "currency": Coded(profile.currency[account], CURRENCIES),
            "seats": terms.seats[rows].astype(np.float64),
            "product": Coded(np.full(len(rows), product), PRODUCTS),
            "plan": Coded(profile.segment[account], PLANS),
            "auto_renew": profile.auto_renew[account],
            "notice_days": profile.notice_days[account].astype(np.float64),
            "term_months": np.where(
                profile.term_months[account] == 0, 1, profile.term_months[account]
            ).astype(float),
            "signed_at": terms.signed_at[rows],
            "cancelled_at": np.where(leaves, terms.decided_at[rows], NEVER),
        }
        steps = [Step(np.where(leaves, terms.decided_at[rows], NEVER), ("cancelled_at",))]
        after = np.column_stack([delays(rng, len(rows)), delays(rng, len(rows))])
        parts.append(
            build("contracts", known(versions(columns, terms.signed_at[rows], steps, after), spec.end_day))
        )
    return pa.concat_tables(parts)


def outcomes(spec: CompanySpec, block: int, profile: Profile, latent: Latent, terms: Terms) -> pa.Table:
    """The `outcomes` table: every decision within the window, per contract."""
    rng = spec.rng(block, "outcomes")
    reasons = _reasons(rng, spec, latent, terms)
    decided = np.flatnonzero(terms.outcome != OPEN)
    second = decided[profile.two_products[terms.account[decided]]]
    day = terms.decided_at // DAY
    ends = np.where(terms.end_day == NEVER, terms.lost_day[terms.account], terms.end_day)
    parts = []
    for product, rows in enumerate((decided, second)):
        account = terms.account[rows]
        share = INSIGHTS_SHARE if product else 1.0
        columns: Columns = {
            "account_id": profile.words(account),
            "contract_id": texts(contract_ids(profile, terms, "-INS" if product else ""))[rows],
            "outcome": Coded(terms.outcome[rows], OUTCOMES),
            "decided_at": terms.decided_at[rows],
            "effective_at": ends[rows] * DAY,
            "arr_before": np.round(terms.arr[rows] * share, 2),
            "arr_after": np.round(terms.arr_after[rows] * share, 2),
            "currency": Coded(profile.currency[account], CURRENCIES),
            "reason": reasons[rows],
            "recorded_at": office_hours(rng, day[rows] + rng.integers(1, 4, len(rows))),
        }
        parts.append(build("outcomes", known(columns, spec.end_day)))
    return pa.concat_tables(parts)


def _reasons(rng: np.random.Generator, spec: CompanySpec, latent: Latent, terms: Terms) -> Coded:
    """Why: for two losses in three what truly weighed most, else something from outside."""
    rows = terms.rows
    account = terms.account
    week = week_of(
        spec, np.where(terms.decided_at == NEVER, spec.start_day, terms.decided_at // DAY) - MIND_MADE_UP
    )
    names = [*WEIGHTS, "sponsor", "champion"]
    harm: list[npt.NDArray[Any]] = [
        -weight * latent.paths[name][account, week] for name, weight in WEIGHTS.items()
    ]
    harm.append(SPONSOR_GONE * latent.sponsor_gone[account, week])
    harm.append(CHAMPION_GONE * latent.champion_gone[account, week])
    worst = np.argmax(np.column_stack(harm), axis=1)
    by_driver = np.array([REASON_WORDS.index(REASONS[name]) for name in names])[worst]
    other = np.array([REASON_WORDS.index(word) for word in OTHER_REASONS])[
        rng.integers(0, len(OTHER_REASONS), rows)
    ]
    codes = np.full(rows, -1)
    lost = terms.outcome == CHURNED
    codes = np.where(lost, np.where(rng.random(rows) < 0.67, by_driver, other), codes)
    codes = np.where(terms.outcome == DOWNSOLD, REASON_WORDS.index("fewer seats"), codes)
    codes = np.where(terms.outcome == EXPANDED, REASON_WORDS.index("more seats"), codes)
    return Coded(codes, REASON_WORDS)


def opportunities(spec: CompanySpec, block: int, profile: Profile, terms: Terms) -> pa.Table:
    """The `opportunities` table: renewal deals, expansion deals and attempts at cross-selling.

    A deal is a row when opened and another when closed; it closes with the decision on the term.
    """
    rng = spec.rng(block, "opportunities")
    dated = terms.end_day != NEVER
    decided = terms.outcome != OPEN
    won = decided & (terms.outcome != CHURNED)
    at_decision = np.where(decided, terms.decided_at, NEVER)
    renewal_day = np.maximum(terms.end_day - LEADS - rng.integers(0, 21, terms.rows), terms.start_day + 1)
    deal_day = terms.end_day - rng.integers(130, 151, terms.rows)
    grown = won & (terms.outcome == EXPANDED)
    cross = dated & (rng.random(terms.rows) < 0.10) & ~profile.two_products[terms.account]
    cross_day = terms.start_day + rng.integers(60, 240, terms.rows)
    cross_close = office_hours(rng, cross_day + rng.integers(30, 100, terms.rows))
    kinds = (
        ("R", 0, dated, renewal_day, at_decision, won, terms.arr),
        (
            "E",
            1,
            dated & terms.deal,
            deal_day,
            at_decision,
            grown,
            terms.arr * rng.uniform(0.1, 0.45, terms.rows),
        ),
        ("X", 2, cross, cross_day, cross_close, np.zeros(terms.rows, bool), terms.arr * INSIGHTS_SHARE),
    )
    ids = contract_ids(profile, terms)
    lost = np.where(terms.lost_day == NEVER, np.iinfo(np.int64).max, terms.lost_day)[terms.account]
    parts = []
    for letter, kind, wanted, day, closed, success, amount in kinds:
        created = office_hours(rng, np.where(wanted, day, 0))
        keep = wanted & ~profile.quiet[terms.account] & (day < lost) & (day >= spec.start_day)
        keep &= (closed == NEVER) | (
            (closed > created) & (closed < lost_instant(terms.lost_day)[terms.account])
        )
        rows = np.flatnonzero(keep)
        account = terms.account[rows]
        columns: Columns = {
            "opportunity_id": texts([f"{ids[row]}-{letter}" for row in rows.tolist()]),
            "account_id": profile.words(account),
            "kind": Coded(np.full(len(rows), kind), ("renewal", "expansion", "cross_sell")),
            "stage": Coded(np.where(success[rows], 2, 3), STAGES),
            "amount": np.round(amount[rows], -1),
            "currency": Coded(profile.currency[account], CURRENCIES),
            "created_at": created[rows],
            "closed_at": closed[rows],
            "won": success[rows].astype(object),
            "product": Coded(np.full(len(rows), int(letter == "X")), PRODUCTS),
        }
        after = np.column_stack([delays(rng, len(rows)), delays(rng, len(rows)) + 60 * SECOND])
        step = Step(closed[rows], ("closed_at", "won", "stage"))
        shown = versions(columns, created[rows], [step], after)
        parts.append(build("opportunities", _open_stage(known(shown, spec.end_day))))
    return pa.concat_tables(parts)


def _open_stage(columns: Columns) -> Columns:
    """A deal that is not closed is open, which is known."""
    stage, closed = coded(columns, "stage"), plain(columns, "closed_at")
    return {**columns, "stage": Coded(np.where(closed == NEVER, 0, stage.codes), stage.words)}


def lost_instant(lost_day: Ints) -> Ints:
    """First moment after the customer left, or the end of time, for comparisons."""
    return np.where(lost_day == NEVER, np.iinfo(np.int64).max, lost_day * DAY)
