"""An account's scores over many weeks as bars, with the tiers as bands behind and events marked above; inline SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from barograph.charts.areas import month_starts
from barograph.charts.palette import css_name
from barograph.charts.svg import element, number, picture, text
from barograph.definitions.base import TIER_ORDER

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760.0, 196.0, 28.0, 76.0, 22.0, 22.0
SAME_PLACE = 10.0
"""Pixels within which events share one mark."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened on a day. bad: drawn in the colour of At Risk."""

    on: date
    words: str
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """One week. score: 0 to 100, None without one. tier: that was shown, colour of the last bar."""

    as_of: date
    score: float | None
    tier: str


def score_history(
    points: Sequence[Point],
    lines: Mapping[str, float],
    labels: Mapping[str, str],
    marks: Sequence[Mark] = (),
) -> str:
    """Weekly bars from zero to 100, oldest first; "" without any week.

    lines: the score from which each tier is reached, drawn as bands with their labels at the right edge. marks: shown
    above the bars in their week, those of about the same day as one, with their words when pointed at.
    """
    if not points:
        return ""
    first, last = points[0].as_of, points[-1].as_of
    span = max(1, (last - first).days + 7)
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def across(day: date) -> float:
        return LEFT + wide * (day - first).days / span

    step = wide * 7 / span
    bar = max(1.5, min(12.0, step * 0.7))
    parts = _bands(lines, labels, wide, high)
    parts += [
        _bar(point, across(point.as_of) + (step - bar) / 2, bar, high, coloured=point is points[-1])
        for point in points
    ]
    parts += _marks([m for m in marks if first <= m.on <= last], across, high)
    parts += _axes([p.as_of for p in points], across, wide, high)
    return picture(
        _told(points), *parts,
        class_="mark history", width="100%", viewBox=f"0 0 {number(WIDTH)} {number(HEIGHT)}",
    )  # fmt: skip


def _bands(lines: Mapping[str, float], labels: Mapping[str, str], wide: float, high: float) -> list[str]:
    known = [(tier, lines[tier]) for tier in TIER_ORDER if tier in lines]
    parts = []
    for k, (tier, start) in enumerate(known):
        low = 0.0 if k == 0 else start
        above = known[k + 1][1] if k + 1 < len(known) else 100.0
        if above <= low:
            continue
        top, tall = TOP + high * (1 - above / 100), high * (above - low) / 100
        parts.append(element("rect", x=LEFT, y=top, width=wide, height=tall, class_=f"band-{css_name(tier)}"))
        told = text(labels.get(tier, tier))
        parts.append(element("text", told, x=LEFT + wide + 8, y=top + tall / 2 + 4, class_="quiet"))
    return parts or [element("rect", x=LEFT, y=TOP, width=wide, height=high, class_="ground")]


def _bar(point: Point, x: float, wide: float, high: float, *, coloured: bool) -> str:
    base = TOP + high
    title = element("title", text(_week_told(point)))
    if point.score is None:
        middle = x + wide / 2
        line = element("line", x1=middle, x2=middle, y1=base - 8, y2=base, class_="gap")
        return element("g", title, line)
    tall = max(1.0, min(100.0, max(0.0, point.score)) / 100 * high)
    kind = f"solid-{css_name(point.tier)}" if coloured else "past"
    box = element("rect", x=x, y=base - tall, width=wide, height=tall, class_=kind)
    return element("g", title, box)


def _marks(marks: Sequence[Mark], across: Callable[[date], float], high: float) -> list[str]:
    grouped: list[tuple[float, list[Mark]]] = []
    for mark in sorted(marks, key=lambda m: m.on):
        x = across(mark.on)
        if grouped and x - grouped[-1][0] < SAME_PLACE:
            grouped[-1][1].append(mark)
        else:
            grouped.append((x, [mark]))
    parts = []
    for x, some in grouped:
        told = "; ".join(f"{m.on.day} {m.on:%b}: {m.words}" for m in some)
        kind = "solid-at-risk" if any(m.bad for m in some) else "past"
        stem = element("line", x1=x, x2=x, y1=TOP - 6, y2=TOP + high, class_="gap")
        dot = element("circle", cx=x, cy=TOP - 10, r=4, class_=kind)
        parts.append(element("g", element("title", text(told)), stem, dot))
    return parts


def _axes(weeks: Sequence[date], across: Callable[[date], float], wide: float, high: float) -> list[str]:
    base = TOP + high
    parts = [
        element("line", x1=LEFT, x2=LEFT + wide, y1=base, y2=base, class_="axis"),
        element("text", "100", x=LEFT - 5, y=TOP + 8, text_anchor="end", class_="quiet"),
        element("text", "0", x=LEFT - 5, y=base + 4, text_anchor="end", class_="quiet"),
    ]
    for k in month_starts(weeks, 8):
        told = f"{weeks[k]:%b}" + (f" {weeks[k]:%Y}" if weeks[k].month == 1 or k == 0 else "")
        parts.append(element("text", told, x=across(weeks[k]), y=base + 16, class_="quiet"))
    return parts


def _week_told(point: Point) -> str:
    score = "no score" if point.score is None else f"{point.score:.0f}"
    return f"Week of {point.as_of.day} {point.as_of:%b %Y}: {score}"


def _told(points: Sequence[Point]) -> str:
    known = [p.score for p in points if p.score is not None]
    if not known:
        return f"No score in {len(points)} weeks."
    return (
        f"Score in {len(points)} weeks: first {known[0]:.0f}, last {known[-1]:.0f}, between {min(known):.0f} and "
        f"{max(known):.0f}. From 0 to 100, higher is healthier."
    )
