"""What a pulse speaks for, and how that stands to the numbers: the rule of `barograph.core.overlay` for single pulses.

Numbers for one pulse or for some thousand are made by the same arithmetic that decides the displayed tier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from barograph.core.overlay import (
    ENGAGEMENT,
    NARRATIVE,
    SPONSOR,
    UNANSWERED,
    Pulses,
    divergence,
    opinion,
)
from barograph.core.thresholds import HEALTHY, NONE, TIER_CODES, tier_name
from barograph_web.pulses.models import Direction

DIRECTIONS = {-1: Direction.WORSE, 0: Direction.NONE, 1: Direction.BETTER}


@dataclass(frozen=True, slots=True)
class Words:
    """The answers of a pulse, by their words in the data contract; empty: no answer, or no tier wanted."""

    sponsor_status: str
    executive_engagement: str
    outcome_narrative: str
    wanted_tier: str = ""


@dataclass(frozen=True, slots=True)
class Stance:
    """speaks_for: the tier that a pulse speaks for, "" when it says nothing. direction: how it stands to the numbers,
    as long as it has force."""

    speaks_for: str
    direction: Direction


def stances(words: Sequence[Words], computed: Sequence[str]) -> list[Stance]:
    """Each pulse against the computed tier of its account; "insufficient" or "" where there is no score, and then it
    speaks for the best tier that its answers allow."""
    size = len(words)

    def codes(column: str, known: tuple[str, ...]) -> np.ndarray:
        found = [getattr(one, column) for one in words]
        return np.array([known.index(w) if w in known else UNANSWERED for w in found], dtype=np.int8)

    pulses = replace(
        Pulses.nobody(size),
        day=np.zeros(size, dtype=np.int64),
        sponsor=codes("sponsor_status", SPONSOR),
        engagement=codes("executive_engagement", ENGAGEMENT),
        narrative=codes("outcome_narrative", NARRATIVE),
        wanted=np.array([TIER_CODES.get(one.wanted_tier, NONE) for one in words], dtype=np.int8),
    )
    numbers = np.array([TIER_CODES.get(tier, NONE) for tier in computed], dtype=np.int8)
    says = opinion(pulses, numbers)
    ways = divergence(says, numbers)
    return [
        Stance("" if code == NONE else tier_name(code), DIRECTIONS[int(way)])
        for code, way in zip(says, ways, strict=True)
    ]


def stance_of(words: Words, computed: str) -> Stance:
    """One pulse against the numbers."""
    return stances([words], [computed])[0]


def liftable(computed: str) -> str:
    """The tier that a lift from the computed one leads to, never Growth; "" when there is none."""
    code = TIER_CODES.get(computed, NONE)
    return tier_name(code + 1) if 0 <= code < HEALTHY else ""
