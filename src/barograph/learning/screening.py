"""Screening: what every candidate says about past outcomes, how surely, and a verdict in plain words.

Orientation: a candidate declared 'down' is turned, so an AUC above .5 always means 'as expected'. For
direction 'free' it is the AUC of larger values being healthier. Free and nominal shapes have no direction:
their AUC is that of band levels learnt on other accounts (cross-fitted), their p-value a chi-square over
outcome-blind pieces. p-values become q-values (Benjamini & Hochberg 1995) over all candidates ever tried, not
only over those still on the list."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import stats

from barograph.learning.binning import band
from barograph.learning.cutpoints import candidate_cuts
from barograph.learning.intervals import (
    BOOTSTRAP_ROWS,
    Estimate,
    auc_interval,
    codes,
    mann_whitney_p,
)
from barograph.learning.metrics import auc
from barograph.learning.observations import (
    MIN_LOST,
    MIN_OUTCOMES,
    BoolArray,
    Candidate,
    FloatArray,
    IntArray,
    Observations,
    check,
    require_evidence,
)
from barograph.learning.redundancy import twins_of
from barograph.learning.replicates import replicate_aucs
from barograph.learning.shapes import cross_fitted_health
from barograph.learning.splits import deal

Verdict = Literal["validated", "promising", "unproven", "contradicts", "refused"]

Q_VALIDATED, Q_PROMISING = 0.10, 0.25
MIN_SEPARATION = 0.05
MIN_COVERAGE = 0.70
MISSING_SHARE, MISSING_ROWS = 0.05, 15


@dataclass(frozen=True, slots=True)
class ScreenRules:
    """draws: bootstrap resamples (0: DeLong intervals). tried_before: candidates tried earlier and dropped,
    each counted as p = 1. refused: names with a reason (an unconfirmed leak)."""

    draws: int = 500
    tried_before: int = 0
    refused: tuple[tuple[str, str], ...] = ()
    min_outcomes: int = MIN_OUTCOMES
    min_lost: int = MIN_LOST


@dataclass(frozen=True, slots=True)
class Screened:
    """One candidate against outcomes. Means and correlations are of raw values; AUC is oriented (see module).

    n: rows that know it. auc: with a 95 % interval. spearman, point_biserial: against 'kept'. halves: AUC in
    the older and newer half of decisions, NaN with fewer than 10 lost or kept there. segments: (name, n,
    lost, AUC). missing_auc: AUC of 'is missing' for being lost. twin_of: the stronger candidate that says the
    same. usable: the learner may choose it (real and stable; q <= .10), whatever its size."""

    candidate: Candidate
    n: int
    lost: int
    coverage: float
    mean_kept: float
    mean_lost: float
    auc: Estimate
    p: float
    q: float
    spearman: float
    point_biserial: float
    information_value: float
    halves: tuple[float, float]
    segments: tuple[tuple[str, int, int, float], ...]
    missing_auc: float
    missing_p: float
    twin_of: str
    verdict: Verdict
    reason: str
    usable: bool
    note: str = ""

    @property
    def name(self) -> str:
        """The candidate's name."""
        return self.candidate.name

    @property
    def separation(self) -> float:
        """|AUC - .5|: 0 says nothing, .5 everything."""
        return abs(self.auc.value - 0.5)


@dataclass(frozen=True, slots=True)
class Screening:
    """All candidates, strongest first, and what they were judged on."""

    signals: tuple[Screened, ...]
    outcomes: int
    lost: int
    tried: int
    interval_method: str

    @property
    def validated(self) -> tuple[str, ...]:
        """Names with the verdict validated."""
        return tuple(s.name for s in self.signals if s.verdict == "validated")

    @property
    def usable(self) -> tuple[str, ...]:
        """Names the learner may choose from."""
        return tuple(s.name for s in self.signals if s.usable)


def false_discovery(p: FloatArray, tried_before: int = 0) -> FloatArray:
    """Benjamini-Hochberg q-values of p (m,), with `tried_before` further tests counted as p = 1."""
    if not len(p):
        return np.zeros(0)
    padded = np.r_[p, np.ones(tried_before)]
    return np.asarray(stats.false_discovery_control(padded, method="bh")[: len(p)], dtype=float)


