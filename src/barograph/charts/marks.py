"""The marks of the review: score history, change, tiers by revenue, and the shading of a movement matrix.

All are inline SVG (or a class name) for a page that includes `palette.stylesheet()`. They hold no style
attributes, scripts or addresses, so they work under a strict content security policy. What a colour says is
also said by a label, a position or the mark's name. Scores run from 0 to 100 and higher is healthier.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from barograph.charts.palette import css_name
from barograph.charts.svg import element, number, picture, text
from barograph.definitions.base import TIER_ORDER

LABEL, STEP, BAR, HEIGHT, TOP = 26, 10, 7, 44, 6
"""Pixels: room for a label beside the bars, bar and gap, bar, the height of 100 points, room above them."""
NARROWEST = 343.0
"""Pixels that a bar over the whole width has on a small telephone."""
LETTER = 6.6


@dataclass(frozen=True, slots=True)
class TierShare:
    """One part of a tier bar. value: revenue or a count, 0 or more."""

    tier: str
    label: str
    value: float


def history_bars(scores: Sequence[float | None], tier: str, lines: Mapping[str, float] | None = None) -> str:
    """Weekly scores as bars from an honest zero, the first and the last known one labelled.

    scores: 0 to 100, oldest first, None (or NaN) in weeks without a score, which get a dashed stub. tier: the
    present one, colour of the last bar. lines: the score from which each tier is reached; with them the tiers
    lie behind the bars as bands.
    """
    known = [None if v is None or math.isnan(v) else v for v in scores]
    width = STEP * len(known)
    bars = [_bar(k, value, tier if k == len(known) - 1 else None) for k, value in enumerate(known)]
    drawn = element(
        "g", *_bands(lines or {}, width), *bars, _axis(LABEL, LABEL + width), *_labels(known, LABEL + width)
    )
    full = LABEL * 2 + width
    high = TOP + HEIGHT + 2
    name = history_words(known)
    return picture(name, drawn, class_="mark history", width=full, height=high, viewBox=f"0 0 {full} {high}")


def history_words(scores: Sequence[float | None]) -> str:
    """What `history_bars` shows, in words."""
    if not scores:
        return "No score yet."
    told = ", ".join("none" if v is None or math.isnan(v) else f"{v:.0f}" for v in scores)
    weeks = "1 week" if len(scores) == 1 else f"{len(scores)} weeks"
    return f"Score in the last {weeks}, oldest first: {told}. From 0 to 100, higher is healthier."


def change_bar(points: float, widest: float) -> str:
    """One line of a ledger: a bar to the right of zero for points won, to the left for points lost.

    widest: the most points of any line of the ledger, which reach the edge. Lines of 0 points show zero only.
    """
    half, height = 48.0, 10.0
    size = 0.0 if widest <= 0 else min(1.0, abs(points) / widest) * half
    bar = element(
        "rect",
        x=half if points >= 0 else half - size,
        y=1,
        width=size,
        height=height - 2,
        class_="gain" if points >= 0 else "loss",
    )
    zero = element("line", x1=half, x2=half, y1=0, y2=height, class_="axis")
    name = f"{points:+.1f} points"
    return picture(
        name, *([bar] if size else []), zero, class_="mark change", width=2 * half, height=height,
        viewBox=f"0 0 {number(2 * half)} {number(height)}",
    )  # fmt: skip


def tier_bar(parts: Sequence[TierShare], of: str = "revenue") -> str:
    """Tiers as parts of one bar over the whole width, labelled directly where there is room.

    parts: worst tier first; values that are not above 0 are left out. "" when nothing is left. The table that
    stands with the bar has every part.
    """
    shown = [part for part in parts if part.value > 0]
    total = sum(part.value for part in shown)
    if total <= 0:
        return ""
    pieces, start = [], 0.0
    for part in shown:
        share = part.value / total
        pieces.append(_piece(part, start, share))
        start += share
    told = ", ".join(f"{part.label} {_per_cent(part.value / total)}" for part in shown)
    return picture(
        f"{of.capitalize()} by tier: {told}.", *pieces, class_="mark tiers", width="100%", height=52
    )


def share_bar(share: float, tier: str) -> str:
    """A share of 0 to 1 as a bar from zero; its whole length is 100 %."""
    width, height = 96.0, 10.0
    filled = min(1.0, max(0.0, share)) * width
    bar = element("rect", x=0, y=1, width=filled, height=height - 2, class_=f"solid-{css_name(tier)}")
    zero = element("line", x1=0, x2=0, y1=0, y2=height, class_="axis")
    return picture(
        _per_cent(share), *([bar] if filled else []), zero, class_="mark share", width=width, height=height,
        viewBox=f"0 0 {number(width)} {number(height)}",
    )  # fmt: skip


def shade(before: int, after: int, value: float, most: float) -> str:
    """The class of a cell of a movement matrix: which way accounts moved, and in four steps how much.

    before, after: places of the tiers, worst first. value: what the cell holds; most: the largest of the
    cells it is compared with. "" for an empty cell.
    """
    if value <= 0 or most <= 0:
        return ""
    way = "stay" if before == after else "up" if after > before else "down"
    return f"shade-{way}-{min(4, max(1, math.ceil(4 * value / most)))}"


def _bar(place: int, value: float | None, tier: str | None) -> str:
    x = LABEL + place * STEP + (STEP - BAR) / 2
    if value is None:
        middle = x + BAR / 2
        return element("line", x1=middle, x2=middle, y1=TOP + HEIGHT - 8, y2=TOP + HEIGHT, class_="gap")
    score = min(100.0, max(0.0, value))
    high = max(1.0, score / 100 * HEIGHT)
    kind = "past" if tier is None else f"solid-{css_name(tier)}"
    return element("rect", x=x, y=TOP + HEIGHT - high, width=BAR, height=high, class_=kind)


def _bands(lines: Mapping[str, float], width: float) -> list[str]:
    known = [(tier, lines[tier]) for tier in TIER_ORDER if tier in lines]
    if not known:
        # The ground of the whole scale, so that the height of a bar can be read against 100.
        return [element("rect", x=LABEL, y=TOP, width=width, height=HEIGHT, class_="ground")]
    worst = TIER_ORDER[0]
    starts = known if known[0][0] == worst else [(worst, 0.0), *known]
    bands = []
    for k, (tier, start) in enumerate(starts):
        low = 0.0 if k == 0 else start
        high = starts[k + 1][1] if k + 1 < len(starts) else 100.0
        if high > low:
            bands.append(
                element(
                    "rect", x=LABEL, y=TOP + HEIGHT * (1 - high / 100), width=width,
                    height=HEIGHT * (high - low) / 100, class_=f"band-{css_name(tier)}",
                )
            )  # fmt: skip
    return bands


def _axis(start: float, end: float) -> str:
    return element("line", x1=start, x2=end, y1=TOP + HEIGHT, y2=TOP + HEIGHT, class_="axis")


def _labels(scores: Sequence[float | None], end: float) -> list[str]:
    known = [(k, v) for k, v in enumerate(scores) if v is not None]
    if not known:
        return []
    found = []
    first, last = known[0][1], known[-1]
    if len(known) > 1:
        found.append(
            element("text", f"{first:.0f}", x=LABEL - 4, y=_height(first), text_anchor="end", class_="quiet")
        )
    present = last[0] == len(scores) - 1
    label = f"{last[1]:.0f}" if present else "–"
    found.append(element("text", label, x=end + 4, y=_height(last[1] if present else 0.0)))
    return found


def _height(score: float) -> float:
    """Baseline of a label beside the top of a bar, inside the picture."""
    return min(TOP + HEIGHT, max(TOP + 8.0, TOP + HEIGHT * (1 - score / 100) + 4))


def _piece(part: TierShare, start: float, share: float) -> str:
    x, room = f"{number(start * 100)}%", share * NARROWEST - 4
    drawn = [
        element("rect", x=x, y=32, width=f"{number(share * 100)}%", height=18,
                class_=f"solid-{css_name(part.tier)} cut")
    ]  # fmt: skip
    told = _per_cent(share)
    if room >= LETTER * len(part.label):
        drawn.append(element("text", text(part.label), x=x, y=11))
    if room >= LETTER * len(told):
        drawn.append(element("text", told, x=x, y=26, class_="quiet"))
    name = element("title", text(f"{part.label}: {told}"))
    return element("g", name, *drawn)


def _per_cent(share: float) -> str:
    return f"{share * 100:.0f}%" if share >= 0.095 or share == 0 else f"{share * 100:.1f}%"
