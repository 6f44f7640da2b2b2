"""Golden pages of one small document: a change of wording or layout shows as a difference to look at.

To write them anew after a change that was meant: BAROGRAPH_WRITE_GOLDEN=1 pytest tests/reports/render/test_golden.py
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from barograph.reports.render.html import review_html
from barograph.reports.render.markdown import review_markdown
from barograph.reports.render.terminal import review_renderables
from support.review_document import review

GOLDEN = Path(__file__).parents[2] / "golden" / "review"


def html_body(document: dict[str, Any]) -> str:
    """The page without its style, which is looked at rather than read, and without the style's hash."""
    html = re.sub(r"<style>.*</style>", "<style></style>", review_html(document), flags=re.DOTALL)
    return re.sub(r"sha256-[^&']+", "sha256-", html)


def terminal_80(document: dict[str, Any]) -> str:
    console = Console(file=io.StringIO(), width=80, color_system=None)
    for part in review_renderables(document):
        console.print(part)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()) + "\n"


@pytest.mark.parametrize(
    ("name", "render"),
    [("review.html", html_body), ("review.md", review_markdown), ("review.80.txt", terminal_80)],
)
def test_pages_are_the_golden_ones(name: str, render: Callable[[dict[str, Any]], str]) -> None:
    made, golden = render(review()), GOLDEN / name
    if os.environ.get("BAROGRAPH_WRITE_GOLDEN"):
        golden.write_text(made, encoding="utf-8")
    assert made == golden.read_text(encoding="utf-8"), f"{name} changed"
