"""Where "My work" comes from. Tasks are read by this app; other apps say what else waits for somebody.

An app above this one, such as the review, registers its own source in its AppConfig.ready. Apps below it (plays,
pulses, growth) cannot import this module: `work.sources_below` asks theirs what is due.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from barograph_web.users.models import User

MOST = 200
"""Items of one source that a list shows; a source returns the most urgent first."""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """Something that waits for somebody and is done on a page of its own.

    source: the name of its source. key: unique within it, stable from day to day. account_id: one that the person may
    see. title: what is to be done, without the account's name and without a score or tier: it goes into calendars. url:
    where it is done. due_on: None for no day. owner_id: whose it is; None for whoever works on the account. kind: the
    tag that the list shows, such as "Decision". changed_at: when any of it last changed, with a zone; None: unknown.
    """

    source: str
    key: str
    account_id: str
    title: str
    url: str
    due_on: date | None = None
    owner_id: int | None = None
    owner_label: str = ""
    kind: str = ""
    detail: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """`function(user, today)`: what waits for this person, of accounts that they may see, most urgent first.

    Its number of queries must not grow with the items. name: a word for addresses; label: for people, in the plural.
    """

    name: str
    function: Callable[[User, date], Sequence[WorkItem]]
    label: str = ""


SOURCES: list[Source] = []


def register(source: Source) -> None:
    """Add a source; the same name twice is one. Raises ValueError for the name of tasks themselves."""
    if source.name == "task":
        raise ValueError("tasks are read by the list itself: choose another name")
    if all(other.name != source.name for other in SOURCES):
        SOURCES.append(source)


def items_for(user: User, today: date, only: str = "") -> list[WorkItem]:
    """What all sources have for a person; only: the name of one of them."""
    return [
        item
        for source in SOURCES
        if only in ("", source.name)
        for item in list(source.function(user, today))[:MOST]
    ]
