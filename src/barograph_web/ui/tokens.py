"""The colours of `barograph.charts.palette` as the application's stylesheet of tokens.

`static/ui/tokens.css` is written by `python -m barograph_web.ui.tokens` and a test holds it to this module, so that
no colour is kept twice by hand. The page follows the system unless <html data-theme> says light or dark; paper is
always light.
"""

from __future__ import annotations

from pathlib import Path

from barograph.charts.palette import DARK, LIGHT, shades, stylesheet

FILE = Path(__file__).resolve().parent / "static" / "ui" / "tokens.css"
HEAD = "/* Written by `python -m barograph_web.ui.tokens` from barograph.charts.palette: change the colours there. */\n"


def tokens() -> str:
    """The whole file."""
    light, dark = _properties(LIGHT), _properties(DARK)
    return (
        f"{HEAD}@layer tokens {{\n{stylesheet()}"
        f":root {{ color-scheme: light dark; }}\n"
        f':root[data-theme="light"] {{ color-scheme: light;\n{light}}}\n'
        f'@media screen {{\n:root[data-theme="dark"] {{ color-scheme: dark;\n{dark}}}\n}}\n'
        f"@media print {{\n:root {{ color-scheme: light; }}\n}}\n"
        "}\n"
    )


def _properties(colours: dict[str, str]) -> str:
    return "".join(f"  --{name}: {value};\n" for name, value in {**colours, **shades(colours)}.items())


if __name__ == "__main__":
    FILE.write_text(tokens(), encoding="utf-8")
