"""What the list is narrowed to, read from an address and written back to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.http import QueryDict

from barograph_web.plays.models import TaskState
from barograph_web.portfolio.models import Tier
from barograph_web.portfolio.visibility import SEES_ALL
from barograph_web.users.models import User
from barograph_web.users.permissions import May, may

KEYS = ("scope", "show", "due", "what", "play", "tier", "owner", "q")
SHOWN = {"open": "Open", "snoozed": "Snoozed", "finished": "Finished"}
DUE = {"overdue": "Overdue", "today": "Today", "week": "In seven days", "later": "Later"}
FINISHED_DAYS = 30
"""How long what was done stays in the list of finished work."""


@dataclass(frozen=True, slots=True)
class Filters:
    """scope: mine, or team for the work on all accounts that the person may see. show: a key of SHOWN. due: a key of
    DUE or "". what: "task", the name of a source, or "". play, tier: names, or "". owner: number of a person, "none"
    for nobody's, or "". q: a part of a title or of an account's name. What an address has of no such value is as if
    it were not there."""

    scope: str = "mine"
    show: str = "open"
    due: str = ""
    what: str = ""
    play: str = ""
    tier: str = ""
    owner: str = ""
    q: str = ""

    @classmethod
    def read(cls, params: Mapping[str, str], user: User) -> Filters:
        """The filters of an address, within what the person may look at."""
        scopes = dict(scopes_of(user))
        scope = params.get("scope", "")
        owner = params.get("owner", "")
        show = params.get("show", "")
        return cls(
            scope=scope if scope in scopes else "mine",
            show=show if show in SHOWN else "open",
            due=_one_of(params.get("due", ""), DUE),
            what=_short(params, "what", 40),
            play=_short(params, "play", 120),
            tier=_one_of(params.get("tier", ""), set(Tier.values)),
            owner=owner
            if owner == "none" or (owner.isascii() and owner.isdigit() and len(owner) < 10)
            else "",
            q=_short(params, "q", 200),
        )

    @property
    def query(self) -> str:
        """The part of an address that says the same, without what is so anyway."""
        found = QueryDict(mutable=True)
        for key in KEYS:
            value = getattr(self, key)
            if value and value != getattr(PLAIN, key):
                found[key] = value
        return found.urlencode()

    @property
    def active(self) -> bool:
        """Whether the list is narrowed beyond whose it is and what state."""
        return replace(self, scope="mine", show="open") != PLAIN

    def state(self, today: date) -> Q:
        """Tasks in the state that is shown."""
        match self.show:
            case "snoozed":
                return asleep(today)
            case "finished":
                since = today - timedelta(days=FINISHED_DAYS)
                return Q(state__in=[TaskState.DONE, TaskState.DROPPED], closed_at__date__gte=since)
            case _:
                return awake(today)

    def passes(self, due_on: date | None, today: date) -> bool:
        """Whether something due on that day passes the filter of days."""
        return not self.due or (due_on is not None and bucket(due_on, today) == self.due)

    def days(self, today: date) -> Q:
        """The same for tasks."""
        week = today + timedelta(days=7)
        return {
            "": Q(),
            "overdue": Q(due_on__lt=today),
            "today": Q(due_on=today),
            "week": Q(due_on__gt=today, due_on__lte=week),
            "later": Q(due_on__gt=week),
        }[self.due]


PLAIN = Filters()


def awake(today: date) -> Q:
    """Open tasks, and snoozed ones whose day has come, whether or not the worker has woken them yet."""
    return Q(state=TaskState.OPEN) | Q(state=TaskState.SNOOZED, snoozed_until__lte=today)


def asleep(today: date) -> Q:
    """Tasks that are snoozed until a later day."""
    return Q(state=TaskState.SNOOZED, snoozed_until__gt=today)


def bucket(due_on: date | None, today: date) -> str:
    """The key of DUE that a day falls under; what has no day is later."""
    if due_on is None or due_on > today + timedelta(days=7):
        return "later"
    if due_on < today:
        return "overdue"
    return "today" if due_on == today else "week"


def scopes_of(user: Any) -> list[tuple[str, str]]:
    """Whose work a person can look at: (key, label)."""
    if getattr(user, "role", "") in SEES_ALL:
        return [("mine", "Mine"), ("team", "Everybody's")]
    return [("mine", "Mine"), ("team", "The team's" if may(user, May.LEAD_WORK) else "On my accounts")]


def _one_of(text: str, known: Any) -> str:
    return text if text in known else ""


def _short(params: Mapping[str, str], key: str, longest: int) -> str:
    return params.get(key, "").replace("\x00", "").strip()[:longest]