def screen(
    observations: Observations, rng: np.random.Generator, rules: ScreenRules | None = None
) -> Screening:
    """Judge every candidate. Raises what `observations.check` raises, and TooFewOutcomesError.

    Intervals are bootstraps over accounts, stratified by outcome; above 20,000 rows (or with draws = 0)
    DeLong's clustered intervals, which agree at that size and cost one sort per candidate.
    """
    rules = rules or ScreenRules()
    check(observations, min_outcomes=rules.min_outcomes)
    require_evidence(observations, rules.min_outcomes, rules.min_lost)
    clusters, folds = codes(observations.account), deal(observations, 5)
    effective = observations.evidence()[0] / observations.n
    draws = rules.draws if observations.n <= BOOTSTRAP_ROWS else 0
    health = [_health(observations, j, folds) for j in range(len(observations.candidates))]
    found = [
        _describe(observations, j, health[j], clusters, effective)
        for j in range(len(observations.candidates))
    ]
    if draws:
        found = _with_bootstrap(found, health, observations.lost, clusters, draws, rng)
    q = false_discovery(np.array([s.p for s in found]), rules.tried_before)
    twins = twins_of(observations, [s.separation for s in found])
    refused = dict(rules.refused)
    judged = [
        _judge(replace(s, q=float(q[j]), twin_of=twins.get(s.name, "")), refused.get(s.name, ""))
        for j, s in enumerate(found)
    ]
    judged = _note_activity(judged)
    judged.sort(key=lambda s: (-s.separation if np.isfinite(s.separation) else 1.0, s.name))
    outcomes, lost = observations.evidence()
    return Screening(
        tuple(judged), outcomes, lost, len(found) + rules.tried_before, "bootstrap" if draws else "delong"
    )


def _health(observations: Observations, j: int, folds: IntArray) -> FloatArray:
    """(n,) oriented values, NaN missing: turned for 'down', cross-fitted levels for free and nominal
    shapes.
    """
    candidate, column = observations.candidates[j], observations.signals[:, j]
    if candidate.shape == "monotone":
        return -column if candidate.sign < 0 else column
    out = np.full(observations.n, np.nan)
    known = ~np.isnan(column)
    if known.any():
        out[known] = cross_fitted_health(column[known], observations.lost[known], candidate, folds[known])
    return out


def _describe(
    observations: Observations, j: int, health: FloatArray, clusters: IntArray, effective: float
) -> Screened:
    candidate, column, lost = observations.candidates[j], observations.signals[:, j], observations.lost
    known = ~np.isnan(column)
    x, y, h = column[known], lost[known], health[known]
    varied = len(x) > 0 and float(np.ptp(x)) > 0 and y.any() and not y.all()
    if candidate.shape == "monotone":
        p = mann_whitney_p(h, y, codes(clusters[known])) if varied else 1.0
    else:
        p = _pieces_p(x, y, candidate, effective) if varied else 1.0
    missing = (~known).astype(float)
    some = bool(known.any() and not known.all())
    ranks = candidate.shape != "nominal" and varied
    return Screened(
        candidate=candidate,
        n=int(known.sum()),
        lost=int(y.sum()),
        coverage=float(known.mean()),
        mean_kept=float(x[~y].mean()) if (~y).any() else float("nan"),
        mean_lost=float(x[y].mean()) if y.any() else float("nan"),
        auc=auc_interval(h, y, codes(clusters[known])) if varied else Estimate(0.5, 0.0, 1.0, "none"),
        p=p,
        q=1.0,
        spearman=_correlation(stats.rankdata(x), ~y) if ranks else float("nan"),
        point_biserial=_correlation(x, ~y) if ranks else float("nan"),
        information_value=band(column, lost, candidate).information_value() if varied else 0.0,
        halves=_halves(observations, health),
        segments=_by_segment(observations, health),
        missing_auc=auc(-missing, lost) if some else float("nan"),
        missing_p=mann_whitney_p(-missing, lost, clusters) if some else 1.0,
        twin_of="",
        verdict="unproven",
        reason="",
        usable=False,
    )


def _pieces_p(x: FloatArray, y: BoolArray, candidate: Candidate, effective: float) -> float:
    """Chi-square of outcome against outcome-blind pieces; pieces under 10 rows are put together."""
    if candidate.shape == "nominal":
        piece = codes(x)
    else:
        piece = np.searchsorted(candidate_cuts(x, 8), x, side="right").astype(np.int64)
    n = np.bincount(piece).astype(float)
    small = n < 10
    if small.any():
        piece = codes(np.where(small[piece], -1, piece))
        n = np.bincount(piece).astype(float)
    bad = np.bincount(piece, weights=y, minlength=len(n))
    if len(n) < 2:
        return 1.0
    base = bad.sum() / n.sum()
    chi = float(((bad - n * base) ** 2 / (n * base * (1 - base))).sum()) * effective
    return float(stats.chi2.sf(chi, len(n) - 1))


def _correlation(x: FloatArray, kept: BoolArray) -> float:
    if np.ptp(x) == 0 or kept.all() or not kept.any():
        return float("nan")
    return float(np.corrcoef(x, kept.astype(float))[0, 1])


def _enough(lost: BoolArray) -> bool:
    return int(lost.sum()) >= MIN_LOST and int((~lost).sum()) >= MIN_LOST


