"""The small score history of a table row: twelve weekly bars on the whole scale, the last in its tier's colour.

Smaller than `barograph.charts.marks.history_bars` in every sense: one path holds all past bars, so that a page of
fifty rows stays light. The words of both are the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from barograph.charts.marks import history_words
from barograph.charts.palette import css_name
from barograph.charts.svg import element, picture
from barograph.definitions.base import TIER_ORDER

WEEKS, STEP, BAR, HEIGHT = 12, 7, 5, 24


def spark(
    scores: Sequence[float | None] | None, tier: str | None = None, lines: Mapping[str, float] | None = None
) -> str:
    """Inline SVG.

    scores: 0 to 100, oldest first; None or NaN for a week without one, which gets a dot on the axis. tier: that of
    the last week, read from `lines` when it is not given. lines: the score from which each tier is reached, drawn
    as bands behind the bars.
    """
    known = [None if v is None or math.isnan(v) else min(100.0, max(0.0, v)) for v in (scores or [])][-WEEKS:]
    known = [None] * (WEEKS - len(known)) + known
    width = WEEKS * STEP - (STEP - BAR)
    last = known[-1]
    past = "".join(_bar(k, v) for k, v in enumerate(known[:-1]) if v is not None)
    parts = [
        *(
            _bands(lines, width)
            if lines
            else [element("rect", x=0, y=0, width=width, height=HEIGHT, class_="ground")]
        ),
        element("path", d=past, class_="past") if past else "",
        element("path", d="".join(_dot(k) for k, v in enumerate(known) if v is None), class_="past"),
    ]
    if last is not None:
        shown = tier or (tier_at(last, lines) if lines else "insufficient")
        parts.append(element("path", d=_bar(WEEKS - 1, last), class_=f"solid-{css_name(shown)}"))
    return picture(
        history_words(list(scores or [])[-WEEKS:]), *parts,
        class_="mark spark", width=width, height=HEIGHT, viewBox=f"0 0 {width} {HEIGHT}",
    )  # fmt: skip


def tier_at(score: float, lines: Mapping[str, float]) -> str:
    """The best tier whose line the score reaches, the worst without any."""
    reached = [tier for tier in TIER_ORDER if tier in lines and score >= lines[tier]]
    return reached[-1] if reached else TIER_ORDER[0]


def _bar(place: int, score: float) -> str:
    high = max(1.0, score / 100 * HEIGHT)
    return f"M{place * STEP} {HEIGHT}v-{high:.1f}h{BAR}v{high:.1f}z"


def _dot(place: int) -> str:
    return f"M{place * STEP + 2} {HEIGHT}v-2h1v2z"


def _bands(lines: Mapping[str, float], width: float) -> list[str]:
    starts = [(tier, lines[tier]) for tier in TIER_ORDER if tier in lines]
    bands = []
    for k, (tier, start) in enumerate(starts):
        low = 0.0 if k == 0 else start
        high = starts[k + 1][1] if k + 1 < len(starts) else 100.0
        if high > low:
            bands.append(
                element(
                    "rect", x=0, y=HEIGHT * (1 - high / 100), width=width, height=HEIGHT * (high - low) / 100,
                    class_=f"band-{css_name(tier)}",
                )
            )  # fmt: skip
    return bands
