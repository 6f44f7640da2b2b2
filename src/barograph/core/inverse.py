"""Shapes turned round: the value nearest to today's that scores at least so many points."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from barograph.core.arrays import AnyArray, texts
from barograph.core.normalise import apply_shape
from barograph.core.peers import Peers
from barograph.definitions.normalise import (
    BandedShape,
    DecayShape,
    LogShape,
    PercentileShape,
    RangeShape,
    Shape,
)
from barograph.definitions.signal import Signal

Relation = Literal["at_least", "at_most", "below", "exactly"]
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Target:
    """A value to reach and from which side; `normalised` is what it scores, 0 to 100."""

    relation: Relation
    value: float
    normalised: float


@dataclass(frozen=True, slots=True)
class Among:
    """Where one account stands among its peers: its group there and its own value (NaN: it has none)."""

    peers: Peers
    group: object
    own: float

    def rank(self, values: AnyArray) -> AnyArray:
        """Percentile that the account would have with each of the values."""
        groups = texts([self.group] * len(values))
        return self.peers.rank(values, groups, np.full(len(values), self.own))

    def candidates(self) -> AnyArray:
        """Values that peers have, ascending: what is possible is what somebody reached."""
        members = self.peers.groups.get(self.group, self.peers.everyone)
        return np.unique(members if len(members) >= self.peers.min_peers else self.peers.everyone)


def is_yes_no(signal: Signal) -> bool:
    """Whether the signal is 1 or 0: something holds, or it does not."""
    return signal.template == "milestone" or (signal.template == "state_as_of" and signal.result == "present")


def is_whole(signal: Signal) -> bool:
    """Whether the signal's values are whole numbers."""
    if signal.template in ("open_as_of", "overdue_as_of", "state_as_of"):
        return signal.result in ("count", "oldest_days")
    return signal.template in ("count", "distinct", "breadth", "days_since")


def is_fraction(signal: Signal) -> bool:
    """Whether the signal is a share between 0 and 1."""
    if signal.template == "state_as_of":
        return signal.result == "share"
    return signal.template in ("share", "stakeholder_coverage")


def value_for_points(
    signal: Signal, shape: Shape, needed: float, now: float, among: Among | None = None
) -> Target | None:
    """The value nearest to `now` (NaN: not known) that scores `needed` points or more; None if there is none.

    Whole numbers stay whole, shares stay between 0 and 1, counts and days at 0 or more. Percentiles need
    `among`.
    """
    found = [t for t in _targets(signal, shape, needed, now, among) if t.normalised >= needed - _SLACK]
    if not found:
        return None
    return min(found, key=lambda t: (t.normalised if math.isnan(now) else abs(t.value - now), t.normalised))


def best_target(signal: Signal, shape: Shape, now: float, among: Among | None = None) -> Target | None:
    """The value that scores most, nearest to `now` among equals; None when a percentile has no peers."""
    found = list(_targets(signal, shape, 100.0, now, among))
    if not found:
        return None
    return max(found, key=lambda t: (t.normalised, 0.0 if math.isnan(now) else -abs(t.value - now)))


def _targets(
    signal: Signal, shape: Shape, needed: float, now: float, among: Among | None
) -> Iterable[Target]:
    """Values worth considering, each with what it scores: at `needed` points where the shape allows it."""
    if isinstance(shape, PercentileShape):
        if among is None:
            raise TypeError("a percentile is judged among peers")
        values = among.candidates()
        scored = among.rank(values)
        side: Relation = "at_most" if among.peers.reverse else "at_least"
        return [
            Target(side, float(v), float(p)) for v, p in zip(values, scored, strict=True) if not np.isnan(p)
        ]

    def points(value: float) -> float:
        return float(apply_shape(shape, np.array([value]))[0])

    if is_yes_no(signal):
        return [Target("exactly", value, points(value)) for value in (0.0, 1.0)]
    if isinstance(shape, BandedShape):
        return _band_targets(signal, shape, now)
    side, value = _where(shape, needed)
    return [_settled(signal, side, value, points)]


def _where(shape: RangeShape | LogShape | DecayShape, needed: float) -> tuple[Relation, float]:
    share = min(max(needed, 0.0), 100.0) / 100.0
    if isinstance(shape, DecayShape):
        return "at_most", -shape.half_life * math.log2(max(share, 1e-12))
    side: Relation = "at_least" if shape.full > shape.zero else "at_most"
    if isinstance(shape, LogShape):
        low, high = math.log1p(shape.zero), math.log1p(shape.full)
        return side, math.expm1(low + share * (high - low))
    return side, shape.zero + share * (shape.full - shape.zero)


def _settled(signal: Signal, side: Relation, value: float, points: Callable[[float], float]) -> Target:
    """The value made possible for the signal: whole where it counts, within its bounds."""
    if is_whole(signal):
        value = float(math.ceil(value - _SLACK) if side == "at_least" else math.floor(value + _SLACK))
    if is_fraction(signal):
        value = min(max(value, 0.0), 1.0)
    elif is_whole(signal):
        value = max(value, 0.0)
    return Target(side, value, points(value))


def _band_targets(signal: Signal, shape: BandedShape, now: float) -> Iterable[Target]:
    low = -math.inf
    for band in shape.bands:
        high = math.inf if band.below is None else band.below
        if low <= now < high:
            yield Target("exactly", now, band.points)
        elif low > now or (math.isnan(now) and math.isfinite(low)):
            reach = float(math.ceil(low)) if is_whole(signal) else low
            if reach < high:
                yield Target("at_least", reach, band.points)
        elif is_whole(signal):
            yield Target("at_most", float(math.ceil(high) - 1), band.points)
        else:
            yield Target("below", high, band.points)
        low = high
