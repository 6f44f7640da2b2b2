"""The small history draws what it is told: height by score, a dot for a week without one, no styles or addresses
(R1; properties, CSP)."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from barograph_web.ui.icons import ICONS, icon
from barograph_web.ui.sparks import HEIGHT, WEEKS, spark, tier_at

LINES = {"at_risk": 0.0, "watch": 55.0, "healthy": 75.0, "growth": 85.0}
scores = st.lists(st.none() | st.floats(0, 100), max_size=20)


@given(scores)
def test_every_known_week_is_a_bar_of_its_height(values: list[float | None]) -> None:
    drawn = spark(values, lines=LINES)
    ElementTree.fromstring(drawn)  # noqa: S314 - our own markup
    heights = [float(h) for h in re.findall(r"v-([\d.]+)h5v", drawn)]
    known = [v for v in values[-WEEKS:] if v is not None]
    assert len(heights) == len(known)
    for height, value in zip(sorted(heights), sorted(known), strict=True):
        assert abs(height - max(1.0, value / 100 * HEIGHT)) <= 0.051
    assert "style=" not in drawn and "http" not in drawn


@given(st.floats(0, 100))
def test_the_last_bar_has_the_colour_of_its_tier(value: float) -> None:
    tier = tier_at(value, LINES)
    assert LINES[tier] <= value
    assert f"solid-{tier.replace('_', '-')}" in spark([50, value], lines=LINES)


def test_no_scores_are_twelve_dots_and_words() -> None:
    drawn = spark([])
    assert drawn.count("h1v2z") == WEEKS
    assert "No score yet." in drawn


def test_icons_are_valid_and_labelled_when_alone() -> None:
    for name in ICONS:
        ElementTree.fromstring(icon(name))  # noqa: S314 - our own markup
        assert 'aria-hidden="true"' in icon(name)
        assert 'role="img"' in icon(name, "Download") and "Download" in icon(name, "Download")
