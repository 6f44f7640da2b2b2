"""The terminal. Truths: property of the output (no line is wider than the terminal, nor than 120 columns), hostile
names, and that what is coloured is said in words too (R1)."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from barograph.reports.render.phrases import printable
from barograph.reports.render.terminal import review_renderables
from support.review_document import HOSTILE, bare, empty, hostile, review

DOCUMENTS = pytest.mark.parametrize(
    "document", [review(), empty(), bare(), hostile()], ids=["full", "empty", "bare", "hostile"]
)


def printed(document: dict[str, Any], width: int = 120, *, colour: bool = False) -> str:
    buffer = io.StringIO()
    console = Console(
        file=buffer, width=width, color_system="standard" if colour else None, force_terminal=colour
    )
    for part in review_renderables(document):
        console.print(part)
    return buffer.getvalue()


@DOCUMENTS
@pytest.mark.parametrize("width", [80, 120, 200])
def test_lines_fit(document: dict[str, Any], width: int) -> None:
    widest = max(cell_len(line) for line in printed(document, width).splitlines())
    assert widest <= min(width, 120)


@DOCUMENTS
def test_every_section_stands(document: dict[str, Any]) -> None:
    text = printed(document)
    for title in ("Needs attention", "Status changes for the worse", "Newly Healthy", "Newly Growth", "Moved by a new",
                  "New accounts", "Gone accounts", "Tiers by count and revenue", "Movement between tiers",
                  "Shift of the portfolio", "Parents and their parts", "How the list is ordered"):  # fmt: skip
        assert f"\n{title}" in text.replace(HOSTILE, ""), title


def test_markup_and_escapes_of_names_are_text() -> None:
    document = review()
    document["attention"][0]["name"] = "[bold]North[/bold][link=http://evil.example]x"
    document["attention"][1]["name"] = "Har\x1b]0;title\x07\x1b[31mbour"
    document["tiers"][2]["label"] = "[red]Green[/red]"
    text = printed(document)
    assert "[bold]North[/bold][link=http://evil.example]x" in text
    assert "newly [red]Green[/red]" in text
    assert "Har ]0;title [31mbour" in text
    assert "\x1b" not in text


def test_hostile_escapes_reach_no_terminal() -> None:
    assert "\x1b" not in printed(hostile())
    assert printable(HOSTILE)[:20] in printed(hostile())


def test_colours_have_words() -> None:
    """Without colours the same words are there."""
    coloured = printed(review(), colour=True)
    assert "\x1b[" in coloured
    text = printed(review())
    for told in ("At Risk for 3 weeks, notice given", "Watch ▼ down from Healthy, about to turn",
                 "overdue by 20 days", "Data warning:", "Structural alarm:"):  # fmt: skip
        assert told in text


def test_what_a_leader_must_read() -> None:
    text = " ".join(printed(review()).split())
    for told in (
        "HEURISTIC expert weights, not validated against renewals yet.",
        "EUR 211,310, opt-out passed 50 days ago (27 Sep 2026), renewal 4 Apr 2027",
        "9 of 22 accounts that scored like this 90 days before were lost",
        "higher is healthier",
        "`barograph scores` lists every account",
    ):
        assert told in text, told
