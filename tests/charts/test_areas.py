"""Stacked areas and the marked history: what is drawn says what was given, and nothing else.

Truths: property (tops of the areas are the running sums; heights are proportional), bad input (names are escaped, a
single week draws nothing), contract (no style, script or address). Requirements: R2, R3.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.charts.areas import BOTTOM as AREA_BOTTOM
from barograph.charts.areas import HEIGHT, TOP, Layer, month_starts, stacked_areas
from barograph.charts.score_history import Mark, Point, score_history

FIRST = date(2026, 6, 1)
LINES = {"at_risk": 0.0, "watch": 50.0, "healthy": 70.0, "growth": 85.0}
LABELS = {"at_risk": "At Risk", "watch": "Watch", "healthy": "Healthy", "growth": "Growth"}
values = st.lists(st.floats(0, 1e9), min_size=2, max_size=2)


def weeks(count: int) -> list[date]:
    return [FIRST + timedelta(weeks=k) for k in range(count)]


def heights(drawn: str) -> list[list[float]]:
    """The y of the points of each area, upper edge first."""
    paths = re.findall(r'<path d="M([^"]*)z"', drawn)
    return [[float(point.split()[1]) for point in path.split("L")] for path in paths]


@given(low=values, high=values)
def test_areas_lie_on_each_other(low: list[float], high: list[float]) -> None:
    """The upper edge of each is the sum so far, from zero at the base to the largest total at the top."""
    drawn = stacked_areas(weeks(2), [Layer("at_risk", "Low", low), Layer("healthy", "High", high)], "told")
    top = max(a + b for a, b in zip(low, high, strict=True))
    if top <= 0:
        assert drawn == ""
        return
    base, span = HEIGHT - AREA_BOTTOM, HEIGHT - AREA_BOTTOM - TOP
    sums = [s for s, v in (([0.0, 0.0], low), (low, high)) if any(v)]
    tops = [[a + b for a, b in zip(s, v, strict=True)] for s, v in (([0.0, 0.0], low), (low, high)) if any(v)]
    for edge, lower, upper in zip(heights(drawn), sums, tops, strict=True):
        assert edge[:2] == pytest.approx([base - span * v / top for v in upper], abs=0.02)
        assert edge[:1:-1] == pytest.approx([base - span * v / top for v in lower], abs=0.02)


def test_shares_fill_the_height() -> None:
    layers = [Layer("at_risk", "Low", [1, 30]), Layer("healthy", "High", [3, 10])]
    edges = heights(stacked_areas(weeks(2), layers, "told", shares=True))
    assert edges[1][:2] == [TOP, TOP]


@pytest.mark.parametrize("count", [0, 1])
def test_one_week_is_no_history(count: int) -> None:
    assert stacked_areas(weeks(count), [Layer("watch", "Watch", [5.0] * count)], "told") == ""


def test_labels_at_the_edge_do_not_overlap() -> None:
    layers = [Layer(tier, LABELS[tier], [1.0, 1.0], "1") for tier in LABELS]
    layers.append(Layer("insufficient", "Insufficient", [1000.0, 1000.0], "1,000"))
    drawn = stacked_areas(weeks(2), layers, "told")
    places = sorted(float(y) for y in re.findall(r'<text x="572" y="([\d.]+)"', drawn))
    assert len(places) == 5
    assert all(b - a >= 12.9 for a, b in pairwise(places))


def test_names_are_escaped_and_nothing_is_styled() -> None:
    areas = stacked_areas(weeks(3), [Layer("watch", "<b>W", [1, 2, 3], "<3>")], "<told>", "<top>")
    history = score_history(
        [Point(FIRST, 40.0, "at_risk")], LINES, {"watch": "<i>"}, [Mark(FIRST, "<script>", bad=True)]
    )
    for drawn in (areas, history):
        assert "<script" not in drawn
        assert "<b>" not in drawn
        assert "<i>" not in drawn
        assert "style=" not in drawn
        assert "href" not in drawn


@pytest.mark.parametrize("count", [1, 5, 26, 53, 104, 260])
def test_months_are_written_evenly(count: int) -> None:
    firsts = month_starts(weeks(count))
    assert 1 <= len(firsts) <= 7
    assert all(weeks(count)[k].month != weeks(count)[k - 1].month for k in firsts if k)


def test_bars_are_as_high_as_scores() -> None:
    """From an honest zero; a week without a score is a dashed stub, not a bar of nothing."""
    points = [Point(FIRST + timedelta(weeks=k), s, "watch") for k, s in enumerate([100.0, 50.0, None, 25.0])]
    drawn = score_history(points, LINES, LABELS)
    tall = [float(h) for h in re.findall(r'height="([\d.]+)" class="(?:past|solid-watch)"', drawn)]
    assert tall == pytest.approx([tall[0], tall[0] / 2, tall[0] / 4], abs=0.02)
    assert drawn.count('class="gap"') == 1
    assert drawn.count("solid-watch") == 1, "only the last week has its tier's colour"
    assert "first 100, last 25, between 25 and 100" in drawn


def test_events_of_about_the_same_day_are_one_mark() -> None:
    points = [Point(FIRST + timedelta(weeks=k), 60.0, "watch") for k in range(52)]
    marks = [Mark(FIRST + timedelta(days=d), f"event {d}", bad=d == 1) for d in (0, 1, 200)]
    drawn = score_history(points, LINES, LABELS, [*marks, Mark(FIRST - timedelta(days=1), "before")])
    assert drawn.count("<circle") == 2
    assert "event 0; " in drawn
    assert "before" not in drawn
    assert score_history([], LINES, LABELS) == ""
