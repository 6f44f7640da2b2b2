"""Marks that stand in a cell of a table: a rate as a bar with its interval, a figure as a dot with its interval,
and kept and lost accounts spread over a signal."""

from __future__ import annotations

from collections.abc import Sequence

from barograph.charts.palette import css_name
from barograph.charts.svg import element, number, picture, text

CELL, ROW = 132.0, 14.0
SPREAD_WIDTH, SPREAD_HALF, LETTER = 340.0, 46.0, 6.6


def interval_bar(
    value: float, low: float | None, high: float | None, tier: str = "", most: float = 1.0
) -> str:
    """A rate of 0 to `most` as a bar from zero with its interval. tier: whose colour it takes."""
    width = _inside(value / most) * CELL
    kind = f"solid-{css_name(tier)}" if tier else "past"
    marks = [element("rect", x=0, y=3, width=width, height=ROW - 6, class_=kind)] if width > 0 else []
    marks.append(element("line", x1=0, x2=0, y1=0, y2=ROW, class_="axis"))
    if low is not None and high is not None:
        marks += _span(_inside(low / most) * CELL, _inside(high / most) * CELL)
    return _cell(_told(value, low, high, share=True), marks)


def interval_dot(
    value: float, low: float | None, high: float | None, start: float, end: float, mark: float | None = None
) -> str:
    """A figure as a dot with its interval on a scale from start to end; mark: a line to compare with (chance)."""

    def across(v: float) -> float:
        return _inside((v - start) / (end - start)) * (CELL - 8) + 4

    marks = []
    if mark is not None:
        x = across(mark)
        marks.append(element("line", x1=x, x2=x, y1=0, y2=ROW, class_="chance"))
    if low is not None and high is not None:
        marks += _span(across(low), across(high))
    marks.append(element("circle", cx=across(value), cy=ROW / 2, r=4, class_="dot main"))
    return _cell(_told(value, low, high, share=False), marks)


def separation(
    kept: Sequence[int],
    lost: Sequence[int],
    labels: Sequence[str],
    name: str,
    *,
    unknown: tuple[int, int] = (0, 0),
) -> str:
    """Two distributions on one axis: of the kept accounts upwards, of the lost downwards, piece by piece.

    kept, lost: accounts per piece, in the order of the labels; unknown: kept and lost accounts without a value, which
    stand apart on the right. Heights are shares of each side, so that a few lost can be seen beside many kept, and
    the same share is the same height on either side. "" when a side is empty.
    """
    one, two = sum(kept) + unknown[0], sum(lost) + unknown[1]
    if not one or not two or not labels:
        return ""
    pieces = [*zip(labels, kept, lost, strict=True), *([("unknown", *unknown)] if any(unknown) else [])]
    most = max(max(k / one, g / two) for _, k, g in pieces)
    apart = 16.0 if any(unknown) else 0.0
    step = (SPREAD_WIDTH - apart) / len(pieces)
    middle = SPREAD_HALF + 14
    marks = []
    for i, (label, k, g) in enumerate(pieces):
        up, down = k / one / most * SPREAD_HALF, g / two / most * SPREAD_HALF
        x, wide = i * step + (apart if i >= len(labels) else 0.0) + 1, max(step - 2, 1.0)
        title = element("title", text(f"{label}: {k:,} kept, {g:,} lost"))
        bars = [
            element("rect", x=x, y=middle - up, width=wide, height=up, class_="solid-healthy") if k else "",
            element("rect", x=x, y=middle, width=wide, height=down, class_="solid-at-risk") if g else "",
        ]
        marks.append(element("g", title, *bars))
    end = len(labels) * step
    marks.append(element("line", x1=0, x2=end, y1=middle, y2=middle, class_="axis"))
    low = middle + SPREAD_HALF + 12
    words = [(f"kept {one:,}", 0.0, 10.0, "start"), (f"lost {two:,}", 0.0, low + 14, "start"),
             (labels[0], 0.0, low, "start")]  # fmt: skip
    if len(labels) > 1:
        words.append((labels[-1], end, low, "end"))
    if any(unknown):
        words.append(("unknown", SPREAD_WIDTH, low if step > LETTER * 9 else low + 14, "end"))
    for told, x, y, anchor in words:
        marks.append(element("text", text(told), x=x, y=y, text_anchor=anchor, class_="quiet"))
    high = low + 18
    return picture(
        name, *marks, class_="mark spread", width=SPREAD_WIDTH, height=high,
        viewBox=f"0 0 {number(SPREAD_WIDTH)} {number(high)}",
    )  # fmt: skip


def _span(low: float, high: float) -> list[str]:
    middle = ROW / 2
    ends = [element("line", x1=x, x2=x, y1=middle - 3, y2=middle + 3, class_="whisker") for x in (low, high)]
    return [element("line", x1=low, x2=high, y1=middle, y2=middle, class_="whisker"), *ends]


def _cell(name: str, marks: Sequence[str]) -> str:
    return picture(
        name, *marks, class_="mark cell", width=CELL, height=ROW, viewBox=f"0 0 {number(CELL)} {number(ROW)}"
    )


def _inside(share: float) -> float:
    return min(1.0, max(0.0, share))


def _told(value: float, low: float | None, high: float | None, *, share: bool) -> str:
    def words(v: float) -> str:
        return f"{100 * v:.0f}%" if share else f"{v:.3g}"

    if low is None or high is None:
        return words(value)
    return f"{words(value)}, interval {words(low)} to {words(high)}"
