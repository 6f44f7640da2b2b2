"""Which signals of a proposal carry weight, and how many of the 100 points each gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from barograph.definitions.lint.balance import ACTIVITY_AT_MOST, EASY, EASY_AT_MOST, HARD, HARD_AT_LEAST
from barograph.definitions.lint.evidence import LEAST_SUPPORT, SHORTEST_WINDOW, WHOLE_TABLES
from barograph.definitions.lint.weights import DOMINATES, FEWEST_SCORED, MOST_SCORED
from barograph.definitions.signal import FromSource, Signal

AIM = 5
"""Signals that a proposal weighs when the starter leaves fewer and the data offer more."""
ENOUGH_COVERAGE = 0.3
PROMOTED = 10.0
NEVER_WEIGHED = ("legacy_scores", "outcomes")
"""Another score, and past decisions."""
LAST = ("accounts", "pulses")
"""Traits, which nobody can work on, and opinions, which belong to the overlay: for want of anything else."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A signal that could carry weight: the share of accounts it is known for, its points in the starter
    (0 is a candidate), whether it comes from the starter, and whether it is an attribute of which nothing but
    the name is known: that never carries weight in a proposal."""

    signal: Signal
    coverage: float
    weight: float
    shipped: bool
    trait: bool = False


def eligible(offer: Offer, feeds_caps: set[str], *, scarce: bool = False) -> bool:
    """Whether the signal may carry weight: widely known, with a direction and enough window and support.

    scarce: so little else is there that narrow coverage and the days as a customer will do.
    """
    signal = offer.signal
    source = signal.source if isinstance(signal, FromSource) else ""
    if offer.weight == 0:
        decided = signal.template in ("power_user_trend", "state_as_of") and signal.category == "commercial"
        if signal.name in feeds_caps or signal.direction == "free" or decided:
            return False
        if offer.trait or source in NEVER_WEIGHED or (source in LAST and not scarce):
            return False
    window = getattr(signal, "window_days", SHORTEST_WINDOW)
    least = 0 if source in WHOLE_TABLES else LEAST_SUPPORT.get(signal.template, 0)
    known = offer.coverage >= (0 if scarce else ENOUGH_COVERAGE)
    return known and window >= SHORTEST_WINDOW and signal.min_support >= least


def choose(offers: Sequence[Offer], feeds_caps: set[str]) -> list[Offer]:
    """At most 8: the starter's own first, then what adds a category, an outcome or a source, up to 4, and
    what adds a category, up to 5.

    When fewer than 3 can be had that way, narrower ones are taken, up to 3.
    """
    chosen: list[Offer] = []
    for scarce in (False, True):
        open_ = [o for o in offers if o not in chosen and eligible(o, feeds_caps, scarce=scarce)]
        if not scarce:
            chosen = sorted((o for o in open_ if o.weight > 0), key=lambda o: -o.weight)[:MOST_SCORED]
        while wanted := _wanted([o for o in open_ if o not in chosen], chosen, scarce=scarce):
            categories = {o.signal.category for o in chosen}
            measured = {(_subject(o.signal), o.signal.template) for o in chosen}
            chosen.append(
                min(
                    wanted,
                    key=lambda o: (
                        (_subject(o.signal), o.signal.template) in measured,
                        o.signal.category in categories,
                        o.signal.kind == "activity",
                        not o.shipped,
                        -o.coverage,
                    ),
                )
            )
    return chosen


def _wanted(open_: list[Offer], chosen: list[Offer], *, scarce: bool) -> list[Offer]:
    """Of what is left, that from which the next is taken; nothing when the model has enough."""
    if scarce:
        return open_ if len(chosen) < FEWEST_SCORED else []
    hard = [o for o in open_ if o.signal.category in HARD]
    if hard and len(chosen) < MOST_SCORED and not any(o.signal.category in HARD for o in chosen):
        return hard
    if len(chosen) >= AIM:
        return []
    subjects = {_subject(o.signal) for o in chosen}
    categories = {o.signal.category for o in chosen}
    fresh = [o for o in open_ if _subject(o.signal) not in subjects]
    if len(chosen) > FEWEST_SCORED:
        fresh = [o for o in fresh if o.signal.category not in categories]
    return fresh or (open_ if len(chosen) < FEWEST_SCORED else [])


def spread(chosen: Sequence[Offer]) -> dict[str, int]:
    """Whole points that sum to 100, near the starter's proportions, inside the limits that lint holds to.

    Easy signals (usage, support) get at most 60 %, relationship and value at least 15 % where one of them is
    there, activity at most half and never the most, no signal more than 40 (as far as their number allows).
    """
    if not chosen:
        return {}
    weight = {o.signal.name: o.weight or PROMOTED for o in chosen}
    signals = {o.signal.name: o.signal for o in chosen}
    easy = [n for n, s in signals.items() if s.category in EASY]
    hard = [n for n, s in signals.items() if s.category in HARD]
    activity = [n for n, s in signals.items() if s.kind == "activity"]
    results = [n for n in signals if n not in activity]
    for _ in range(200):
        _normalise(weight)
        if hard:
            _limit(weight, easy, EASY_AT_MOST)
            _limit(weight, [n for n in signals if n not in hard], 1 - HARD_AT_LEAST - 0.01)
        if results:
            _limit(weight, activity, ACTIVITY_AT_MOST - 0.02)
            most = 0.95 * max(weight[n] for n in results)
            weight.update({n: min(weight[n], most) for n in activity})
        _normalise(weight)
        for name in list(weight):
            _limit(weight, [name], DOMINATES / 100 if len(weight) >= FEWEST_SCORED else 1)
    return _whole(weight)


def _subject(signal: Signal) -> str:
    """What a signal is about, so that the same thing is not weighed from two sides."""
    if isinstance(signal, FromSource):
        return f"{signal.source} {sorted(signal.where.items(), key=str)}"
    return signal.name


def _normalise(weight: dict[str, float]) -> None:
    total = sum(weight.values())
    weight.update({name: value / total for name, value in weight.items()})


def _limit(weight: dict[str, float], names: Sequence[str], most: float) -> None:
    """Scales `names` down to `most` of the whole, the others up, when they are more."""
    part = sum(weight[n] for n in names)
    rest = sum(weight.values()) - part
    if not names or rest <= 0 or part <= most * (part + rest):
        return
    down, up = most / part, (1 - most) / rest
    weight.update({n: w * (down if n in names else up) for n, w in weight.items()})


def _whole(weight: Mapping[str, float]) -> dict[str, int]:
    """Largest remainders: whole numbers of 1 or more that sum to 100."""
    parts = {n: max(1.0, 100 * w) for n, w in weight.items()}
    total = sum(parts.values())
    parts = {n: p * 100 / total for n, p in parts.items()}
    points = {n: max(1, int(p)) for n, p in parts.items()}
    order = sorted(parts, key=lambda n: (-(parts[n] - int(parts[n])), n))
    for place in range(100 - sum(points.values())):
        points[order[place % len(order)]] += 1
    return points
