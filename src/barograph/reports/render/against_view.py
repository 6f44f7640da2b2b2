"""Pulses that speak against the numbers, as a reader meets them: the largest few, each in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from barograph.reports.render.phrases import counted, revenue_words, tier_words

SHOWN = 8


@dataclass(frozen=True, slots=True)
class AgainstView:
    """accounts: (name, tier, its label, words, owner, revenue), largest first. more: how many are not shown."""

    words: str
    accounts: tuple[tuple[str, str, str, str, str, str], ...]
    more: str


def against_view(
    found: Sequence[Mapping[str, Any]] | None, labels: Mapping[str, str], currency: str
) -> AgainstView | None:
    """The view of `diverging`; None for a model without the overlay, and where nobody diverges."""
    if not found:
        return None
    worse = sum(entry["divergence"] == "worse" for entry in found)
    words = (
        f"{counted(worse, 'pulse')} worse than the numbers and {len(found) - worse:,} better. Each waits for somebody "
        "to say which of the two is right."
    )
    left = len(found) - SHOWN
    return AgainstView(
        words,
        tuple(
            (
                entry["name"],
                entry["tier"],
                tier_words(entry["tier"], labels),
                entry["words"],
                entry["owner"] or "nobody yet",
                revenue_words(entry["arr"], currency),
            )
            for entry in found[:SHOWN]
        ),
        f"{counted(left, 'more account')}, smaller than these." if left > 0 else "",
    )
