"""Colours with a meaning, for light and dark, as CSS custom properties. A page includes `stylesheet()` once.

Every tier has a solid colour (bars), a tint (bands, the ground of pills) and an ink (text on the tint or on
the page). Inks reach a contrast of 4.5 to 1 on both grounds, solids 3 to 1 on the page (WCAG 2.2, 1.4.3 and
1.4.11). Print takes the light colours.
"""

from __future__ import annotations

from collections.abc import Mapping

from barograph.definitions.base import TIER_ORDER

TIERS = (*TIER_ORDER, "insufficient")
SHADES = {"down": "at-risk", "up": "healthy", "stay": "insufficient"}
"""Which way an account moved between tiers, and the colour that says so."""
STEPS = 4
STRONGEST = 0.36

LIGHT = {
    "page": "#ffffff",
    "ink": "#1b1f24",
    "quiet": "#5c6570",
    "line": "#d9dde2",
    "ground": "#f5f6f8",
    "accent": "#2456a6",
    "at-risk": "#c2362b",
    "at-risk-tint": "#fbe9e7",
    "at-risk-ink": "#9c2117",
    "watch": "#b27d00",
    "watch-tint": "#fdf1d3",
    "watch-ink": "#7a5200",
    "healthy": "#2e8b57",
    "healthy-tint": "#e2f3e9",
    "healthy-ink": "#1b6339",
    "growth": "#2f6fd0",
    "growth-tint": "#e3edfb",
    "growth-ink": "#1d4f9e",
    "insufficient": "#7a838e",
    "insufficient-tint": "#eceef1",
    "insufficient-ink": "#4c545e",
    "bar": "#8b95a1",
}
DARK = {
    "page": "#15181c",
    "ink": "#e7e9ec",
    "quiet": "#a0a8b2",
    "line": "#333941",
    "ground": "#1d2126",
    "accent": "#8fb4f2",
    "at-risk": "#e5695e",
    "at-risk-tint": "#3d1d1b",
    "at-risk-ink": "#f5a59d",
    "watch": "#d3a02b",
    "watch-tint": "#382c10",
    "watch-ink": "#ecc871",
    "healthy": "#4fae7b",
    "healthy-tint": "#173225",
    "healthy-ink": "#93d8b1",
    "growth": "#5c94ea",
    "growth-tint": "#182c4a",
    "growth-ink": "#a6c7f7",
    "insufficient": "#808a96",
    "insufficient-tint": "#2a2f36",
    "insufficient-ink": "#c0c7cf",
    "bar": "#78828e",
}

_MARKS = """
.mark { display: block; overflow: visible; }
.mark text { font: 600 11px/1 system-ui, sans-serif; fill: var(--ink); font-variant-numeric: tabular-nums; }
.mark text.quiet { font-weight: 400; fill: var(--quiet); }
.mark .ground { fill: var(--ground); }
.mark .past { fill: var(--bar); }
.mark .axis { stroke: var(--quiet); stroke-width: 1; }
.mark .gap { stroke: var(--quiet); stroke-width: 1; stroke-dasharray: 1 2; }
.mark .gain { fill: var(--healthy); }
.mark .loss { fill: var(--at-risk); }
.mark .cut { stroke: var(--page); stroke-width: 2; }
.mark .grid { stroke: var(--line); stroke-width: 1; }
.mark .chance { fill: none; stroke: var(--quiet); stroke-width: 1; stroke-dasharray: 3 3; }
.mark .line { fill: none; stroke-width: 1.5; }
.mark .line.main { stroke: var(--accent); stroke-width: 2; }
.mark .line.second { stroke: var(--bar); }
.mark .dot.main { fill: var(--accent); stroke: var(--page); stroke-width: 1; }
.mark .dot.second { fill: var(--bar); }
.mark .whisker { stroke: var(--ink); stroke-width: 1.25; }
.mark .interval { fill: var(--accent); fill-opacity: 0.14; }
"""


def css_name(tier: str) -> str:
    """The tier's name inside CSS: "at-risk". Names that are no tier become "insufficient"."""
    return (tier if tier in TIERS else "insufficient").replace("_", "-")


def stylesheet() -> str:
    """Custom properties for light and dark, and the classes that marks, pills and shaded cells use."""
    blocks = [
        f":root {{\n{_properties(LIGHT)}}}",
        f"@media screen and (prefers-color-scheme: dark) {{\n:root {{\n{_properties(DARK)}}}\n}}",
        _MARKS.strip(),
    ]
    for tier in map(css_name, TIERS):
        blocks.append(f".mark .solid-{tier} {{ fill: var(--{tier}); }}")
        blocks.append(f".mark .band-{tier} {{ fill: var(--{tier}-tint); }}")
        blocks.append(f".pill.{tier} {{ color: var(--{tier}-ink); background: var(--{tier}-tint); }}")
    for way in SHADES:
        blocks += [f".shade-{way}-{k} {{ background: var(--{way}-{k}); }}" for k in range(1, STEPS + 1)]
    return "\n".join(blocks) + "\n"


def shades(colours: Mapping[str, str]) -> dict[str, str]:
    """Grounds of matrix cells: the colour of a way mixed into the page in `STEPS` steps, light to strong."""
    return {
        f"{way}-{k}": _mixed(colours[tier], colours["page"], STRONGEST * k / STEPS)
        for way, tier in SHADES.items()
        for k in range(1, STEPS + 1)
    }


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of "#rrggbb", 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mixed(colour: str, ground: str, share: float) -> str:
    pairs = zip(channels(colour), channels(ground), strict=True)
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in pairs)


def _properties(colours: Mapping[str, str]) -> str:
    return "".join(f"  --{name}: {value};\n" for name, value in {**colours, **shades(colours)}.items())
