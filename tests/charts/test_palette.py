"""Colours. Truth: the contrast formula of WCAG 2.2, held for every pair that the marks and pills use."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from barograph.charts.palette import DARK, LIGHT, SHADES, STEPS, TIERS, channels, css_name, shades, stylesheet

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


def luminance(colour: str) -> float:
    """Relative luminance of sRGB, 0 to 1 (WCAG 2.2)."""
    linear = [
        c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4
        for c in channels(colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_formula() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@THEMES
@pytest.mark.parametrize("tier", [css_name(tier) for tier in TIERS])
def test_tiers_can_be_read(theme: Mapping[str, str], tier: str) -> None:
    assert contrast(theme[f"{tier}-ink"], theme[f"{tier}-tint"]) >= 4.5
    assert contrast(theme[f"{tier}-ink"], theme["page"]) >= 4.5
    assert contrast(theme[tier], theme["page"]) >= 3


@THEMES
def test_text_and_links_can_be_read(theme: Mapping[str, str]) -> None:
    for name in ("ink", "quiet", "accent"):
        assert contrast(theme[name], theme["page"]) >= 4.5, name
    for ground in (theme["ground"], *shades(theme).values()):
        assert contrast(theme["ink"], ground) >= 4.5, ground


@THEMES
def test_shades_grow_away_from_the_page(theme: Mapping[str, str]) -> None:
    for way in SHADES:
        steps = [contrast(shades(theme)[f"{way}-{k}"], theme["page"]) for k in range(1, STEPS + 1)]
        assert steps == sorted(steps)
        assert len(set(steps)) == STEPS


def test_both_themes_name_the_same_colours() -> None:
    assert LIGHT.keys() == DARK.keys()


def test_every_variable_used_is_defined() -> None:
    text = stylesheet()
    used = {part.split(")")[0] for part in text.split("var(--")[1:]}
    assert used <= {*LIGHT, *shades(LIGHT)}


def test_print_keeps_the_light_colours() -> None:
    """The dark block is for screens only."""
    assert "@media screen and (prefers-color-scheme: dark)" in stylesheet()


def test_what_is_no_tier_is_grey() -> None:
    assert css_name("at_risk") == "at-risk"
    assert css_name('"><script>') == "insufficient"
