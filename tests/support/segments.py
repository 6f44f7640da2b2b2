"""Planted segments: the same signals with the same force in each, or with another, and one that is too small."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from barograph.learning.metrics import probability
from barograph.learning.observations import Observations
from support.learning import Planted, company

EFFECTS = {"smb": (1.6, 0.15, 0.5), "mid": (0.15, 1.6, 0.5)}


def divided(n: int, seed: int, *, own: bool, level: float = 0.0) -> Observations:
    """Two large segments, in which the same signals matter alike or (`own`) the other way round, and a small one.
    level: log-odds added to the loss of smb."""
    o = company(Planted(n=n, effects=(1.0, 1.0, 0.5), noise=2, base=-0.8), seed)
    rng = np.random.default_rng(seed)
    segment = np.array(["smb", "mid"], dtype=object)[rng.integers(0, 2, n)]
    segment[rng.random(n) < 0.02] = "few"
    odds = np.full(n, -0.8) - o.signals[:, :3] @ np.array([1.0, 1.0, 0.5])
    for name, effects in EFFECTS.items():
        rows = segment == name
        if own:
            odds[rows] = -0.8 - o.signals[rows][:, :3] @ np.array(effects)
    odds[segment == "smb"] += level
    lost = rng.random(n) < probability(odds)
    return replace(o, segment=segment, lost=lost, outcome=np.where(lost, "churned", "renewed").astype(object))
