"""SVG elements. Truths: property (any text comes back unchanged from a parser), and what is refused."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.charts.svg import element, number, picture, text
from barograph.errors import BarographError

# What XML 1.0 can hold; control characters are taken out before anything is drawn.
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=("Cc", "Cs")))


@given(PRINTABLE)
def test_any_text_is_text(content: str) -> None:
    read = ElementTree.fromstring(element("g", text(content), class_=content))  # noqa: S314 - our own markup
    assert (read.text or "") == content
    assert read.get("class") == content
    assert len(read) == 0


def test_attributes() -> None:
    assert element("line", x1=1.0, stroke_width=2, y1=None) == '<line x1="1" stroke-width="2"/>'


def test_a_picture_has_a_name_for_everyone() -> None:
    read = ElementTree.fromstring(picture("a < b", width=3))  # noqa: S314
    assert read.get("role") == "img"
    assert read.get("aria-label") == "a < b"
    title = read.find("title")
    assert title is not None
    assert title.text == "a < b"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_none_are_refused(value: float) -> None:
    with pytest.raises(BarographError, match=r"<rect> has x = .*finite"):
        element("rect", x=value)


@pytest.mark.parametrize(
    ("value", "told"), [(3.0, "3"), (3.456, "3.46"), (-0.001, "0"), (100.0, "100"), (0.5, "0.5")]
)
def test_numbers_are_short(value: float, told: str) -> None:
    assert number(value) == told
