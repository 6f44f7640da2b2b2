"""What a play does at the line that triggers it, where nobody was held out (G1): regression discontinuity.

Accounts just under and just over a tier's line are alike but for the play. The jump of the outcome at the line is
estimated by local lines with a triangular kernel; its interval is the robust bias-corrected one of Calonico, Cattaneo
& Titiunik (2014) with equal bandwidths, which is that of local parabolas in the same window. It speaks for accounts at
the line and for no others. Each assumption is checked, and the first one that fails refuses by its name.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from barograph.errors import BarographError
from barograph.learning.observations import BoolArray, FloatArray, IntArray

BANDWIDTH = 15.0
"""Points on each side of the line; wider windows were precisely wrong on data with known effects."""
LEAST_PER_SIDE = 100
SHARP = 0.8
"""Share of the accounts under the line that must have had the play, and of those over it that must not."""
CHECK_LEVEL = 0.01
"""p-value under which a check of the assumptions fails."""

REFUSALS = ("", "too_few", "not_sharp", "density", "balance", "placebo", "bandwidth")
"""too_few: accounts in the window. not_sharp: the line does not decide who gets the play (damping, capacity). density:
accounts pile up on one side of the line. balance: something known before the play jumps there too. placebo: the
outcome jumps where no line is. bandwidth: half the window tells another story."""


@dataclass(frozen=True, slots=True)
class ThresholdEffect:
    """The effect on accounts at the line. under, over: accounts in the window; families count in the interval.

    difference: share that did well with the play less without it. refused: name of the first assumption that fails,
    with `why` in words; the figures are then NaN.
    """

    under: int
    over: int
    bandwidth: float
    difference: float
    low: float
    high: float
    refused: str
    why: str

    @property
    def verdict(self) -> str:
        """helps, harms or cannot_tell."""
        if self.refused or not (self.low > 0 or self.high < 0):
            return "cannot_tell"
        return "helps" if self.low > 0 else "harms"


@dataclass(frozen=True, slots=True)
class Jump:
    """A jump at a point, under less over, with its standard error and degrees of freedom."""

    value: float
    error: float
    freedom: int

    @property
    def p_value(self) -> float:
        """Two-sided p-value of no jump; 1 where there is no error to judge by."""
        if not self.error > 0:
            return 1.0
        return float(2 * stats.t.sf(abs(self.value) / self.error, self.freedom))


def threshold_effect(
    score: FloatArray,
    had_play: BoolArray,
    good: BoolArray,
    *,
    line: float,
    accounts: IntArray,
    before: FloatArray | None = None,
    bandwidth: float = BANDWIDTH,
    level: float = 0.95,
) -> ThresholdEffect:
    """The effect at `line` of a play that is triggered under it.

    One row per account and date: score at the date, whether the play was opened then, what became of it. accounts:
    integer codes; the interval treats an account as one witness. before: rows x k columns of what was known before
    the play (logarithm of revenue, tenure, ...), NaN where unknown. Raises BarographError for columns of different
    lengths.
    """
    if not len(score) == len(had_play) == len(good) == len(accounts):
        raise BarographError(f"{len(score)} scores for {len(had_play)} plays and {len(good)} outcomes.")
    x = score - line
    inside = np.abs(x) < bandwidth
    under, over = int((inside & (x < 0)).sum()), int((inside & (x >= 0)).sum())

    def refuse(name: str, why: str) -> ThresholdEffect:
        nan = float("nan")
        return ThresholdEffect(under, over, bandwidth, nan, nan, nan, name, why)

    seats = [len(np.unique(accounts[inside & side])) for side in (x < 0, x >= 0)]
    if min(seats) < LEAST_PER_SIDE:
        return refuse(
            "too_few",
            f"{seats[0]} accounts within {bandwidth:g} points under the line and {seats[1]} over it; "
            f"{LEAST_PER_SIDE} on each side are the least",
        )
    took = [float(had_play[inside & side].mean()) for side in (x < 0, x >= 0)]
    if took[0] < SHARP or took[1] > 1 - SHARP:
        return refuse(
            "not_sharp",
            f"{took[0]:.0%} of those under the line had the play and {took[1]:.0%} of those over it: "
            "the line alone does not decide",
        )
    crowd = density_p(x[np.abs(x) < bandwidth], bandwidth)
    if crowd < CHECK_LEVEL:
        return refuse("density", f"accounts pile up on one side of the line (p = {crowd:.4f})")
    y = good.astype(float)
    for column in () if before is None else before.T:
        known = ~np.isnan(column)
        p = jump(x[known], column[known], accounts[known], bandwidth).p_value
        if p < CHECK_LEVEL / before.shape[1] if before is not None else False:
            return refuse("balance", f"something known before the play jumps at the line (p = {p:.4f})")
    for place in (-bandwidth / 2, bandwidth / 2):
        side = (x < 0) == (place < 0)
        p = jump(x[side] - place, y[side], accounts[side], bandwidth / 2).p_value
        if p < CHECK_LEVEL / 2:
            return refuse(
                "placebo", f"the outcome also jumps {abs(place):g} points off the line (p = {p:.4f})"
            )
    plain, robust = jump(x, y, accounts, bandwidth), jump(x, y, accounts, bandwidth, power=2)
    half = jump(x, y, accounts, bandwidth / 2)
    width = float(stats.t.ppf(0.5 + level / 2, robust.freedom)) * robust.error
    low, high = robust.value - width, robust.value + width
    if not low <= half.value <= high:
        told = f"{plain.value:+.2f} in the window, {half.value:+.2f} in half of it"
        return refuse("bandwidth", f"the effect depends on the window: {told}")
    return ThresholdEffect(under, over, bandwidth, robust.value, max(-1.0, low), min(1.0, high), "", "")


def jump(x: FloatArray, y: FloatArray, clusters: IntArray, bandwidth: float, *, power: int = 1) -> Jump:
    """The jump of y at x = 0, under less over, from local polynomials of `power` with a triangular kernel.

    The standard error is cluster-robust, with residuals divided by one less their leverage (HC3 where every cluster is
    one row); degrees of freedom are the clusters less the coefficients.
    """
    weight = np.maximum(1 - np.abs(x) / bandwidth, 0.0)
    keep = weight > 0
    x, y, w, who = x[keep], y[keep], weight[keep], clusters[keep]
    under = (x < 0).astype(float)
    powers = np.stack([x**k for k in range(1, power + 1)], axis=1) if len(x) else np.zeros((0, power))
    design = np.column_stack([under, np.ones(len(x)), powers, powers * under[:, None]])
    if len(x) <= design.shape[1]:
        return Jump(float("nan"), float("nan"), 1)
    bread = np.linalg.pinv(design.T @ (design * w[:, None]))
    beta = bread @ (design.T @ (w * y))
    leverage = np.minimum(w * np.einsum("ij,jk,ik->i", design, bread, design), 0.99)
    pieces = design * (w * (y - design @ beta) / (1 - leverage))[:, None]
    code = np.unique(who, return_inverse=True)[1].reshape(-1)
    count = int(code.max()) + 1
    sums = np.zeros((count, design.shape[1]))
    np.add.at(sums, code, pieces)
    freedom = max(1, count - design.shape[1])
    variance = (bread @ (sums.T @ sums) @ bread)[0, 0] * count / max(1, count - 1)
    return Jump(float(beta[0]), float(np.sqrt(max(variance, 0.0))), freedom)


def density_p(x: FloatArray, bandwidth: float, bins: int = 10) -> float:
    """p-value of no jump in the number of rows at x = 0: McCrary's idea (2008) on counts in `bins` bins a side.

    Local parabolas through the counts (lines take the flank of a bell for a jump when rows are many), with errors of
    Poisson counts, widened where they scatter more.
    """
    edges = np.linspace(-bandwidth, bandwidth, 2 * bins + 1)
    count = np.histogram(x, edges)[0].astype(float)
    at = (edges[:-1] + edges[1:]) / 2
    weight = np.maximum(1 - np.abs(at) / bandwidth, 0.0)
    under = (at < 0).astype(float)
    powers = np.stack([at, at**2], axis=1)
    design = np.column_stack([under, np.ones(len(at)), powers, powers * under[:, None]])
    bread = np.linalg.pinv(design.T @ (design * weight[:, None]))
    beta = bread @ (design.T @ (weight * count))
    fitted = np.maximum(design @ beta, 1.0)
    scatter = max(1.0, float(((count - fitted) ** 2 / fitted).sum()) / (len(at) - design.shape[1]))
    meat = (design * (weight**2 * fitted * scatter)[:, None]).T @ design
    error = float(np.sqrt((bread @ meat @ bread)[0, 0]))
    return float(2 * stats.norm.sf(abs(beta[0]) / error)) if error > 0 else 1.0
