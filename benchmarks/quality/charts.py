"""The figures of docs/methods/quality.json drawn: what was kept per set, and the learning curves.

`python -m benchmarks.quality.charts` draws them again without measuring.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from barograph.charts.frame import HEIGHT, TOP, WIDTH, Frame, spaced
from barograph.charts.palette import stylesheet
from barograph.charts.svg import element, picture, text

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "methods"
KEPT = {"scorecard <= 8, shapes + derived": 8, "scorecard <= 5, shapes + derived": 5}
GOALS = {8: 0.98, 5: 0.96}
ROW = 26.0
ACROSS = 3
KINDS = ("recipe", "heuristic", "blended", "boosting", "scorecard")
DASHES = {"heuristic": None, "blended": "5 3", "boosting": "1 3", "scorecard": "8 3 2 3"}
LABEL_GAP = 13.0


def write(document: Mapping[str, Any]) -> list[str]:
    """Draw all of them beside quality.json; the names of the files."""
    drawn = {
        "quality-kept.svg": kept(document["rows"]),
        "quality-auc.svg": curves(document["curves"], "auc", "AUC"),
        "quality-log-loss.svg": curves(document["curves"], "log_loss", "log-loss"),
    }
    for name, picture_of in drawn.items():
        (FOLDER / name).write_text(picture_of + "\n", encoding="utf-8")
    return list(drawn)


def kept(rows: Sequence[Mapping[str, Any]]) -> str:
    """A row per set: the share of the challenger's (AUC - .5) kept by at most 8 (filled) and 5 (hollow) signals."""
    sets = list(dict.fromkeys(r["set"] for r in rows))
    found = {(r["set"], KEPT[r["model"]]): r["kept"] for r in rows if r["model"] in KEPT}
    low = min(0.9, math.floor(20 * min(found.values())) / 20)
    high = TOP + ROW * len(sets) + 38
    frame = Frame((low, 1.02), (0.0, float(len(sets))), width=660.0, height=high, right=170.0)
    ticks = [(low + 0.02 * k, f"{low + 0.02 * k:.2f}") for k in range(round((1.02 - low) / 0.02) + 1)]
    marks = frame.axes(ticks, [], "share of the challenger's (AUC - .5) kept", "")
    for signals, goal in GOALS.items():
        x = frame.across(goal)
        marks.append(element("line", x1=x, x2=x, y1=TOP - 4, y2=frame.floor, class_="chance"))
        marks.append(
            element("text", text(f"{signals}"), x=x, y=TOP - 9, text_anchor="middle", class_="quiet")
        )
    marks.append(
        element(
            "text",
            text("asked of"),
            x=frame.across(GOALS[5]) - 12,
            y=TOP - 9,
            text_anchor="end",
            class_="quiet",
        )
    )
    for place, name in enumerate(sets):
        y = TOP + ROW * (place + 0.5)
        marks.append(element("line", x1=frame.across(low), x2=frame.edge, y1=y, y2=y, class_="grid"))
        for signals, class_ in ((5, "dot second"), (8, "dot main")):
            at = frame.across(found[name, signals])
            marks.append(element("circle", cx=at, cy=y, r=4.5 if signals == 8 else 3.5, class_=class_))
        words = f"{name}  {found[name, 8]:.3f} / {found[name, 5]:.3f}"
        marks.append(element("text", text(words), x=frame.edge + 8, y=y + 4))
    title = "Kept of the challenger's separation per set: at most 8 signals (accent), at most 5 (grey)"
    return _alone([frame.draw(title, *marks)], 660.0, high, 1)


def curves(points: Sequence[Mapping[str, Any]], figure: str, name: str) -> str:
    """A plot per set: the figure on a fixed test set (y) by the number of outcomes learnt from (x, logarithmic)."""
    sets = list(dict.fromkeys(p["set"] for p in points))
    plots = [_plot([p for p in points if p["set"] == one], figure, f"{one}: {name}") for one in sets]
    return _alone(plots, WIDTH, HEIGHT, ACROSS)


def _plot(points: Sequence[Mapping[str, Any]], figure: str, name: str) -> str:
    sizes = sorted({p["outcomes"] for p in points})
    values = [p[figure] for p in points if p[figure] is not None]
    step = 0.1 if max(values) - min(values) > 0.25 else 0.05
    low, high = math.floor(min(values) / step) * step, math.ceil(max(values) / step) * step
    frame = Frame((math.log(sizes[0]), math.log(sizes[-1])), (low, high), right=84.0)
    down = [(low + step * k, f"{low + step * k:.2f}") for k in range(round((high - low) / step) + 1)]
    ticks = [(math.log(s), f"{s}") for s in sizes]
    marks = frame.axes(ticks, down, "outcomes learnt from", name)
    lines = {
        k: sorted((p["outcomes"], p[figure]) for p in points if p["kind"] == k and p[figure] is not None)
        for k in KINDS
    }
    shown = {k: line for k, line in lines.items() if line}
    for kind, line in reversed(shown.items()):
        path = frame.path([(math.log(x), y) for x, y in line])
        class_ = "line main" if kind == "recipe" else "line second"
        marks.append(element("polyline", points=path, class_=class_, stroke_dasharray=DASHES.get(kind)))
    heights = [frame.down(line[-1][1]) + 4 for line in shown.values()]
    for kind, y in zip(shown, spaced(heights, LABEL_GAP, TOP + 8, frame.floor - 2), strict=True):
        class_ = None if kind == "recipe" else "quiet"
        marks.append(element("text", text(kind), x=frame.edge + 6, y=y, class_=class_))
    return frame.draw(f"{name} by outcomes learnt from", *marks)


def _alone(plots: Sequence[str], wide: float, high: float, across: int) -> str:
    """Plots side by side as a picture that stands on its own, in the reader's theme."""
    rows = math.ceil(len(plots) / across)
    width, height = wide * min(across, len(plots)) + 16, high * rows + 16
    placed = [
        element("g", plot, transform=f"translate({8 + wide * (i % across):g} {8 + high * (i // across):g})")
        for i, plot in enumerate(plots)
    ]
    ground = element("rect", width=width, height=height, fill="var(--page)")
    return picture(
        "Measured quality of learning", element("style", stylesheet()), ground, *placed,
        xmlns="http://www.w3.org/2000/svg", width=width, height=height, viewBox=f"0 0 {width:g} {height:g}",
    )  # fmt: skip


def main() -> None:
    """Draw again from quality.json."""
    for name in write(json.loads((FOLDER / "quality.json").read_text(encoding="utf-8"))):
        print(FOLDER / name)


if __name__ == "__main__":
    main()
