"""Terms, renewal decisions and the deals around them.

Term by term: the customer makes up its mind `latent.MIND_MADE_UP` days before the decision, the decision
falls on the opt-out deadline or up to two weeks before it whatever it is, and the term runs to its end.
The date of a decision says nothing about the decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from barograph.synthetic.accounts import Profile
from barograph.synthetic.frame import DAY, NEVER, Bools, Floats, Ints, add_months, office_hours, sigmoid
from barograph.synthetic.latent import DRIVERS, MIND_MADE_UP, Latent, probability, week_of
from barograph.synthetic.spec import CompanySpec

OUTCOMES = ("renewed", "expanded", "downsold", "churned")
RENEWED, EXPANDED, DOWNSOLD, CHURNED = range(4)
OPEN = -1
"""A term without a decision yet, or a term whose decision lies before the window."""
EVERGREEN_SHIFT = -2.55
"""Log-odds of cancelling within one month against those of losing a yearly renewal."""
CANCEL_RUNS_ON = 30
"""Days an evergreen subscription runs on after it was cancelled."""


@dataclass(slots=True)
class Terms:
    """Every term of one block as parallel arrays, ordered by account and then by time.

    `end_day` is the first day after the term (`NEVER`: evergreen), `decided_at` an instant (`NEVER`: open),
    `outcome` a position in OUTCOMES or OPEN, `p_lost` the true probability (NaN: not drawn) and `drawn`
    whether chance decided (told accounts are decided by their story). `deal` marks terms during which an
    expansion was being talked about; it is opened before the decision and makes expansion likelier.
    `lost_day` is per account: the first day after the customer left, `NEVER` while it is one.
    """

    account: Ints
    number: Ints
    start_day: Ints
    end_day: Ints
    signed_at: Ints
    decided_at: Ints
    outcome: Ints
    arr: Floats
    arr_after: Floats
    seats: Ints
    p_lost: Floats
    drawn: Bools
    deal: Bools
    lost_day: Ints

    @property
    def rows(self) -> int:
        return len(self.account)


@dataclass(frozen=True, slots=True)
class Script:
    """What a story settles: `forced` per account is OPEN to draw, else the outcome of a decision in the last
    half year (earlier ones renew); `on_deadline` accounts decide on the day of the deadline itself; `deal`
    accounts that are settled have an expansion on the table in their present term."""

    forced: Ints
    on_deadline: Bools
    deal: Bools


def run(spec: CompanySpec, block: int, profile: Profile, latent: Latent, script: Script) -> Terms:
    """All terms that touch the window, and who was lost when."""
    rng = spec.rng(block, "contracts")
    n = profile.n
    everyone = np.arange(n)
    monthly = profile.term_months == 0
    term = np.where(monthly, 12, profile.term_months)
    start = _first_terms(spec, profile, term)
    first = start == profile.start_day
    signed = office_hours(rng, start - np.where(first, rng.integers(3, 30, n), profile.notice_days + 5))
    seats = profile.seats.astype(np.float64)
    price = profile.price.copy()
    alive = ~profile.internal
    lost_day = np.full(n, NEVER)
    cancelled, cancel_p = _evergreen(spec, block, profile, latent, script)
    rows: list[dict[str, npt.NDArray[Any]]] = []
    for number in range(spec.years + 3):
        shown = alive.copy()
        end = add_months(start, term)
        lag = np.where(script.on_deadline, 0, rng.integers(0, 15, n))
        decision_day = end - 1 - profile.notice_days - lag
        decided = np.where(monthly, cancelled, office_hours(rng, decision_day))
        due = shown & (decision_day < spec.end_day) & ~monthly
        before = due & (decision_day < spec.start_day)
        settled = due & ~before
        week = week_of(spec, decision_day - MIND_MADE_UP)
        p_lost = probability(latent.log_odds(profile, everyone, week))
        deal = _deal(rng, spec, latent, everyone, decision_day)
        deal = np.where(script.forced == OPEN, deal, script.deal & (decision_day >= spec.end_day))
        drawn_outcome = _draw_outcome(rng, latent, everyone, week, p_lost, deal)
        recent = decision_day >= spec.end_day - 182
        told = np.where(recent, script.forced, RENEWED)
        outcome = np.where(script.forced == OPEN, drawn_outcome, told)
        change = _change(rng, outcome)
        leaves = settled & (outcome == CHURNED)
        evergreen_leaves = shown & monthly & (cancelled != NEVER)
        arr = np.round(price * seats, -1)
        after = np.where(outcome == CHURNED, 0.0, np.round(arr * change, -1))
        rows.append(
            {
                "account": everyone[shown],
                "number": np.full(int(shown.sum()), number, dtype=np.int64),
                "start_day": start[shown],
                "end_day": np.where(monthly, NEVER, end)[shown],
                "signed_at": signed[shown],
                "decided_at": np.where(settled | evergreen_leaves, decided, NEVER)[shown],
                "outcome": np.where(settled, outcome, np.where(evergreen_leaves, CHURNED, OPEN))[shown],
                "arr": arr[shown],
                "arr_after": np.where(settled, after, np.where(evergreen_leaves, 0.0, np.nan))[shown],
                "seats": seats[shown].astype(np.int64),
                "p_lost": np.where(settled, p_lost, np.where(evergreen_leaves, cancel_p, np.nan))[shown],
                "drawn": ((settled | evergreen_leaves) & (script.forced == OPEN))[shown],
                "deal": (deal & shown & ~monthly)[shown],
            }
        )
        lost_day = np.where(leaves, end, lost_day)
        lost_day = np.where(evergreen_leaves, cancelled // DAY + CANCEL_RUNS_ON, lost_day)
        alive &= due & ~leaves
        moved = settled & ~leaves
        seats = np.where(moved, np.maximum(2, np.round(seats * _seat_change(outcome, change))), seats)
        price = np.where(moved, after / np.maximum(seats, 1), price)
        signed = np.where(due, decided, signed)
        start = np.where(due, end, start)
    columns = {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
    order = np.lexsort((columns["number"], columns["account"]))
    return Terms(**{name: values[order] for name, values in columns.items()}, lost_day=lost_day)


def _first_terms(spec: CompanySpec, profile: Profile, term: Ints) -> Ints:
    """First day of the term that runs when the window opens, or of the first term of a later customer."""
    months = np.maximum(0, (spec.start_day - profile.start_day) * 12 // 365)
    start = add_months(profile.start_day, (months // term) * term)
    # Months counted from days can be one too many: then that term has not begun yet.
    start = np.where(start > spec.start_day, np.maximum(profile.start_day, add_months(start, -term)), start)
    return np.where(profile.term_months == 0, profile.start_day, start)


def _deal(
    rng: np.random.Generator, spec: CompanySpec, latent: Latent, accounts: Ints, decision_day: Ints
) -> Bools:
    """Whether expansion is talked about, by how adoption stood five months before the decision."""
    week = week_of(spec, decision_day - 150)
    chance = sigmoid(-1.5 + 0.7 * latent.paths["adoption"][accounts, week])
    return np.asarray(rng.random(len(accounts)) < chance)


def _draw_outcome(
    rng: np.random.Generator, latent: Latent, accounts: Ints, week: Ints, p_lost: Floats, deal: Bools
) -> Ints:
    adoption = latent.paths["adoption"][accounts, week]
    value = latent.paths["value"][accounts, week]
    n = len(accounts)
    lost = rng.random(n) < p_lost
    down = rng.random(n) < sigmoid(-2.5 - 0.7 * adoption - 0.3 * value)
    up = rng.random(n) < sigmoid(-2.2 + 2.4 * deal + 0.4 * adoption + 0.2 * value)
    kept = np.where(down, DOWNSOLD, np.where(up, EXPANDED, RENEWED))
    return np.where(lost, CHURNED, kept)


def _change(rng: np.random.Generator, outcome: Ints) -> Floats:
    """Recurring revenue after the decision as a share of before; renewed lies within .85 and 1.05."""
    n = len(outcome)
    changes = [rng.uniform(0.98, 1.04, n), rng.uniform(1.08, 1.5, n), rng.uniform(0.5, 0.82, n), np.zeros(n)]
    return np.asarray(np.choose(outcome, changes))


def _seat_change(outcome: Ints, change: Floats) -> Floats:
    """Expansions and downsells are seats; a renewal changes the price only."""
    return np.where((outcome == EXPANDED) | (outcome == DOWNSOLD), change, 1.0)


def _evergreen(
    spec: CompanySpec, block: int, profile: Profile, latent: Latent, script: Script
) -> tuple[Ints, Floats]:
    """When each evergreen subscription was cancelled, and the true monthly probability then."""
    rng = spec.rng(block, "evergreen")
    n = profile.n
    cancelled = np.full(n, NEVER)
    p_then = np.full(n, np.nan)
    accounts = np.arange(n)
    candidates = (profile.term_months == 0) & (script.forced == OPEN)
    for month in range(spec.years * 12):
        day = spec.start_day + 30 * month + rng.integers(0, 30, n)
        week = week_of(spec, day - MIND_MADE_UP)
        p = probability(latent.log_odds(profile, accounts, week) + EVERGREEN_SHIFT)
        old_enough = day > profile.start_day + 60
        goes = candidates & old_enough & (cancelled == NEVER) & (rng.random(n) < p) & (day < spec.end_day)
        cancelled = np.where(goes, office_hours(rng, day), cancelled)
        p_then = np.where(goes, p, p_then)
    return cancelled, p_then


def seats_by_week(spec: CompanySpec, terms: Terms, n: int) -> Ints:
    """n x weeks: licences in force at the middle of the week, 0 when there is no term."""
    days = spec.start_day + 7 * np.arange(spec.weeks) + 3
    seats = np.zeros((n, spec.weeks), dtype=np.int64)
    until = np.where(terms.end_day == NEVER, np.iinfo(np.int64).max, terms.end_day)
    lost = terms.lost_day[terms.account]
    until = np.where(lost == NEVER, until, np.minimum(until, lost))
    for row in range(terms.rows):
        first = np.searchsorted(days, terms.start_day[row])
        last = np.searchsorted(days, until[row])
        seats[terms.account[row], first:last] = terms.seats[row]
    return seats


def true_drivers(spec: CompanySpec, latent: Latent, terms: Terms) -> dict[str, Floats]:
    """The drivers that decided each term, at the week in which the customer made up its mind."""
    day = np.where(terms.decided_at == NEVER, 0, terms.decided_at // DAY) - MIND_MADE_UP
    week = week_of(spec, day)
    unknown = terms.decided_at == NEVER
    return {name: np.where(unknown, np.nan, latent.paths[name][terms.account, week]) for name in DRIVERS}
