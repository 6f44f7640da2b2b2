"""Truth: examples and property. Whom a comment names, and that showing it escapes everything (issue 5, 6; X4)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph_web.work.mention_text import AmbiguousError, Person, named, plain, shown

CARLA = Person(1, "Carla", "giulia.ahmed@example.com")
ANNA = Person(2, "Anna Berg", "anna@example.com")
ANNA2 = Person(3, "Anna Holm", "a.holm@example.com")
OTTO = Person(4, "Otto", "otto@example.com")
PEOPLE = (CARLA, ANNA, ANNA2, OTTO)
NAMES = {p.pk: p.name for p in PEOPLE}


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("@Carla please call", (1,)),
        ("please @carla, call", (1,)),
        ("@Anna Berg and @a.holm", (2, 3)),
        ("@otto@example.com", (4,)),
        ("@giulia.ahmed knows", (1,)),
        ("@Otto @Carla @Otto", (4, 1)),
        ("(@Otto)", (4,)),
        ("@Otto's list", (4,)),
        ("@Ottoman empire", ()),
        ("@Carla_x", ()),
        ("write to otto@example.com", ()),
        ("@nobody", ()),
        ("@", ()),
        ("@@Otto", ()),
        ("", ()),
    ],
)
def test_whom_a_comment_names(text: str, people: tuple[int, ...]) -> None:
    found = named(text, PEOPLE)
    assert found.people == people
    assert plain(found.stored, NAMES).casefold().count("@") == text.count("@") or "@example" in text


def test_the_longest_name_counts_and_case_does_not() -> None:
    assert named("@ANNA BERG and more", PEOPLE).stored == "@{2} and more"


def test_a_name_of_two_people_is_asked_back() -> None:
    with pytest.raises(AmbiguousError, match="Anna Berg or Anna Holm"):
        named("ask @Anna about it", PEOPLE)


def test_a_name_changed_or_erased_shows_as_it_is_now() -> None:
    stored = named("thanks @Otto", PEOPLE).stored
    assert "Otto" not in stored
    assert shown(stored, {4: "Former user 4"}) == 'thanks <b class="mention">@Former user 4</b>'
    assert shown(stored, {}) == "thanks @{4}"


def test_numbers_that_were_typed_name_nobody() -> None:
    assert named("@{1} and @{4}", PEOPLE).people == ()


@given(st.text(max_size=200))
def test_whatever_was_typed_is_escaped(text: str) -> None:
    html = shown(named(text.replace("@", "@ "), PEOPLE).stored, {})
    assert not re.search(r"<(?!br>)", html)
    assert html.count("<br>") == text.count("\n")


@given(st.lists(st.sampled_from(["@Otto", "@Carla", "<b>", "&", " ", "x", "\n", "@{1}"]), max_size=12))
def test_text_and_people_keep_their_order(parts: list[str]) -> None:
    text = " ".join(parts)
    found = named(text, PEOPLE)
    assert set(found.people) == {4 for p in parts if p == "@Otto"} | {1 for p in parts if p == "@Carla"}
    assert plain(named(text.replace("@{1}", ""), PEOPLE).stored, NAMES) == text.replace("@{1}", "")
    assert "<b>" not in shown(found.stored, NAMES)
