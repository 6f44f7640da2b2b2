"""Milestones: 'reached M within N days of start' and how both sides fared, without the three usual mistakes.

Immortal time: an account that left on day 20 could not reach anything by day 60, so for each N only accounts
still customers on day N are compared, from day N on (landmark analysis, Anderson et al. 1983). Many days
tried: N is searched over a grid inside the older 60 % of accounts, with a max-T permutation p-value over the
whole grid (Westfall & Young 1993). Winner's curse: the gap that is published comes from the newer 40 % at
that one N. The finding is an association; nothing here says that reaching M causes anything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from barograph.learning.intervals import Estimate, codes, wilson
from barograph.learning.observations import BoolArray, FloatArray, IntArray, TextArray

GRID = tuple(range(7, 121, 7))
MIN_ACCOUNTS, MIN_LOST = 100, 15
OPTIMISM_BELOW = 300
DISCOVERY_SHARE = 0.6
ALPHA = 0.05
PERMUTATIONS = 1_000


@dataclass(frozen=True, slots=True)
class MilestoneData:
    """n accounts of one milestone. All times are days since the account's start.

    reached: day reached, NaN never (as known at `observed`). ended: day the account left, NaN still there.
    lost: the renewal outcome compared. start: local day number of the start (orders old to new). observed:
    how many days the account had been observed when reaching was read. segment: permutations stay inside it.
    """

    name: str
    reached: FloatArray
    ended: FloatArray
    observed: FloatArray
    lost: BoolArray
    start: IntArray
    segment: TextArray


@dataclass(frozen=True, slots=True)
class MilestoneFinding:
    """One milestone judged. Rates are renewal rates (higher is healthier) among accounts there on day N.

    days: the chosen N, 0 when refused. p_discovery: max-T over the grid. p_confirm: one-sided, at this N
    only, on accounts kept apart. gap: renewal rate reached minus not, on the accounts kept apart. published:
    both tests passed. text: for a person, 'associated with', never 'causes'."""

    name: str
    days: int
    p_discovery: float
    p_confirm: float
    renewed_reached: Estimate
    renewed_not: Estimate
    n_reached: int
    n_not: int
    gap: Estimate
    published: bool
    days_tried: int
    text: str


def find_milestone(
    data: MilestoneData,
    rng: np.random.Generator,
    *,
    grid: tuple[int, ...] = GRID,
    permutations: int = PERMUTATIONS,
    alpha: float = ALPHA,
) -> MilestoneFinding:
    """Search N on the older 60 %, confirm on the newer 40 %. Under 100 accounts or 15 lost: refused in
    words.
    """
    accounts, lost = len(data.lost), int(data.lost.sum())
    if accounts < MIN_ACCOUNTS or lost < MIN_LOST or accounts - lost < MIN_LOST:
        text = (
            f"{data.name}: {accounts} accounts with {lost} lost; {MIN_ACCOUNTS} with {MIN_LOST} lost (and as "
            "many kept) are needed to search a milestone."
        )
        return _none(data.name, 0, text)
    order = np.argsort(data.start, kind="stable")
    cut = round(DISCOVERY_SHARE * accounts)
    older = np.zeros(accounts, dtype=bool)
    older[order[:cut]] = True
    days, p_found, tried = _discover(data, older, grid, permutations, rng)
    if days == 0:
        return _none(data.name, tried, f"{data.name}: no day leaves enough accounts on both sides.")
    return _confirm(data, ~older, days, p_found, tried, alpha, accounts)


def find_milestones(
    data: list[MilestoneData], rng: np.random.Generator, *, permutations: int = PERMUTATIONS
) -> tuple[MilestoneFinding, ...]:
    """Several milestones; the discovery level is divided by their number, so that trying many costs."""
    level = ALPHA / max(len(data), 1)
    each = max(permutations, int(np.ceil(20 / level)))
    return tuple(find_milestone(d, rng, permutations=each, alpha=level) for d in data)


def there_on(data: MilestoneData, day: int) -> BoolArray:
    """Accounts still customers on day N and observed until then: the only ones the landmark may compare."""
    staying = np.isnan(data.ended) | (data.ended > day)
    return staying & (data.observed >= day)


def _groups(data: MilestoneData, rows: BoolArray, day: int) -> tuple[BoolArray, BoolArray]:
    """(rows compared, of all: reached by day N)."""
    present = rows & there_on(data, day)
    with np.errstate(invalid="ignore"):
        reached = data.reached <= day
    return present, reached


def _large_enough(present: BoolArray, reached: BoolArray) -> bool:
    least = max(10, 0.05 * present.sum())
    return bool((present & reached).sum() >= least and (present & ~reached).sum() >= least)


def _z(reached: FloatArray, outcome: FloatArray) -> FloatArray:
    """z of the difference of two rates for every row of outcomes (k, m) at one grouping (m,)."""
    m, a = len(reached), reached.sum()
    base = outcome.mean(axis=1)
    gap = outcome @ reached / a - outcome @ (1 - reached) / (m - a)
    error = np.sqrt(np.maximum(base * (1 - base), 1e-12) * (1 / a + 1 / (m - a)))
    return np.asarray(gap / error, dtype=float)


def _discover(
    data: MilestoneData, rows: BoolArray, grid: tuple[int, ...], permutations: int, rng: np.random.Generator
) -> tuple[int, float, int]:
    """(N with the largest z, its max-T p, days tried); outcomes are permuted within segments."""
    kept = (~data.lost).astype(float)
    shuffled = _permuted(kept[rows], codes(data.segment[rows]), permutations, rng)
    place = np.cumsum(rows) - 1
    best_z, best_day, tried = -np.inf, 0, 0
    top = np.full(permutations, -np.inf)
    for day in grid:
        present, reached = _groups(data, rows, day)
        if not _large_enough(present, reached):
            continue
        tried += 1
        side = reached[present].astype(float)
        z = float(_z(side, kept[present][None, :])[0])
        top = np.maximum(top, _z(side, shuffled[:, place[present]]))
        if z > best_z:
            best_z, best_day = z, day
    if not tried:
        return 0, 1.0, 0
    return best_day, float((1 + (top >= best_z).sum()) / (1 + permutations)), tried


def _permuted(
    outcome: FloatArray, segment: IntArray, permutations: int, rng: np.random.Generator
) -> FloatArray:
    out = np.tile(outcome, (permutations, 1))
    for name in np.unique(segment):
        members = np.flatnonzero(segment == name)
        out[:, members] = rng.permuted(out[:, members], axis=1)
    return out


def _confirm(
    data: MilestoneData, rows: BoolArray, days: int, p_found: float, tried: int, alpha: float, accounts: int
) -> MilestoneFinding:
    present, reached = _groups(data, rows, days)
    kept = ~data.lost
    n_yes, n_no = int((present & reached).sum()), int((present & ~reached).sum())
    if not _large_enough(present, reached):
        text = (
            f"{data.name} by day {days}: {n_yes} reached and {n_no} not among accounts kept apart, too few."
        )
        return _none(data.name, tried, text)
    yes, no = int((present & reached & kept).sum()), int((present & ~reached & kept).sum())
    z = float(_z(reached[present].astype(float), kept[present].astype(float)[None, :])[0])
    p = float(stats.norm.sf(z))
    published = p_found < alpha and p < ALPHA
    gap = newcombe(yes, n_yes, no, n_no)
    warn = ""
    if accounts < OPTIMISM_BELOW:
        warn = f" Under {OPTIMISM_BELOW} accounts such gaps have come out about 10 points too large."
    if published:
        text = (
            f"{data.name} within {days} days of start is associated with renewal: {yes / n_yes:.0%} renewed "
            f"of {n_yes} that reached it, {no / n_no:.0%} of {n_no} that had not, among accounts still there "
            f"on day {days} and kept apart from the search ({tried} days tried).{warn}"
        )
    else:
        text = (
            f"{data.name}: the best of {tried} days ({days}) does not hold (p = {p_found:.2f} where "
            f"searched, {p:.2f} on accounts kept apart).{warn}"
        )
    return MilestoneFinding(
        name=data.name,
        days=days,
        p_discovery=p_found,
        p_confirm=p,
        renewed_reached=wilson(yes, n_yes),
        renewed_not=wilson(no, n_no),
        n_reached=n_yes,
        n_not=n_no,
        gap=gap,
        published=published,
        days_tried=tried,
        text=text,
    )


def newcombe(a: int, n_a: int, b: int, n_b: int) -> Estimate:
    """a/n_a - b/n_b with Newcombe's hybrid score interval (Newcombe 1998, method 10)."""
    one, two = wilson(a, n_a), wilson(b, n_b)
    gap = one.value - two.value
    low = gap - np.hypot(one.value - one.low, two.high - two.value)
    high = gap + np.hypot(one.high - one.value, two.value - two.low)
    return Estimate(gap, float(low), float(high), "newcombe")


def _none(name: str, tried: int, text: str) -> MilestoneFinding:
    empty = Estimate(float("nan"), float("nan"), float("nan"))
    return MilestoneFinding(name, 0, 1.0, 1.0, empty, empty, 0, 0, empty, False, tried, text)
