"""The frame of a small plot: where a value lies on the page, axes with few ticks, and their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from barograph.charts.svg import element, picture, text

WIDTH, HEIGHT = 340.0, 246.0
"""Pixels of a plot: three stand side by side on a page, one fits a small telephone."""
LEFT, RIGHT, TOP, BOTTOM = 40.0, 14.0, 26.0, 38.0
Tick = tuple[float, str]


@dataclass(frozen=True, slots=True)
class Frame:
    """Data ranges on the plot's ground. A range must not be empty. right: pixels kept free for direct labels."""

    x: tuple[float, float]
    y: tuple[float, float]
    width: float = WIDTH
    height: float = HEIGHT
    right: float = RIGHT

    def across(self, value: float) -> float:
        """Pixels from the left of a value on the x axis, held inside the frame."""
        low, high = self.x
        share = min(1.0, max(0.0, (value - low) / (high - low)))
        return LEFT + share * (self.width - LEFT - self.right)

    def down(self, value: float) -> float:
        """Pixels from the top of a value on the y axis, held inside the frame."""
        low, high = self.y
        share = min(1.0, max(0.0, (value - low) / (high - low)))
        return TOP + (1.0 - share) * (self.height - TOP - BOTTOM)

    @property
    def floor(self) -> float:
        """Pixels from the top of the x axis."""
        return self.height - BOTTOM

    @property
    def edge(self) -> float:
        """Pixels from the left at which the ground ends."""
        return self.width - self.right

    def path(self, points: Sequence[tuple[float, float]]) -> str:
        """The points of a polyline."""
        return " ".join(f"{self.across(x):.1f},{self.down(y):.1f}" for x, y in points)

    def axes(self, across: Sequence[Tick], down: Sequence[Tick], x_name: str, y_name: str) -> list[str]:
        """Lines at the ticks of the y axis, the x axis with its ticks, and what both say."""
        found = []
        for value, label in down:
            y = self.down(value)
            found.append(element("line", x1=LEFT, x2=self.edge, y1=y, y2=y, class_="grid"))
            found.append(element("text", text(label), x=LEFT - 6, y=y + 4, text_anchor="end", class_="quiet"))
        found.append(element("line", x1=LEFT, x2=self.edge, y1=self.floor, y2=self.floor, class_="axis"))
        for value, label in across:
            x = self.across(value)
            found.append(element("line", x1=x, x2=x, y1=self.floor, y2=self.floor + 4, class_="axis"))
            found.append(
                element("text", text(label), x=x, y=self.floor + 16, text_anchor="middle", class_="quiet")
            )
        middle = (LEFT + self.edge) / 2
        found.append(
            element("text", text(x_name), x=middle, y=self.height - 5, text_anchor="middle", class_="quiet")
        )
        found.append(element("text", text(y_name), x=0, y=10, class_="quiet"))
        return found

    def draw(self, name: str, *marks: str) -> str:
        """The picture."""
        return picture(
            name, *marks, class_="mark plot", width=self.width, height=self.height,
            viewBox=f"0 0 {self.width:g} {self.height:g}",
        )  # fmt: skip


def spaced(heights: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Heights moved apart until each is `gap` from the next, in their order and inside low..high where they fit."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    placed = list(heights)
    above = low - gap
    for i in order:
        placed[i] = above = max(placed[i], above + gap)
    below = high + gap
    for i in reversed(order):
        placed[i] = below = min(placed[i], below - gap)
    return placed
