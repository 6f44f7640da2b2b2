"""Plots and cell marks. Truths: geometry (everything inside the picture, equal shares equally high, intervals around
their figure), names in words, hostile labels, nothing where there is nothing, every class in the stylesheet."""

from __future__ import annotations

import itertools
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.charts.cells import CELL, interval_bar, interval_dot, separation
from barograph.charts.curves import Point, Series, calibration_plot, gains_plot, lead_lines
from barograph.charts.frame import HEIGHT, WIDTH, Frame, spaced
from barograph.charts.palette import stylesheet

Node = ElementTree.Element
SHARE = st.floats(0, 1)
HOSTILE = "<script>alert(1)</script>\"'&"


def parsed(markup: str) -> Node:
    return ElementTree.fromstring(markup)  # noqa: S314 - our own markup


def size(node: Node, name: str) -> float:
    return float(node.get(name, "nan"))


def inside(markup: str) -> None:
    """No mark leaves the picture."""
    read = parsed(markup)
    wide, high = size(read, "width"), size(read, "height")
    for node in read.iter():
        for name, most in (("x", wide), ("x1", wide), ("x2", wide), ("cx", wide),
                           ("y", high), ("y1", high), ("y2", high), ("cy", high)):  # fmt: skip
            if node.get(name) is not None:
                assert -0.01 <= size(node, name) <= most + 0.01, f"{node.tag} {name}"
        for pair in (node.get("points") or "").split():
            x, y = map(float, pair.split(","))
            assert 0 <= x <= wide and 0 <= y <= high


def points(count: int, low: float = 0.1, high: float = 0.9) -> list[Point]:
    return [Point(k / count, 0.5, low, high) for k in range(1, count + 1)]


def test_nothing_is_drawn_from_nothing() -> None:
    assert lead_lines([], "AUC") == lead_lines([Series("a", ())], "AUC") == ""
    assert calibration_plot([], "name") == gains_plot([], [], "name") == ""
    assert separation([], [], [], "name") == separation([3], [0], ["a"], "name") == ""


@given(st.lists(st.tuples(st.sampled_from([30, 60, 90, 7]), SHARE), min_size=1, max_size=8))
@settings(max_examples=40)
def test_lead_lines_stay_inside_and_label_every_model(pairs: list[tuple[int, float]]) -> None:
    found = dict(pairs)
    main = Series(
        "In force",
        tuple(Point(float(d), v, max(0, v - 0.2), min(1, v + 0.1)) for d, v in found.items()),
        True,
    )
    other = Series(HOSTILE, tuple(Point(float(d), 1 - v) for d, v in found.items()))
    markup = lead_lines([main, other], "AUC by days")
    inside(markup)
    texts = [n.text or "" for n in parsed(markup).iter("text")]
    nearest = found[min(found)]
    assert f"In force {nearest:.2f}" in texts
    assert f"{HOSTILE} {1 - nearest:.2f}" in texts
    whiskers = [n for n in parsed(markup).iter("line") if n.get("class") == "whisker"]
    assert len(whiskers) == len(found)


@given(st.lists(st.tuples(SHARE, SHARE, SHARE, SHARE), min_size=1, max_size=6))
@settings(max_examples=40)
def test_calibration_stays_inside_and_the_dashed_line_is_the_diagonal(rows: list[tuple[float, ...]]) -> None:
    shown = [Point(p, sorted(three)[1], min(three), max(three)) for p, *three in rows]
    markup = calibration_plot(shown, "Promised against observed")
    inside(markup)
    read = parsed(markup)
    line = next(n for n in read.iter("polyline") if n.get("class") == "chance")
    (x0, y0), (x1, y1) = (map(float, pair.split(",")) for pair in str(line.get("points")).split())
    for dot, point in zip(read.iter("circle"), shown, strict=True):
        x, y = size(dot, "cx"), size(dot, "cy")
        on = y0 + (x - x0) / (x1 - x0) * (y1 - y0)
        if abs(point.value - point.x) > 0.01:
            assert (y < on) == (point.value > point.x)


