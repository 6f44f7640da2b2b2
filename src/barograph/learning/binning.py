"""Bands: a signal cut into a few ranges, each with its smoothed weight of evidence (WoE).

Method: outcome-blind fine cuts, pool-adjacent-violators in the signal's direction (for monotone shapes), then
adjacent bands are merged, cheapest binomial deviance first, until every band is large enough, worth its place
and few enough to read. Missing is its own band. Every rate is drawn towards the base rate by 20
pseudo-outcomes: ``r_b = (lost_b + 20 * base) / (n_b + 20)``, ``woe_b = logit(base) - logit(r_b)``, so a
higher WoE is healthier (Siddiqi, Intelligent Credit Scoring, with the sign turned)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.special import xlogy

from barograph.learning.cutpoints import candidate_cuts
from barograph.learning.levels import band_levels
from barograph.learning.observations import BoolArray, Candidate, FloatArray, IntArray

SMOOTHING = 20.0
WORTH = {"monotone": 0.5, "free": 3.0, "nominal": 3.0}  # deviance below which neighbours are one band
MOST = 8
FINE = 40
SEARCH_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class Bands:
    """How one signal is read. Arrays have one entry per band, the last one for missing (and unseen codes).

    cuts: rising; band of v is searchsorted(cuts, v, 'right'). levels: for nominal shapes, the codes of each
    band instead of cuts. n, lost: training counts. woe: health in log-odds units, 0 for an empty band.
    """

    candidate: Candidate
    cuts: tuple[float, ...]
    levels: tuple[tuple[float, ...], ...]
    n: IntArray
    lost: IntArray
    woe: FloatArray

    @property
    def count(self) -> int:
        """Bands without the one for missing."""
        return len(self.n) - 1

    def index(self, values: FloatArray) -> IntArray:
        """The band of every value (n,), missing and unseen codes in the last one."""
        out = np.full(len(values), self.count, dtype=np.int64)
        known = ~np.isnan(values)
        if self.levels:
            for band, members in enumerate(self.levels):
                out[np.isin(values, members)] = band
        else:
            out[known] = np.searchsorted(np.array(self.cuts), values[known], side="right")
        return out

    def health(self, values: FloatArray) -> FloatArray:
        """The WoE of every value."""
        return self.woe[self.index(values)]

    def rates(self) -> FloatArray:
        """Observed loss rate per band, NaN for an empty one."""
        return np.where(self.n > 0, self.lost / np.maximum(self.n, 1), np.nan)

    def information_value(self) -> float:
        """IV = sum over bands of (share of kept - share of lost) * ln(ratio), half a row added to each
        cell.
        """
        used = self.n > 0
        bad = self.lost[used] + 0.5
        good = self.n[used] - self.lost[used] + 0.5
        bad, good = bad / bad.sum(), good / good.sum()
        return float(((good - bad) * np.log(good / bad)).sum())


def max_bands(n: int) -> int:
    """How many bands a signal may have on n observations: one per 20 rows, at least 3, at most MOST."""
    return int(np.clip(n // 20, 3, MOST))


def min_rows(n: int, candidate: Candidate) -> int:
    """The fewest rows of a band: 20, and 5 % (monotone, at most 30 %) or 1 % (free and nominal)."""
    share = 0.05 if candidate.shape == "monotone" else 0.01
    return max(int(np.ceil(share * n)), min(20, int(np.ceil(0.3 * n))))


def fine_cuts(values: FloatArray, n: int) -> FloatArray:
    """Where the bands of a signal may begin when n outcomes shape them; known values only, outcomes unseen."""
    pieces = max_bands(n) if n < SEARCH_ROWS else FINE
    return candidate_cuts(values, pieces) if len(values) else np.zeros(0)


def band(
    values: FloatArray,
    lost: BoolArray,
    candidate: Candidate,
    *,
    most: int | None = None,
    cuts: FloatArray | None = None,
) -> Bands:
    """Cut one signal (n,), NaN missing, against outcomes (n,). Constant or all-missing gives one band.

    A monotone candidate whose direction is 'free' takes the direction that fits better. cuts: from `fine_cuts`,
    when they are known already.
    """
    known = ~np.isnan(values)
    x, y = values[known], lost[known]
    limit = max_bands(len(lost)) if most is None else most
    if candidate.shape == "nominal":
        return _nominal(x, y, lost, known, candidate, limit)
    cuts = fine_cuts(x, len(lost)) if cuts is None else cuts
    fine = np.searchsorted(cuts, x, side="right")
    n = np.bincount(fine, minlength=len(cuts) + 1).astype(float)
    bad = np.bincount(fine, weights=y, minlength=len(cuts) + 1).astype(float)
    starts = np.arange(len(n))
    if candidate.shape == "monotone" and len(lost) >= SEARCH_ROWS:
        starts = _pool(n, bad, candidate.sign)
    starts = _merge(starts, n, bad, min_rows(len(lost), candidate), limit, WORTH[candidate.shape])
    edges = tuple(float(cuts[start - 1]) for start in starts[1:])
    return _finish(
        candidate, edges, (), np.add.reduceat(n, starts), np.add.reduceat(bad, starts), lost, known
    )


def _nominal(
    x: FloatArray, y: BoolArray, lost: BoolArray, known: BoolArray, candidate: Candidate, limit: int
) -> Bands:
    codes, inverse = np.unique(x, return_inverse=True)
    if len(codes) == 0:
        return _finish(candidate, (), (), np.zeros(1), np.zeros(1), lost, known)
    n = np.bincount(inverse, minlength=len(codes)).astype(float)
    bad = np.bincount(inverse, weights=y, minlength=len(codes)).astype(float)
    health = band_levels(n, bad, _base(lost), ordered=False, sign=0)
    order = np.argsort(-health, kind="stable")
    smallest = min_rows(len(lost), candidate)
    starts = _merge(np.arange(len(codes)), n[order], bad[order], smallest, limit, WORTH[candidate.shape])
    groups = np.split(codes[order], starts[1:])
    levels = tuple(tuple(sorted(float(code) for code in group)) for group in groups)
    sizes, hits = np.add.reduceat(n[order], starts), np.add.reduceat(bad[order], starts)
    return _finish(candidate, (), levels, sizes, hits, lost, known)


def _pool(n: FloatArray, bad: FloatArray, sign: int) -> IntArray:
    """Starts of the blocks of the isotonic loss rate; sign +1 falling loss, -1 rising, 0 whichever fits."""
    used = np.maximum(n, 1e-9)
    best: tuple[float, FloatArray] | None = None
    for way in (sign,) if sign else (1, -1):
        rate = np.asarray(isotonic_regression(bad / used, weights=used, increasing=way < 0).x, dtype=float)
        fit = float((xlogy(bad, rate) + xlogy(n - bad, 1 - rate)).sum())
        if best is None or fit > best[0] + 1e-9:
            best = (fit, rate)
    assert best is not None  # noqa: S101 - the loop runs at least once
    rate = best[1]
    return np.flatnonzero(np.r_[True, np.abs(np.diff(rate)) > 1e-12]).astype(np.int64)


def _likelihood(n: FloatArray, bad: FloatArray) -> FloatArray:
    """Binomial log-likelihood of counts at their own rate."""
    rate = bad / np.maximum(n, 1e-9)
    return np.asarray(xlogy(bad, rate) + xlogy(n - bad, 1 - rate), dtype=float)


def _merge(
    starts: IntArray, n: FloatArray, bad: FloatArray, smallest: int, limit: int, worth: float
) -> IntArray:
    """Merge neighbours, cheapest first, until all are large enough, worth their deviance and <= limit."""
    starts = starts.astype(np.int64)
    while len(starts) > 1:
        size, hit = np.add.reduceat(n, starts), np.add.reduceat(bad, starts)
        alone = _likelihood(size, hit)
        cost = 2 * (alone[:-1] + alone[1:] - _likelihood(size[:-1] + size[1:], hit[:-1] + hit[1:]))
        small = np.minimum(size[:-1], size[1:]) < smallest
        if small.any():
            pick = int(np.argmin(np.where(small, cost, np.inf)))
        else:
            pick = int(np.argmin(cost))
            if len(starts) <= limit and cost[pick] >= worth:
                break
        starts = np.delete(starts, pick + 1)
    return starts


def _finish(
    candidate: Candidate,
    cuts: tuple[float, ...],
    levels: tuple[tuple[float, ...], ...],
    n: FloatArray,
    bad: FloatArray,
    lost: BoolArray,
    known: BoolArray,
) -> Bands:
    gap_n, gap_bad = float((~known).sum()), float((lost & ~known).sum())
    base = _base(lost)
    ordered = candidate.shape == "monotone"
    health = band_levels(n, bad, base, ordered=ordered, sign=candidate.sign)
    gap = (gap_bad + SMOOTHING * base) / (gap_n + SMOOTHING)
    unknown = np.log(base / (1 - base)) - np.log(gap / (1 - gap)) if gap_n else 0.0
    return Bands(
        candidate=candidate,
        cuts=cuts,
        levels=levels,
        n=np.rint(np.r_[n, gap_n]).astype(np.int64),
        lost=np.rint(np.r_[bad, gap_bad]).astype(np.int64),
        woe=np.r_[health, unknown],
    )


def _base(lost: BoolArray) -> float:
    """The loss rate, kept off 0 and 1."""
    return min(max(float(lost.mean()), 1e-4), 1 - 1e-4)
