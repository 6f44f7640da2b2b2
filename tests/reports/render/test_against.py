"""Pulses against the numbers in every output of the review (H5, R1). Truths: what the document says is there; where
the model has no overlay nothing is told; text of people stays text."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from barograph.reports.render.against_view import SHOWN, against_view
from barograph.reports.render.html import review_html
from barograph.reports.render.markdown import review_markdown
from barograph.reports.render.terminal import review_renderables
from support.review_document import review

NAME = "Ash & <b>Sons</b>"


def diverging(count: int) -> list[dict[str, Any]]:
    return [
        {
            "account_id": f"d{k}",
            "name": NAME if k == 0 else f"Account {k}",
            "owner": None,
            "arr": None if k else 120000.0,
            "score": 80.0,
            "tier": "watch",
            "computed_tier": "healthy",
            "divergence": "worse" if k % 2 == 0 else "better",
            "recorded_on": "2026-11-02",
            "words": "Watch is shown because the sponsor is missing; the numbers say Healthy.",
        }
        for k in range(count)
    ]


def terminal(document: dict[str, Any]) -> str:
    console = Console(file=io.StringIO(), width=100, color_system=None)
    for part in review_renderables(document):
        console.print(part)
    assert isinstance(console.file, io.StringIO)
    return " ".join(console.file.getvalue().split())


@pytest.mark.parametrize("render", [terminal, review_markdown, review_html])
def test_every_output_tells_both_sides(render: Any) -> None:
    text = render({**review(), "diverging": diverging(SHOWN + 3)})
    assert "Pulses against the numbers" in text
    assert "the sponsor is missing; the numbers say Healthy" in text
    assert "3 more accounts" in text and "6 pulses worse" in text and "5 better" in text
    assert f"Account {SHOWN - 1}" in text and f"Account {SHOWN}," not in text
    assert "<b>Sons" not in review_html({**review(), "diverging": diverging(1)})


@pytest.mark.parametrize("render", [terminal, review_markdown, review_html])
def test_nothing_is_told_where_nobody_diverges(render: Any) -> None:
    plain = render(review())
    assert "Pulses against" not in plain
    assert render({**review(), "diverging": []}) == plain


def test_the_view_is_empty_without_the_rule() -> None:
    assert against_view(None, {}, "EUR") is None