def test_gains_say_which_line_is_which() -> None:
    markup = gains_plot(points(5), points(5), "Gains")
    inside(markup)
    assert [n.text for n in parsed(markup).iter("text")][-2:] == ["by accounts", "by revenue"]
    alone = gains_plot(points(5), [], "Gains")
    assert "by revenue" not in alone
    assert len(list(parsed(markup).iter("polygon"))) == 1


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=8), st.integers(0, 9)
)
@settings(max_examples=50)
def test_equal_shares_are_equally_high_on_either_side(pieces: list[tuple[int, int]], unknown: int) -> None:
    kept, lost = [k for k, _ in pieces], [g for _, g in pieces]
    labels = [f"{i}" for i in range(len(pieces))]
    markup = separation(kept, lost, labels, "users", unknown=(unknown, 0))
    if not sum(kept) + unknown or not sum(lost):
        assert markup == ""
        return
    inside(markup)
    one, two = sum(kept) + unknown, sum(lost)
    read = parsed(markup)
    heights = {}
    for kind, counts, total in (("solid-healthy", [*kept, unknown], one), ("solid-at-risk", lost, two)):
        bars = [n for n in read.iter("rect") if n.get("class") == kind]
        shown = [c for c in counts if c]
        assert len(bars) == len(shown)
        for bar, count in zip(bars, shown, strict=True):
            heights.setdefault(round(count / total, 12), set()).add(round(size(bar, "height"), 1))
    scale = {round(max(h) / share, 0) for share, h in heights.items() if share > 0.2}
    assert len(scale) <= 2  # one scale, to rounding
    texts = [n.text for n in read.iter("text")]
    assert f"kept {one:,}" in texts and f"lost {two:,}" in texts
    assert ("unknown" in texts) == bool(unknown)


@given(SHARE, SHARE, SHARE)
def test_a_bar_begins_at_zero_and_its_interval_is_drawn_around_its_end(a: float, b: float, c: float) -> None:
    low, value, high = sorted((a, b, c))
    markup = interval_bar(value, low, high, "at_risk")
    inside(markup)
    read = parsed(markup)
    bars = list(read.iter("rect"))
    if value > 0.001:
        assert size(bars[0], "x") == 0
        assert size(bars[0], "width") == pytest.approx(value * CELL, abs=0.01)
    span = next(n for n in read.iter("line") if n.get("class") == "whisker")
    assert (size(span, "x1"), size(span, "x2")) == (
        pytest.approx(low * CELL, abs=0.01),
        pytest.approx(high * CELL, abs=0.01),
    )
    assert f"{100 * value:.0f}%, interval" in str(read.get("aria-label"))


def test_a_dot_without_an_interval_has_no_whisker_and_values_off_the_scale_stay_inside() -> None:
    bare = interval_dot(0.7, None, None, 0.3, 1.0, 0.5)
    assert "whisker" not in bare and 'aria-label="0.7"' in bare
    inside(interval_dot(1.4, -3.0, 9.0, 0.3, 1.0, 0.5))


def test_labels_are_moved_apart_and_keep_their_order() -> None:
    heights = [50.0, 52.0, 51.0, 200.0]
    placed = spaced(heights, 13, 10, 210)
    order = sorted(range(4), key=lambda i: heights[i])
    moved = [placed[i] for i in order]
    assert moved == sorted(moved)
    assert all(b - a >= 13 - 1e-9 for a, b in itertools.pairwise(moved))
    assert all(10 <= v <= 210 for v in moved)


def test_values_outside_the_range_stay_on_the_frame() -> None:
    frame = Frame((0.0, 1.0), (0.0, 1.0))
    assert frame.across(-1) == frame.across(0)
    assert frame.down(2) == frame.down(1)
    assert 0 < frame.across(1) < WIDTH and 0 < frame.down(0) < HEIGHT


def test_every_class_of_the_marks_is_in_the_stylesheet() -> None:
    style = stylesheet()
    main = Series("a", (Point(30, 0.7, 0.6, 0.8), Point(60, 0.7)), True)
    drawn = (
        lead_lines([main, Series("b", (Point(30, 0.6), Point(60, 0.5)))], "n")
        + calibration_plot(points(3), "n")
        + gains_plot(points(3), points(3), "n")
        + interval_bar(0.4, 0.2, 0.6, "watch")
        + interval_bar(0.4, 0.2, 0.6)
        + interval_dot(0.4, 0.2, 0.6, 0, 1, 0.5)
        + separation([1, 2], [2, 1], ["a", "b"], "n")
    )
    used = {name for value in re.findall(r'class="([^"]+)"', drawn) for name in value.split()}
    layout = {"mark", "plot", "cell", "spread"}
    assert {name for name in used - layout if f".{name}" not in style} == set()
