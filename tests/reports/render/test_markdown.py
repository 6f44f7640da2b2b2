"""Markdown. Truths: property (no character of a name is left that Markdown would act on), and that all that the HTML
page tells is there (R1)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.reports.render.markdown import plain, review_markdown
from barograph.reports.render.phrases import printable
from barograph.reports.render.review_view import SECTIONS, review_view
from support.review_document import HOSTILE, bare, empty, hostile, review

DOCUMENTS = pytest.mark.parametrize(
    "document", [review(), empty(), bare(), hostile()], ids=["full", "empty", "bare", "hostile"]
)


@given(st.text(st.sampled_from("ab1 \\`*_{}[]()<>#|!~-+.=:/w\n&$"), max_size=30))
def test_nothing_is_left_that_markdown_acts_on(content: str) -> None:
    made = plain(content)
    without_commands = re.sub(r"`[a-z][a-z .-]*`", "", made)
    assert not re.match(r"([-+=]|\d+[.)])(\s|$)", made), "the start of a list or heading"
    left = re.sub(r"\\([^\w\s]|_)", "", without_commands)
    assert not re.search(r"[\\`*_{}\[\]<>#|!~$&]", left)
    assert "://" not in left
    assert "\n" not in made


@given(st.text(st.characters(exclude_characters="`", exclude_categories=("Cc", "Cs", "Z")), max_size=30))
def test_unescaped_it_is_the_text_again(content: str) -> None:
    assert re.sub(r"\\([^\w\s]|_)", r"\1", plain(content)) == content


def test_commands_stay_code() -> None:
    assert plain("`barograph status` says why") == "`barograph status` says why"
    assert plain("`<b>`") == r"\`\<b\>\`"


@DOCUMENTS
def test_every_section_stands(document: dict[str, Any]) -> None:
    text = review_markdown(document)
    for title in ("Data warnings", "Needs attention", "Tiers by count and revenue", "Movement between tiers",
                  "Shift of the portfolio", "Parents and their parts"):  # fmt: skip
        assert f"\n## {title}\n" in text
    for section in review_view(document).sections:
        assert f"\n## {plain(section.title)}" in text
    assert text.count("\n## ") == 6 + len(SECTIONS)


@DOCUMENTS
def test_tables_keep_their_columns(document: dict[str, Any]) -> None:
    blocks = [block for block in review_markdown(document).split("\n\n") if block.startswith("|")]
    assert blocks
    for block in blocks:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1


def test_hostile_names_start_nothing() -> None:
    text = review_markdown(hostile())
    assert plain(printable(HOSTILE)) in text
    bare_marks = re.sub(r"\\.", "", text)
    assert "<" not in bare_marks
    assert "](" not in bare_marks
    assert "://" not in bare_marks
    assert "\x1b" not in text


def test_what_a_leader_must_read() -> None:
    text = review_markdown(review())
    for told in (
        "**HEURISTIC:** expert weights, not validated against renewals yet.",
        "**Only segment enterprise.**",
        "opt-out passed 50 days ago (27 Sep 2026)",
        "**owner by 27 Oct, overdue by 20 days**; customer touch done, last 30 Oct; plan by 16 Nov, due today",
        "**Track record:** 9 of 22 accounts that scored like this 90 days before were lost",
        "**What moved, -8.6 points since 9 Nov:** active sponsor: was yes, now no (-10 points); active users rose",
        "**Watch** ▼ down from Healthy, about to turn",
        "`▇▇·▇▇▇▇▆▆▆▆▅`",
        "No. 2 above",
    ):
        assert told in text.replace(r"\&", "&"), told
