"""What a play does, from accounts that were held out at random (G1): difference of rates with an honest interval.

Accounts are compared as they were assigned, whether or not the play was then carried out (intention to treat), and
one row is one account: its first time in the comparison. The difference is taken within strata (tier and segment)
with Mantel-Haenszel weights; its interval is the stratified one of Yan & Su (2010), which for a single stratum is
Newcombe's hybrid score interval (1998, method 10). Where accounts belong to families, each arm counts only as many
accounts as its design effect leaves (Rao & Scott 1992). A rate is always of something good (recovered, kept), so that
a positive difference is for the play. A comparison of before and after is not offered: accounts are triggered when they
are at their worst, and most get better by themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np

from barograph.errors import BarographError
from barograph.learning.observations import BoolArray, FloatArray, IntArray

LEAST_PER_ARM = 20
"""Accounts in each arm under which no effect is told."""
LEAST_PER_CELL = 20
"""Accounts of a stratum and arm under which the stratum joins the rest: with fewer the interval covers too seldom
(docs/methods/play-effect.md)."""
DRAWS = 4_999
POWER = 0.8


@dataclass(frozen=True, slots=True)
class ArmRate:
    """Accounts of an arm, how many of them did well, and their share weighted over strata; NaN without any."""

    n: int
    good: int
    rate: float


@dataclass(frozen=True, slots=True)
class PlayEffect:
    """The effect of a play on one outcome.

    difference: treated less held out, in shares; low, high: its interval at `level`. p_value: of the permutation
    test of no effect, None with families (a permutation of accounts would break them). strata: how many were told
    apart. refused: why nothing is told, "" when something is; the figures are then NaN. detectable: the smallest
    difference that samples of this size show with 80 % power; needed: accounts in all, at the same share held out,
    for a difference of `worth`.
    """

    treated: ArmRate
    held_out: ArmRate
    difference: float
    low: float
    high: float
    level: float
    p_value: float | None
    strata: int
    refused: str
    detectable: float
    worth: float
    needed: int

    @property
    def verdict(self) -> str:
        """helps, harms or cannot_tell."""
        if self.refused or not (self.low > 0 or self.high < 0):
            return "cannot_tell"
        return "helps" if self.low > 0 else "harms"


def play_effect(
    good: BoolArray,
    treated: BoolArray,
    *,
    strata: IntArray | None = None,
    families: IntArray | None = None,
    shares: IntArray | None = None,
    level: float = 0.95,
    worth: float = 0.10,
    seed: int = 0,
) -> PlayEffect:
    """The effect on accounts that were assigned at random.

    good, treated: one flag per account, the others were held out or begin later. strata, families: integer codes per
    account. shares: code of the share that was held out when it was drawn, where that changed on the way. worth: the
    smallest difference that would be worth knowing, for the sample that is needed. Raises BarographError for columns
    of different lengths.
    """
    size = len(good)
    none = np.zeros(size, dtype=np.int64)
    codes, odds = none if strata is None else strata, none if shares is None else shares
    lengths = {size, len(treated), len(codes), len(odds), size if families is None else len(families)}
    if len(lengths) > 1:
        raise BarographError(f"{size} outcomes for {len(treated)} assignments and {len(codes)} strata.")
    stratum = _merged(codes, odds, treated)
    n = _table(stratum, np.ones(size), treated)
    events = _table(stratum, good.astype(float), treated)
    weights = _mantel_haenszel(n)
    both = (n > 0).sum(axis=1) == 2
    rates = events / np.maximum(n, 1)
    arm = [float((weights * rates[:, side]).sum()) if n[:, side].sum() else np.nan for side in (0, 1)]
    held, acted = (
        ArmRate(int(n[:, side].sum()), int(events[:, side].sum()), float(arm[side])) for side in (0, 1)
    )
    share = held.n / size if size else 0.5
    base = held.rate if held.n else 0.5
    needed = sample_needed(base, worth, share=min(max(share, 0.05), 0.5), level=level)
    least = min(held.n, acted.n)
    if least < LEAST_PER_ARM:
        few = f"{held.n} accounts held out and {acted.n} treated; {LEAST_PER_ARM} of each are the least"
        nan = float("nan")
        return PlayEffect(acted, held, nan, nan, nan, level, None, len(n), few, nan, worth, needed)
    n, events, rates, weights = n[both], events[both], rates[both], weights[both]
    worthy = n / np.array([_design(good, stratum, families, treated == bool(side)) for side in (0, 1)])
    low, high = _interval(rates, worthy, weights, NormalDist().inv_cdf(0.5 + level / 2))
    alone = families is None or len(np.unique(families)) == size
    p_value = _permuted(events, n, weights, seed) if alone else None
    effective = worthy.sum(axis=0)
    return PlayEffect(
        acted,
        held,
        acted.rate - held.rate,
        low,
        high,
        level,
        p_value,
        len(n),
        "",
        detectable(base, float(effective[1]), float(effective[0]), level=level),
        worth,
        needed,
    )


def sample_needed(
    base: float, worth: float, *, share: float, level: float = 0.95, power: float = POWER
) -> int:
    """Accounts in all for a difference of `worth` from a rate of `base` to be seen with `power`.

    share: of the accounts held out. Normal approximation with unpooled variances (Fleiss 1981); the rate of the
    treated is kept inside 0 to 1, so that near 1 the difference is one down.
    """
    other = base + worth if base + worth <= 1 else base - worth
    z = NormalDist().inv_cdf(0.5 + level / 2) + NormalDist().inv_cdf(power)
    spread = max(base * (1 - base), 0.01) / share + max(other * (1 - other), 0.01) / (1 - share)
    return int(np.ceil(z**2 * spread / worth**2))


def detectable(
    base: float, treated: float, held_out: float, *, level: float = 0.95, power: float = POWER
) -> float:
    """The smallest difference that so many accounts in each arm show with `power`, at most 1."""

    def seen(worth: float) -> bool:
        total, share = treated + held_out, held_out / (treated + held_out)
        return sample_needed(base, worth, share=share, level=level, power=power) <= total

    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if seen(middle) else (middle, high)
    return high


def _merged(strata: IntArray, shares: IntArray, treated: BoolArray) -> IntArray:
    """Dense codes; strata with too few accounts in an arm are one, and if that is still too small it joins the largest.

    Chance chose the arm with the same odds in each, so that merging costs precision and biases nothing; strata that
    were drawn with different shares are never merged.
    """
    codes = _dense(np.column_stack([shares, strata]))
    codes = _dense(np.column_stack([shares, np.where(_small(codes, treated), -1, codes)]))
    small = _small(codes, treated)
    for share in np.unique(shares[small]).tolist():
        inside = np.flatnonzero(shares == share)
        codes[inside[small[inside]]] = np.bincount(codes[inside]).argmax()
    return _dense(codes[:, None])


def _small(codes: IntArray, treated: BoolArray) -> BoolArray:
    """Per account whether its stratum has too few in an arm."""
    count = _table(codes, np.ones(len(codes)), treated)
    few = (count < LEAST_PER_CELL).sum(axis=1) > 0
    return np.asarray(few[codes] if len(codes) else np.zeros(0, dtype=bool))


def _dense(columns: IntArray) -> IntArray:
    """Codes 0, 1, ... of the rows of an n x k array."""
    return np.unique(columns, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _table(stratum: IntArray, weight: FloatArray, treated: BoolArray) -> FloatArray:
    """Strata x (held out, treated): sums of the weight."""
    size = int(stratum.max()) + 1 if len(stratum) else 0
    cells = np.bincount(stratum * 2 + treated, weights=weight, minlength=2 * size)
    return cells.reshape(size, 2).astype(np.float64)


def _mantel_haenszel(n: FloatArray) -> FloatArray:
    raw = n[:, 0] * n[:, 1] / np.maximum(n.sum(axis=1), 1)
    return raw / raw.sum() if raw.sum() > 0 else np.full(len(n), 1 / max(len(n), 1))


def _design(good: BoolArray, stratum: IntArray, families: IntArray | None, rows: BoolArray) -> float:
    """The design effect of one arm: how much wider families make its rate than single accounts would; at least 1."""
    if families is None or not rows.any():
        return 1.0
    y, s, family = good[rows].astype(float), stratum[rows], families[rows]
    mean = np.bincount(s, weights=y) / np.maximum(np.bincount(s), 1)
    residual = y - mean[s]
    plain = float((residual**2).sum())
    code = np.unique(family, return_inverse=True)[1].reshape(-1)
    count = int(code.max()) + 1
    if plain == 0 or count < 2:
        return max(1.0, len(y) / count)
    sums = np.bincount(code, weights=residual)
    return max(1.0, float((sums**2).sum()) * count / (count - 1) / plain)


def _interval(rates: FloatArray, n: FloatArray, weights: FloatArray, z: float) -> tuple[float, float]:
    """Interval of the weighted difference, treated less held out, from the stratified Wilson limits of each arm."""
    (p0, l0, u0), (p1, l1, u1) = (_wilson(rates[:, side], n[:, side], weights, z) for side in (0, 1))
    below, above = sqrt((p1 - l1) ** 2 + (u0 - p0) ** 2), sqrt((u1 - p1) ** 2 + (p0 - l0) ** 2)
    return max(-1.0, p1 - p0 - below), min(1.0, p1 - p0 + above)


def _wilson(rate: FloatArray, n: FloatArray, weights: FloatArray, z: float) -> tuple[float, float, float]:
    """(rate, low, high) over strata: each stratum's Wilson limits at a quantile so small that together they have the
    width of independent errors (Yan & Su 2010)."""
    variance = (rate * (1 - rate) + z**2 / (4 * n)) / n
    scale = z * sqrt(float((weights**2 * variance).sum())) / float((weights * np.sqrt(variance)).sum())
    centre = (rate + scale**2 / (2 * n)) / (1 + scale**2 / n)
    half = scale * np.sqrt(rate * (1 - rate) / n + scale**2 / (4 * n**2)) / (1 + scale**2 / n)
    weighted: Callable[[FloatArray], float] = lambda values: float((weights * values).sum())  # noqa: E731
    return weighted(rate), weighted(centre - half), weighted(centre + half)


def _permuted(events: FloatArray, n: FloatArray, weights: FloatArray, seed: int) -> float:
    """Two-sided p-value of no effect: assignments redrawn within strata, which makes the events of the treated
    hypergeometric."""
    rng = np.random.default_rng(seed)
    total, size, acted = events.sum(axis=1), n.sum(axis=1), n[:, 1]
    drawn = np.zeros((DRAWS, len(n)))
    for k in range(len(n)):
        drawn[:, k] = rng.hypergeometric(int(total[k]), int(size[k] - total[k]), int(acted[k]), size=DRAWS)
    redrawn = (weights * (drawn / acted - (total - drawn) / (size - acted))).sum(axis=1)
    seen = float((weights * (events[:, 1] / n[:, 1] - events[:, 0] / n[:, 0])).sum())
    return (1 + int((np.abs(redrawn) >= abs(seen) - 1e-12).sum())) / (DRAWS + 1)
