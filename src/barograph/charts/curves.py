"""Plots of a validation: figures by lead time with their interval, calibration, cumulative gains.

All are inline SVG for a page that includes `palette.stylesheet()`; each says in its name what it shows, and the
table that stands with it has every number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from barograph.charts.frame import TOP, Frame, Tick, spaced
from barograph.charts.svg import element, text

PER_CENT: tuple[Tick, ...] = ((0.0, "0"), (0.25, "25"), (0.5, "50"), (0.75, "75"), (1.0, "100%"))
LABEL_GAP = 13.0


@dataclass(frozen=True, slots=True)
class Point:
    """One figure at x with its interval; low and high None where there is none."""

    x: float
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Figures of one model. main: the one the reader came for, drawn with its intervals."""

    label: str
    points: tuple[Point, ...]
    main: bool = False


def lead_lines(series: Sequence[Series], name: str, chance: float = 0.5) -> str:
    """AUC by days before the decision, furthest on the left; the main series with its intervals. "" without points.

    Only the main series has whiskers: five of them on one another could not be read. The y axis begins at the
    lowest value shown, not at zero, since chance is .5 and is drawn.
    """
    shown = [s for s in series if s.points]
    days = sorted({p.x for s in shown for p in s.points}, reverse=True)
    if not days:
        return ""
    values = [v for s in shown for p in s.points for v in (p.value, *_whisker(p, s.main)) if v is not None]
    low = min(0.1 * int(10 * min(values)), chance - 0.1)
    frame = Frame((0.0, float(max(len(days) - 1, 1))), (max(0.0, low), 1.0), right=118.0)
    place = {day: float(i) if len(days) > 1 else 0.5 for i, day in enumerate(days)}
    ticks = [(k / 10, f".{k}" if k < 10 else "1") for k in range(0, 11, 1) if k / 10 >= low - 1e-9]
    marks = frame.axes([(place[d], f"{d:g}") for d in days], ticks[:: 2 if len(ticks) > 6 else 1],
                       "days before the decision", "AUC")  # fmt: skip
    y = frame.down(chance)
    marks.append(element("line", x1=frame.across(0), x2=frame.edge, y1=y, y2=y, class_="chance"))
    marks.append(element("text", "chance", x=frame.edge - 2, y=y - 4, text_anchor="end", class_="quiet"))
    for one in sorted(shown, key=lambda s: s.main):
        marks += _line(frame, one, place)
    ends = [frame.down(min(s.points, key=lambda p: p.x).value) + 4 for s in shown]
    for one, height in zip(shown, spaced(ends, LABEL_GAP, TOP + 8, frame.floor - 2), strict=True):
        last = min(one.points, key=lambda p: p.x)
        label = f"{one.label} {last.value:.2f}"
        marks.append(
            element("text", text(label), x=frame.edge + 6, y=height, class_=None if one.main else "quiet")
        )
    return frame.draw(name, *marks)


def calibration_plot(points: Sequence[Point], name: str) -> str:
    """Promised loss (x) against what came of it (y, with its interval), in shares; on the line is right.

    "" without points.
    """
    if not points:
        return ""
    top = max(max(p.x, p.value, p.high or 0.0) for p in points)
    most, step = next((m, s) for m, s in ((0.25, 0.05), (0.5, 0.1), (1.0, 0.25)) if top <= m or m == 1.0)
    steps = [step * k for k in range(round(most / step) + 1)]
    ticks = [(s, f"{100 * s:.0f}%" if abs(s - most) < 1e-9 else f"{100 * s:.0f}") for s in steps]
    frame = Frame((0.0, most), (0.0, most))
    marks = frame.axes(ticks, ticks, "promised loss", "what came of it")
    marks.append(element("polyline", points=frame.path([(0, 0), (most, most)]), class_="chance"))
    for p in points:
        marks += _whiskered(frame, p.x, p)
    return frame.draw(name, *marks)


def gains_plot(points: Sequence[Point], revenue: Sequence[Point], name: str) -> str:
    """Share of accounts worked, riskiest first (x), against share of the lost reached (y): by count with its interval,
    by revenue as a second line. "" without points."""
    if not points:
        return ""
    frame = Frame((0.0, 1.0), (0.0, 1.0))
    marks = frame.axes(PER_CENT, PER_CENT, "accounts worked, riskiest first", "of what was lost, reached")
    marks.append(element("polyline", points=frame.path([(0, 0), (1, 1)]), class_="chance"))
    known = [p for p in points if p.low is not None and p.high is not None]
    band = [(p.x, p.high or 0.0) for p in known] + [(p.x, p.low or 0.0) for p in reversed(known)]
    if band:
        marks.append(element("polygon", points=frame.path([(0.0, 0.0), *band]), class_="interval"))
    for line, kind in ((revenue, "second"), (points, "main")):
        if line:
            marks.append(
                element(
                    "polyline", points=frame.path([(0, 0), *((p.x, p.value) for p in line)]), class_=f"line {kind}"
                )
            )  # fmt: skip
    marks += _key(frame, revenue=bool(revenue))
    return frame.draw(name, *marks)


def _key(frame: Frame, *, revenue: bool) -> list[str]:
    """What the lines are, where no curve that is better than chance goes."""
    marks = []
    for row, (words, kind) in enumerate((("by accounts", "main"), ("by revenue", "second"))[: 1 + revenue]):
        y, x = frame.down(0.2) + 15 * row, frame.across(0.66)
        marks.append(element("line", x1=x, x2=x + 18, y1=y - 4, y2=y - 4, class_=f"line {kind}"))
        marks.append(element("text", words, x=x + 24, y=y, class_="quiet"))
    return marks


def _whisker(point: Point, main: bool) -> tuple[float | None, float | None]:
    return (point.low, point.high) if main else (None, None)


def _line(frame: Frame, series: Series, place: dict[float, float]) -> list[str]:
    kind = "main" if series.main else "second"
    points = sorted(series.points, key=lambda p: -p.x)
    path = frame.path([(place[p.x], p.value) for p in points])
    marks = [element("polyline", points=path, class_=f"line {kind}")] if len(points) > 1 else []
    for p in points:
        if series.main:
            marks += _whiskered(frame, place[p.x], p)
        else:
            x, y = frame.across(place[p.x]), frame.down(p.value)
            marks.append(element("circle", cx=x, cy=y, r=2.5, class_="dot second"))
    return marks


def _whiskered(frame: Frame, x: float, p: Point) -> list[str]:
    across, marks = frame.across(x), []
    if p.low is not None and p.high is not None:
        marks.append(
            element(
                "line", x1=across, x2=across, y1=frame.down(p.high), y2=frame.down(p.low), class_="whisker"
            )
        )
    return [*marks, element("circle", cx=across, cy=frame.down(p.value), r=4, class_="dot main")]
