"""Drift: has a signal, or the outcome, moved more than chance allows?

The population stability index over 5 bands is compared with a permutation critical value, because the usual
limits of .1 and .25 are passed by chance alone below about 300 accounts (Yurdakul 2018 gives the law;
measured: 22 % above .1 at 60 accounts with 5 bands and no drift at all). Outcome drift is observed over
expected losses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from barograph.learning.cutpoints import candidate_cuts
from barograph.learning.decay import DECAY_LOST, decayed, fix_or_decommission
from barograph.learning.intervals import Estimate, poisson_ratio
from barograph.learning.observations import BoolArray, FloatArray

BANDS = 5
MIN_CURRENT = 100
RED_PSI = 0.25
LEVEL = 0.99
PERMUTATIONS = 2_000


@dataclass(frozen=True, slots=True)
class SignalDrift:
    """PSI of one signal against its critical value. state: 'none', 'amber' (beyond chance), 'red' (beyond
    chance and above .25), 'unknown' (under 100 current accounts: no statement)."""

    name: str
    psi: float
    critical: float
    state: Literal["none", "amber", "red", "unknown"]
    text: str


def psi(reference: FloatArray, current: FloatArray) -> float:
    """sum (c - r) * ln(c / r) over band shares; half a row is added to each band so that none is empty."""
    r = (reference + 0.5) / (reference.sum() + 0.5 * len(reference))
    c = (current + 0.5) / (current.sum() + 0.5 * len(current))
    return float(((c - r) * np.log(c / r)).sum())


def signal_drift(
    name: str, reference: FloatArray, current: FloatArray, rng: np.random.Generator
) -> SignalDrift:
    """Compare current values with the values the model was learnt on; NaN is a band of its own.

    The critical value is the 99 % quantile of the PSI when the same values are dealt at random to both sides.
    """
    known = reference[~np.isnan(reference)]
    cuts = candidate_cuts(known, BANDS) if len(known) else np.zeros(0)
    before, now = _counts(reference, cuts), _counts(current, cuts)
    found = psi(before, now)
    if len(current) < MIN_CURRENT:
        text = f"{name}: {len(current)} current accounts, {MIN_CURRENT} are needed for a statement on drift."
        return SignalDrift(name, found, float("nan"), "unknown", text)
    pool = (before + now).astype(np.int64)
    dealt = rng.multivariate_hypergeometric(pool, int(now.sum()), size=PERMUTATIONS)
    chance = np.array([psi(pool - d, d) for d in dealt])
    critical = float(np.quantile(chance, LEVEL))
    state: Literal["none", "amber", "red"] = "none"
    if found > critical:
        state = "red" if found > RED_PSI else "amber"
    words = {"none": "no more than chance", "amber": "beyond chance", "red": "beyond chance and large"}
    text = f"{name}: PSI {found:.3f}, {words[state]} (1 % critical value {critical:.3f})."
    return SignalDrift(name, found, critical, state, text)


def _counts(values: FloatArray, cuts: FloatArray) -> FloatArray:
    known = ~np.isnan(values)
    piece = np.full(len(values), len(cuts) + 1)
    piece[known] = np.searchsorted(cuts, values[known], side="right")
    return np.bincount(piece, minlength=len(cuts) + 2).astype(float)


@dataclass(frozen=True, slots=True)
class OutcomeDrift:
    """Observed over expected losses with an exact Poisson interval; `drifted` when the interval excludes
    1.
    """

    observed: int
    expected: float
    ratio: Estimate
    drifted: bool


def outcome_drift(p_lost: FloatArray, lost: BoolArray) -> OutcomeDrift:
    """Were as many lost as the probabilities said?"""
    observed, expected = int(lost.sum()), float(p_lost.sum())
    ratio = poisson_ratio(observed, expected)
    return OutcomeDrift(observed, expected, ratio, bool(ratio.low > 1 or ratio.high < 1))


__all__ = [
    "DECAY_LOST",
    "OutcomeDrift",
    "SignalDrift",
    "decayed",
    "fix_or_decommission",
    "outcome_drift",
    "psi",
    "signal_drift",
]
