"""docs/reference/minutes.md names every key of the document that the application keeps, and no other. Truth: reference,
against minutes with every part filled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from barograph_web.ops.workspace import now
from barograph_web.review import services
from barograph_web.review.documents import review_document
from barograph_web.review.page import ReviewPage
from barograph_web.review.scopes import scope_of
from support.web_people import People
from support.web_review import TODAY, monday, planned

pytestmark = pytest.mark.django_db
REFERENCE = Path(__file__).parents[3] / "docs/reference/minutes.md"
SECTION = re.compile(r"^# .*|^## (?P<name>.+)$", re.MULTILINE)
ROW = re.compile(r"^\| `([^`]+)` \| ([^|]+) \|", re.MULTILINE)


def described() -> set[str]:
    """Every key of the reference, with `as a decision` and the like written out."""
    text = REFERENCE.read_text(encoding="utf-8")
    marks = list(SECTION.finditer(text))
    sections = {
        (mark["name"] or "document"): ROW.findall(text[mark.end() : after.start() if after else None])
        for mark, after in zip(marks, [*marks[1:], None], strict=True)
    }

    def keys(section: str, prefix: str = "") -> Iterator[str]:
        for key, kind in sections[section]:
            if key.endswith("*"):
                yield from keys(kind.strip().removeprefix("as "), f"{prefix}{key[:-1]}")
            else:
                yield f"{prefix}{key}"

    return set(keys("document"))


def keys_of(value: Any, prefix: str = "") -> Iterator[str]:
    """Every key of a document, as the reference writes it."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield f"{prefix}{key}"
            yield from keys_of(part, f"{prefix}{key}.")
    elif isinstance(value, list):
        for part in value:
            here = f"{prefix.removesuffix('.')}[]"
            if isinstance(part, dict):
                yield from keys_of(part, f"{here}.")
            else:
                yield here


def test_every_key_is_described_and_every_description_is_of_a_key(people: People) -> None:
    week = monday()
    first, second, third = week.listed[:3]
    outside = next(
        account
        for account in type(first).objects.filter(is_current=True)
        if account.account_id not in {listed.account_id for listed in week.listed}
    )
    planned(first, week.before, people.ada, due_in=-1)
    done = planned(second, week.before, people.ada, due_in=-1)
    services.close(done, "done", "they answered", by=people.ada)
    for account in (third, outside):
        services.decide(
            account, week.week.as_of, services.Wanted("disagree", "a reason"), by=people.ada, seen=None
        )
    head = week.week.head | {"warnings": [{"kind": "filled_in", "text": "filled in", "accounts": 0}]}
    type(week.week).objects.filter(pk=week.week.pk).update(head=head)
    shown = type(week.week).objects.get(pk=week.week.pk)
    page = ReviewPage(people.ada, shown, scope_of(people.ada, TODAY, {"scope": "all"}), "attention", TODAY)
    found = set(keys_of(review_document(page, now(), closed=True)))
    assert found == described()
