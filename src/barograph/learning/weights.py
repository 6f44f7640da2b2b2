"""Weights that start at the expert's and move to the data's as outcomes accumulate.

The model is ``logit P(lost) = a - sum_j beta_j * x_j`` with x higher for healthier accounts, minimising ``sum
logloss + 1/2 * sum((beta_j - m_j)^2 / tau_j^2)`` under bounds: a posterior mode under independent normal
priors N(m_j, tau_j^2) (Gelman et al. 2008; the intercept has no prior). Bounds hold beta_j >= 0 unless a sign
was released; a cap on the share of any one signal is a linear constraint on the same problem."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog, minimize
from scipy.special import expit

from barograph.errors import BarographError
from barograph.learning.observations import BoolArray, FloatArray, IntArray

DEFAULT_CAP = 0.40
KAPPA_MEAN, KAPPA_SD, KAPPA_MIN = 4.0, 2.0, 0.25
TAU_FEW, TAU_MANY, TAU_SWITCH = 0.8, 1.6, 60
CONTRADICTION_LOST = 50
NO_PRIOR_SD = 1e3
NEWTON_STEPS, SETTLED, RIDGE, SHORTEST = 40, 1e-8, 1e-9, 1e-4


@dataclass(frozen=True, slots=True)
class LogisticFit:
    """A fitted model: intercept a, beta (k,), posterior sd of beta (k,) and the log-likelihood without
    prior.
    """

    intercept: float
    beta: FloatArray
    sd: FloatArray
    log_likelihood: float

    def log_odds(self, x: FloatArray) -> FloatArray:
        """logit P(lost) for rows of x (n, k)."""
        return np.asarray(self.intercept - x @ self.beta, dtype=float)


def fit_logistic(
    x: FloatArray,
    lost: BoolArray,
    *,
    mean: FloatArray | float = 0.0,
    sd: FloatArray | float = NO_PRIOR_SD,
    low: FloatArray | float = 0.0,
    row_weight: FloatArray | None = None,
    cap: float = 1.0,
    parts: FloatArray | None = None,
    start: FloatArray | None = None,
) -> LogisticFit:
    """Fit by projected Newton steps (L-BFGS-B where they do not settle); by SLSQP when the cap binds.

    x: (n, k) without NaN. mean, sd: the prior of each beta. low: lower bound of each beta (0 holds the sign,
    -inf releases it). row_weight: how often each row counts. cap: no signal may hold more than this share of the
    sum of beta; meaningful when the columns of x have the same range; raised to the least share that can be met
    (1/k for k signals). parts: (signals, k), the share of each column that counts towards each signal, columns
    sum to 1; without it every column is a signal of its own.
    Raises BarographError when x is not finite or the optimiser fails.
    """
    if not np.isfinite(x).all():
        raise BarographError("the design matrix holds missing values.", hint="Bin or fill them first.")
    k = x.shape[1]
    m, s = np.broadcast_to(np.asarray(mean, float), k), np.broadcast_to(np.asarray(sd, float), k)
    floor = np.broadcast_to(np.asarray(low, float), k)
    w = np.ones(len(lost)) if row_weight is None else row_weight
    y = lost.astype(float)

    def objective(theta: FloatArray) -> tuple[float, FloatArray]:
        eta = theta[0] - x @ theta[1:]
        pull = (theta[1:] - m) / s**2
        value = float(w @ (np.logaddexp(0.0, eta) - y * eta) + 0.5 * pull @ (theta[1:] - m))
        slope = w * (expit(eta) - y)
        return value, np.concatenate([[slope.sum()], -(x.T @ slope) + pull])

    if start is None:
        rate = (w @ y + 0.5) / (w.sum() + 1)
        centre = np.maximum(m, floor)
        start = np.concatenate(
            [[np.log(rate / (1 - rate)) + float(np.average(x @ centre, weights=w))], centre]
        )
    bounds = [(None, None), *[(value if np.isfinite(value) else None, None) for value in floor]]
    begin = np.maximum(start, np.r_[-np.inf, floor])
    theta, message = _newton(x, y, w, m, s, floor, begin), ""
    if theta is None:
        found = minimize(
            objective,
            begin,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 500, "ftol": 1e-10},
        )
        theta, message = np.asarray(found.x, dtype=float), f": {found.message}"
    if k > 1 and cap < 1:
        theta = _capped(objective, theta, bounds, cap, np.eye(k) if parts is None else parts)
    if not np.isfinite(theta).all():
        raise BarographError(f"the weights did not converge{message}.")
    return _describe(theta, x, y, w, s)


def _newton(
    x: FloatArray,
    y: FloatArray,
    w: FloatArray,
    m: FloatArray,
    s: FloatArray,
    floor: FloatArray,
    start: FloatArray,
) -> FloatArray | None:
    """The optimum by Newton steps over the coefficients not held at their bound (Bertsekas 1982), each step halved
    until it pays; None when that does not settle, as with separated outcomes and no prior.
    """
    design = np.column_stack([np.ones(len(y)), -x])
    precision, centre, low = np.r_[0.0, 1 / s**2], np.r_[0.0, m], np.r_[-np.inf, floor]
    enough = SETTLED * max(float(w.sum()), 1.0)

    def value_at(theta: FloatArray, eta: FloatArray) -> float:
        return float(w @ (np.logaddexp(0.0, eta) - y * eta) + 0.5 * precision @ (theta - centre) ** 2)

    theta, eta = start, design @ start
    value = value_at(theta, eta)
    for _ in range(NEWTON_STEPS):
        p = expit(eta)
        slope = design.T @ (w * (p - y)) + precision * (theta - centre)
        free = (theta > low) | (slope < 0)
        if np.abs(slope[free]).max(initial=0.0) <= enough:
            return theta
        part = design[:, free]
        curve = (part * (w * p * (1 - p))[:, None]).T @ part
        curve[np.diag_indices_from(curve)] += precision[free] + RIDGE
        step = np.zeros(len(theta))
        step[free] = np.linalg.solve(curve, slope[free])
        length = 1.0
        while True:
            trial = np.maximum(theta - length * step, low)
            eta = design @ trial
            reached = value_at(trial, eta)
            if reached <= value - 1e-4 * float(slope @ (theta - trial)):
                break
            length /= 2
            if length < SHORTEST:
                return None
        theta, value = trial, reached
    return None


def _capped(
    objective: Callable[[FloatArray], tuple[float, FloatArray]],
    theta: FloatArray,
    bounds: Sequence[tuple[float | None, float | None]],
    cap: float,
    parts: FloatArray,
) -> FloatArray:
    """The same problem with parts @ beta <= cap * sum(beta): linear, so SLSQP solves it exactly.

    theta is returned as it is when it obeys. The cap is raised to the least that any weights can meet.
    """
    total = float(theta[1:].sum())
    if total <= 0 or float((parts @ theta[1:]).max()) <= cap * total + 1e-9:
        return theta
    even, least = _most_even(parts)
    limit = max(cap, least)
    share = theta[1:] / total
    over, under = parts @ share - limit, limit - parts @ even
    step = max((float(o / (o + u)) for o, u in zip(over, under, strict=True) if o > 0), default=0.0)
    begin = np.r_[theta[0], total * ((1 - step) * share + step * even)]
    matrix = np.hstack([np.zeros((len(parts), 1)), limit - parts])
    found = minimize(
        objective, begin, jac=True, method="SLSQP", bounds=bounds,
        constraints=[{"type": "ineq", "fun": lambda t: matrix @ t, "jac": lambda _: matrix}],
        options={"maxiter": 300, "ftol": 1e-9},
    )  # fmt: skip
    capped = np.asarray(found.x, dtype=float)
    obeys = np.isfinite(capped).all() and float((matrix @ capped).min()) >= -1e-6 * max(capped[1:].sum(), 1.0)
    return capped if obeys else begin


def _most_even(parts: FloatArray) -> tuple[FloatArray, float]:
    """Shares (k,) whose largest part is least, and that part: a linear programme."""
    signals, k = parts.shape
    found = linprog(
        np.r_[np.zeros(k), 1.0],
        A_ub=np.hstack([parts, -np.ones((signals, 1))]),
        b_ub=np.zeros(signals),
        A_eq=np.r_[np.ones(k), 0.0][None, :],
        b_eq=[1.0],
    )
    return np.asarray(found.x[:k], dtype=float), float(found.x[k])


def _describe(theta: FloatArray, x: FloatArray, y: FloatArray, w: FloatArray, s: FloatArray) -> LogisticFit:
    eta = theta[0] - x @ theta[1:]
    p = expit(eta)
    design = np.column_stack([np.ones(len(y)), -x])
    information = (design * (w * p * (1 - p))[:, None]).T @ design
    information[np.diag_indices_from(information)] += np.concatenate([[1e-9], 1 / s**2])
    variance = np.diag(np.linalg.pinv(information))[1:]
    return LogisticFit(
        intercept=float(theta[0]),
        beta=theta[1:],
        sd=np.sqrt(np.maximum(variance, 0)),
        log_likelihood=float(-(w @ (np.logaddexp(0.0, eta) - y * eta))),
    )


def largest_remainder(shares: Sequence[float] | FloatArray, total: int = 100) -> IntArray:
    """Non-negative shares as whole numbers that sum to `total` exactly (Hamilton's method).

    Equal remainders go to the earlier entry. All-zero shares are split as evenly as possible.
    """
    parts = np.asarray(shares, dtype=float)
    if len(parts) == 0:
        return np.zeros(0, dtype=np.int64)
    if parts.sum() <= 0:
        parts = np.ones(len(parts))
    exact = parts / parts.sum() * total
    whole = np.floor(exact + 1e-9).astype(np.int64)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return np.asarray(whole, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class ExpertPrior:
    """The heuristic model: names of its k inputs, their values in 0..1 (n, k; higher healthier) and weights.

    NaN in `values` means unknown and stands for the input's mean. Weights are normalised to sum to 1.
    """

    names: tuple[str, ...]
    values: FloatArray
    weights: FloatArray

    def __post_init__(self) -> None:
        if self.values.shape[1] != len(self.names) or len(self.weights) != len(self.names):
            raise BarographError("the expert prior needs one column and one weight per name.", where="prior")
        known = self.values[~np.isnan(self.values)]
        if len(known) and (known.min() < 0 or known.max() > 1):
            raise BarographError(
                f"expert inputs must be normalised to 0..1, found {known.min():g} to {known.max():g}.",
                where="prior",
            )
        if (self.weights < 0).any() or self.weights.sum() <= 0:
            raise BarographError("expert weights must be non-negative with a positive sum.", where="prior")

    @property
    def shares(self) -> FloatArray:
        """Weights summing to 1."""
        return np.asarray(self.weights / self.weights.sum(), dtype=float)

    def filled(self) -> FloatArray:
        """Values with unknowns at the mean of what is known (.5 if nothing is)."""
        return self.filled_like(self)

    def filled_like(self, other: ExpertPrior) -> FloatArray:
        """The values of `other` (new rows of the same inputs) with unknowns at the mean known here."""
        known = ~np.isnan(self.values)
        count = known.sum(axis=0)
        mean = np.where(count > 0, np.where(known, self.values, 0.0).sum(axis=0) / np.maximum(count, 1), 0.5)
        return np.where(np.isnan(other.values), mean, other.values)

    def take(self, rows: IntArray | BoolArray) -> ExpertPrior:
        """The same prior on a subset of the rows."""
        return ExpertPrior(self.names, self.values[rows], self.weights)

    def score(self) -> FloatArray:
        """The heuristic score in 0..1."""
        return np.asarray(self.filled() @ self.shares, dtype=float)


@dataclass(frozen=True, slots=True)
class CentredWeights:
    """Stage A of the migration: the expert's own inputs, weights moved by the evidence.

    percent: whole numbers summing to 100. share: the fitted shares before rounding. data_share: 1 -
    (posterior sd / prior sd)^2 per weight, 0 all opinion, 1 all data. contradicts: names whose data point the
    other way."""

    names: tuple[str, ...]
    percent: IntArray
    share: FloatArray
    sd: FloatArray
    data_share: FloatArray
    expert_percent: IntArray
    kappa: float
    tau: float
    intercept: float
    slope: float
    contradicts: tuple[str, ...]

    def score(self, values: FloatArray) -> FloatArray:
        """Score in 0..100 from inputs in 0..1 (n, k) without NaN."""
        return np.asarray(values @ self.percent, dtype=float)

    def log_odds(self, values: FloatArray) -> FloatArray:
        """logit P(lost) before any recalibration."""
        return np.asarray(self.intercept - self.slope * self.score(values) / 100, dtype=float)


def heuristic_slope(score: FloatArray, lost: BoolArray) -> LogisticFit:
    """The one-dimensional fit that turns a 0..1 score into a probability: slope prior N(4, 2^2), at least
    .25.
    """
    return fit_logistic(score[:, None], lost, mean=KAPPA_MEAN, sd=KAPPA_SD, low=KAPPA_MIN)


def centre_on_expert(
    prior: ExpertPrior, lost: BoolArray, *, cap: float = DEFAULT_CAP, outcomes: int | None = None
) -> CentredWeights:
    """Prior-centred, sign-constrained weights over the expert's inputs.

    First the slope kappa of the heuristic score, then beta with prior N(kappa * expert share, tau^2); tau is
    .8 below 60 outcomes and 1.6 from there (measured: smaller samples need the stronger hold). `outcomes` is
    the number of resolved decisions when it differs from the rows.
    """
    x, n = prior.filled(), len(lost) if outcomes is None else outcomes
    kappa = float(heuristic_slope(x @ prior.shares, lost).beta[0])
    tau = TAU_FEW if n < TAU_SWITCH else TAU_MANY
    fit = fit_logistic(x, lost, mean=kappa * prior.shares, sd=tau, cap=cap)
    total = float(fit.beta.sum())
    share = fit.beta / total if total > 0 else prior.shares
    percent = largest_remainder(share)
    link = fit_logistic((x @ percent / 100)[:, None], lost, mean=max(total, KAPPA_MIN), sd=tau, low=0.0)
    return CentredWeights(
        names=prior.names,
        percent=percent,
        share=share,
        sd=fit.sd / max(total, 1e-9),
        data_share=np.clip(1 - (fit.sd / tau) ** 2, 0.0, 1.0),
        expert_percent=largest_remainder(prior.shares),
        kappa=kappa,
        tau=tau,
        intercept=link.intercept,
        slope=float(link.beta[0]),
        contradicts=_contradictions(x, lost, prior.names),
    )


def _contradictions(x: FloatArray, lost: BoolArray, names: tuple[str, ...]) -> tuple[str, ...]:
    """Inputs whose free coefficient is negative with its 95 % interval below 0, asked from 50 lost on."""
    if int(lost.sum()) < CONTRADICTION_LOST:
        return ()
    free = fit_logistic(x, lost, sd=10.0, low=-np.inf)
    return tuple(name for name, b, s in zip(names, free.beta, free.sd, strict=True) if b + 1.96 * s < 0)
