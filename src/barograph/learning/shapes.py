"""Does one direction fit? Find signals whose health rises and falls again, and propose a free shape for
review.

A monotone rule is the safe default, yet where it is wrong it costs more than any choice of algorithm. The
diagnostic compares free levels with the best monotone ones on outcome-blind pieces (likelihood ratio), and
asks that the free shape also separates better on rows that did not shape it. A proposal changes nothing by
itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats
from scipy.optimize import isotonic_regression
from scipy.special import xlogy

from barograph.learning.binning import band, fine_cuts
from barograph.learning.cutpoints import candidate_cuts
from barograph.learning.metrics import auc
from barograph.learning.observations import BoolArray, Candidate, FloatArray, IntArray, Observations

PIECES = 10
MIN_ROWS, MIN_LOST = 200, 50
ALPHA = 0.01
MIN_GAIN = 0.005


@dataclass(frozen=True, slots=True)
class ShapeFinding:
    """What the diagnostic saw. p: of 'one direction is enough', an upper bound. gain: AUC kept apart that a
    free shape adds. proposed: both are strong enough to ask a person. pieces: (from, to, n, loss rate)."""

    name: str
    p: float
    gain: float
    proposed: bool
    pieces: tuple[tuple[float, float, int, float], ...]
    reason: str


def not_monotone_p(
    values: FloatArray, lost: BoolArray, candidate: Candidate, effective: float = 1.0
) -> tuple[float, FloatArray]:
    """Upper bound of the p-value of 'the loss rate has one direction', and the cuts used.

    The likelihood ratio of free against isotonic rates is a mixture of chi-squares with at most k - 1 degrees
    of freedom (Robertson, Wright & Dykstra 1988); the largest is used, so the bound is safe. `effective` is
    the number of independent accounts per row."""
    cuts = candidate_cuts(values, PIECES)
    if len(cuts) < 2:
        return 1.0, cuts
    piece = np.searchsorted(cuts, values, side="right")
    n = np.bincount(piece, minlength=len(cuts) + 1).astype(float)
    bad = np.bincount(piece, weights=lost, minlength=len(cuts) + 1)
    rate = bad / np.maximum(n, 1)

    def fit(r: FloatArray) -> float:
        return float((xlogy(bad, r) + xlogy(n - bad, 1 - r)).sum())

    ways = (candidate.sign,) if candidate.sign else (1, -1)
    best = max(
        fit(np.clip(isotonic_regression(rate, weights=np.maximum(n, 1e-9), increasing=w < 0).x, 0, 1))
        for w in ways
    )
    ratio = 2 * (fit(rate) - best) * effective
    return float(stats.chi2.sf(max(ratio, 0.0), len(cuts))), cuts


def find_shapes(observations: Observations, folds: IntArray) -> tuple[ShapeFinding, ...]:
    """The monotone candidates for which a free shape is proposed or was close (p below ALPHA / candidates).

    folds: (n,) small integers; rows of one account share one. Asks for 200 known rows and 50 lost.
    """
    resolved = observations.evidence()[0]
    effective = resolved / max(observations.n, 1)
    tested = [j for j, c in enumerate(observations.candidates) if c.shape == "monotone"]
    found = []
    for j in tested:
        candidate, column = observations.candidates[j], observations.signals[:, j]
        known = ~np.isnan(column)
        x, y = column[known], observations.lost[known]
        if len(x) * effective < MIN_ROWS or y.sum() * effective < MIN_LOST:
            continue
        p, cuts = not_monotone_p(x, y, candidate, effective)
        if p >= ALPHA / len(tested):
            continue
        free = replace(candidate, shape="free", direction="free")
        gain = cross_fitted_auc(x, y, free, folds[known]) - cross_fitted_auc(x, y, candidate, folds[known])
        found.append(_finding(candidate, x, y, cuts, p, gain))
    return tuple(found)


def cross_fitted_auc(values: FloatArray, lost: BoolArray, candidate: Candidate, folds: IntArray) -> float:
    """AUC of band levels learnt on the other folds: honest for any shape."""
    return auc(cross_fitted_health(values, lost, candidate, folds), lost)


def cross_fitted_health(
    values: FloatArray, lost: BoolArray, candidate: Candidate, folds: IntArray
) -> FloatArray:
    """Health (WoE) of every value from bands levelled on the other folds; relative to each fold's own base rate.

    Where bands may begin is taken from all values, which no outcome has shaped.
    """
    out = np.zeros(len(values))
    parts, sizes = np.unique(folds, return_counts=True)
    cuts = None
    if candidate.shape != "nominal" and len(parts):
        cuts = fine_cuts(values[~np.isnan(values)], len(values) - int(sizes.max()))
    for part in parts:
        train, test = folds != part, folds == part
        if lost[train].any() and not lost[train].all():
            out[test] = band(values[train], lost[train], candidate, cuts=cuts).health(values[test])
    return out


def _finding(
    candidate: Candidate, x: FloatArray, y: BoolArray, cuts: FloatArray, p: float, gain: float
) -> ShapeFinding:
    edges = [float(x.min()), *cuts.tolist(), float(x.max())]
    piece = np.searchsorted(cuts, x, side="right")
    pieces = tuple(
        (
            edges[i],
            edges[i + 1],
            int((piece == i).sum()),
            float(y[piece == i].mean()) if (piece == i).any() else 0.0,
        )
        for i in range(len(edges) - 1)
    )
    proposed = gain >= MIN_GAIN
    worst, best = max(pieces, key=lambda q: q[3]), min(pieces, key=lambda q: q[3])
    reason = (
        f"{candidate.name}: loss is {best[3]:.0%} from {best[0]:g} to {best[1]:g} and {worst[3]:.0%} from "
        f"{worst[0]:g} to {worst[1]:g}; one direction does not describe it (p < {max(p, 1e-9):.1g}), a free "
        f"shape adds {gain:+.3f} AUC."
    )
    return ShapeFinding(candidate.name, p, gain, proposed, pieces, reason)


def accept_shapes(observations: Observations, findings: Sequence[ShapeFinding]) -> Observations:
    """The observations as they are once a person has accepted every proposed shape."""
    chosen = {f.name for f in findings if f.proposed}
    return replace(
        observations,
        candidates=tuple(
            replace(c, shape="free", direction="free") if c.name in chosen else c
            for c in observations.candidates
        ),
    )