def _halves(observations: Observations, health: FloatArray) -> tuple[float, float]:
    """AUC before and from the median decision day; NaN where a half has too little or there are no dates."""
    middle = np.median(observations.decision)
    older = observations.decision < middle
    known = ~np.isnan(health)
    pair = []
    for part in (older, ~older):
        rows = part & known
        fits = _enough(observations.lost[rows]) and older.any()
        pair.append(auc(health[rows], observations.lost[rows]) if fits else float("nan"))
    return pair[0], pair[1]


def _by_segment(observations: Observations, health: FloatArray) -> tuple[tuple[str, int, int, float], ...]:
    known = ~np.isnan(health)
    out = []
    for name in sorted(set(observations.segment.tolist())):
        rows = known & (observations.segment == name)
        lost = observations.lost[rows]
        value = auc(health[rows], lost) if _enough(lost) else float("nan")
        out.append((str(name), int(rows.sum()), int(lost.sum()), value))
    return tuple(out)


def _with_bootstrap(
    found: list[Screened],
    health: list[FloatArray],
    lost: BoolArray,
    clusters: IntArray,
    draws: int,
    rng: np.random.Generator,
) -> list[Screened]:
    """Replace the intervals by percentile bootstraps; all candidates see the same resamples."""
    values = replicate_aucs(health, lost, clusters, draws, rng)
    out = []
    for j, s in enumerate(found):
        ok = values[j][np.isfinite(values[j])]
        if len(ok) >= draws / 2 and s.auc.method != "none":
            low, high = np.quantile(ok, [0.025, 0.975])
            s = replace(s, auc=Estimate(s.auc.value, float(low), float(high), "bootstrap"))  # noqa: PLW2901
        out.append(s)
    return out


def _judge(s: Screened, refused: str) -> Screened:
    """The verdict and its reason, first rule that applies."""
    directed = s.candidate.shape == "monotone" and s.candidate.direction != "free"
    wrong = directed and s.auc.high < 0.5
    known_halves = [h for h in s.halves if np.isfinite(h)]
    turns = len(known_halves) == 2 and (known_halves[0] - 0.5) * (known_halves[1] - 0.5) < 0
    rows_missing = round(s.n / s.coverage - s.n) if s.coverage > 0 else 0
    covered = s.coverage >= MIN_COVERAGE or (
        1 - s.coverage >= MISSING_SHARE and rows_missing >= MISSING_ROWS and s.n >= MIN_OUTCOMES
    )
    figures = f"AUC {s.auc.value:.2f} [{s.auc.low:.2f}-{s.auc.high:.2f}], q = {s.q:.3f}, n = {s.n}"
    if refused:
        return _say(s, "refused", f"left out until confirmed: {refused}.", usable=False)
    if s.auc.method == "none" or s.n < MIN_OUTCOMES:
        return _say(s, "refused", f"cannot be compared: {_why_not(s)}.", usable=False)
    if wrong and s.q <= Q_VALIDATED:
        way = "more" if s.candidate.direction == "up" else "less"
        text = (
            f"{way} was declared healthier, the outcomes say the opposite ({figures}): review the direction."
        )
        return _say(s, "contradicts", text, usable=False)
    if s.q > Q_PROMISING:
        return _say(
            s, "unproven", f"cannot be told from chance on {s.n} observations ({figures}).", usable=False
        )
    if s.q > Q_VALIDATED:
        return _say(s, "promising", f"may be real, more outcomes will tell ({figures}).", usable=False)
    if turns:
        older, newer = known_halves
        text = f"points one way in the older half and the other in the newer (AUC {older:.2f}, {newer:.2f})."
        return _say(s, "unproven", text, usable=False)
    if not covered:
        text = f"separates ({figures}) but is known for only {s.coverage:.0%} of observations."
        return _say(s, "promising", text, usable=False)
    if s.separation < MIN_SEPARATION:
        return _say(s, "promising", f"real but small ({figures}).", usable=True)
    return _say(s, "validated", f"separates kept from lost accounts ({figures}).", usable=True)


def _say(s: Screened, verdict: Verdict, reason: str, *, usable: bool) -> Screened:
    return replace(s, verdict=verdict, reason=reason, usable=usable)


def _why_not(s: Screened) -> str:
    if s.n == 0:
        return "it has no value in any observation"
    if s.n < MIN_OUTCOMES:
        return f"it is known in {s.n} observations, {MIN_OUTCOMES} are needed"
    return "it is the same in all observations that have it"


def _note_activity(found: Collection[Screened]) -> list[Screened]:
    """O3: say so when an activity measure is on the list although an outcome measure predicts better."""
    outcome = [s for s in found if s.candidate.kind == "outcome" and s.usable]
    best = max(outcome, key=lambda s: s.separation, default=None)
    out = []
    for s in found:
        if s.candidate.kind == "activity" and best is not None and best.separation > s.separation:
            text = f"an activity measure; {best.name} measures an outcome and predicts better"
            s = replace(s, note=f"{text} (AUC {best.auc.value:.2f} against {s.auc.value:.2f}).")  # noqa: PLW2901
        out.append(s)
    return out
