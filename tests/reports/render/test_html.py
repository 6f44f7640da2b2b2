"""The HTML page. Truths: the page as a browser's parser reads it (every element closed, every anchor there, nothing
active, nothing from outside), hostile names, and that every section stands in every document (R1)."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest

from barograph.reports.render.html import page_style, review_html
from barograph.reports.render.phrases import printable
from barograph.reports.render.review_view import SECTIONS
from support.review_document import HOSTILE, bare, empty, hostile, review

VOID = {"meta", "img", "br", "hr", "link", "input"}
SECTION_IDS = [
    "warnings",
    "attention",
    *(key for key, *_ in SECTIONS),
    "tiers",
    "movement",
    "alarm-parts",
    "parents",
]
DOCUMENTS = pytest.mark.parametrize(
    "document", [review(), empty(), bare(), hostile()], ids=["full", "empty", "bare", "hostile"]
)


class Page(HTMLParser):
    """Elements with their attributes, the visible text, and whether all that was opened is closed."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == [], "elements were left open"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


@DOCUMENTS
def test_nothing_is_active_and_nothing_comes_from_outside(document: dict[str, Any]) -> None:
    html = review_html(document)
    page = Page(html)
    assert {tag for tag, _ in page.elements}.isdisjoint(
        {"script", "img", "link", "iframe", "object", "form", "base"}
    )
    for tag, attributes in page.elements:
        for name, value in attributes.items():
            assert not name.startswith("on"), f"<{tag} {name}>"
            assert name not in ("style", "src", "srcset", "action"), f"<{tag} {name}>"
            assert name != "href" or (value or "").startswith("#"), f"{value} leads outside"
    assert "url(" not in page_style()
    assert "@import" not in page_style()
    assert "//" not in page_style()


@DOCUMENTS
def test_every_anchor_leads_somewhere_and_ids_are_unique(document: dict[str, Any]) -> None:
    page = Page(review_html(document))
    ids = Counter(a["id"] for _, a in page.elements if "id" in a)
    assert [name for name, times in ids.items() if times > 1] == []
    targets = {(a.get("href") or "")[1:] for tag, a in page.elements if tag == "a"}
    assert targets <= set(ids)


@DOCUMENTS
def test_every_section_stands(document: dict[str, Any]) -> None:
    page = Page(review_html(document))
    sections = [a.get("id") for tag, a in page.elements if tag == "section"]
    assert [name for name in sections if name != "alarm"] == SECTION_IDS


def test_hostile_names_are_shown_as_they_are_written() -> None:
    page = Page(review_html(hostile()))
    assert page.text.count(" ".join(printable(HOSTILE).split())) > 20


def test_the_policy_allows_this_style_and_nothing_else() -> None:
    html = review_html(review())
    style = re.search(r"<style>(.*)</style>", html, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    policy = next(
        a["content"] for _, a in Page(html).elements if a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_every_class_and_variable_is_in_the_style() -> None:
    style = page_style()
    used = {name for _, a in Page(review_html(review())).elements for name in (a.get("class") or "").split()}
    names_of_marks = {"history", "change", "share"}
    inherited = {"due"}  # a deadline ahead looks like the text around it
    assert {name for name in used if f".{name}" not in style} <= names_of_marks | inherited
    defined = set(re.findall(r"--([a-z0-9-]+):", style))
    assert set(re.findall(r"var\(--([a-z0-9-]+)\)", style)) <= defined


def test_what_a_leader_must_read() -> None:
    text = Page(review_html(review())).text
    for told in (
        "Monday review, week of 16 Nov 2026",
        "HEURISTIC expert weights, not validated against renewals yet.",
        "Only segment enterprise.",
        "▲ up from At Risk",
        "▼ down from Healthy",
        "passed 50 days ago 27 Sep 2026",
        "nobody yet owner by 27 Oct, overdue by 20 days customer touch done, last 30 Oct plan by 16 Nov, due today",
        "Notice given",
        "About to turn",
        "9 of 22 accounts that scored like this 90 days before were lost",
        "active sponsor: was yes, now no",
        "-10 points",
        "Priority: EUR 100,000 x 0.6 (Watch)",
        "No. 2 on the list above",
        "A score is a hypothesis",
        "higher is healthier",
    ):
        assert told in text, told


def test_warnings_come_before_the_list() -> None:
    html = review_html(review())
    assert html.index('id="warnings"') < html.index('id="alarm"') < html.index('id="attention"')


def test_the_same_document_gives_the_same_bytes() -> None:
    assert review_html(review()) == review_html(review())
