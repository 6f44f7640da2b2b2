"""The validation as HTML, Markdown and terminal text (L5; issue: every chart has its table). Truths: the page as a
browser's parser reads it, hostile names, the same figures in every output, every section in every document."""

from __future__ import annotations

import copy
import io
import json
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from rich.console import Console

from barograph.reports.render.page import style_of
from barograph.reports.render.validate_html import validate_html
from barograph.reports.render.validate_markdown import validate_markdown
from barograph.reports.render.validate_terminal import lines_table, validate_renderables
from barograph.reports.render.validate_view import validate_view
from support.review_document import HOSTILE
from support.validated import Validated

VOID = {"meta", "br"}
SECTIONS = [
    "short", "stands-on", "refused", "tiers", "order", "calibration", "gains", "warning", "parts", "signals",
    "lines", "migration", "misjudged",
]  # fmt: skip
Document = dict[str, Any]


class Page(HTMLParser):
    """Elements with their attributes in order, the text, and whether all that was opened is closed."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.inside: list[tuple[str, ...]] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.inside.append(tuple(self.open))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.inside.append(tuple(self.open))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def bare(document: Document) -> Document:
    """The same where nothing could be judged, proposed or listed."""
    found = copy.deepcopy(document)
    for horizon in found["horizons"]:
        for model in horizon["models"]:
            for key, value in model.items():
                if isinstance(value, float):
                    model[key] = None
            model |= {"n": 0, "calibration": [], "gains": [], "segments": [], "note": "nothing is known"}
    none: list[Any] = []
    empty = {
        "lines": {"proposed": none, "approved": none, "refused": none},
        "migration": None,
    } | dict.fromkeys(
        ("signals", "signals_unused", "reclassified", "green_lost", "red_kept", "headline", "refused"), none
    )
    return found | empty | {"proposed": {"kind": "predictive", "version": None, "tiers": []}}


def hostile(document: Document) -> Document:
    """The same with names that try to break out."""
    found = copy.deepcopy(document)
    found["workspace"] = HOSTILE
    for signal in found["signals"]:
        signal["label"] = HOSTILE
    for horizon in found["horizons"]:
        for model in horizon["models"]:
            for part in model["segments"]:
                part["segment"] = HOSTILE
    for account in (*found["green_lost"], *found["red_kept"]):
        account["name"] = HOSTILE
    return found


@pytest.fixture(scope="module", params=["full", "bare", "hostile", "without a proposal"])
def document(request: pytest.FixtureRequest, validated: Validated) -> Document:
    full: Document = json.loads(json.dumps(validated.document))
    if request.param == "without a proposal":
        return full | {"proposed": {"kind": "predictive", "version": None, "tiers": []}, "migration": None}
    return {"full": lambda d: d, "bare": bare, "hostile": hostile}[request.param](full)


def test_nothing_is_active_and_nothing_comes_from_outside(document: Document) -> None:
    page = Page(validate_html(document))
    tags = {tag for tag, _ in page.elements}
    assert tags.isdisjoint({"script", "img", "link", "iframe", "object", "form", "base"})
    for _, attributes in page.elements:
        for name, value in attributes.items():
            assert not name.startswith("on") and name not in ("style", "src", "srcset", "action")
            assert name != "href" or (value or "").startswith("#")
    style = style_of("validate.css")
    assert not re.search(r"url\(|@import|//", style)


def test_every_section_stands_and_every_anchor_leads_to_one(document: Document) -> None:
    page = Page(validate_html(document))
    assert [a.get("id") for tag, a in page.elements if tag == "section"] == SECTIONS
    ids = Counter(a["id"] for _, a in page.elements if "id" in a)
    assert max(ids.values()) == 1
    assert {(a.get("href") or "")[1:] for tag, a in page.elements if tag == "a"} <= set(ids)


def test_every_row_has_as_many_cells_as_its_table_has_columns(document: Document) -> None:
    for section in validate_view(document).sections:
        for block in section.blocks:
            for table in (*block.tables, *(chart.table for chart in block.charts)):
                assert {len(row) for row in table.rows} <= {len(table.columns)}, section.key


def test_every_chart_has_its_table(validated: Validated) -> None:
    """Behind a summary under the picture, or in the same block where the numbers are read anyway."""
    charts = 0
    for section in validate_view(validated.document).sections:
        tabled = any(block.tables for block in section.blocks)
        for block in section.blocks:
            for chart in block.charts:
                charts += 1
                assert chart.mark.startswith("<svg")
                assert chart.table.rows or block.tables or tabled, chart.title
    assert charts >= 3 * 2 + 1 + 3 + 3 + 3


def test_every_class_is_in_the_style(document: Document) -> None:
    style = style_of("validate.css")
    used = {c for _, a in Page(validate_html(document)).elements for c in (a.get("class") or "").split()}
    names_of_marks = {"plot", "cell", "spread"}
    assert {name for name in used - names_of_marks if f".{name}" not in style} == set()
    assert set(re.findall(r"var\((--[a-z0-9-]+)\)", style)) <= set(re.findall(r"(--[a-z0-9-]+):", style))


def test_the_same_figures_stand_in_every_output(validated: Validated) -> None:
    document = validated.document
    console = Console(file=io.StringIO(), width=80, color_system=None)
    for part in validate_renderables(document):
        console.print(part)
    assert isinstance(console.file, io.StringIO)
    outputs = [console.file.getvalue(), validate_markdown(document), Page(validate_html(document)).text]
    plain = [" ".join(text.replace("\\", "").split()) for text in outputs]
    longest = document["horizons"][-1]
    for text in plain:
        for line in (*document["headline"], *document["refused"], *document["stands_on"]):
            assert " ".join(line.split()) in text.replace(" - ", " "), line
        for model in longest["models"]:
            assert f"{model['auc']:.2f}" in text
    assert max(map(len, outputs[0].splitlines())) <= 80


def test_nothing_is_cut_off_in_a_terminal_of_80_columns(validated: Validated) -> None:
    console = Console(file=io.StringIO(), width=80, color_system=None)
    for part in validate_renderables(validated.document):
        console.print(part)
    assert isinstance(console.file, io.StringIO)
    printed = console.file.getvalue()
    for name in ("In force", "Expert weights", "Boosting", "revenue lost", "recall", "precision"):
        assert name in printed
    assert "…" not in printed


def test_lines_of_a_proposal_are_shown_by_the_same_table(validated: Validated) -> None:
    console = Console(file=io.StringIO(), width=80, color_system=None)
    tiers = validated.document["proposed"]["tiers"]
    console.print(lines_table(tiers))
    assert isinstance(console.file, io.StringIO)
    assert f"{100 * tiers[0]['at_risk_precision']:.0f}%" in console.file.getvalue()


def test_markdown_tables_are_whole_whatever_the_names(document: Document) -> None:
    lines = validate_markdown(document).splitlines()
    for above, line in pairwise(lines):
        if line.startswith("|") and above.startswith("|"):
            bars = [len(re.findall(r"(?<!\\)\|", text)) for text in (above, line)]
            assert bars[0] == bars[1]
    assert "<script>" not in validate_markdown(document).replace("\\<script\\>", "")


def test_a_name_that_breaks_out_is_only_a_name(validated: Validated) -> None:
    page = Page(validate_html(hostile(json.loads(json.dumps(validated.document)))))
    assert "alert(1)" in page.text
    assert "script" not in {tag for tag, _ in page.elements}
