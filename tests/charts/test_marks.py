"""Marks. Truths: geometry by hand and as a property (bars start at zero and are as long as their value), names in
words, hostile labels, values that are not there."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.charts.marks import (
    HEIGHT,
    TOP,
    TierShare,
    change_bar,
    history_bars,
    history_words,
    shade,
    share_bar,
    tier_bar,
)

Node = ElementTree.Element
SCORES = st.lists(st.none() | st.floats(0, 100), min_size=1, max_size=30)


def parsed(markup: str) -> Node:
    return ElementTree.fromstring(markup)  # noqa: S314 - our own markup


def bars(markup: str) -> list[Node]:
    return [n for n in parsed(markup).iter("rect") if re.match(r"past|solid", n.get("class", ""))]


def size(node: Node, name: str) -> float:
    return float(node.get(name, "nan"))


@given(SCORES)
@settings(max_examples=40)
def test_bars_stand_on_zero_and_are_as_high_as_their_score(scores: list[float | None]) -> None:
    markup = history_bars(scores, "watch")
    known = [v for v in scores if v is not None]
    drawn = bars(markup)
    assert len(drawn) == len(known)
    for bar, score in zip(drawn, known, strict=True):
        assert size(bar, "height") == pytest.approx(max(1.0, score / 100 * HEIGHT), abs=0.011)
        assert size(bar, "y") + size(bar, "height") == pytest.approx(TOP + HEIGHT, abs=0.011)
    gaps = [n for n in parsed(markup).iter("line") if n.get("class") == "gap"]
    assert len(gaps) == len(scores) - len(known)


@given(SCORES)
@settings(max_examples=40)
def test_everything_lies_inside_the_picture(scores: list[float | None]) -> None:
    read = parsed(history_bars(scores, "healthy", {"watch": 40, "healthy": 60, "growth": 85}))
    wide, high = size(read, "width"), size(read, "height")
    for node in read.iter("rect"):
        assert 0 <= size(node, "x") <= wide - size(node, "width")
        assert 0 <= size(node, "y") <= high
    for node in read.iter("text"):
        assert 0 <= size(node, "x") <= wide
        assert 8 <= size(node, "y") <= high


def test_the_present_score_is_labelled_and_has_its_tier() -> None:
    markup = history_bars([74.0, None, 35.4], "at_risk")
    assert [n.text for n in parsed(markup).iter("text")] == ["74", "35"]
    assert [n.get("class") for n in bars(markup)] == ["past", "solid-at-risk"]


def test_a_week_without_a_score_at_the_end_is_no_number() -> None:
    markup = history_bars([74.0, 70.0, None], "insufficient")
    assert [n.text for n in parsed(markup).iter("text")] == ["74", "–"]
    assert [n.get("class") for n in bars(markup)] == ["past", "past"]


def test_bands_cover_the_scale_without_gaps() -> None:
    read = parsed(history_bars([50.0], "watch", {"at_risk": 0, "watch": 40, "healthy": 60, "growth": 85}))
    bands = [n for n in read.iter("rect") if n.get("class", "").startswith("band-")]
    assert [n.get("class") for n in bands] == ["band-at-risk", "band-watch", "band-healthy", "band-growth"]
    assert sum(size(n, "height") for n in bands) == pytest.approx(HEIGHT)
    assert size(bands[0], "y") + size(bands[0], "height") == pytest.approx(TOP + HEIGHT)
    assert size(bands[-1], "y") == pytest.approx(TOP)


def test_bands_do_not_need_the_worst_tier_named() -> None:
    named = history_bars([50.0], "watch", {"at_risk": 0, "watch": 40})
    assert history_bars([50.0], "watch", {"watch": 40}) == named


def test_history_in_words() -> None:
    assert history_words([]) == "No score yet."
    assert history_words([1.6]).startswith("Score in the last 1 week, oldest first: 2.")
    told = history_words([74.4, None, math.nan])
    assert (
        told == "Score in the last 3 weeks, oldest first: 74, none, none. From 0 to 100, higher is healthier."
    )


def test_no_history_draws_an_empty_picture() -> None:
    assert "No score yet." in history_bars([], "watch")
    assert bars(history_bars([None, None], "watch")) == []


@pytest.mark.parametrize(
    ("points", "x", "width", "kind"), [(4.0, 48, 24, "gain"), (-8.0, 0, 48, "loss"), (-80.0, 0, 48, "loss")]
)
def test_change_starts_in_the_middle(points: float, x: float, width: float, kind: str) -> None:
    bar = next(parsed(change_bar(points, 8.0)).iter("rect"))
    assert (size(bar, "x"), size(bar, "width"), bar.get("class")) == (x, width, kind)


def test_no_change_is_the_line_of_zero() -> None:
    for widest in (0.0, 5.0):
        read = parsed(change_bar(0.0, widest))
        assert not list(read.iter("rect"))
        assert len(list(read.iter("line"))) == 1


def test_tier_bar_adds_up_and_labels_what_has_room() -> None:
    parts = [
        TierShare("at_risk", "At Risk", 20),
        TierShare("watch", "Watch", 79.5),
        TierShare("growth", "Growth", 0.5),
    ]
    read = parsed(tier_bar([*parts, TierShare("healthy", "Healthy", 0)]))
    widths = [float(n.get("width", "").rstrip("%")) for n in read.iter("rect")]
    assert widths == pytest.approx([20, 79.5, 0.5])
    assert [n.text for n in read.iter("text")] == ["At Risk", "20%", "Watch", "80%"]
    assert read.get("aria-label") == "Revenue by tier: At Risk 20%, Watch 80%, Growth 0.5%."


def test_nothing_has_no_tier_bar() -> None:
    assert tier_bar([]) == ""
    assert tier_bar([TierShare("watch", "Watch", 0.0)]) == ""


@pytest.mark.parametrize(("share", "width"), [(0.25, 24), (1.4, 96)])
def test_share_bar(share: float, width: float) -> None:
    assert size(next(parsed(share_bar(share, "watch")).iter("rect")), "width") == width


def test_no_share_is_the_line_of_zero() -> None:
    assert not list(parsed(share_bar(0.0, "watch")).iter("rect"))


def test_labels_are_escaped() -> None:
    hostile = '</title><script>alert("1")</script>'
    read = parsed(tier_bar([TierShare('x" onload="y', hostile, 1.0)]))
    assert not list(read.iter("script"))
    assert [n.text for n in read.iter("text")] == [hostile, "100%"]
    assert [n.get("class") for n in read.iter("rect")] == ["solid-insufficient cut"]
    assert hostile in (next(read.iter("g")).findtext("title") or "")


def test_marks_are_clean_under_a_strict_policy() -> None:
    marks = [
        history_bars([50.0, None], "watch", {"watch": 40}),
        change_bar(-1, 2),
        share_bar(0.2, "growth"),
        tier_bar([TierShare("watch", "Watch", 1)]),
    ]
    for mark in marks:
        assert not re.search(r"style=|<style|<script|https?:|url\(|\son[a-z]+=", mark)


@pytest.mark.parametrize(
    ("before", "after", "value", "expected"),
    [(2, 1, 9, "shade-down-4"), (2, 1, 1, "shade-down-1"), (0, 1, 5, "shade-up-3"), (1, 1, 3, "shade-stay-2"),
     (1, 2, 0, "")],
)  # fmt: skip
def test_shading(before: int, after: int, value: float, expected: str) -> None:
    assert shade(before, after, value, 9) == expected


def test_shading_of_an_empty_matrix() -> None:
    assert shade(0, 1, 0, 0) == ""
