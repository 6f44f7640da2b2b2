"""Shares of a whole over time as stacked areas, labelled directly at the right edge; pure inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from barograph.charts.palette import css_name
from barograph.charts.svg import element, number, picture, text

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720.0, 240.0, 44.0, 156.0, 10.0, 22.0
LEAST_LABEL = 13.0
"""Pixels between two labels at the edge."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One area. values: one per week, 0 or more, in the order of the weeks. told: what stands at the right edge."""

    tier: str
    label: str
    values: Sequence[float]
    told: str = ""


def stacked_areas(
    weeks: Sequence[date], layers: Sequence[Layer], name: str, top_label: str = "", *, shares: bool = False
) -> str:
    """Areas on top of each other from an honest zero, the first layer at the bottom.

    name: what the picture shows, in words. top_label: written at the top of the scale, such as the largest total.
    shares: every week is drawn as shares of its own total. "" for fewer than two weeks or when there is nothing.
    """
    totals = [sum(layer.values[k] for layer in layers) for k in range(len(weeks))]
    top = max(totals, default=0.0)
    if len(weeks) < 2 or top <= 0:
        return ""
    span = (weeks[-1] - weeks[0]).days
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    across = [LEFT + wide * (week - weeks[0]).days / span for week in weeks]

    def up(value: float, k: int) -> float:
        whole = totals[k] if shares else top
        return TOP + high * (1 - (value / whole if whole > 0 else 0.0))

    below = [0.0] * len(weeks)
    drawn, labels = [], []
    for layer in layers:
        above = [low + value for low, value in zip(below, layer.values, strict=True)]
        there = [
            f"{number(x)} {number(up(v, k))}" for k, (x, v) in enumerate(zip(across, above, strict=True))
        ]
        back = [f"{number(x)} {number(up(v, k))}" for k, (x, v) in enumerate(zip(across, below, strict=True))]
        path = "M" + "L".join([*there, *reversed(back)]) + "z"
        title = element("title", text(f"{layer.label} {layer.told}".strip()))
        if any(layer.values):
            drawn.append(
                element("g", title, element("path", d=path, class_=f"solid-{css_name(layer.tier)} cut"))
            )
        if layer.values[-1] > 0:
            middle = (up(below[-1], len(weeks) - 1) + up(above[-1], len(weeks) - 1)) / 2
            labels.append((middle, layer))
        below = above
    return picture(
        name, *drawn, *_edge_labels(labels), *_axes(weeks, across, "100%" if shares else top_label),
        class_="mark areas", width="100%", viewBox=f"0 0 {number(WIDTH)} {number(HEIGHT)}",
    )  # fmt: skip


def _edge_labels(labels: list[tuple[float, Layer]]) -> list[str]:
    """Labels beside their areas, moved apart from below where two would overlap."""
    found, floor = [], HEIGHT - BOTTOM + 4
    for middle, layer in sorted(labels, key=lambda item: -item[0]):
        y = min(middle + 4, floor)
        floor = y - LEAST_LABEL
        found.append(element("text", text(f"{layer.label} {layer.told}".strip()), x=WIDTH - RIGHT + 8, y=y))
    return found


def _axes(weeks: Sequence[date], across: Sequence[float], top_label: str) -> list[str]:
    base = HEIGHT - BOTTOM
    parts = [
        element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=base, y2=base, class_="axis"),
        element("text", "0", x=LEFT - 6, y=base + 4, text_anchor="end", class_="quiet"),
    ]
    if top_label:
        parts.append(
            element("text", text(top_label), x=LEFT - 6, y=TOP + 8, text_anchor="end", class_="quiet")
        )
    for k in month_starts(weeks):
        told = f"{weeks[k]:%b}" + (f" {weeks[k]:%Y}" if weeks[k].month == 1 or k == 0 else "")
        parts += [
            element("line", x1=across[k], x2=across[k], y1=base, y2=base + 4, class_="axis"),
            element("text", told, x=across[k], y=base + 16, class_="quiet"),
        ]
    return parts


def month_starts(weeks: Sequence[date], at_most: int = 7) -> list[int]:
    """Places of the first weeks of months to write under an axis, evenly thinned; the first week is one."""
    firsts = [0] + [k for k in range(1, len(weeks)) if weeks[k].month != weeks[k - 1].month]
    if len(firsts) > 1 and (weeks[firsts[1]] - weeks[0]).days < 21:
        firsts = firsts[1:]
    step = -(-len(firsts) // at_most)
    return firsts[::step]
