"""The stylesheets hold to the palette and to the policy: colours are kept once, everything is in a layer, nothing comes
from outside (issue 4: look, CSP; generated file)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import barograph_web
from barograph_web.ui.tokens import FILE, tokens

SHEETS = sorted(Path(barograph_web.__file__).parent.glob("*/static/**/*.css"))
OWN_COLOURS = {"docs.css"}
"""The page around the API's own documentation follows that documentation's colours."""
SCRIPTS = sorted(Path(barograph_web.__file__).parent.glob("*/static/**/*.js"))
TEMPLATES = sorted(Path(barograph_web.__file__).parent.glob("*/templates/**/*.html"))


def test_the_tokens_are_those_of_the_palette() -> None:
    assert FILE.read_text(encoding="utf-8") == tokens(), "run: python -m barograph_web.ui.tokens"


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_no_sheet_names_a_colour_or_loads_anything(sheet: Path) -> None:
    text = sheet.read_text(encoding="utf-8")
    if sheet != FILE and sheet.name not in OWN_COLOURS:
        bare = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        assert not re.search(r":\s*[^;{}]*#[0-9a-fA-F]{3,8}\b", bare), (
            "colours are in barograph.charts.palette"
        )
    assert "@import" not in text and "url(" not in text and "http" not in text


@pytest.mark.parametrize("page", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_template_breaks_the_policy(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    alone = page.name in {"document_file.html"}
    assert not re.search(r"\sstyle=", text), "no style attributes: write a class"
    assert not re.search(r"\son[a-z]+=", text), "no inline handlers: write a script"
    assert not re.search(r"\shx-on", text), "hx-on needs eval, which is off"
    assert alone or "<style" not in text
    for script in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in script or 'type="application/json"' in script
    assert not re.search(r'(src|href)="(https?:)?//', text), "nothing is loaded from outside"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_makes_code_of_text(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert not re.search(r"\beval\(|new Function|innerHTML|document\.write|insertAdjacentHTML", text)
