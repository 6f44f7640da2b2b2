"""The curve of a signal: how its value becomes 0 to 100, drawn small, with the words beside it."""

from __future__ import annotations

import numpy as np

from barograph.charts.svg import element, picture, text
from barograph.core.normalise import apply_shape
from barograph.definitions.describe import describe_shape
from barograph.definitions.normalise import (
    BandedShape,
    DecayShape,
    LogShape,
    PercentileShape,
    RangeShape,
    Shape,
)

WIDTH, HEIGHT, MARGIN = 168.0, 56.0, 4.0
POINTS = 81
HALF_LIVES = 4.0
BEYOND = 0.15
"""How far beyond its ends a curve is drawn, as a share of the distance between them."""


def curve(shape: Shape, label: str, unit: str) -> str:
    """The curve as SVG, 100 points high; "" for a rank among peers, which has no curve of its own."""
    if isinstance(shape, PercentileShape):
        return ""
    low, high = _ends(shape)
    values = np.linspace(low, high, POINTS)
    if isinstance(shape, BandedShape):
        bounds = np.array([band.below for band in shape.bands[:-1]], dtype=float)
        values = np.sort(np.concatenate([values, bounds, np.nextafter(bounds, -np.inf)]))
    points = apply_shape(shape, values)
    x = MARGIN + (values - low) / (high - low) * (WIDTH - 2 * MARGIN)
    y = MARGIN + (100.0 - points) / 100.0 * (HEIGHT - 2 * MARGIN)
    path = "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    ground = element("rect", class_="ground", x=0.0, y=0.0, width=WIDTH, height=HEIGHT, rx=3.0)
    line = element("path", class_="line main", d=path)
    ends = [_tick(value, low, high, unit) for value in _marked(shape)]
    high_box = HEIGHT + 18
    name = f"{label}: {describe_shape(shape)}."
    return picture(
        name,
        ground,
        line,
        *ends,
        class_="mark curve",
        width=WIDTH,
        height=high_box,
        viewBox=f"0 0 {WIDTH:g} {high_box:g}",
    )


def _marked(shape: Shape) -> list[float]:
    """The values worth writing under the curve: its two ends, or its first and last step."""
    if isinstance(shape, DecayShape):
        return [0.0, shape.half_life]
    if isinstance(shape, BandedShape):
        bounds = [band.below for band in shape.bands if band.below is not None]
        return [bounds[0], bounds[-1]] if len(bounds) > 1 else bounds
    return [] if isinstance(shape, PercentileShape) else sorted((shape.zero, shape.full))


def _tick(value: float, low: float, high: float, unit: str) -> str:
    at = MARGIN + (value - low) / (high - low) * (WIDTH - 2 * MARGIN)
    anchor = "start" if at < WIDTH * 0.25 else "end" if at > WIDTH * 0.75 else "middle"
    line = element("line", class_="grid", x1=at, x2=at, y1=HEIGHT - 4, y2=HEIGHT)
    return line + element(
        "text", text(shown(value, unit)), class_="quiet", x=at, y=HEIGHT + 13, text_anchor=anchor
    )


def shown(value: float, unit: str) -> str:
    """A raw value for a reader: shares and changes as percent, everything else in at most four figures."""
    if unit in ("share", "change"):
        return f"{value * 100:.3g} %"
    return f"{value:,.4g}"


def _ends(shape: RangeShape | LogShape | DecayShape | BandedShape) -> tuple[float, float]:
    if isinstance(shape, DecayShape):
        return 0.0, HALF_LIVES * shape.half_life
    if isinstance(shape, BandedShape):
        bounds = [band.below for band in shape.bands if band.below is not None]
        room = (bounds[-1] - bounds[0]) * 0.4 or max(abs(bounds[0]), 1.0) * 0.5
        low = bounds[0] - room
        return (max(0.0, low) if bounds[0] > 0 else low), bounds[-1] + room
    low, high = sorted((shape.zero, shape.full))
    room = (high - low) * BEYOND
    return (max(0.0, low - room) if low >= 0 else low - room), high + room
