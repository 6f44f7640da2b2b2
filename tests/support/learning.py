"""Planted truth for the learning tests: companies whose loss is known to depend on named signals only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.learning.observations import Candidate, Observations, observe
from barograph.learning.weights import ExpertPrior

DAY0 = 19_700


@dataclass(frozen=True)
class Planted:
    """n accounts: `strong` signals with these effects in log-odds per standard deviation, and pure noise."""

    n: int = 600
    effects: tuple[float, ...] = (1.0, 0.7, 0.5)
    noise: int = 10
    base: float = -1.5
    missing: float = 0.0
    quarters: int = 8
    per_account: int = 1


def company(planted: Planted, seed: int) -> Observations:
    """Signals s0, s1, ... carry the planted effects (up is healthier), n0, n1, ... carry nothing."""
    rng = np.random.default_rng(seed)
    k, rows = len(planted.effects), planted.n
    x = rng.normal(size=(rows, k + planted.noise))
    log_odds = planted.base - x[:, :k] @ np.array(planted.effects) if k else np.full(rows, planted.base)
    lost = rng.random(rows) < 1 / (1 + np.exp(-log_odds))
    if planted.missing:
        x[rng.random(x.shape) < planted.missing] = np.nan
    account = np.arange(rows) // planted.per_account
    as_of = DAY0 + 7 * rng.integers(0, 13 * planted.quarters, rows) + np.arange(rows) % planted.per_account
    candidates = [Candidate(f"s{j}", category="product_usage", direction="up") for j in range(k)]
    candidates += [Candidate(f"n{j}", category="engagement", kind="activity") for j in range(planted.noise)]
    return observe(
        [f"a{a}" for a in account],
        lost,
        x,
        candidates,
        as_of=as_of,
        decision=as_of + 90,
        known_day=as_of + 90,
        arr_before=rng.lognormal(10, 1, rows),
        segment=np.array(["smb", "mid", "enterprise"])[rng.integers(0, 3, rows)],
    )


def expert(observations: Observations, names: list[str], weights: list[float] | None = None) -> ExpertPrior:
    """An expert model on named signals, normalised by rank to 0..1."""
    columns = [observations.signals[:, observations.names.index(name)] for name in names]
    ranks = [np.where(np.isnan(c), np.nan, (np.argsort(np.argsort(c)) + 0.5) / len(c)) for c in columns]
    share = np.ones(len(names)) if weights is None else np.array(weights)
    return ExpertPrior(tuple(names), np.column_stack(ranks), share)
