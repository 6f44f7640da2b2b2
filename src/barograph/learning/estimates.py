"""A figure with its interval, and the interval of a rate. Nothing here needs more than arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

Z95 = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval. `method` says how the interval came about."""

    value: float
    low: float
    high: float
    method: str = ""


def wilson(events: int, n: int, level: float = 0.95) -> Estimate:
    """Wilson's interval of a rate without continuity correction (Wilson 1927, JASA 22); (0, 1) with no trials."""
    if n == 0:
        return Estimate(float("nan"), 0.0, 1.0, "wilson")
    z = NormalDist().inv_cdf(0.5 + level / 2)
    rate = events / n
    centre = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low = 0.0 if events == 0 else centre - half
    high = 1.0 if events == n else centre + half
    return Estimate(rate, low, high, "wilson")
